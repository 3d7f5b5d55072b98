//! Why a Kafka sink cannot be made.

/// A setting that librdkafka does not take.
#[derive(Debug, thiserror::Error)]
pub enum KafkaSinkError {
    /// A property that is passed through, or one that we set.
    #[error("librdkafka refuses the property {property:?}: {cause}; see its CONFIGURATION.md for names and values")]
    Property {
        /// Its name.
        property: String,
        /// What librdkafka says.
        cause: String,
    },
    /// All properties together.
    #[error("librdkafka refuses its settings: {0}")]
    Settings(String),
}
