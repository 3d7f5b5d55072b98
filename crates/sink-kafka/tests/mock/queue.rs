//! A client's queue that is smaller than what is to go through it.

use crate::support::{Bench, Cluster, Done, Plan, SOON};

const MIB: usize = 1 << 20;

#[test]
fn a_delivery_goes_through_a_queue_that_is_smaller() {
    let cluster = Cluster::new(1, 2);
    let mut plan = Plan::of(&cluster);
    plan.sink.queue_bytes = MIB as u64;
    let mut bench = Bench::start(plan);
    bench.append(4096, 1024);
    bench.append_sizes(&[MIB / 2; 8]);
    bench.settle(SOON);
    assert_eq!(bench.finish(&cluster), Done::smoothly());
}

#[test]
fn a_record_that_is_larger_than_the_queue_is_rejected_alone() {
    let cluster = Cluster::new(1, 2);
    let mut plan = Plan::of(&cluster);
    plan.sink.queue_bytes = MIB as u64;
    let mut bench = Bench::start(plan);
    bench.append_sizes(&[100, MIB, MIB + 1, 100, 3 * MIB]);
    bench.settle(SOON);
    let letters = vec![(2, "too_large"), (4, "too_large")];
    assert_eq!(bench.finish(&cluster), Done { letters, ..Done::smoothly() });
}
