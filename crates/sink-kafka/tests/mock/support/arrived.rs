//! What arrived, read back by a consumer.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers};
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};

use super::SOON;

/// A message of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Which record of the journal it says it is.
    pub(crate) sequence: u64,
    pub(crate) value: String,
}

/// Everything in `topic`, by partition.
pub(crate) fn read(brokers: &str, topic: &str, partitions: i32) -> Vec<Vec<Arrival>> {
    let mut config = ClientConfig::new();
    for (name, value) in [
        ("bootstrap.servers", brokers),
        ("group.id", "reader"),
        ("enable.partition.eof", "true"),
        ("fetch.wait.max.ms", "10"),
    ] {
        config.set(name, value);
    }
    let consumer = config.create::<BaseConsumer>().expect("a consumer is made without asking anybody");
    let mut all = TopicPartitionList::new();
    for partition in 0..partitions {
        all.add_partition_offset(topic, partition, Offset::Beginning).expect("an offset that librdkafka knows");
    }
    consumer.assign(&all).expect("partitions are assigned");
    let mut arrived = vec![Vec::new(); partitions as usize];
    let mut unfinished = partitions;
    let until = Instant::now() + SOON;
    while unfinished > 0 {
        assert!(Instant::now() < until, "the topic is not read to its end within {SOON:?}");
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => arrived[message.partition() as usize].push(arrival(&message)),
            Some(Err(KafkaError::PartitionEOF(_))) => unfinished -= 1,
            // Anything else is a connection that is tried again.
            Some(Err(_)) | None => {}
        }
    }
    arrived
}

fn arrival(message: &BorrowedMessage<'_>) -> Arrival {
    let id = message.headers().map(|headers| headers.get(0)).expect("a message has headers");
    assert_eq!(id.key, "gully-id");
    let id = String::from_utf8_lossy(id.value.expect("an id")).into_owned();
    let (_, sequence) = id.split_once('-').expect("journal and sequence");
    let sequence = u64::from_str_radix(sequence, 16).expect("hexadecimal digits");
    let value = String::from_utf8_lossy(message.payload().unwrap_or_default()).into_owned();
    Arrival { sequence, value }
}
