//! A million records, when nothing fails.

use std::time::Duration;

use crate::support::kafka::arrivals::Arrivals;
use crate::support::kafka::cluster::Cluster;
use crate::support::load::send_all;
use crate::support::setup::Setup;

#[test]
fn a_million_records_arrive_once_and_in_the_order_of_their_keys() {
    const SENDERS: usize = 20;
    const EACH: u64 = 50_000;
    let cluster = Cluster::shared();
    cluster.admin().create_topic("million", 8, 1, &[]);
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.kafka_sink("records", &cluster.brokers(), "million", "encoding = \"raw\"\nkey = \"hostname\"");
    let gully = setup.start();

    let sent = send_all(address, SENDERS, EACH, 0);
    gully.wait_for_delivered(1_000_000, Duration::from_secs(120));
    let arrivals = Arrivals::of(&cluster, "million");
    assert_eq!(arrivals.records(), 1_000_000);
    arrivals.assert_once(&sent);
    assert_eq!(gully.metrics().sum("gully_kafka_rebuilds_total", &[]), 0);
    gully.assert_ledger();
    assert_eq!(gully.stop().code, Some(0));
}
