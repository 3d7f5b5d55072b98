//! librdkafka's own limit: values that lie ready, handed over in a loop to a client with the sink's settings. For `benches/compare`.
//!
//! `cargo run --release -p gully-sink-kafka --example bare_loop -- --version`
//! `… -- --listen 127.0.0.1:5515 --brokers 127.0.0.1:9092 --topic t --messages 1000000 --values FILE`
//!
//! A line of the file is a value. The loop runs once for each connection to the address, which says when to begin; nothing is read
//! from it. The client is there before, as that of a daemon is. `--headers none` leaves the headers out, and
//! `--properties linger.ms=20,…` tries other properties.

use std::error::Error;
use std::net::TcpListener;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use rdkafka::ClientContext;
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;
use record::{JournalId, RecordId, Sequence};
use sink_kafka::{Compression, KafkaSettings, Key, TimestampFrom, TopicPiece, TopicTemplate, client_config};

const USAGE: &str = "--version, or --listen ADDRESS --brokers HOST:PORT --topic NAME --messages N --values FILE [--headers none] \
     [--properties NAME=VALUE,…]";
/// As the configuration has it by default.
const QUEUE_BYTES: u64 = 4 << 20;
/// As in the sink.
const QUEUE_FULL_NAP: Duration = Duration::from_millis(2);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if arguments == ["--version"] {
        println!("librdkafka {}", rdkafka::util::get_rdkafka_version().1);
        return Ok(());
    }
    let option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(String::as_str)
    };
    let required = |name: &str| option(name).ok_or_else(|| format!("{name} is missing; usage: {USAGE}"));
    let (topic, messages) = (required("--topic")?, required("--messages")?.parse::<u64>()?);
    let with_headers = option("--headers") != Some("none");
    let values = fs::read(required("--values")?)?;
    let values: Vec<_> = values.trim_ascii_end().split(|octet| *octet == b'\n').collect();

    let mut settings = settings(required("--brokers")?);
    let properties = option("--properties").into_iter().flat_map(|list| list.split(','));
    settings.properties = properties
        .filter_map(|property| property.split_once('='))
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    let config = client_config(&settings)?;
    let producer: ThreadedProducer<Reports> = config.create_with_context(Reports)?;
    for stream in TcpListener::bind(required("--listen")?)?.incoming() {
        drop(stream?);
        let started = Instant::now();
        run(&producer, topic, messages, &values, with_headers)?;
        let seconds = started.elapsed().as_secs_f64();
        println!("{messages} messages in {seconds:.3} s: {:.0} per second", messages as f64 / seconds);
    }
    Ok(())
}

fn settings(brokers: &str) -> KafkaSettings {
    KafkaSettings {
        brokers: brokers.split(',').map(str::to_owned).collect(),
        // What a client does not know of: the loop has its own.
        topic: TopicTemplate { pieces: vec![TopicPiece::Class], instance: String::new() },
        key: Key::Peer,
        timestamp: TimestampFrom::Record,
        encoding: sink::encode::Encoding::Raw,
        compression: Compression::Lz4,
        client_id: "bare-loop".to_owned(),
        queue_bytes: QUEUE_BYTES,
        tls: None,
        sasl: None,
        properties: Vec::new(),
    }
}

/// Sends `messages` and waits until all are delivered.
fn run(
    producer: &ThreadedProducer<Reports>,
    topic: &str,
    messages: u64,
    values: &[&[u8]],
    with_headers: bool,
) -> Result<(), KafkaError> {
    for (number, value) in (0..messages).zip(values.iter().cycle()) {
        // A key as that of a sender on loopback.
        let mut message = BaseRecord::to(topic).payload(*value).key(b"127.0.0.1".as_slice());
        if with_headers {
            message = message.headers(headers(number));
        }
        while let Err((error, unsent)) = producer.send(message) {
            match error.rdkafka_error_code() {
                Some(RDKafkaErrorCode::QueueFull) => thread::sleep(QUEUE_FULL_NAP),
                _ => return Err(error),
            }
            message = unsent;
        }
    }
    producer.flush(Duration::from_secs(60))
}

/// Headers as the sink's.
fn headers(number: u64) -> OwnedHeaders {
    let id = RecordId { journal: JournalId(0x0123_4567_89ab_cdef), sequence: Sequence(number) }.to_ascii();
    let values: [(&str, &[u8]); 5] = [
        ("gully-id", &id),
        ("gully-class", b"cloud_controller_cef"),
        ("gully-listener", b"bench"),
        ("gully-peer", b"127.0.0.1:40000"),
        ("gully-v", b"1"),
    ];
    values.into_iter().fold(OwnedHeaders::new_with_capacity(5), |headers, (key, value)| {
        headers.insert(Header { key, value: Some(value) })
    })
}

/// Takes reports, and ends the program at the first that is bad.
struct Reports;

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            eprintln!("bare_loop: not delivered: {error}");
            std::process::exit(1);
        }
    }
}
