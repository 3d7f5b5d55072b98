//! The Kafka destination: records to topics, through librdkafka. The only room that knows that library.
//!
//! [`KafkaSink`] hands batch after batch to an idempotent producer that waits for all replicas, several under way at
//! once, and reports a batch as delivered when the report of each of its records is in. Our journal is the queue: what
//! the client holds is bounded, nothing in it expires, and after a failure it is thrown away and filled again from the
//! journal, without what had arrived.
//!
//! Failures are of the kinds of [`sink::DeliveryError`]; `verdict` sorts what brokers and librdkafka say into them. Troubles of
//! the network and of replicas are librdkafka's own to retry, for ever; they reach us as silence, which `maintain` turns
//! into an alarm.

mod client;
mod context;
mod earlier;
mod error;
mod health;
mod inspect;
mod leniency;
mod maker;
mod message;
mod numbers;
mod oauth;
mod pulse;
mod reports;
mod rest;
mod settings;
mod sink;
mod topics;
mod verdict;
mod window;

pub use error::KafkaSinkError;
pub use inspect::{Finding, InspectError, inspect};
pub use numbers::KafkaNumbers;
pub use settings::{Compression, KafkaSettings, Key, Login, OauthLogin, Password, Sasl, TimestampFrom, Tls};
pub use sink::KafkaSink;
pub use topics::{TopicPiece, TopicTemplate};

/// The properties of the sink's clients, for the bare loop that the benches compare it with.
#[doc(hidden)]
pub fn client_config(settings: &KafkaSettings) -> Result<rdkafka::ClientConfig, KafkaSinkError> {
    client::config(settings, window::Batching::Bytes(client::BATCH_BYTES), true)
}
