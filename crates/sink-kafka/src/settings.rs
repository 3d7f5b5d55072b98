//! What a Kafka sink is made of.

use std::path::PathBuf;
use std::{fmt, fs};

use ::sink::Encoding;

use crate::TopicTemplate;

/// All settings of a Kafka sink. [`crate::KafkaSink::open`] checks what cannot be checked piece by piece.
#[derive(Debug, Clone)]
pub struct KafkaSettings {
    /// The brokers to begin with, as `host:port`.
    pub brokers: Vec<String>,
    /// Where a record goes.
    pub topic: TopicTemplate,
    /// What a record's key is. Records of one key keep their order.
    pub key: Key,
    /// Where a record's timestamp comes from.
    pub timestamp: TimestampFrom,
    /// What a record's value is.
    pub encoding: Encoding,
    /// How batches are compressed.
    pub compression: Compression,
    /// The name that brokers see.
    pub client_id: String,
    /// What librdkafka may queue, in bytes of values.
    pub queue_bytes: u64,
    /// TLS to the brokers, if any.
    pub tls: Option<Tls>,
    /// How we log in, if we do.
    pub sasl: Option<Sasl>,
    /// Properties of librdkafka that are passed through.
    pub properties: Vec<(String, String)>,
}

/// What a record's key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// None: records go to any partition, and no order is kept.
    None,
    /// The address of the peer, without its port, so that a sender keeps its order when it connects again.
    Peer,
    /// HOSTNAME, or the peer when there is none.
    Hostname,
    /// APP-NAME, or the tag of RFC 3164, or the peer when there is neither.
    AppName,
    /// The name of the class.
    Class,
    /// Always these octets.
    Fixed(Vec<u8>),
    /// Who did it, as the record's event tells, of a batch the first: `user.name`, `user.id` or `oauth.client.id`, the first
    /// that it has. The peer when it has none. The record is taken apart for it.
    Actor,
}

/// Where a record's timestamp comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampFrom {
    /// TIMESTAMP of RFC 5424, when it is at most a day before and five minutes after the receipt; else the receipt.
    Record,
    /// The receipt.
    Receipt,
}

/// How batches are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// Snappy.
    Snappy,
    /// LZ4.
    Lz4,
    /// Zstandard.
    Zstd,
}

/// TLS to the brokers. Their certificates are always checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificates that we trust, in PEM; the system's when absent.
    pub ca: Option<PathBuf>,
    /// Our certificate and its key, in PEM.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// What the key is encrypted with.
    pub key_password: Option<Password>,
    /// Whether a broker's certificate must be for its name.
    pub verify_name: bool,
}

/// How we log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sasl {
    /// PLAIN (RFC 4616): the password travels as it is.
    Plain(Login),
    /// SCRAM-SHA-256 (RFC 7677).
    ScramSha256(Login),
    /// SCRAM-SHA-512.
    ScramSha512(Login),
    /// OAUTHBEARER (RFC 7628) with a token by client credentials (RFC 6749 section 4.4).
    Oauthbearer(OauthLogin),
}

/// A name and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub username: String,
    /// The password.
    pub password: Password,
}

/// Where tokens come from, and what we show for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthLogin {
    /// The token endpoint.
    pub token_url: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: Password,
    /// The scope to ask for.
    pub scope: Option<String>,
}

/// A secret that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    text: String,
    file: Option<PathBuf>,
}

impl Password {
    /// The secret `text`, which came from `file`, if it came from one. A file is read again for each client, so that a new
    /// password needs no restart.
    #[must_use]
    pub const fn new(text: String, file: Option<PathBuf>) -> Self {
        Self { text, file }
    }

    /// The secret as it is now: the file's content without a line feed at its end, or what it was at the start when the
    /// file cannot be read, or is empty.
    pub(crate) fn current(&self) -> String {
        let content = self.file.as_ref().and_then(|file| fs::read_to_string(file).ok());
        let line = content.map(|content| content.strip_suffix('\n').map_or(content.clone(), str::to_owned));
        line.filter(|line| !line.is_empty()).unwrap_or_else(|| self.text.clone())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_what_its_file_says_now() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("password");
        let password = Password::new("first".to_owned(), Some(file.clone()));
        assert_eq!(password.current(), "first");
        for (content, expected) in [("second\n", "second"), ("third", "third"), ("", "first"), ("\n", "first")] {
            fs::write(&file, content).unwrap();
            assert_eq!(password.current(), expected, "{content:?}");
        }
        assert_eq!(format!("{password:?}"), "Password(…)");
    }
}
