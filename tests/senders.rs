//! Real senders: every message arrives, once, in order.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::certificates::Certificates;
use crate::support::gully::Gully;
use crate::support::peers::{Route, loggen, logger, openssl, rsyslog, syslog_ng};
use crate::support::process::Process;
use crate::support::sequence::{Sequences, numbered_lines};
use crate::support::setup::Setup;

/// Messages by each sender over each stream transport.
const MANY: u64 = 100_000;
/// Messages where the sender must be slow, for UDP.
const SOME: u64 = 3_000;
const PATIENCE: Duration = Duration::from_secs(90);

#[test]
fn logger_by_tcp_and_udp() {
    let (gully, addresses) = Setup::plain(&["tcp", "udp"]);
    let directory = TempDir::new().unwrap();
    let send = |sender: &str, count: u64, address: SocketAddr, route: Route<'_>| {
        let file = directory.path().join(sender);
        fs::write(&file, numbered_lines(sender, count)).unwrap();
        logger::send(&file, address, route);
    };
    send("newline", MANY, addresses[0], Route::TcpNewline);
    send("counted", MANY, addresses[0], Route::TcpCounted);
    // `logger` cannot be slowed down: as many as a receive buffer of ordinary size holds.
    send("udp", 200, addresses[1], Route::Udp);
    gully.wait_for_delivered(2 * MANY + 200, PATIENCE);

    let sequences = sequences_of(&gully);
    sequences.assert_complete("newline", MANY);
    sequences.assert_complete("counted", MANY);
    sequences.assert_complete("udp", 200);
    gully.assert_ledger();
}

/// A daemon as a sender: state directory, file of lines, target, route.
type Start = fn(&std::path::Path, &std::path::Path, SocketAddr, Route<'_>) -> Process;

#[test]
fn rsyslog_by_tcp_with_newline_framing() {
    check_daemon(rsyslog::start, "tcp", MANY, |_| Route::TcpNewline);
}

#[test]
fn rsyslog_by_tcp_with_octet_counting() {
    check_daemon(rsyslog::start, "tcp", MANY, |_| Route::TcpCounted);
}

#[test]
fn rsyslog_by_tls() {
    check_daemon(rsyslog::start, "tls", MANY, |authority| Route::Tls { authority });
}

#[test]
fn rsyslog_by_udp() {
    check_daemon(rsyslog::start, "udp", SOME, |_| Route::Udp);
}

#[test]
fn syslog_ng_by_tcp_with_newline_framing() {
    check_daemon(syslog_ng::start, "tcp", MANY, |_| Route::TcpNewline);
}

#[test]
fn syslog_ng_by_tcp_with_octet_counting() {
    check_daemon(syslog_ng::start, "tcp", MANY, |_| Route::TcpCounted);
}

#[test]
fn syslog_ng_by_tls() {
    check_daemon(syslog_ng::start, "tls", MANY, |authority| Route::Tls { authority });
}

#[test]
fn syslog_ng_by_udp() {
    check_daemon(syslog_ng::start, "udp", SOME, |_| Route::Udp);
}

#[track_caller]
fn check_daemon(start: Start, protocol: &str, count: u64, route: impl Fn(&std::path::Path) -> Route<'_>) {
    let certificates = Certificates::new();
    let authority = certificates.authority();
    let mut setup = Setup::new();
    let keys = if protocol == "tls" { certificates.listener_key("") } else { String::new() };
    let address = setup.listener(protocol, protocol, &keys);
    setup.json_sink();
    let gully = setup.start();

    let state = TempDir::new().unwrap();
    let file = state.path().join("lines");
    fs::write(&file, numbered_lines("daemon", count)).unwrap();
    let _daemon = start(state.path(), &file, address, route(&authority));
    gully.wait_for_delivered(count, PATIENCE);

    let sequences = sequences_of(&gully);
    sequences.assert_complete("daemon", count);
    sequences.assert_only(&["daemon"]);
    gully.assert_ledger();
}

#[test]
fn loggen_by_tcp_tls_and_unix_sockets() {
    let certificates = Certificates::new();
    let mut setup = Setup::new();
    let tcp = setup.listener("tcp", "tcp", "");
    let tls = setup.listener("tls", "tls", &certificates.listener_key(""));
    let stream = setup.unix_listener("stream", "unix");
    let datagram = setup.unix_listener("datagram", "unix-datagram");
    setup.json_sink();
    let gully = setup.start();

    let connections = 4;
    let count = MANY / u64::from(connections);
    let to = |address: SocketAddr| [address.ip().to_string(), address.port().to_string()];
    let (to_tcp, to_tls) = (to(tcp), to(tls));
    let (to_tcp, to_tls) = (to_tcp.each_ref().map(String::as_str), to_tls.each_ref().map(String::as_str));
    loggen::send(&["--inet", "--stream"], &to_tcp, connections, count);
    loggen::send(&["--inet", "--stream", "--syslog-proto"], &to_tcp, connections, count);
    loggen::send(&["--use-ssl"], &to_tls, connections, count);
    loggen::send(&["--unix", "--stream"], &[stream.to_str().unwrap()], connections, count);
    loggen::send(&["--unix", "--dgram"], &[datagram.to_str().unwrap()], 1, count);
    gully.wait_for_delivered(4 * MANY + count, PATIENCE);

    // The runs came one after another, so a connection is told by its peer and a run by its listener and framing.
    let mut sequences: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    for record in gully.records() {
        let (thread, number) = loggen::sequence_of(record.message());
        let dialect = record.syslog("dialect").to_string();
        let run = (record.text("listener").to_owned(), dialect, thread);
        sequences.entry(run).or_default().push(number);
    }
    assert_eq!(sequences.len(), 4 * connections as usize + 1);
    for (run, numbers) in sequences {
        assert!(numbers.iter().copied().eq(0..count), "{run:?}: not 0 to {count} in order");
    }
    gully.assert_ledger();
}

#[test]
fn openssl_by_tls_1_2_and_1_3() {
    let certificates = Certificates::new();
    let mut setup = Setup::new();
    let address = setup.listener("tls", "tls", &certificates.listener_key(""));
    setup.json_sink();
    let gully = setup.start();

    let directory = TempDir::new().unwrap();
    for (sender, option) in [("tls12", "-tls1_2"), ("tls13", "-tls1_3")] {
        let lines = numbered_lines(sender, MANY);
        let framed: String = lines.lines().flat_map(|line| ["<14>1 - - - - - - ", line, "\n"]).collect();
        let file = directory.path().join(sender);
        fs::write(&file, framed).unwrap();
        openssl::send(&file, address, &certificates.authority(), &["-servername", "localhost", option])
            .wait_for_success(PATIENCE);
    }
    gully.wait_for_delivered(2 * MANY, PATIENCE);
    let sequences = sequences_of(&gully);
    sequences.assert_complete("tls12", MANY);
    sequences.assert_complete("tls13", MANY);
}

/// What arrived, by sender.
fn sequences_of(gully: &Gully) -> Sequences {
    let records = gully.records();
    Sequences::of(records.iter().map(|record| record.message()))
}
