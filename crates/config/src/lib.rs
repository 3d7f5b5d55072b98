//! TOML and environment to checked settings.
//!
//! [`load`] reads a configuration file and answers with a [`Config`] or with *every* mistake in it, each as a [`Problem`]
//! that names the file, line, column, key, what was found and what would be right. Nothing is opened for writing, bound
//! or resolved over the network: a configuration can be checked on any machine that has its certificates.
//!
//! All keys live in one table (`keys`). Parsing, type checks, suggestions for misspelt keys, [`defaults_toml`],
//! [`init_toml`], [`schema_json`] and [`reference_markdown`] are all made from it, so they cannot disagree.
//!
//! ```
//! let no_environment = |_: &str| None;
//! let text = "[listener.udp]\naddress = \"127.0.0.1:5514\"\nprotocl = \"udp\"\n";
//! let outcome = gully_config::load_text(text, None, &no_environment);
//! assert!(outcome.config.is_none());
//! assert!(outcome.problems[0].to_string().starts_with("3:1: listener.udp.protocl: found an unknown key"));
//! ```

mod address;
mod broker;
mod checks;
mod choices;
mod classes;
mod config;
mod document;
mod duration;
mod fields;
mod flags;
mod interpolate;
mod keys;
mod listener;
mod names;
mod nearest;
mod owner;
mod piece;
mod problem;
mod properties;
mod read;
mod redaction;
mod render;
mod report;
mod secret;
mod sink;
mod size;
mod source;
mod template;
mod test;
mod topic;
mod url;
mod value;
mod values;

pub use address::Address;
pub use choices::{
    Ack, ClientAuth, Compression, Detector, DropList, Durability, Encoding, FieldSet, Framing, Fsync, JournalKind,
    KafkaCompression, LogFormat, LogLevel, MessageKey, Protocol, SaslMechanism, SinkKind, Timestamp, TlsVersion,
    Transport,
};
pub use classes::CLASSES;
pub use config::{Admin, Config, Drain, Journal, Limits, Log};
pub use document::{Environment, Outcome, load, load_text, load_with};
pub use listener::{Keepalive, Listener, Rejoin, Tls};
pub use owner::Owner;
pub use piece::{PathPlaceholder, Piece, TopicPlaceholder};
pub use problem::{Problem, Severity};
pub use redaction::Redaction;
pub use render::{defaults_toml, init_toml, reference_markdown, schema_json};
pub use report::{ERRORS_MAX, Report};
pub use secret::Secret;
pub use sink::{ClientCredentials, FileTarget, KafkaTarget, KafkaTls, Login, Retain, Rotate, Sasl, Sink, Target};
pub use source::FILE_BYTES_MAX;
pub use template::PathTemplate;
pub use test::{Expected, Test};
pub use topic::TopicTemplate;
