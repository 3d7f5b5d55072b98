//! Datagrams: one message each, whatever is in them (RFC 5426 section 3.1).

use std::net::UdpSocket;
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketType, bind, connect, socket, sockopt};

use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

#[test]
fn every_datagram_is_one_record_and_an_empty_one_is_counted() {
    const HEADER: &str = "<14>1 - - - - - - ";
    let largest = format!("{HEADER}{}", "x".repeat(65_507 - HEADER.len()));
    let rows: &[(&str, &str, Option<&str>)] = &[
        ("17 <14>1 - counted", "17 <14>1 - counted", Some("no_pri")),
        ("<14>1 - - - - - - a\n<14>1 - - - - - - b", "a\n<14>1 - - - - - - b", Some("embedded_lf")),
        ("<14>1 - - - - - - a line feed at the end\n", "a line feed at the end", None),
        (&largest, &largest[HEADER.len()..], None),
        ("GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n", Some("no_pri")),
        ("\u{16}\u{3}\u{1} not a handshake", "\u{16}\u{3}\u{1} not a handshake", Some("no_pri")),
    ];
    let (gully, addresses) = Setup::plain(&["udp"]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (number, (datagram, ..)) in rows.iter().enumerate() {
        socket.send_to(datagram.as_bytes(), addresses[0]).unwrap();
        gully.wait_for_delivered(number as u64 + 1, SOON);
    }
    for empty in ["", "\n", "\r\n"] {
        let counted = || gully.metrics().sum("gully_frames_empty_total", &[("listener", "udp")]);
        let before = counted();
        socket.send_to(empty.as_bytes(), addresses[0]).unwrap();
        wait_until("an empty datagram in the metrics", SOON, || counted() == before + 1);
    }

    let records = gully.records();
    assert_eq!(records.len(), rows.len());
    for (record, (datagram, message, flag)) in records.iter().zip(rows) {
        assert_eq!(record.message(), *message, "{datagram:.80?}");
        assert!(flag.is_none_or(|flag| record.has_flag(flag)), "{datagram:.80?} has {:?}", record.flags());
        assert!(record.text("peer").starts_with("127.0.0.1:"));
    }
    gully.assert_ledger();
}

/// What comes from the listener's own address and port would come for ever, were it taken.
#[test]
fn a_datagram_from_the_listener_itself_is_dropped_as_a_loop() {
    let mut setup = Setup::new();
    let address = setup.listener("udp", "udp", "receivers = 2\n");
    setup.json_sink();
    let gully = setup.start();

    // Linux lets processes of one user share the address of sockets that all ask for it; this one takes nothing, since it is
    // connected to somebody else.
    let shared: OwnedFd = socket(AddressFamily::INET, SocketType::DGRAM, None).unwrap();
    sockopt::set_socket_reuseport(&shared, true).unwrap();
    bind(&shared, &address).unwrap();
    let elsewhere = UdpSocket::bind("127.0.0.1:0").unwrap();
    connect(&shared, &elsewhere.local_addr().unwrap()).unwrap();
    let mirror = UdpSocket::from(shared);
    mirror.send_to(b"<14>1 - - - - - - again and again", address).unwrap();

    let looped = || gully.metrics().sum("gully_records_dropped_total", &[("listener", "udp"), ("reason", "loop")]);
    wait_until("a dropped loop", SOON, || looped() == 1);
    drop(mirror);
    elsewhere.send_to(b"<14>1 - - - - - - from elsewhere", address).unwrap();
    gully.wait_for_delivered(1, SOON);
    assert_eq!(gully.records()[0].message(), "from elsewhere");
    gully.assert_ledger();
}
