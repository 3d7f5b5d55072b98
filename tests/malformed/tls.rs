//! Peers that do not speak TLS as it is spoken here.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustls::version::TLS13;
use tempfile::TempDir;

use crate::support::certificates::Certificates;
use crate::support::client::{TlsClient, counted};
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
    bench.still_works();
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
