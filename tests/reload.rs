//! HUP: files are opened anew and certificates loaded anew, and nobody who is connected notices.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustls::version::TLS13;

use crate::support::certificates::Certificates;
use crate::support::client::{TlsClient, counted};
use crate::support::sequence::{Sequences, numbered};
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

/// What logrotate does in its `create` mode: rename, then HUP.
#[test]
fn files_that_are_renamed_under_load_lose_nothing_and_repeat_nothing() {
    const ROTATIONS: u64 = 5;
    /// Short enough that every rename comes in the middle of the stream.
    const PAUSE: Duration = Duration::from_micros(200);
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.file_sink("records", "all.log", "raw");
    let gully = setup.start();
    let rotated = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&rotated);
    let sender = thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        let mut sent = 0;
        while !until.load(Ordering::Relaxed) {
            stream.write_all(&counted(numbered("sender", sent).as_bytes())).unwrap();
            sent += 1;
            thread::sleep(PAUSE);
        }
        sent
    });
    let live = gully.directory().join("all.log");
    let renamed = |rotation| gully.directory().join(format!("all.log.{rotation}"));
    for rotation in 0..ROTATIONS {
        wait_until("the live file", SOON, || live.exists());
        fs::rename(&live, renamed(rotation)).unwrap();
        gully.hang_up();
        thread::sleep(Duration::from_millis(50));
    }
    rotated.store(true, Ordering::Relaxed);
    let sent = sender.join().unwrap();
    gully.wait_for_delivered(sent, SOON);
    let mut text: String = (0..ROTATIONS).map(|rotation| fs::read_to_string(renamed(rotation)).unwrap()).collect();
    // The last rename may have come after the last record.
    text.push_str(&fs::read_to_string(&live).unwrap_or_default());
    Sequences::of(text.lines()).assert_complete("sender", sent);
    gully.assert_ledger();
    assert_eq!(gully.stop().code, Some(0));
}

#[test]
fn a_certificate_that_is_replaced_serves_new_connections_and_leaves_old_ones_alone() {
    let (old, new) = (Certificates::new(), Certificates::new());
    let mut setup = Setup::new();
    let address = setup.listener("tls", "tls", &old.listener_key(""));
    setup.json_sink();
    let gully = setup.start();
    let mut early = TlsClient::connect(address, &old, &TLS13, None).unwrap();
    assert!(TlsClient::connect(address, &new, &TLS13, None).is_err(), "the new certificate is not there yet");

    fs::copy(new.server(), old.server()).unwrap();
    fs::copy(new.server_key(), old.server_key()).unwrap();
    gully.hang_up();
    let mut late = None;
    wait_until("the new certificate", SOON, || {
        late = TlsClient::connect(address, &new, &TLS13, None).ok();
        late.is_some()
    });
    early.send(&counted(b"<14>1 - - - - - - early")).unwrap();
    late.as_mut().unwrap().send(&counted(b"<14>1 - - - - - - late")).unwrap();
    gully.wait_for_delivered(2, SOON);
    gully.assert_ledger();
}

#[test]
fn a_broken_certificate_leaves_the_one_in_use() {
    let certificates = Certificates::new();
    let mut setup = Setup::new();
    let address = setup.listener("tls", "tls", &certificates.listener_key(""));
    setup.json_sink();
    let gully = setup.start();
    fs::write(certificates.server(), "no certificate").unwrap();
    gully.hang_up();
    wait_until("a word about it", SOON, || gully.log().contains("stays in use"));
    let mut client = TlsClient::connect(address, &certificates, &TLS13, None).unwrap();
    client.send(&counted(b"<14>1 - - - - - - still here")).unwrap();
    gully.wait_for_delivered(1, SOON);
}
