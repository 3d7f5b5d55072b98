//! Brokers die, freeze and change places under load: nothing is lost, every key keeps its order, and what is there twice is counted.

use std::thread;
use std::time::Duration;

use crate::support::gully::Gully;
use crate::support::kafka::arrivals::Arrivals;
use crate::support::kafka::cluster::Cluster;
use crate::support::load::Load;
use crate::support::setup::Setup;
use crate::support::wait::wait_until;

const TOPIC: &str = "faults";
const SENDERS: usize = 8;
/// Each sender's, after ten messages: together they send a few thousand in a second.
const PAUSE: Duration = Duration::from_millis(20);
/// What a client holds at most, and so what can be there again when it is given up: a queue of 4 MiB, a KiB for each message.
const REPEATED_MAX: u64 = 4 * 1024;
/// How long Kafka may take to get over a fault, and gully to deliver what has gathered.
const RECOVERY: Duration = Duration::from_secs(120);

#[test]
fn a_broker_is_killed_and_restarted_ten_times() {
    under_load(|cluster, _| {
        for id in [1, 2, 3].into_iter().cycle().take(10) {
            cluster.kill(id);
            wait_until("leaders other than the dead broker", RECOVERY, || {
                cluster.admin().partitions(TOPIC).iter().all(|partition| ![id, -1].contains(&partition.leader))
            });
            cluster.restart(id);
            wait_until_whole(cluster);
        }
    });
}

#[test]
fn two_of_three_brokers_are_down_for_a_minute() {
    const DOWN: Duration = Duration::from_secs(60);
    under_load(|cluster, gully| {
        let delivered = || gully.metrics().sum("gully_records_delivered_total", &[]);
        wait_until("a flow", RECOVERY, || delivered() > 1_000);
        cluster.kill(1);
        cluster.kill(2);
        thread::sleep(DOWN);
        // One replica is too few: whatever came is held.
        let held = delivered();
        assert_eq!(gully.readiness(), Some(200));
        assert_eq!(gully.metrics().sum("gully_sink_stalled", &[]), 1);
        cluster.restart(1);
        cluster.restart(2);
        wait_until("the flow again", RECOVERY, || delivered() > held + 1_000);
        wait_until_whole(cluster);
    });
}

#[test]
fn leaders_are_moved_again_and_again() {
    under_load(|cluster, gully| {
        let delivered = || gully.metrics().sum("gully_records_delivered_total", &[]);
        for _ in 0..20 {
            let before = delivered();
            cluster.admin().move_leaders(TOPIC);
            wait_until("records by the new leaders", RECOVERY, || delivered() > before + 1_000);
        }
    });
}

#[test]
fn a_broker_is_frozen_for_45_seconds() {
    const FROZEN: Duration = Duration::from_secs(45);
    under_load(|cluster, _| {
        cluster.freeze(1);
        thread::sleep(FROZEN);
        cluster.thaw(1);
        wait_until_whole(cluster);
    });
}

/// Sends to three brokers while `fault` does what it does, and judges what arrived.
#[track_caller]
fn under_load(fault: impl FnOnce(&Cluster, &Gully)) {
    let cluster = Cluster::three();
    cluster.admin().create_topic(TOPIC, 6, 3, &[]);
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.kafka_sink("records", &cluster.brokers(), TOPIC, "encoding = \"raw\"\nkey = \"hostname\"");
    let gully = setup.start();
    let load = Load::start(address, SENDERS, PAUSE);
    fault(&cluster, &gully);
    let sent = load.stop();
    gully.wait_for_delivered(sent.count(), RECOVERY);

    let arrivals = Arrivals::of(&cluster, TOPIC);
    let repeated = arrivals.assert_complete(&sent);
    let rebuilds = gully.metrics().sum("gully_kafka_rebuilds_total", &[]);
    println!("{} records, {repeated} of them twice, {rebuilds} clients given up", sent.count());
    assert!(repeated <= rebuilds * REPEATED_MAX, "{repeated} records twice by {rebuilds} clients that were given up");
    gully.assert_ledger();
}

/// Waits until every partition has all of its replicas again.
#[track_caller]
fn wait_until_whole(cluster: &Cluster) {
    wait_until("three replicas of everything", RECOVERY, || {
        cluster.admin().partitions(TOPIC).iter().all(|partition| partition.in_sync.len() == 3)
    });
}
