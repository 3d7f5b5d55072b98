//! Why a Kafka sink cannot be made.

/// A setting that librdkafka does not take.
#[derive(Debug, thiserror::Error)]
pub enum KafkaSinkError {
    /// A property that is passed through, or one that we set.
    #[error("librdkafka refuses: {property:?}: {cause}")]
    Property {
        /// Its name.
        property: String,
        /// What librdkafka says.
        cause: String,
    },
    /// All properties together.
    #[error("librdkafka refuses: {0}")]
    Settings(String),
}
