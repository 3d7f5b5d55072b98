//! TLS as write-only senders need it.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use rustls::version::{TLS12, TLS13};

use crate::support::certificates::Certificates;
use crate::support::client::{TlsClient, counted, send};
use crate::support::gully::Gully;
use crate::support::sequence::{Sequences, numbered};
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

const FRAMES: u64 = 1_000;

/// Session tickets that nobody reads would turn the close into a reset, and the reset would destroy what is on its way.
#[test]
fn a_client_that_never_reads_and_closes_at_once_loses_nothing() {
    for _ in 0..5 {
        let certificates = Certificates::new();
        let (gully, address) = start(&certificates);
        let mut client = TlsClient::connect(address, &certificates, &TLS13, None).unwrap();
        client.send(&frames("quick", FRAMES)).unwrap();
        client.close().unwrap();
        gully.wait_for_delivered(FRAMES, SOON);
        assert_complete(&gully, "quick", FRAMES);
    }
}

/// The same while gully has stopped reading: what the client sent and its goodbye wait in the kernel when it closes.
#[test]
fn a_client_that_closes_under_backpressure_loses_nothing() {
    const FILLING: u64 = 1_000;
    let certificates = Certificates::new();
    let mut setup = Setup::new();
    let keys = format!("{}receive_buffer = \"4KiB\"\n", certificates.listener_key(""));
    let address = setup.listener("tls", "tls", &keys);
    let filler = setup.listener("filler", "tcp", "");
    setup.table("limits", "memory = \"1MiB\"");
    setup.json_sink();
    let gully = setup.start();
    gully.limit_file_bytes(Some(0));

    // Four times the memory that gully may use, on another connection, which stands still sooner or later.
    let padding = "x".repeat(4 * 1024);
    let filling = thread::spawn(move || {
        let frame = |number| counted(format!("<14>1 - - - - - - {padding}{}", numbered("filler", number)).as_bytes());
        send(filler, &(0..FILLING).flat_map(frame).collect::<Vec<_>>());
    });
    let accepted = |listener: &str| gully.metrics().sum("gully_records_accepted_total", &[("listener", listener)]);
    let mut last = 0;
    wait_until("a gully that stands still", SOON, || {
        thread::sleep(Duration::from_millis(500));
        let now = accepted("filler");
        std::mem::replace(&mut last, now) == now && now > 0
    });
    assert!(last < FILLING, "nothing held the filler back");

    let mut client = TlsClient::connect(address, &certificates, &TLS13, None).unwrap();
    client.send(&frames("quick", FRAMES)).unwrap();
    client.close().unwrap();
    assert!(accepted("tls") < FRAMES, "there was no backpressure");
    thread::sleep(Duration::from_secs(1));
    gully.limit_file_bytes(None);
    filling.join().unwrap();

    gully.wait_for_delivered(FRAMES + FILLING, SOON);
    let records = gully.records();
    let sequences = Sequences::of(records.iter().map(|record| record.message().trim_start_matches('x')));
    sequences.assert_complete("quick", FRAMES);
    sequences.assert_complete("filler", FILLING);
    gully.assert_ledger();
}

#[test]
fn a_server_says_nothing_after_the_handshake() {
    let certificates = Certificates::new();
    for version in [&TLS12, &TLS13] {
        let (_gully, address) = start(&certificates);
        let mut client = TlsClient::connect(address, &certificates, version, None).unwrap();
        client.send(&frames("quiet", 10)).unwrap();
        assert_eq!(client.unread_octets(Duration::from_secs(1)), 0, "{version:?}");
    }
}

#[test]
fn a_stream_that_ends_without_a_goodbye_keeps_its_whole_frames() {
    let certificates = Certificates::new();
    let (gully, address) = start(&certificates);
    let mut client = TlsClient::connect(address, &certificates, &TLS13, None).unwrap();
    client.send(&frames("cut", 3)).unwrap();
    client.send(b"100 <14>1 - - - - - - the rest never").unwrap();
    client.cut().unwrap();
    gully.wait_for_delivered(3, SOON);
    assert_complete(&gully, "cut", 3);
    let partial = || gully.metrics().sum("gully_partial_at_eof_total", &[("listener", "tls")]);
    wait_until("a partial frame in the metrics", SOON, || partial() == 1);
}

fn start(certificates: &Certificates) -> (Gully, SocketAddr) {
    let mut setup = Setup::new();
    let address = setup.listener("tls", "tls", &certificates.listener_key(""));
    setup.json_sink();
    (setup.start(), address)
}

fn frames(sender: &str, count: u64) -> Vec<u8> {
    let frame = |number| counted(format!("<14>1 - - - - - - {}", numbered(sender, number)).as_bytes());
    (0..count).flat_map(frame).collect()
}

#[track_caller]
fn assert_complete(gully: &Gully, sender: &str, count: u64) {
    let records = gully.records();
    Sequences::of(records.iter().map(|record| record.message())).assert_complete(sender, count);
}
