//! `[sink.NAME]`, checked.

mod file;
mod kafka;

pub use file::{FileTarget, Retain, Rotate};
pub use kafka::{ClientCredentials, KafkaTarget, KafkaTls, Login, Sasl};

use crate::choices::{DropList, Encoding, FieldSet, SinkKind};
use crate::classes::{CLASSES, matches};
use crate::values::Values;

/// A sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sink {
    /// Its name, `[A-Za-z0-9_-]{1,64}`.
    pub name: String,
    /// The classes it takes: names of [`CLASSES`], a prefix and `.*`, or `*`. At least one, and each names a class.
    pub take: Vec<String>,
    /// The condition that records of these classes have to meet, as it is written; whether it is one has not been checked.
    /// `None`: none.
    pub condition: Option<String>,
    /// Lists of records that it does not take, each once.
    pub drop: Vec<DropList>,
    /// What is written for a record.
    pub encoding: Encoding,
    /// A message that is JSON stands in the record as JSON.
    pub embed_json: bool,
    /// Sets of extracted fields in the record, each once; empty but with [`Encoding::Json`].
    pub fields: Vec<FieldSet>,
    /// What it writes to.
    pub target: Target,
}

/// What a sink writes to, with the keys of that kind alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Files on this machine.
    File(Box<FileTarget>),
    /// Topics of a Kafka cluster.
    Kafka(Box<KafkaTarget>),
}

impl Sink {
    /// `None` without what its kind needs, or when its kind is not known.
    pub(crate) fn from_values(name: &str, values: &Values) -> Option<Self> {
        if values.is_unusable {
            return None;
        }
        let target = match values.word("kind") {
            SinkKind::File => Target::File(Box::new(FileTarget::from_values(values)?)),
            SinkKind::Kafka => Target::Kafka(Box::new(KafkaTarget::from_values(values)?)),
        };
        Some(Self {
            name: name.to_owned(),
            take: values.texts("take"),
            condition: values.text_if_given("where"),
            drop: values.words("drop"),
            encoding: values.word("encoding"),
            embed_json: values.flag("embed_json"),
            fields: values.words("fields"),
            target,
        })
    }

    /// The kind of its target.
    #[must_use]
    pub fn kind(&self) -> SinkKind {
        match self.target {
            Target::File(_) => SinkKind::File,
            Target::Kafka(_) => SinkKind::Kafka,
        }
    }

    /// The names of the classes it takes.
    pub fn classes(&self) -> impl Iterator<Item = &'static str> {
        let is_taken = |class: &&str| self.take.iter().any(|pattern| matches(pattern, class));
        CLASSES.iter().copied().filter(is_taken)
    }

    /// The files, when it writes files.
    #[must_use]
    pub fn file(&self) -> Option<&FileTarget> {
        if let Target::File(file) = &self.target { Some(file) } else { None }
    }

    /// The topics, when it writes to Kafka.
    #[must_use]
    pub fn kafka(&self) -> Option<&KafkaTarget> {
        if let Target::Kafka(kafka) = &self.target { Some(kafka) } else { None }
    }

    /// The full key of one of its keys.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        format!("sink.{}.{name}", self.name)
    }
}
