//! What TERM does, and what the exit code says about it.

use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::background::Background;
use crate::support::client::{End, counted, end_of, send};
use crate::support::sequence::{Sequences, numbered};
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

#[test]
fn without_connections_it_stops_at_once_and_has_delivered_everything() {
    let (gully, addresses) = Setup::plain(&["tcp", "udp"]);
    send(addresses[0], &counted(b"<14>1 - - - - - - the last words"));
    let accepted = || gully.metrics().sum("gully_records_accepted_total", &[]);
    wait_until("an accepted record", SOON, || accepted() == 1);
    let started = Instant::now();
    let exit = gully.stop();
    assert_eq!(exit.code, Some(0));
    assert_eq!(exit.records().len(), 1);
    // The default of drain.timeout is 30 s: nobody waited for it.
    assert!(started.elapsed() < Duration::from_secs(25));
}

#[test]
fn a_connection_is_read_to_its_end_before_the_stop() {
    let (gully, addresses) = Setup::plain(&["tcp"]);
    let mut stream = TcpStream::connect(addresses[0]).unwrap();
    let frame = |number| counted(format!("<14>1 - - - - - - {}", numbered("late", number)).as_bytes());
    stream.write_all(&frame(0)).unwrap();
    gully.wait_for_delivered(1, SOON);

    gully.terminate();
    wait_until("a gully that says it is not ready", SOON, || gully.readiness() == Some(503));
    wait_until("a closed listener", SOON, || TcpStream::connect(addresses[0]).is_err());
    for number in 1..100 {
        stream.write_all(&frame(number)).unwrap();
        thread::sleep(Duration::from_millis(5));
    }
    drop(stream);

    let exit = gully.wait(SOON);
    assert_eq!(exit.code, Some(0));
    let records = exit.records();
    Sequences::of(records.iter().map(|record| record.message())).assert_complete("late", 100);
}

/// Datagrams have no end to wait for: once accepting is over, what is in the receive buffer is taken and no more.
#[test]
fn datagrams_that_keep_coming_do_not_hold_up_the_stop() {
    let mut setup = Setup::new();
    let address = setup.listener("udp", "udp", "");
    setup.table("drain", "timeout = \"10m\"");
    setup.json_sink();
    let gully = setup.start();
    let _flow = Background::start(move |go_on| {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        while go_on() {
            // Once gully is gone, the kernel may say so.
            socket.send_to(b"<14>1 - - - - - - steady", address).ok();
            thread::sleep(Duration::from_micros(200));
        }
    });
    let accepted = || gully.metrics().sum("gully_records_accepted_total", &[]);
    wait_until("a steady flow", SOON, || accepted() > 1_000);
    gully.terminate();
    let exit = gully.wait(SOON);
    assert_eq!(exit.code, Some(0), "{}", exit.output);
    assert!(exit.records().len() > 1_000);
}

#[test]
fn before_the_drain_it_still_accepts_though_it_is_not_ready() {
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.table("drain", "pre = \"3s\"\ntimeout = \"10s\"");
    setup.json_sink();
    let gully = setup.start();
    gully.terminate();
    wait_until("a gully that says it is not ready", SOON, || gully.readiness() == Some(503));
    send(address, &counted(b"<14>1 - - - - - - just in time"));
    let exit = gully.wait(SOON);
    assert_eq!(exit.code, Some(0));
    assert_eq!(exit.records().len(), 1);
}

#[test]
fn a_connection_that_stays_open_is_closed_at_the_deadline_and_named() {
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.table("drain", "timeout = \"1s\"");
    setup.json_sink();
    let gully = setup.start();
    let mut stream = TcpStream::connect(address).unwrap();
    let peer = stream.local_addr().unwrap().to_string();
    stream.write_all(&counted(b"<14>1 - - - - - - still here")).unwrap();
    gully.wait_for_delivered(1, SOON);

    gully.terminate();
    assert_eq!(end_of(&mut stream, SOON), End::Closed);
    let exit = gully.wait(SOON);
    // Nothing that was received is missing.
    assert_eq!(exit.code, Some(0));
    assert!(exit.output.contains(&peer), "does not name {peer}:\n{}", exit.output);
}

#[test]
fn deliveries_that_no_sink_could_take_make_it_say_so_with_code_75() {
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.table("drain", "timeout = \"1s\"");
    setup.json_sink();
    let gully = setup.start();
    gully.limit_file_bytes(Some(0));
    for _ in 0..7 {
        send(address, &counted(b"<14>1 - - - - - - stranded"));
    }
    let in_flight = || gully.metrics().sum("gully_records_in_flight", &[("sink", "records")]);
    wait_until("seven records in flight", SOON, || in_flight() == 7);

    let exit = gully.stop();
    assert_eq!(exit.code, Some(75));
    let last = exit.last_line();
    let says = |word: &str| last.contains(word);
    assert!(says("7 deliveries") && (says("octets") || says("bytes")), "the last line is {last:?}");
}

#[test]
fn a_second_term_hurries() {
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.table("drain", "timeout = \"10m\"");
    setup.json_sink();
    let gully = setup.start();
    let _stays_open = TcpStream::connect(address).unwrap();
    let open = || gully.metrics().sum("gully_connections", &[("listener", "tcp")]);
    wait_until("an open connection", SOON, || open() == 1);
    gully.terminate();
    wait_until("a gully that says it is not ready", SOON, || gully.readiness() == Some(503));
    gully.terminate();
    assert_eq!(gully.wait(SOON).code, Some(0));
}
