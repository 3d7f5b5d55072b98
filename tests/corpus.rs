//! Every labelled line is classed as its label says, whatever way it comes in.

use std::fs;
use std::net::UdpSocket;
use std::thread;
use std::time::Duration;

use crate::support::certificates::Certificates;
use crate::support::client::{TlsClient, counted, send};
use crate::support::corpus::{Line, lines};
use crate::support::gully::run_once;
use crate::support::peers::{Route, logger};
use crate::support::records::Record;
use crate::support::setup::Setup;
use crate::support::wait::SOON;

/// The largest payload of a UDP datagram over IPv4.
const DATAGRAM_BYTES_MAX: usize = 65_507;

/// Sent first on a newline connection, so that the framing is settled before the first line of the corpus.
const PREFACE: &str = "<14>1 - - preface - - - settles the framing";

#[test]
fn by_tcp_with_octet_counting() {
    let lines = deliverable();
    let (gully, addresses) = Setup::plain(&["tcp"]);
    send(addresses[0], &counted_stream(&lines));
    gully.wait_for_delivered(lines.len() as u64, SOON);
    assert_right(&lines, &gully.records(), Line::without_trailer);
    gully.assert_ledger();
}

/// Every field that a label names, through a listener and a file: none is left out, whatever its line.
#[test]
fn fields_by_tcp() {
    let lines = deliverable();
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.json_sink_with_fields();
    let gully = setup.start();
    send(address, &counted_stream(&lines));
    gully.wait_for_delivered(lines.len() as u64, SOON);
    assert_fields(&lines, &gully.records());
    gully.assert_ledger();
}

#[test]
fn by_tcp_with_newline_framing() {
    let mut lines = deliverable();
    lines.retain(|line| !line.without_trailer().contains('\n'));
    assert!(lines.len() > 480, "only {} lines without a line feed", lines.len());
    let (gully, addresses) = Setup::plain(&["tcp"]);
    let texts = lines.iter().map(Line::without_trailer);
    let stream: String = std::iter::once(PREFACE).chain(texts).flat_map(|text| [text, "\n"]).collect();
    send(addresses[0], stream.as_bytes());
    gully.wait_for_delivered(lines.len() as u64 + 1, SOON);
    assert_right(&lines, &gully.records()[1..], Line::without_trailer);
}

#[test]
fn by_tls() {
    let lines = deliverable();
    let certificates = Certificates::new();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut setup = Setup::new();
        let address = setup.listener("tls", "tls", &certificates.listener_key(""));
        setup.json_sink();
        let gully = setup.start();
        let mut client = TlsClient::connect(address, &certificates, version, None).unwrap();
        client.send(&counted_stream(&lines)).unwrap();
        client.close().unwrap();
        gully.wait_for_delivered(lines.len() as u64, SOON);
        assert_right(&lines, &gully.records(), Line::without_trailer);
    }
}

#[test]
fn by_udp() {
    let mut lines = deliverable();
    lines.retain(|line| line.message.len() <= DATAGRAM_BYTES_MAX);
    let (gully, addresses) = Setup::plain(&["udp"]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (number, line) in lines.iter().enumerate() {
        socket.send_to(line.message.as_bytes(), addresses[0]).unwrap();
        // Slow enough for a receive buffer of any size.
        if number % 16 == 15 {
            thread::sleep(Duration::from_millis(5));
        }
    }
    gully.wait_for_delivered(lines.len() as u64, SOON);
    assert_right(&lines, &gully.records(), Line::without_trailer);
}

/// What the project was asked to recognise in the first place, sent with the command that everybody has.
#[test]
fn the_seed_examples_by_logger() {
    let mut lines = deliverable();
    lines.retain(|line| line.file == "seeds" && line.transport == "raw" && !line.message.contains('\n'));
    assert!(lines.len() > 40, "only {} seed examples", lines.len());
    let (gully, addresses) = Setup::plain(&["tcp"]);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("lines");
    fs::write(&file, lines.iter().flat_map(|line| [&line.message, "\n"]).collect::<String>()).unwrap();
    logger::send(&file, addresses[0], Route::TcpCounted);
    gully.wait_for_delivered(lines.len() as u64, SOON);
    assert_right(&lines, &gully.records(), Line::without_trailer);
}

#[test]
fn by_explain() {
    let lines = lines();
    let input: String = lines.iter().flat_map(|line| [&line.json, "\n"]).collect();
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["explain", "--json", "--input", "jsonl"].map(AsRef::as_ref);
    let output = run_once(directory.path(), &arguments, input.as_bytes());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let records: Vec<_> = answers.lines().map(Record::parse).collect();
    // There is no framing here, so a line feed at the end is part of the message.
    assert_right(&lines, &records, |line| &line.message);
    assert_fields(&lines, &records);
}

/// All lines with a message; an empty one is counted, not delivered.
fn deliverable() -> Vec<Line> {
    let mut lines = lines();
    lines.retain(|line| !line.without_trailer().is_empty());
    lines
}

fn counted_stream(lines: &[Line]) -> Vec<u8> {
    lines.iter().flat_map(|line| counted(line.message.as_bytes())).collect()
}

/// Compares in order, and reports every fault at once. `text` is the part of a line that the record came of.
#[track_caller]
fn assert_right(lines: &[Line], records: &[Record], text: fn(&Line) -> &str) {
    assert_eq!(records.len(), lines.len());
    let faults: Vec<_> = lines.iter().zip(records).flat_map(|(line, record)| line.faults(text(line), record)).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Compares all labelled fields, in order, and reports every fault at once.
#[track_caller]
fn assert_fields(lines: &[Line], records: &[Record]) {
    assert_eq!(records.len(), lines.len());
    let faults: Vec<_> = lines.iter().zip(records).flat_map(|(line, record)| line.field_faults(record)).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
