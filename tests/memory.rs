//! Memory stays within the bound that `gully check` prints, however much is offered while the sinks stand still; and nothing that
//! TCP carried is missing when they go on.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

use crate::support::sequence::{Sequences, numbered};
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

const CONNECTIONS: u64 = 50;
/// By each connection.
const MESSAGES: u64 = 8_700;
const DATAGRAMS: u64 = 110_000;
const MESSAGE_BYTES: usize = 4 * 1024;

/// Of the connections whose lines hardly any sink takes: more than two gibibytes among few audit lines.
const RARE_CONNECTIONS: u64 = 16;
/// Audit lines by each.
const RARE_MESSAGES: u64 = 256;

const _: () = assert!((CONNECTIONS * MESSAGES + DATAGRAMS) * MESSAGE_BYTES as u64 >= 2 * 1024 * 1024 * 1024);

#[test]
fn two_gibibytes_offered_to_stalled_sinks_stay_within_the_printed_bound() {
    let mut setup = Setup::new();
    let tcp = setup.listener("tcp", "tcp", "connections_max = 64\n");
    let udp = setup.listener("udp", "udp", "");
    setup.table("limits", "memory = \"64MiB\"");
    setup.file_sink("records", "all.log", "raw");
    let bound_bytes = setup.memory_bound_bytes();
    let gully = setup.start();
    gully.limit_file_bytes(Some(0));

    let senders: Vec<_> = (0..CONNECTIONS).map(|number| thread::spawn(move || send_stream(tcp, number))).collect();
    send_flood(udp);
    let of = |name: &str, listener: &str| gully.metrics().sum(name, &[("listener", listener)]);
    let seen = || of("gully_records_accepted_total", "udp") + of("gully_datagrams_kernel_dropped_total", "udp");
    wait_until("every datagram in a counter", SOON, || seen() >= DATAGRAMS);
    assert_eq!(seen(), DATAGRAMS, "more datagrams counted than sent");
    // Long enough for the connections to take all credit there is.
    thread::sleep(Duration::from_secs(2));
    assert!(of("gully_records_dropped_total", "udp") > 0, "the flood was no flood");
    assert!(of("gully_records_accepted_total", "tcp") < CONNECTIONS * MESSAGES, "nothing held the connections back");
    gully.assert_memory_within(bound_bytes);
    gully.assert_ledger();

    gully.limit_file_bytes(None);
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    let taken_datagrams = of("gully_records_journaled_total", "udp");
    gully.wait_for_delivered(CONNECTIONS * MESSAGES + taken_datagrams, Duration::from_secs(120));
    gully.assert_memory_within(bound_bytes);
    gully.assert_ledger();

    let (sequences, datagrams) = read(File::open(gully.directory().join("all.log")).unwrap());
    (0..CONNECTIONS).for_each(|number| sequences.assert_complete(&format!("tcp-{number}"), MESSAGES));
    assert_eq!(datagrams, taken_datagrams);
}

/// A sink that takes few of the lines must hold back no more than those: what nobody takes gives its memory back, also when
/// it came in one read with what somebody waits for.
#[test]
fn rare_records_for_a_stalled_sink_do_not_hold_on_to_their_neighbours() {
    let mut setup = Setup::new();
    let tcp = setup.listener("tcp", "tcp", "connections_max = 64\n");
    setup.table("limits", "memory = \"64MiB\"");
    setup.file_sink_of("cf.uaa.audit", "records", "audit.log", "raw");
    let bound_bytes = setup.memory_bound_bytes();
    let gully = setup.start();
    gully.limit_file_bytes(Some(0));

    let senders: Vec<_> = (0..RARE_CONNECTIONS).map(|number| thread::spawn(move || send_rare(tcp, number))).collect();
    let taken = || gully.metrics().sum("gully_records_taken_total", &[("sink", "records")]);
    // Held with all that came beside them, 128 of them would fill the memory.
    wait_until("all that was offered", Duration::from_secs(120), || taken() == RARE_CONNECTIONS * RARE_MESSAGES);
    gully.assert_memory_within(bound_bytes);
    gully.assert_ledger();

    gully.limit_file_bytes(None);
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    gully.wait_for_delivered(RARE_CONNECTIONS * RARE_MESSAGES, SOON);
    gully.assert_memory_within(bound_bytes);
    let lines = fs::read_to_string(gully.directory().join("audit.log")).unwrap();
    let sequences = Sequences::of(lines.lines().map(|line| line.split('\'').nth(1).unwrap()));
    (0..RARE_CONNECTIONS).for_each(|number| sequences.assert_complete(&format!("rare-{number}"), RARE_MESSAGES));
    gully.assert_ledger();
}

/// Sends audit lines, each after half a mebibyte of lines that no sink takes.
fn send_rare(address: SocketAddr, connection: u64) {
    let mut stream = TcpStream::connect(address).unwrap();
    let others = format!("<14>1 - - - - - - {}\n", "x".repeat(2_000)).repeat(512 * 1024 / 2_019);
    for number in 0..RARE_MESSAGES {
        let user = numbered(&format!("rare-{connection}"), number);
        let audit = format!(
            "<14>1 - - uaa - - - [2019-06-04 22:00:07.722] uaa - 7777 [https-jsse-nio-8443-exec-1] ....  INFO --- Audit: \
             UserAuthenticationSuccess ('{user}'): principal=64d43b82, origin=[remoteAddress=198.51.100.23], identityZoneId=[uaa]\n"
        );
        stream.write_all(others.as_bytes()).unwrap();
        stream.write_all(audit.as_bytes()).unwrap();
    }
}

/// A message of [`MESSAGE_BYTES`].
fn message(sender: &str, number: u64) -> String {
    let numbered = numbered(sender, number);
    let header = "<14>1 - - - - - - ";
    let padding = MESSAGE_BYTES - header.len() - numbered.len();
    format!("{header}{:x<padding$}{numbered}", "")
}

/// Sends all messages of a connection; stands still whenever gully does not read.
fn send_stream(address: SocketAddr, connection: u64) {
    let mut stream = TcpStream::connect(address).unwrap();
    let sender = format!("tcp-{connection}");
    for number in 0..MESSAGES {
        let mut line = message(&sender, number);
        line.push('\n');
        stream.write_all(line.as_bytes()).unwrap();
    }
}

/// Sends datagrams as fast as it can.
fn send_flood(address: SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(address).unwrap();
    let datagram = message("udp", 0);
    for _ in 0..DATAGRAMS {
        let sent = socket.send(datagram.as_bytes()).expect("loopback takes every datagram");
        assert_eq!(sent, MESSAGE_BYTES);
    }
}

/// The numbered messages of all connections, and how many datagrams there are.
fn read(file: File) -> (Sequences, u64) {
    let (mut sequences, mut datagrams) = (Sequences::default(), 0);
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut line = String::new();
    while reader.read_line(&mut line).unwrap() > 0 {
        assert_eq!(line.len(), MESSAGE_BYTES + 1, "not a whole message: {line:?}");
        let numbered = line[18..].trim_end().trim_start_matches('x');
        if numbered.starts_with("sender=udp") {
            datagrams += 1
        } else {
            sequences.add(numbered)
        }
        line.clear();
    }
    (sequences, datagrams)
}
