//! Sinks that write to Kafka.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::anyhow;
use config::{Config, KafkaTarget, MessageKey, Piece, TopicPlaceholder};
use record::Class;
pub(crate) use sink_kafka::Finding;
use sink_kafka::{
    Compression, InspectError, KafkaNumbers, KafkaSettings, KafkaSink, KafkaSinkError, Key, Login, OauthLogin,
    Password, Sasl, TimestampFrom, Tls, TopicPiece, TopicTemplate,
};
use telemetry::{KafkaMetrics, KafkaReading};

use super::Publish;
use crate::exit::{Exit, Failure};

/// What a client needs beside its queue: threads, buffers of requests and of TLS for a handful of brokers.
const CLIENT_BYTES: u64 = 24 << 20;

pub(super) fn open(
    sink: &config::Sink,
    target: &KafkaTarget,
    instance: &str,
) -> Result<(KafkaSink, KafkaMeter), Failure> {
    let kafka = KafkaSink::open(settings(sink, target, instance))
        .map_err(|error| Failure::new(Exit::Configuration, anyhow!("sink.{}: {error}", sink.name)))?;
    let meter = KafkaMeter { numbers: kafka.numbers(), metrics: KafkaMetrics::new(&sink.name) };
    Ok((kafka, meter))
}

/// What librdkafka does not take.
pub(crate) struct Fault {
    pub(crate) found: String,
    /// It is one of the properties that are passed through.
    pub(crate) is_passed_through: bool,
}

/// What is wrong with a target beyond what the configuration checks by itself.
pub(crate) fn fault(sink: &config::Sink, target: &KafkaTarget) -> Option<Fault> {
    let error = KafkaSink::open(settings(sink, target, "")).err()?;
    let is_passed_through = match &error {
        KafkaSinkError::Property { property, .. } => target.properties.contains_key(property),
        KafkaSinkError::Settings(_) => false,
    };
    Some(Fault { found: format!("what {error}"), is_passed_through })
}

/// The most memory that the client of a target may take: what waits in its queue, the same again in compressed batches on
/// their way, and what it keeps of each message beside the value.
pub(crate) fn memory_bytes(target: &KafkaTarget) -> u64 {
    3 * target.queue_bytes + CLIENT_BYTES
}

/// Asks the cluster of a target about its topics.
pub(crate) async fn inspect(
    config: &Config,
    sink: &config::Sink,
    target: &KafkaTarget,
) -> Result<Vec<Finding>, InspectError> {
    let settings = settings(sink, target, &config.instance);
    let mut topics = Vec::new();
    for class in Class::ALL.iter().filter(|class| super::take(sink).contains(**class)) {
        for listener in &config.listeners {
            let topic = settings.topic.name(*class, &listener.name);
            if !topics.contains(&topic) {
                topics.push(topic);
            }
        }
    }
    let frame_bytes_max = config.listeners.iter().map(|listener| listener.frame_bytes_max).max().unwrap_or(0);
    sink_kafka::inspect(&settings, &topics, frame_bytes_max).await
}

fn settings(sink: &config::Sink, target: &KafkaTarget, instance: &str) -> KafkaSettings {
    KafkaSettings {
        brokers: target.brokers.clone(),
        topic: topic(target, instance),
        key: key(target),
        timestamp: match target.timestamp {
            config::Timestamp::Record => TimestampFrom::Record,
            config::Timestamp::Received => TimestampFrom::Receipt,
        },
        encoding: super::encoding(sink),
        compression: match target.compression {
            config::KafkaCompression::None => Compression::None,
            config::KafkaCompression::Gzip => Compression::Gzip,
            config::KafkaCompression::Snappy => Compression::Snappy,
            config::KafkaCompression::Lz4 => Compression::Lz4,
            config::KafkaCompression::Zstd => Compression::Zstd,
        },
        client_id: target.client_id.clone(),
        queue_bytes: target.queue_bytes,
        tls: target.tls.as_ref().map(tls),
        sasl: target.sasl.as_ref().map(sasl),
        properties: target.properties.iter().map(|(property, value)| (property.clone(), value.clone())).collect(),
    }
}

fn topic(target: &KafkaTarget, instance: &str) -> TopicTemplate {
    let piece = |piece| match piece {
        Piece::Literal(text) => TopicPiece::Literal(text.to_owned()),
        Piece::Placeholder(TopicPlaceholder::Class) => TopicPiece::Class,
        Piece::Placeholder(TopicPlaceholder::Listener) => TopicPiece::Listener,
        Piece::Placeholder(TopicPlaceholder::Instance) => TopicPiece::Instance,
    };
    TopicTemplate { pieces: target.topic.pieces().map(piece).collect(), instance: instance.to_owned() }
}

fn key(target: &KafkaTarget) -> Key {
    match target.key {
        MessageKey::None => Key::None,
        MessageKey::Peer => Key::Peer,
        MessageKey::Hostname => Key::Hostname,
        MessageKey::AppName => Key::AppName,
        MessageKey::Class => Key::Class,
        MessageKey::Actor => Key::Actor,
        MessageKey::Fixed => Key::Fixed(target.fixed_key.clone().unwrap_or_default().into_bytes()),
    }
}

fn tls(tls: &config::KafkaTls) -> Tls {
    Tls {
        ca: tls.ca.clone(),
        certificate: tls.certificate.clone().zip(tls.key.clone()),
        key_password: tls.key_password.as_ref().map(password),
        verify_name: tls.verify_name,
    }
}

fn sasl(sasl: &config::Sasl) -> Sasl {
    let login = |login: &config::Login| Login { username: login.username.clone(), password: password(&login.password) };
    match sasl {
        config::Sasl::Plain(user) => Sasl::Plain(login(user)),
        config::Sasl::ScramSha256(user) => Sasl::ScramSha256(login(user)),
        config::Sasl::ScramSha512(user) => Sasl::ScramSha512(login(user)),
        config::Sasl::OauthBearer(client) => Sasl::Oauthbearer(OauthLogin {
            token_url: client.token_url.clone(),
            client_id: client.client_id.clone(),
            client_secret: password(&client.client_secret),
            scope: client.scope.clone(),
        }),
    }
}

fn password(secret: &config::Secret) -> Password {
    Password::new(secret.reveal().to_owned(), secret.file().map(Path::to_owned))
}

/// What a Kafka sink counts, and the metrics that show it.
pub(super) struct KafkaMeter {
    numbers: Arc<KafkaNumbers>,
    metrics: KafkaMetrics,
}

impl Publish for KafkaMeter {
    fn publish(&self) {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let seconds = |micros: &AtomicU64| of(micros) as f64 / 1e6;
        let numbers = &*self.numbers;
        self.metrics.publish(&KafkaReading {
            queue_bytes: of(&numbers.queue_bytes),
            queue_messages: of(&numbers.queue_messages),
            brokers_up: of(&numbers.brokers_up),
            round_trip_median_seconds: seconds(&numbers.round_trip_median_micros),
            round_trip_p99_seconds: seconds(&numbers.round_trip_p99_micros),
            rebuilds: of(&numbers.rebuilds),
            request_failures: of(&numbers.request_failures),
            sent_bytes: of(&numbers.sent_bytes),
        });
    }
}
