//! The most memory that a configuration allows, term by term. `gully check` prints it; a test holds the process to it.

use config::{Config, Listener, Protocol};

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
/// The longest frame as JSON: six octets for each that has to be escaped, and base64 beside it.
const ENCODED_FACTOR: u64 = 8;
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
            SINK_BYTES + ENCODED_FACTOR * frame + if keeps_house { HOUSEKEEPER_BYTES } else { 0 } + client_bytes,
        );
    }
    let asked: u64 = terms.iter().map(|term| term.bytes).sum();
    terms.push(Term { what: "allocator".to_owned(), bytes: asked / SLACK_DIVISOR });
    terms
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
    }
}
