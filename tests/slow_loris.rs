//! A thousand senders that never finish a frame do not stop one that does.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::client::{counted, send};
use crate::support::process::raise_file_limit;
use crate::support::sequence::{Sequences, numbered};
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

const SLOW: usize = 1_000;
const MESSAGES: u64 = 20_000;

#[test]
fn a_thousand_slow_connections_do_not_stop_a_good_sender() {
    raise_file_limit();
    let (gully, addresses) = Setup::plain(&["tcp"]);
    let address = addresses[0];
    let over = Arc::new(AtomicBool::new(false));
    let slow = {
        let over = Arc::clone(&over);
        thread::spawn(move || trickle(address, &over))
    };
    let open = || gully.metrics().sum("gully_connections", &[("listener", "tcp")]);
    wait_until("a thousand connections", SOON, || open() >= SLOW as u64);

    let good: Vec<u8> = (0..MESSAGES)
        .flat_map(|number| counted(format!("<14>1 - - - - - - {}", numbered("good", number)).as_bytes()))
        .collect();
    send(address, &good);
    gully.wait_for_delivered(MESSAGES, SOON);
    let records = gully.records();
    Sequences::of(records.iter().map(|record| record.message())).assert_complete("good", MESSAGES);

    over.store(true, Ordering::Relaxed);
    slow.join().unwrap();
    gully.assert_ledger();
}

#[test]
fn a_frame_that_takes_too_long_ends_its_connection_and_no_other() {
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "frame_timeout = \"1s\"\n");
    setup.json_sink();
    let gully = setup.start();

    let mut patient = TcpStream::connect(address).unwrap();
    patient.write_all(&counted(b"<14>1 - - - - - - first")).unwrap();
    let mut slow = TcpStream::connect(address).unwrap();
    slow.write_all(b"50 <14>1 - - - ").unwrap();
    let faults = || gully.metrics().sum("gully_connection_faults_total", &[("listener", "tcp")]);
    wait_until("the end of the slow connection", SOON, || faults() == 1);

    // This one was idle between its frames for longer than a frame may take.
    patient.write_all(&counted(b"<14>1 - - - - - - second")).unwrap();
    gully.wait_for_delivered(2, SOON);
    let messages: Vec<_> = gully.records().iter().map(|record| record.message().to_owned()).collect();
    assert_eq!(messages, ["first", "second"]);
}

/// Holds [`SLOW`] connections with an unfinished frame each, and adds an octet to every one of them now and then.
fn trickle(address: SocketAddr, over: &AtomicBool) {
    let connect = |_| TcpStream::connect(address).unwrap();
    let mut streams: Vec<_> = (0..SLOW).map(connect).collect();
    streams.iter_mut().for_each(|stream| stream.write_all(b"9999 <14>1 - ").unwrap());
    while !over.load(Ordering::Relaxed) {
        streams.iter_mut().for_each(|stream| stream.write_all(b"x").unwrap());
        thread::sleep(Duration::from_millis(200));
    }
}
