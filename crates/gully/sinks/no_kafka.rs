//! Stands in for Kafka where gully is built without it.

use anyhow::anyhow;
use config::{Config, KafkaTarget};
use sink::{Ack, DeliveryError, Progress, Sink, SinkBatch};

use super::Publish;
use crate::exit::{Exit, Failure};

const ABSENT: &str = "this gully was built without Kafka; build it with the feature \"kafka\"";

pub(super) fn open(sink: &config::Sink, _: &KafkaTarget, _: &str) -> Result<(Nothing, Nothing), Failure> {
    Err(Failure::new(Exit::Configuration, anyhow!("sink.{}: {ABSENT}", sink.name)))
}

/// What is wrong with a sink.
pub(crate) struct Fault {
    pub(crate) found: String,
    pub(crate) is_passed_through: bool,
}

/// That there is no Kafka.
pub(crate) fn fault(_: &config::Sink, _: &KafkaTarget) -> Option<Fault> {
    Some(Fault { found: ABSENT.to_owned(), is_passed_through: false })
}

/// What is not there takes no memory.
pub(crate) fn memory_bytes(_: &KafkaTarget) -> u64 {
    0
}

/// What would be said of a topic.
pub(crate) struct Finding {
    pub(crate) topic: String,
    pub(crate) found: String,
    pub(crate) expected: String,
}

/// Nobody to ask.
pub(crate) async fn inspect(_: &Config, _: &config::Sink, _: &KafkaTarget) -> Result<Vec<Finding>, &'static str> {
    Err(ABSENT)
}

/// A sink that cannot be had.
pub(super) enum Nothing {}

impl Sink for Nothing {
    async fn deliver(&mut self, _: &SinkBatch<'_>) -> Result<Progress, DeliveryError> {
        match *self {}
    }

    async fn settled(&mut self) -> Result<Ack, DeliveryError> {
        match *self {}
    }
}

impl Publish for Nothing {
    fn publish(&self) {
        match *self {}
    }
}
