//! Senders that never finish a frame do not stop one that does, be they many or their frames large.

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use crate::support::background::Background;
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
    let slow = Background::start(move |go_on| trickle(address, go_on));
    let open = || gully.metrics().sum("gully_connections", &[("listener", "tcp")]);
    wait_until("a thousand connections", SOON, || open() >= SLOW as u64);

    let good: Vec<u8> = (0..MESSAGES)
        .flat_map(|number| counted(format!("<14>1 - - - - - - {}", numbered("good", number)).as_bytes()))
        .collect();
    send(address, &good);
    gully.wait_for_delivered(MESSAGES, SOON);
    let records = gully.records();
    Sequences::of(records.iter().map(|record| record.message())).assert_complete("good", MESSAGES);

    drop(slow);
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

/// Together the frames need many times the memory there is, and they grow side by side, so that it is used up while all of them
/// want more. Their deadlines must run although none is read on.
#[test]
fn large_unfinished_frames_give_their_memory_back() {
    raise_file_limit();
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "frame_timeout = \"3s\"\n");
    setup.table("limits", "memory = \"16MiB\"");
    setup.json_sink();
    let gully = setup.start();
    let _slow = Background::start(move |go_on| swell(address, go_on));
    let alarms = || gully.metrics().sum("gully_read_stall_alarms_total", &[]);
    wait_until("connections that wait for memory", SOON, || alarms() > 0);

    for number in 0..3 {
        send(address, &counted(format!("<14>1 - - - - - - {}", numbered("good", number)).as_bytes()));
        // Some deadlines' time, and much more for a busy machine.
        gully.wait_for_delivered(number + 1, Duration::from_secs(60));
    }
    let records = gully.records();
    Sequences::of(records.iter().map(|record| record.message())).assert_complete("good", 3);
    gully.assert_ledger();
}

/// Holds three hundred connections, each with all but the end of a large frame, a slice at a time, as far as gully takes it.
fn swell(address: SocketAddr, go_on: &dyn Fn() -> bool) {
    let frame = counted(&[b'x'; 255 * 1024]);
    let unfinished = &frame[..frame.len() - 1];
    let connect = |_| {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nonblocking(true).unwrap();
        (stream, unfinished)
    };
    let mut streams: Vec<_> = (0..300).map(connect).collect();
    while go_on() {
        for (stream, rest) in &mut streams {
            match stream.write(&rest[..rest.len().min(8 * 1024)]) {
                Ok(count) => *rest = &rest[count..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // Its deadline was over.
                Err(_) => *rest = &[],
            }
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Holds [`SLOW`] connections with an unfinished frame each, and adds an octet to every one of them now and then.
fn trickle(address: SocketAddr, go_on: &dyn Fn() -> bool) {
    let connect = |_| TcpStream::connect(address).unwrap();
    let mut streams: Vec<_> = (0..SLOW).map(connect).collect();
    streams.iter_mut().for_each(|stream| stream.write_all(b"9999 <14>1 - ").unwrap());
    while go_on() {
        streams.iter_mut().for_each(|stream| stream.write_all(b"x").unwrap());
        thread::sleep(Duration::from_millis(200));
    }
}
