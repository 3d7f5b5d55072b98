//! Input that is broken, hostile or merely odd: each row of the tables has its stated result, its counter moves by exactly one, and
//! the neighbour on the next connection notices nothing.

mod datagrams;
mod framing;
mod header;
mod tls;

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::support::client::{End, end_of};
use crate::support::gully::Gully;
use crate::support::metrics::Metrics;
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

/// Octets that one connection sends, and what must come of them. Without further words: no record, and the connection lives.
struct Row {
    name: &'static str,
    octets: Vec<u8>,
    records: Vec<Expected>,
    fault: Option<&'static str>,
    finishes: bool,
    counts: Vec<(&'static str, u64)>,
}

/// A record that must be delivered.
struct Expected {
    row: &'static str,
    /// MSG; for a frame without any header that we know, the whole frame.
    message: Option<String>,
    flag: Option<&'static str>,
}

impl Expected {
    fn new(row: &'static str, message: impl Into<String>) -> Self {
        Self { row, message: Some(message.into()), flag: None }
    }
}

fn row(name: &'static str, octets: impl AsRef<[u8]>) -> Row {
    let octets = octets.as_ref().to_vec();
    Row { name, octets, records: Vec::new(), fault: None, finishes: false, counts: Vec::new() }
}

impl Row {
    /// A record with this message comes of it.
    fn record(mut self, message: impl Into<String>) -> Self {
        self.records.push(Expected::new(self.name, message));
        self
    }

    /// A record comes of it; what it says is not this row's business.
    fn record_any(mut self) -> Self {
        self.records.push(Expected { row: self.name, message: None, flag: None });
        self
    }

    /// A record with this message comes of it, and carries `flag`.
    fn flagged(mut self, message: impl Into<String>, flag: &'static str) -> Self {
        self.records.push(Expected { flag: Some(flag), ..Expected::new(self.name, message) });
        self
    }

    /// The connection is ended for `reason`.
    fn fault(mut self, reason: &'static str) -> Self {
        self.fault = Some(reason);
        self
    }

    /// The sender closes after the octets.
    fn finishes(mut self) -> Self {
        self.finishes = true;
        self
    }

    /// A counter of the listener moves by exactly this much.
    fn counts(mut self, name: &'static str, by: u64) -> Self {
        self.counts.push((name, by));
        self
    }
}

/// A listener under test, how its good frames look, and the connection next to the one that misbehaves.
struct Bench {
    gully: Gully,
    address: SocketAddr,
    frame: fn(&[u8]) -> Vec<u8>,
    neighbour: TcpStream,
    expected: Vec<Expected>,
}

impl Bench {
    /// `keys` are those of the listener; `frame` puts a good message in a frame.
    fn new(keys: &str, frame: fn(&[u8]) -> Vec<u8>) -> Self {
        let mut setup = Setup::new();
        let address = setup.listener("tcp", "tcp", keys);
        setup.json_sink();
        let gully = setup.start();
        let neighbour = TcpStream::connect(address).unwrap();
        Self { gully, address, frame, neighbour, expected: Vec::new() }
    }

    /// Plays all rows: each whole, and when it is short also octet by octet.
    #[track_caller]
    fn check(mut self, rows: impl Fn() -> Vec<Row>) {
        for row in rows() {
            self.play(row, false);
        }
        for row in rows().into_iter().filter(|row| row.octets.len() <= 64) {
            self.play(row, true);
        }
        self.compare();
    }

    #[track_caller]
    fn play(&mut self, row: Row, octet_by_octet: bool) {
        let name = row.name;
        println!("row: {name}{}", if octet_by_octet { ", octet by octet" } else { "" });
        let before = self.gully.metrics();
        self.neighbour_sends("before", name);

        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        // A connection that is ended early does not take all: the errors of these writes are not faults.
        let parts: Vec<_> = row.octets.chunks(if octet_by_octet { 1 } else { 64 * 1024 }).collect();
        parts.into_iter().all(|part| stream.write_all(part).is_ok());
        self.expected.extend(row.records);
        if row.finishes {
            stream.shutdown(Shutdown::Write).unwrap();
        }
        if row.finishes || row.fault.is_some() {
            assert_eq!(end_of(&mut stream, SOON), End::Closed, "{name}: the connection lives");
        } else {
            stream.write_all(&(self.frame)(b"<14>1 - - - - - - after")).unwrap();
            self.expected.push(Expected::new(name, "after"));
        }
        let moved = |counter: &dyn Fn(&Metrics) -> u64| counter(&self.gully.metrics()) - counter(&before);
        if let Some(reason) = row.fault {
            let count = |metrics: &Metrics| endings(metrics, Some(reason));
            wait_until(&format!("{reason} in the metrics ({name})"), SOON, || moved(&count) >= 1);
            let kept = moved(&|metrics| metrics.sum("gully_records_flagged_total", &[("flag", "broken_framing")]));
            // Octet by octet there may be nothing but a line feed when the fault is seen.
            let breaks_framing = reason.starts_with("octet_") || reason == "line_too_long";
            assert!(kept <= 1 && (kept == 1 || octet_by_octet || !breaks_framing), "{name}: kept {kept}");
            let broken = Expected { row: name, message: None, flag: Some("broken_framing") };
            self.expected.extend((kept == 1).then_some(broken));
        }
        self.arrive();
        self.neighbour_sends("after", name);

        let moved = |counter: &dyn Fn(&Metrics) -> u64| counter(&self.gully.metrics()) - counter(&before);
        for (counter, by) in row.counts {
            let count = |metrics: &Metrics| metrics.sum(counter, &[("listener", "tcp")]);
            wait_until(&format!("{counter} + {by} ({name})"), SOON, || moved(&count) >= by);
            assert_eq!(moved(&count), by, "{name}: {counter}");
        }
        let ended = moved(&|metrics| endings(metrics, None));
        assert_eq!(ended, u64::from(row.fault.is_some()), "{name}: connections ended by a fault");
    }

    /// The neighbour sends a record, which must arrive before anything else happens.
    #[track_caller]
    fn neighbour_sends(&mut self, when: &str, name: &'static str) {
        let message = format!("neighbour {when} {name}");
        let frame = (self.frame)(format!("<14>1 - - - - - - {message}").as_bytes());
        self.neighbour.write_all(&frame).unwrap();
        self.expected.push(Expected::new(name, message));
        self.arrive();
    }

    #[track_caller]
    fn arrive(&self) {
        self.gully.wait_for_delivered(self.expected.len() as u64, SOON);
    }

    #[track_caller]
    fn compare(self) {
        let records = self.gully.records();
        assert_eq!(records.len(), self.expected.len());
        for (record, expected) in records.iter().zip(&self.expected) {
            let (row, message) = (expected.row, record.message());
            if let Some(expected) = &expected.message {
                assert!(
                    message == expected,
                    "{row}: the message is {}, expected {}",
                    excerpt(message),
                    excerpt(expected)
                );
            }
            if let Some(flag) = expected.flag {
                assert!(record.has_flag(flag), "{row}: no {flag} among {:?}", record.flags());
            }
        }
        self.gully.assert_ledger();
    }
}

/// How many connections were ended, for `reason` or for any.
fn endings(metrics: &Metrics, reason: Option<&str>) -> u64 {
    let count = |name: &str, label: &str| match reason {
        Some(reason) => metrics.sum(name, &[("listener", "tcp"), (label, reason)]),
        None => metrics.sum(name, &[("listener", "tcp")]),
    };
    count("gully_connection_faults_total", "reason") + count("gully_connection_probes_total", "kind")
}

/// The beginning of a text that may be long.
fn excerpt(text: &str) -> String {
    format!("{:?} ({} octets)", text.chars().take(80).collect::<String>(), text.len())
}
