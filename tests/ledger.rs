//! Nothing is lost silently: the counters account for every record, with several sinks and while one of them stands still.

use std::fs;
use std::net::UdpSocket;

use crate::support::client::{counted, send};
use crate::support::corpus::lines;
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

#[test]
fn every_record_is_accounted_for_by_listener_and_by_sink() {
    let mut setup = Setup::new();
    let tcp = setup.listener("tcp", "tcp", "frame_bytes_max = \"1KiB\"\n");
    let udp = setup.listener("udp", "udp", "");
    let sink = |path: &str, take: &str| format!("kind = \"file\"\npath = \"{path}\"\ntake = [{take}]");
    setup.table("sink.foundation", &sink("foundation.jsonl", "\"cf.*\", \"bosh.*\""));
    setup.table("sink.clusters", &sink("clusters.jsonl", "\"k8s.audit\", \"ucp.audit\", \"pks.*\", \"cf.uaa.audit\""));
    let gully = setup.start();

    // Classes of both sinks, of one, of none; frames that are cut; a broken count at the end, which is kept as a record, too.
    const BROKEN: usize = 1;
    let mut lines = lines();
    lines.retain(|line| !line.without_trailer().is_empty());
    let mut stream: Vec<u8> = lines.iter().flat_map(|line| counted(line.message.as_bytes())).collect();
    stream.extend_from_slice(b"007 <14>1 -");
    send(tcp, &stream);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for octets in [&b"hello"[..], b"", b"\xff\xfe", b"<14>1 - - - - - - x"] {
        socket.send_to(octets, udp).unwrap();
    }

    let sum = |name: &str, label: (&str, &str)| gully.metrics().sum(name, &[label]);
    let accepted = |listener: &str| sum("gully_records_accepted_total", ("listener", listener));
    wait_until("all records accepted", SOON, || {
        accepted("tcp") == (lines.len() + BROKEN) as u64 && accepted("udp") == 3
    });
    assert_eq!(sum("gully_frames_empty_total", ("listener", "udp")), 1);
    assert_eq!(sum("gully_connection_faults_total", ("listener", "tcp")), 1);

    let wanted = |prefixes: &[&str]| {
        let takes = |class: &str| prefixes.iter().any(|prefix| class.starts_with(prefix));
        lines.iter().filter(|line| takes(&line.class)).count()
    };
    for (sink, prefixes) in
        [("foundation", &["cf.", "bosh."][..]), ("clusters", &["k8s.audit", "ucp.audit", "pks.", "cf.uaa.audit"])]
    {
        let wanted = wanted(prefixes);
        wait_until(sink, SOON, || sum("gully_records_delivered_total", ("sink", sink)) == wanted as u64);
        let text = fs::read_to_string(gully.directory().join(format!("{sink}.jsonl"))).unwrap();
        assert_eq!(text.lines().count(), wanted, "{sink}");
    }
    let nobody = lines.len() + BROKEN + 3 - wanted(&["cf.", "bosh.", "k8s.audit", "ucp.audit", "pks."]);
    assert_eq!(sum("gully_records_dropped_total", ("reason", "no_sink")), nobody as u64);
    gully.assert_ledger();
}

#[test]
fn records_that_wait_for_a_stalled_sink_are_in_flight() {
    let (gully, addresses) = Setup::plain(&["tcp"]);
    gully.limit_file_bytes(Some(0));
    let frames: Vec<u8> = (0..500).flat_map(|_| counted(b"<14>1 - - - - - - waits")).collect();
    send(addresses[0], &frames);
    let in_flight = || gully.metrics().sum("gully_records_in_flight", &[("sink", "records")]);
    wait_until("500 records in flight", SOON, || in_flight() == 500);
    gully.assert_ledger();
    assert_eq!(gully.metrics().sum("gully_records_delivered_total", &[]), 0);

    gully.limit_file_bytes(None);
    gully.wait_for_delivered(500, SOON);
    assert_eq!(in_flight(), 0);
    assert_eq!(gully.records().len(), 500);
    gully.assert_ledger();
}
