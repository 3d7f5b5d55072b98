//! The ear at the client: librdkafka's callbacks.

use std::error::Error;
use std::sync::Arc;

use rdkafka::Statistics;
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::producer::{DeliveryResult, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;

use crate::health::Health;
use crate::numbers::Added;
use crate::reports::{Failed, Reports, Ticket};
use crate::{KafkaNumbers, KafkaSettings, OauthLogin, Sasl, Tls, oauth};

/// Takes what the client says to where the sink looks. Called on the client's polling thread.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) reports: Arc<Reports>,
    pub(crate) health: Arc<Health>,
    pub(crate) numbers: Arc<KafkaNumbers>,
    pub(crate) added: Added,
    /// Where tokens come from, and the TLS settings for there.
    pub(crate) oauth: Option<(OauthLogin, Option<Tls>)>,
}

impl Context {
    /// For a client with `settings`.
    pub(crate) fn new(
        settings: &KafkaSettings,
        reports: &Arc<Reports>,
        health: &Arc<Health>,
        numbers: &Arc<KafkaNumbers>,
    ) -> Self {
        let oauth = match &settings.sasl {
            Some(Sasl::Oauthbearer(login)) => Some((login.clone(), settings.tls.clone())),
            _ => None,
        };
        Self {
            reports: Arc::clone(reports),
            health: Arc::clone(health),
            numbers: Arc::clone(numbers),
            added: Added::default(),
            oauth,
        }
    }
}

/// The code in `error`, which is [`RDKafkaErrorCode::Unknown`] for what librdkafka has none for.
pub(crate) fn code_of(error: &KafkaError) -> RDKafkaErrorCode {
    error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown)
}

/// Whether OpenSSL speaks.
fn is_about_tls(reason: &str) -> bool {
    ["tls alert", "ssl/tls", "SSL routines", "SSL alert"].iter().any(|sign| reason.contains(sign))
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    /// What concerns an operator comes as an alarm. The library's own lines repeat with each attempt to connect.
    fn log(&self, _level: RDKafkaLogLevel, facility: &str, line: &str) {
        tracing::debug!(target: "librdkafka", facility, "{line}");
    }

    fn stats(&self, statistics: Statistics) {
        self.numbers.update(&statistics, &self.added);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = match code_of(&error) {
            // With TLS 1.3 a broker refuses our certificate when the handshake is over: for librdkafka a broken connection.
            RDKafkaErrorCode::BrokerTransportFailure if is_about_tls(reason) => RDKafkaErrorCode::SSL,
            code => code,
        };
        self.health.note(code, reason);
    }

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        let (login, tls) = self.oauth.as_ref().ok_or("no token is needed")?;
        Ok(oauth::fetch(login, tls.as_ref())?)
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
                let partition = (message.topic_ptr() as usize, message.partition());
                self.reports.fail(Failed { ticket, code: code_of(error), value_bytes, partition }, message.topic());
            }
        }
    }
}
