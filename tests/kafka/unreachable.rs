//! No Kafka at the start, and for two minutes: gully is there, holds what its memory allows, and delivers it when Kafka comes.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::gully::Gully;
use crate::support::kafka::arrivals::Arrivals;
use crate::support::kafka::cluster::Cluster;
use crate::support::load::send_all;
use crate::support::sequence::Sent;
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

const SENDERS: usize = 16;
/// By each sender, of four KiB: 384 MiB in all, where 64 may be held.
const MESSAGES: u64 = 6_000;
const MESSAGE_BYTES: usize = 4 * 1024;
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn at_the_start_and_for_two_minutes() {
    const DOWN: Duration = Duration::from_secs(120);
    let cluster = cluster_with("unreachable");
    cluster.kill(1);
    let (setup, address) = setup(&cluster, "unreachable");
    let bound_bytes = setup.memory_bound_bytes();
    let started = Instant::now();
    // Starts, and is ready, or this does not return.
    let gully = setup.start();
    let sender = thread::spawn(move || send_all(address, SENDERS, MESSAGES, MESSAGE_BYTES));
    wait_until_held_back(&gully);
    thread::sleep(DOWN.saturating_sub(started.elapsed()));
    assert_eq!(gully.readiness(), Some(200));
    // The sink speaks of Kafka, the listener of the senders that wait: of each a line in 30 s at most.
    let log = gully.log();
    for subject in ["sink=\"records\"", "listener=\"tcp\""] {
        let complaints = log.lines().filter(|line| line.contains(" WARN ") && line.contains(subject)).count();
        assert!((1..=5).contains(&complaints), "{complaints} lines about {subject} in two minutes:\n{log}");
    }
    let recovered = |log: &str| log.contains("works again");
    assert!(!recovered(&log), "nothing has arrived yet:\n{log}");

    cluster.restart(1);
    assert_all_arrives(&cluster, "unreachable", &gully, &sender.join().unwrap());
    gully.assert_memory_within(bound_bytes);
    wait_until("a word about it", SOON, || recovered(&gully.log()));
}

#[test]
fn memory_stays_within_the_printed_bound_while_the_only_broker_is_frozen() {
    const FROZEN: Duration = Duration::from_secs(45);
    let cluster = cluster_with("stalled");
    let (setup, address) = setup(&cluster, "stalled");
    let bound_bytes = setup.memory_bound_bytes();
    let gully = setup.start();
    let sender = thread::spawn(move || send_all(address, SENDERS, MESSAGES, MESSAGE_BYTES));
    wait_until("a flow", SOON, || gully.metrics().sum("gully_records_delivered_total", &[]) > 0);
    cluster.freeze(1);
    let frozen = Instant::now();
    wait_until_held_back(&gully);
    gully.assert_memory_within(bound_bytes);
    // Long enough for every request under way to be given up, more than once.
    thread::sleep(FROZEN.saturating_sub(frozen.elapsed()));

    cluster.thaw(1);
    assert_all_arrives(&cluster, "stalled", &gully, &sender.join().unwrap());
    gully.assert_memory_within(bound_bytes);
}

fn cluster_with(topic: &str) -> Cluster {
    let cluster = Cluster::one();
    cluster.admin().create_topic(topic, 4, 1, &[]);
    cluster
}

/// A gully that may hold far less than what the senders have.
fn setup(cluster: &Cluster, topic: &str) -> (Setup, SocketAddr) {
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "connections_max = 64\n");
    setup.table("limits", "memory = \"64MiB\"");
    setup.kafka_sink("records", &cluster.brokers(), topic, "encoding = \"raw\"\nkey = \"hostname\"");
    (setup, address)
}

/// Waits until gully has stopped reading, though the senders have more.
#[track_caller]
fn wait_until_held_back(gully: &Gully) {
    let accepted = || gully.metrics().sum("gully_records_accepted_total", &[]);
    let mut before = 0;
    wait_until("senders that are held back", PATIENCE, || {
        let last = std::mem::replace(&mut before, accepted());
        thread::sleep(Duration::from_secs(1));
        last == before && before > 0
    });
    assert!(before < SENDERS as u64 * MESSAGES, "nothing held the senders back");
    gully.assert_ledger();
}

#[track_caller]
fn assert_all_arrives(cluster: &Cluster, topic: &str, gully: &Gully, sent: &Sent) {
    gully.wait_for_delivered(sent.count(), PATIENCE);
    let repeated = Arrivals::of(cluster, topic).assert_complete(sent);
    println!("{} records, {repeated} of them twice", sent.count());
    gully.assert_ledger();
}
