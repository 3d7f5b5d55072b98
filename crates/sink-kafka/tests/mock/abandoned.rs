//! The deadline of a drain, with brokers that do not answer.

use std::time::Duration;

use sink::Outcome;

use crate::support::{Bench, Cluster, Plan, SOON, at_once};

/// Ending a client takes a second or so.
const END: Duration = Duration::from_secs(5);

#[test]
fn at_the_deadline_what_is_left_is_counted_exactly() {
    at_once(&[32 << 20, 1 << 20], |&queue_bytes| {
        let cluster = Cluster::new(1, 2);
        let mut plan = Plan::of(&cluster);
        plan.sink.queue_bytes = queue_bytes;
        let mut bench = Bench::start(plan);
        bench.append(300, 100);
        bench.settle(SOON);
        cluster.go_down();
        bench.append(5_000, 1000);
        bench.append(700, 100);
        bench.alarm("unreachable", SOON);
        let (outcome, ledger) = bench.abandon(END);
        assert_eq!(outcome, Outcome { left_records: 5_700, left_octets: 5_070_000, closed: true });
        assert_eq!((ledger.delivered(), ledger.dropped()), (300, 5_700));
    });
}
