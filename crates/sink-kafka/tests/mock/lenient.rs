//! Many rejected records, for which clients do not end any more.

use std::time::Duration;

use rdkafka::types::RDKafkaErrorCode::{InvalidRecord, MessageSizeTooLarge};

use crate::support::{Bench, Cluster, Done, Plan, SOON, at_once, in_turn, property};

/// A record of this many octets has a batch of its own.
const LARGE: usize = 1_100_000;

#[test]
fn many_rejected_records_do_not_hold_the_others_up() {
    let cluster = Cluster::new(1, 1);
    let mut bench = Bench::start(Plan::of(&cluster).with([in_turn(), property("linger.ms", "50")]));
    cluster.refuse([MessageSizeTooLarge; 15]);
    bench.append(15, LARGE);
    bench.append(100, 100);
    bench.settle(SOON);
    // A few clients end for it, then no more.
    assert!(bench.rebuilds() < 5, "{} clients for 15 records", bench.rebuilds());
    // Still, a record is given up only when it is certain which one is at fault.
    cluster.refuse([InvalidRecord]);
    bench.append(1000, 100);
    bench.settle(SOON);
    let done = bench.finish(&cluster);
    assert_eq!(done.letters, (0..15).map(|sequence| (sequence, "too_large")).collect::<Vec<_>>());
    assert_eq!((done.duplicates, done.retried), (0, vec![]));
}

#[test]
fn rejections_that_are_reported_while_others_are_handed_over_are_not_overlooked() {
    at_once(&[(InvalidRecord, "invalid_record"), (MessageSizeTooLarge, "too_large")], |&(code, reason)| {
        let cluster = Cluster::new(1, 1);
        let mut plan = Plan::of(&cluster).with([property("linger.ms", "0")]);
        // Each batch of the journal is a delivery.
        plan.driver.delivery_bytes_max = 1;
        let mut bench = Bench::start(plan);
        // After some clients that ended for a rejected record, the next ones go on.
        for _ in 0..4 {
            cluster.refuse([MessageSizeTooLarge]);
            bench.append(1, LARGE);
            bench.settle(SOON);
        }
        let rebuilds = bench.rebuilds();
        // Two more, and another delivery that is handed over for longer than their answers take.
        cluster.answer_after(1, Duration::from_millis(40));
        cluster.refuse([code; 2]);
        bench.append(2, LARGE);
        bench.append(30_000, 100);
        bench.settle(SOON);
        let early = (0..4).map(|sequence| (sequence, "too_large"));
        let letters = early.chain([(4, reason), (5, reason)]).collect();
        assert_eq!(bench.finish(&cluster), Done { letters, rebuilds, ..Done::smoothly() });
    });
}
