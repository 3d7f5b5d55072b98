//! No cluster at all.

use std::net::TcpListener;
use std::time::Duration;

use sink::Outcome;

use crate::support::{Bench, Plan, at_once};

/// Five seconds of silence, a second until somebody looks, and room for a busy machine.
const NOTICED: Duration = Duration::from_secs(15);

/// A port that nobody listens at.
fn closed_port() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("it is bound").to_string()
}

#[test]
fn a_cluster_that_is_not_there_is_an_alarm() {
    // With room in the client's queue for all, and without.
    at_once(&[(32 << 20, 100), (1 << 20, 10_000)], |&(queue_bytes, records)| {
        let mut plan = Plan::new(vec![closed_port()]);
        plan.sink.queue_bytes = queue_bytes;
        let mut bench = Bench::start(plan);
        bench.append(records, 1000);
        let alarm = bench.alarm("unreachable", NOTICED);
        assert!(alarm.what.contains("refused"), "{alarm:?}");
        let left = records as u64;
        let (outcome, ledger) = bench.abandon(Duration::from_secs(5));
        assert_eq!(outcome, Outcome { left_records: left, left_octets: left * 1000, closed: true });
        assert_eq!((ledger.delivered(), ledger.dropped()), (0, left));
    });
}
