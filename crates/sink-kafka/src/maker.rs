//! Makes messages of records and sends them.

use ::sink::encode::Encoder;
use extract::Extractor;
use rdkafka::producer::BaseRecord;
use rdkafka::types::RDKafkaErrorCode;
use record::{Peer, Record, RecordId};

use crate::client::Client;
use crate::context::code_of;
use crate::message::{Headers, timestamp_millis, write_key};
use crate::reports::Ticket;
use crate::topics::Topics;
use crate::{KafkaSettings, Key, TimestampFrom};

/// What a message is made of, and buffers for it.
#[derive(Debug)]
pub(crate) struct Maker {
    topics: Topics,
    headers: Headers,
    encoder: Encoder,
    extractor: Extractor,
    key: Key,
    timestamp: TimestampFrom,
    queue_bytes: u64,
    value_buffer: Vec<u8>,
    key_buffer: Vec<u8>,
    /// Whom the key in the buffer stands for, when keys are peers.
    key_peer: Option<Peer>,
}

/// What the client did with a message.
#[derive(Debug)]
pub(crate) enum Sent {
    /// It has it; a report will come.
    Yes,
    /// It has no room for it now.
    QueueFull,
    /// It will never have room for it.
    Rejected(&'static str, String),
    /// It takes none for this topic, or none at all.
    No(RDKafkaErrorCode, String),
}

impl Maker {
    pub(crate) fn new(settings: &KafkaSettings) -> Self {
        Self {
            topics: Topics::new(settings.topic.clone()),
            headers: Headers::default(),
            encoder: Encoder::new(settings.encoding),
            extractor: Extractor::new(),
            key: settings.key.clone(),
            timestamp: settings.timestamp,
            queue_bytes: settings.queue_bytes,
            value_buffer: Vec::new(),
            key_buffer: Vec::new(),
            key_peer: None,
        }
    }

    /// Puts the key of `record` into its buffer, where that of the record before may still be right.
    fn write_key(&mut self, record: &Record<'_>) -> bool {
        let peer = (self.key == Key::Peer).then(|| record.peer());
        if peer.is_some() && peer == self.key_peer {
            return true;
        }
        self.key_peer = peer;
        self.key_buffer.clear();
        write_key(&self.key, record, &mut self.extractor, &mut self.key_buffer)
    }

    /// Gives `record` to `client`, to come back with `ticket`.
    pub(crate) fn send(&mut self, client: &Client, record: &Record<'_>, id: RecordId, ticket: Ticket) -> Sent {
        self.value_buffer.clear();
        self.encoder.encode_message(record, id, &mut self.value_buffer);
        let has_key = self.write_key(record);
        let topic = self.topics.of(record);
        let mut message = BaseRecord::<[u8], [u8], usize>::with_opaque_to(topic, ticket.pack())
            .payload(&self.value_buffer)
            .timestamp(timestamp_millis(self.timestamp, record))
            .headers(self.headers.of(record, id));
        message.key = has_key.then_some(&self.key_buffer);
        let Err((error, _)) = client.producer.send(message) else { return Sent::Yes };
        let value_bytes = self.value_buffer.len() as u64;
        match code_of(&error) {
            RDKafkaErrorCode::QueueFull if value_bytes <= self.queue_bytes => Sent::QueueFull,
            RDKafkaErrorCode::QueueFull | RDKafkaErrorCode::MessageSizeTooLarge => {
                Sent::Rejected("too_large", format!("{value_bytes} octets are more than `queue_bytes` has room for"))
            }
            code => Sent::No(code, format!("topic {topic} takes no records: {code}")),
        }
    }
}
