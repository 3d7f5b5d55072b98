//! A sink that writes to Kafka.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::choices::{KafkaCompression, MessageKey, SaslMechanism, Timestamp};
use crate::secret::Secret;
use crate::topic::TopicTemplate;
use crate::values::Values;

/// The keys of a sink with kind = "kafka".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaTarget {
    /// The brokers to begin with, each `host:port` or `[v6]:port`. At least one.
    pub brokers: Vec<String>,
    /// The topic. Every topic that can come out of it is one that Kafka takes.
    pub topic: TopicTemplate,
    /// What the key of a message is.
    pub key: MessageKey,
    /// The key of every message; there exactly with [`MessageKey::Fixed`].
    pub fixed_key: Option<String>,
    /// What the timestamp of a message is.
    pub timestamp: Timestamp,
    /// How batches are compressed.
    pub compression: KafkaCompression,
    /// The name that brokers see.
    pub client_id: String,
    /// Octets of keys and messages that wait in librdkafka's queue.
    pub queue_bytes: u64,
    /// TLS to the brokers; `None`: none.
    pub tls: Option<KafkaTls>,
    /// Who the brokers are told that we are; `None`: nobody.
    pub sasl: Option<Sasl>,
    /// Properties of librdkafka, as its configuration takes them. None of them has a key of its own, or breaks a promise.
    pub properties: BTreeMap<String, String>,
}

/// TLS to the brokers. The files were there, and held the right kind of PEM block, when they were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaTls {
    /// PEM file with the authorities of the brokers; `None`: those of the system.
    pub ca: Option<PathBuf>,
    /// PEM file with our certificate and its chain.
    pub certificate: Option<PathBuf>,
    /// PEM file with its private key; there exactly with `certificate`.
    pub key: Option<PathBuf>,
    /// The password of `key`; there exactly when that is encrypted.
    pub key_password: Option<Secret>,
    /// A broker's certificate must have the name that we connect to.
    pub verify_name: bool,
}

/// Who the brokers are told that we are, and how we show it (SASL).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sasl {
    /// The password itself.
    Plain(Login),
    /// A proof with SHA-256 that we know the password.
    ScramSha256(Login),
    /// A proof with SHA-512 that we know the password.
    ScramSha512(Login),
    /// A token.
    OauthBearer(ClientCredentials),
}

/// A user and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub username: String,
    /// The user's password.
    pub password: Secret,
}

/// What tokens are fetched with (RFC 6749 §4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCredentials {
    /// Where tokens are fetched; `http://` or `https://`.
    pub token_url: String,
    /// The client.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: Secret,
    /// The scope that is asked for; `None`: what the client has by itself.
    pub scope: Option<String>,
}

impl KafkaTarget {
    /// `None` without brokers or a topic.
    pub(super) fn from_values(values: &Values) -> Option<Self> {
        Some(Self {
            brokers: values.texts_if_given("brokers")?,
            topic: values.topic_if_given("topic")?,
            key: values.word("key"),
            fixed_key: values.text_if_given("fixed_key"),
            timestamp: values.word("timestamp"),
            compression: values.word("compression"),
            client_id: values.text_if_given("client_id").unwrap_or_default(),
            queue_bytes: values.number("queue_bytes"),
            tls: values.table_if_given("tls").map(KafkaTls::from_values),
            sasl: values.table_if_given("sasl").and_then(Sasl::from_values),
            properties: values.properties_if_given("properties").unwrap_or_default(),
        })
    }
}

impl KafkaTls {
    fn from_values(values: &Values) -> Self {
        Self {
            ca: values.path_if_given("ca"),
            certificate: values.path_if_given("certificate"),
            key: values.path_if_given("key"),
            key_password: values.secret_if_given("key_password"),
            verify_name: values.flag("verify_name"),
        }
    }
}

impl Sasl {
    /// How we show who we are.
    #[must_use]
    pub const fn mechanism(&self) -> SaslMechanism {
        match self {
            Self::Plain(_) => SaslMechanism::Plain,
            Self::ScramSha256(_) => SaslMechanism::ScramSha256,
            Self::ScramSha512(_) => SaslMechanism::ScramSha512,
            Self::OauthBearer(_) => SaslMechanism::OauthBearer,
        }
    }

    /// `None` without what its mechanism needs, or when that is not known.
    fn from_values(values: &Values) -> Option<Self> {
        Some(match values.word_if_given("mechanism")? {
            SaslMechanism::Plain => Self::Plain(Login::from_values(values)?),
            SaslMechanism::ScramSha256 => Self::ScramSha256(Login::from_values(values)?),
            SaslMechanism::ScramSha512 => Self::ScramSha512(Login::from_values(values)?),
            SaslMechanism::OauthBearer => Self::OauthBearer(ClientCredentials::from_values(values)?),
        })
    }
}

impl Login {
    fn from_values(values: &Values) -> Option<Self> {
        Some(Self { username: values.text_if_given("username")?, password: values.secret_if_given("password")? })
    }
}

impl ClientCredentials {
    fn from_values(values: &Values) -> Option<Self> {
        Some(Self {
            token_url: values.text_if_given("token_url")?,
            client_id: values.text_if_given("client_id")?,
            client_secret: values.secret_if_given("client_secret")?,
            scope: values.text_if_given("scope"),
        })
    }
}
