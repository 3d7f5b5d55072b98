//! The most memory that a configuration allows, term by term. `gully check` prints it; a test holds the process to it.

use config::{Config, Encoding, FieldSet, Listener, MessageKey, Protocol, Sink};

use crate::sinks::kafka;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// The program itself, its runtime, metrics and configuration, as measured after a start.
const BASE_BYTES: u64 = 32 * MIB;
/// A worker's read buffers (32 of 144 KiB that it uses in turn), and what one read may overdraw the credit by: octets and the
/// entries of 4096 frames.
const WORKER_BYTES: u64 = 6 * MIB;
/// A connection's task, its socket's state in the runtime, and the unfinished frame that needs no credit.
const PLAIN_CONNECTION_BYTES: u64 = 8 * KIB;
/// The same with a TLS session.
const TLS_CONNECTION_BYTES: u64 = 32 * KIB;
/// TLS handshakes in progress of a listener: 512 at 64 KiB.
const HANDSHAKES_BYTES: u64 = 32 * MIB;
/// A datagram receiver's slots: 64 of 64 KiB.
const RECEIVER_BYTES: u64 = 5 * MIB;
/// A sink's thread: encoded octets that wait to be written, spare buffers, an encoder.
const SINK_BYTES: u64 = 10 * MIB;
/// The longest record as JSON: six octets for each that has to be escaped, and base64 beside it.
const ENCODED_FACTOR: u64 = 8;
/// Its fields by the producer's names beside that, escaped.
const NATIVE_FACTOR: u64 = 8;
/// Its event, flat, beside that: a text of the record may stand in two fields. Measured: 12 in all.
const ECS_FACTOR: u64 = 16;
/// It and its event in another schema. Measured: 18.
const DOCUMENT_FACTOR: u64 = 24;
/// What is noted down of the longest record when it is taken apart: places of fields, copies without escapes. Measured: 42, for a
/// list of one-letter texts.
const EXTRACTED_FACTOR: u64 = 48;
/// What each event of a batch is beside that, be it ever so short: the words that it implies and its envelope, written or noted
/// down. Measured: 4.2 KB, with the longest header.
const EVENT_BYTES: u64 = 5 * KIB;
/// The same for all events of the longest batch.
const EVENTS_BYTES: u64 = extract::EVENTS_MAX as u64 * EVENT_BYTES;
/// The longest record while its secrets are replaced. At most 12 for copies without escapes, 10 for what may be a secret, 8 for
/// finds, 2 for their fingerprints, and then 2 for the rewritten record. Measured: 21, for cookies in eight layers of JSON.
const REDACTED_FACTOR: u64 = 32;
/// The thread that lists, compresses and deletes closed files.
const HOUSEKEEPER_BYTES: u64 = 16 * MIB;
/// What an allocator needs beyond what is asked of it: an eighth.
const SLACK_DIVISOR: u64 = 8;

/// One part of the bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) what: String,
    pub(crate) bytes: u64,
}

/// All parts; their sum is the bound.
pub(crate) fn terms(config: &Config, workers: u64) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut add = |what: String, bytes: u64| {
        if bytes > 0 {
            terms.push(Term { what, bytes });
        }
    };
    add("base".to_owned(), BASE_BYTES);
    add("limits.memory".to_owned(), config.limits.memory);
    add(counted_terms(workers, "worker", "workers", WORKER_BYTES), workers * WORKER_BYTES);
    let frame = config.listeners.iter().map(|listener| listener.frame_bytes_max).max().unwrap_or(0);
    let record = config.listeners.iter().map(Listener::record_bytes_max).max().unwrap_or(0);
    if !config.redaction.redact.is_empty() {
        let what = counted_terms(
            workers,
            "record whose secrets are replaced",
            "records whose secrets are replaced",
            REDACTED_FACTOR * record,
        );
        add(what, workers * REDACTED_FACTOR * record);
    }
    // Each stream listener lets a frame per worker be completed when unfinished frames have used up the credit.
    let streams = config.listeners.iter().filter(|listener| listener.protocol.is_stream()).count() as u64;
    add(
        counted_terms(workers * streams, "frame being completed", "frames being completed", 2 * frame),
        workers * streams * 2 * frame,
    );
    for listener in &config.listeners {
        let (what, count, each) = listener_cost(listener);
        add(
            format!("listener.{}: {}", listener.name, counted_terms(count, what, &format!("{what}s"), each)),
            count * each,
        );
    }
    let tls = config.listeners.iter().filter(|listener| listener.protocol == Protocol::Tls).count() as u64;
    add("TLS handshakes in progress".to_owned(), tls * HANDSHAKES_BYTES);
    for sink in &config.sinks {
        let keeps_house = sink.file().is_some_and(|file| {
            file.compression != config::Compression::None || file.retain != config::Retain::default()
        });
        let client_bytes = sink.kafka().map_or(0, kafka::memory_bytes);
        add(
            format!("sink.{}", sink.name),
            SINK_BYTES + encoded_bytes(sink, record) + if keeps_house { HOUSEKEEPER_BYTES } else { 0 } + client_bytes,
        );
        let extractors = extractors(sink);
        add(
            format!("sink.{}: taking apart records of up to {}, {}", sink.name, size(record), times(extractors)),
            extractors * (EXTRACTED_FACTOR * record + EVENTS_BYTES),
        );
    }
    let asked: u64 = terms.iter().map(|term| term.bytes).sum();
    terms.push(Term { what: "allocator".to_owned(), bytes: asked / SLACK_DIVISOR });
    terms
}

/// How often a sink takes a record apart at once, each time in buffers of its own: for its condition, for what it writes, for
/// its key.
fn extractors(sink: &Sink) -> u64 {
    let selects = sink.condition.is_some() || !sink.drop.is_empty();
    let writes = match sink.encoding {
        Encoding::Raw | Encoding::Syslog => false,
        Encoding::Json => !sink.fields.is_empty(),
        Encoding::Ecs | Encoding::Ocsf | Encoding::Cef => true,
    };
    let has_key = sink.kafka().is_some_and(|kafka| kafka.key == MessageKey::Actor);
    [selects, writes, has_key].into_iter().map(u64::from).sum()
}

/// What is written for a record of `record` bytes at most.
fn encoded_bytes(sink: &Sink, record: u64) -> u64 {
    let of_set = |set: &FieldSet| match set {
        FieldSet::Native => NATIVE_FACTOR * record,
        FieldSet::Ecs => ECS_FACTOR * record + EVENTS_BYTES,
    };
    match sink.encoding {
        Encoding::Raw | Encoding::Syslog => ENCODED_FACTOR * record,
        Encoding::Json => ENCODED_FACTOR * record + sink.fields.iter().map(of_set).sum::<u64>(),
        Encoding::Ecs | Encoding::Ocsf | Encoding::Cef => DOCUMENT_FACTOR * record + EVENTS_BYTES,
    }
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn listener_cost(listener: &Listener) -> (&'static str, u64, u64) {
    let connections = u64::from(listener.connections_max);
    match listener.protocol {
        Protocol::Tcp | Protocol::Unix => ("connection", connections, PLAIN_CONNECTION_BYTES),
        Protocol::Tls => ("connection", connections, TLS_CONNECTION_BYTES),
        Protocol::Udp => ("receiver", u64::from(listener.receivers), RECEIVER_BYTES),
        Protocol::UnixDatagram => ("receiver", 1, RECEIVER_BYTES),
    }
}

/// `count` things of `each` bytes, for people.
fn counted_terms(count: u64, one: &str, many: &str, each: u64) -> String {
    format!("{count} {} × {}", if count == 1 { one } else { many }, size(each))
}

/// `bytes` for people.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..KIB => format!("{bytes} B"),
        KIB..MIB => format!("{:.0} KiB", bytes as f64 / KIB as f64),
        _ => format!("{:.0} MiB", bytes as f64 / MIB as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_configuration_is_bounded_by_its_terms() {
        let config = Config::embedded();
        let terms = terms(&config, 2);
        let of = |name: &str| terms.iter().find(|term| term.what.starts_with(name)).map(|term| term.bytes);
        assert_eq!(of("limits.memory"), Some(config.limits.memory));
        assert_eq!(of("listener.tcp"), Some(u64::from(config.listeners[0].connections_max) * PLAIN_CONNECTION_BYTES));
        assert_eq!(of("listener.udp"), Some(RECEIVER_BYTES));
        assert!(of("allocator").unwrap() > 0);
        assert_eq!(of("sink.records: taking"), None, "records are not taken apart");
    }

    #[test]
    fn replacing_secrets_is_part_of_the_bound() {
        let text = "[listener.a]\naddress = '127.0.0.1:1'\n[sink.s]\npath = '/x'\n[redaction]\nredact = ['jwt']\nkey = '${env:KEY}'\n";
        let outcome = config::load_text(text, None, &|_| Some("0123456789abcdef".to_owned()));
        let config = outcome.config.unwrap();
        let record = config.listeners.iter().map(Listener::record_bytes_max).max().unwrap();
        let terms = terms(&config, 2);
        let term = terms.iter().find(|term| term.what.contains("secrets are replaced")).unwrap();
        assert_eq!(term.bytes, 2 * REDACTED_FACTOR * record);
    }

    #[test]
    fn taking_records_apart_is_part_of_the_bound() {
        let text = "[listener.a]\naddress = '127.0.0.1:1'\nrejoin = false\n[sink.s]\npath = '/x'\nwhere = 'user.name == \"a\"'\n";
        let bytes = |lines: &str| {
            let outcome = config::load_text(&format!("{text}{lines}"), None, &|_| None);
            let terms = terms(&outcome.config.unwrap(), 1);
            let of_sink = terms.iter().filter(|term| term.what.starts_with("sink.s"));
            of_sink.map(|term| term.bytes).sum::<u64>()
        };
        let frame = 256 * KIB;
        let once = EXTRACTED_FACTOR * frame + EVENTS_BYTES;
        let plain = SINK_BYTES + ENCODED_FACTOR * frame + once;
        assert_eq!(bytes(""), plain);
        assert_eq!(bytes("fields = ['native']"), plain + NATIVE_FACTOR * frame + once);
        assert_eq!(bytes("encoding = 'ecs'"), SINK_BYTES + DOCUMENT_FACTOR * frame + EVENTS_BYTES + 2 * once);
    }
}
