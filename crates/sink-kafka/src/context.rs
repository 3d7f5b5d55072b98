//! The ear at the client: librdkafka's callbacks.

use std::sync::Arc;

use rdkafka::Statistics;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::producer::{DeliveryResult, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;

use crate::KafkaNumbers;
use crate::health::Health;
use crate::numbers::Added;
use crate::reports::{Failed, Reports, Ticket};

/// Takes what the client says to where the sink looks. Called on the client's polling thread.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) reports: Arc<Reports>,
    pub(crate) health: Arc<Health>,
    pub(crate) numbers: Arc<KafkaNumbers>,
    pub(crate) added: Added,
}

/// The code in `error`, which is [`RDKafkaErrorCode::Unknown`] for what librdkafka has none for.
pub(crate) fn code_of(error: &KafkaError) -> RDKafkaErrorCode {
    error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown)
}

impl ClientContext for Context {
    /// What concerns an operator comes as an alarm. The library's own lines repeat with each attempt to connect.
    fn log(&self, _level: RDKafkaLogLevel, facility: &str, line: &str) {
        tracing::debug!(target: "librdkafka", facility, "{line}");
    }

    fn stats(&self, statistics: Statistics) {
        self.numbers.update(&statistics, &self.added);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.health.note(code_of(&error), reason);
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, ticket: usize) {
        let ticket = Ticket::unpack(ticket);
        match result {
            Ok(_) => self.reports.succeed(ticket),
            Err((error, message)) => {
                let value_bytes = message.payload().map_or(0, <[u8]>::len);
                self.reports.fail(Failed { ticket, code: code_of(error), value_bytes }, message.topic());
            }
        }
    }
}
