//! Peers that do not speak TLS as it is spoken here.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::HandshakeKind;
use rustls::version::{TLS12, TLS13};
use tempfile::TempDir;

use crate::support::certificates::Certificates;
use crate::support::client::{TlsClient, client_config, counted};
use crate::support::gully::Gully;
use crate::support::peers::openssl;
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

#[test]
fn old_versions_and_weak_suites_are_refused() {
    let rows: &[&[&str]] = &[
        // OpenSSL itself refuses these below security level 0.
        &["-tls1", "-cipher", "DEFAULT@SECLEVEL=0"],
        &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "AES256-SHA"],
        &["-tls1_2", "-cipher", "AES128-GCM-SHA256"],
        &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA"],
    ];
    let bench = Bench::new("");
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("line");
    std::fs::write(&file, "<14>1 - - - - - - x\n").unwrap();
    for options in rows {
        let mut client = openssl::send(&file, bench.address, &bench.certificates.authority(), options);
        assert!(!client.wait(SOON).success(), "{options:?} was let in");
        bench.ended(&format!("{options:?}"));
    }
    bench.still_works();
}

#[test]
fn octets_that_are_no_handshake_end_the_connection() {
    let rows: &[(&str, &[u8])] = &[
        ("plain syslog", b"<14>1 - - - - - - in the clear\n"),
        ("counted syslog", b"30 <14>1 - - - - - - in the clear"),
        ("HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("zeros", &[0; 100]),
        ("a record of the greatest length", b"\x16\x03\x01\xff\xff\x01\x00"),
        ("an alert", b"\x15\x03\x01\x00\x02\x02\x28"),
        ("application data", b"\x17\x03\x03\x00\x05hello"),
    ];
    let bench = Bench::new("");
    for (name, octets) in rows {
        let mut stream = TcpStream::connect(bench.address).unwrap();
        stream.write_all(octets).unwrap();
        ends(&mut stream, name);
        bench.ended(name);
    }
    bench.still_works();
}

#[test]
fn a_handshake_has_a_deadline() {
    let bench = Bench::new("handshake_timeout = \"1s\"\n");
    let mut silent = TcpStream::connect(bench.address).unwrap();
    ends(&mut silent, "silence");
    bench.ended("silence");
    // The beginning of a handshake buys no more time.
    let mut slow = TcpStream::connect(bench.address).unwrap();
    slow.write_all(b"\x16\x03\x01\x02\x00\x01").unwrap();
    ends(&mut slow, "half a handshake");
    bench.ended("half a handshake");
    // Nor does progress: the first message alone would take a minute at this pace.
    let mut crawling = TcpStream::connect(bench.address).unwrap();
    crawling.set_nodelay(true).unwrap();
    let hello = client_hello(&bench);
    let sent = hello.iter().take_while(|octet| {
        thread::sleep(Duration::from_millis(200));
        crawling.write_all(&[**octet]).is_ok()
    });
    assert!(sent.count() < hello.len(), "the whole handshake message was read");
    bench.ended("a handshake octet by octet");
    bench.still_works();
}

/// The first message of a sound client.
fn client_hello(bench: &Bench) -> Vec<u8> {
    let config = Arc::new(client_config(&bench.certificates, &TLS13, None));
    let mut connection = rustls::ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
    let mut hello = Vec::new();
    connection.write_tls(&mut hello).unwrap();
    hello
}

#[test]
fn the_name_and_the_protocol_that_a_client_asks_for_do_not_matter() {
    let label = "n".repeat(63);
    let long = format!("{label}.{label}.{label}.{}", "n".repeat(61));
    let rows: &[&[&str]] = &[
        &["-tls1_2"],
        &["-tls1_3"],
        &["-servername", "unknown.example"],
        &["-servername", &long],
        &["-servername", "localhost", "-alpn", "h2"],
    ];
    let bench = Bench::new("");
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("line");
    std::fs::write(&file, "<14>1 - - - - - - whoever you are\n").unwrap();
    for (number, options) in rows.iter().enumerate() {
        let mut client = openssl::send(&file, bench.address, &bench.certificates.authority(), options);
        client.wait_for_success(SOON);
        bench.gully.wait_for_delivered(number as u64 + 1, SOON);
    }
    // rustls names no server when it knows it by its address.
    let config = Arc::new(client_config(&bench.certificates, &TLS13, None));
    let mut client = TlsClient::connect_with(bench.address, config, "127.0.0.1").unwrap();
    client.send(&counted(b"<14>1 - - - - - - whoever you are")).unwrap();
    client.close().unwrap();
    bench.gully.wait_for_delivered(rows.len() as u64 + 1, SOON);
    assert!(bench.gully.records().iter().all(|record| record.message() == "whoever you are"));
}

/// Nothing of an old session counts: not its keys, not its certificates, and no early data, which could be sent again by others.
#[test]
fn no_session_is_resumed() {
    let bench = Bench::new("");
    for (round, version) in [&TLS12, &TLS13].into_iter().enumerate() {
        let mut config = client_config(&bench.certificates, version, None);
        config.enable_early_data = true;
        let config = Arc::new(config);
        for time in 1..=3 {
            let mut client = TlsClient::connect_with(bench.address, Arc::clone(&config), "localhost").unwrap();
            assert_ne!(client.connection().handshake_kind(), Some(HandshakeKind::Resumed), "{version:?}");
            assert!(!client.connection().is_early_data_accepted(), "{version:?}");
            client.send(&counted(b"<14>1 - - - - - - anew")).unwrap();
            // A ticket would be in there.
            assert_eq!(client.unread_octets(Duration::from_millis(200)), 0, "{version:?}");
            client.close().unwrap();
            bench.gully.wait_for_delivered(round as u64 * 3 + time, SOON);
        }
    }
}

#[test]
fn new_keys_between_frames_are_taken_and_ten_thousand_at_once_are_not() {
    let bench = Bench::new("");
    let mut client = TlsClient::connect(bench.address, &bench.certificates, &TLS13, None).unwrap();
    for number in 1..=100 {
        client.connection().refresh_traffic_keys().unwrap();
        client.send(&counted(b"<14>1 - - - - - - by new keys")).unwrap();
        bench.gully.wait_for_delivered(number, SOON);
    }
    for _ in 0..10_000 {
        // The server is asked for new keys as well, and what it answers is never read. Sooner or later it has enough.
        if client.connection().refresh_traffic_keys().is_err() || client.flush().is_err() {
            break;
        }
    }
    bench.ended("ten thousand new keys");
    let mut next = TlsClient::connect(bench.address, &bench.certificates, &TLS13, None).unwrap();
    next.send(&counted(b"<14>1 - - - - - - the next")).unwrap();
    next.close().unwrap();
    bench.gully.wait_for_delivered(101, SOON);
    bench.gully.assert_ledger();
}

/// The question is not answered, which harms only who asked.
#[test]
fn a_client_cannot_negotiate_anew() {
    let bench = Bench::new("");
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("line");
    std::fs::write(&file, "R\n<14>1 - - - - - - never\n").unwrap();
    let client = openssl::command_mode(&file, bench.address, &bench.certificates.authority(), &["-tls1_2"]);
    wait_until("a client that asks", SOON, || client.output().contains("RENEGOTIATING"));
    thread::sleep(Duration::from_millis(500));
    assert_eq!(client.output().matches("verify return:1").count(), 2, "the handshake came twice:\n{}", client.output());
    bench.still_works();
}

#[test]
fn nothing_counts_after_a_goodbye() {
    for version in [&TLS12, &TLS13] {
        let bench = Bench::new("");
        let mut client = TlsClient::connect(bench.address, &bench.certificates, version, None).unwrap();
        client.send(&counted(b"<14>1 - - - - - - before")).unwrap();
        client.connection().send_close_notify();
        client.flush().unwrap();
        // A record that cannot be deciphered, and one in the clear.
        let after = [&b"\x17\x03\x03\x00\x20"[..], &[0; 32], b"30 <14>1 - - - - - - after"].concat();
        // It may have closed already.
        client.stream().write_all(&after).ok();
        bench.gully.wait_for_delivered(1, SOON);
        ends(client.stream(), "a goodbye");
        let open = || bench.gully.metrics().sum("gully_connections", &[("listener", "tls")]);
        wait_until("the end of the connection", SOON, || open() == 0);
        assert_eq!(bench.gully.records().len(), 1);
        bench.gully.assert_ledger();
    }
}

#[test]
fn connections_without_a_single_octet_are_probes() {
    let bench = Bench::new("");
    drop(TcpStream::connect(bench.address).unwrap());
    let total = || bench.gully.metrics().sum("gully_connections_total", &[("listener", "tls")]);
    wait_until("an admitted connection", SOON, || total() == 1);
    bench.still_works();
}

/// A TLS listener, and how many connections it has ended so far.
struct Bench {
    certificates: Certificates,
    gully: Gully,
    address: SocketAddr,
    ended: std::cell::Cell<u64>,
}

impl Bench {
    fn new(keys: &str) -> Self {
        let certificates = Certificates::new();
        let mut setup = Setup::new();
        let address = setup.listener("tls", "tls", &format!("{}{keys}", certificates.listener_key("")));
        setup.json_sink();
        Self { certificates, gully: setup.start(), address, ended: std::cell::Cell::new(0) }
    }

    /// Waits until exactly one more connection was ended for a stated reason.
    #[track_caller]
    fn ended(&self, name: &str) {
        let expected = self.ended.get() + 1;
        let of = |counter: &str| self.gully.metrics().sum(counter, &[("listener", "tls")]);
        let counted = || of("gully_connection_faults_total") + of("gully_connection_probes_total");
        wait_until(&format!("an ended connection in the metrics ({name})"), SOON, || counted() >= expected);
        assert_eq!(counted(), expected, "{name}");
        self.ended.set(expected);
    }

    /// The next good sender is served, and nothing that came before was taken for a record.
    #[track_caller]
    fn still_works(&self) {
        let mut client = TlsClient::connect(self.address, &self.certificates, &TLS13, None).unwrap();
        client.send(&counted(b"<14>1 - - - - - - good")).unwrap();
        client.close().unwrap();
        self.gully.wait_for_delivered(1, SOON);
        assert_eq!(self.gully.records()[0].message(), "good");
        self.gully.assert_ledger();
    }
}

/// Waits for the end of the connection. Before the end, TLS may send an alert.
#[track_caller]
fn ends(stream: &mut TcpStream, name: &str) {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut buffer = [0; 256];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock) => panic!("{name}: still open"),
            Err(_) => return,
        }
    }
}
