//! Requests that brokers find too large.

use std::time::Duration;

use rdkafka::types::RDKafkaErrorCode::MessageSizeTooLarge;

use crate::support::{Bench, CLASSES, Cluster, Done, GOOD, Plan, SOON, classes_by_partition, in_turn, property};

#[test]
fn batches_get_smaller_until_brokers_take_them() {
    let cluster = Cluster::new(1, 1);
    let mut bench = Bench::start(Plan::of(&cluster).with([in_turn()]));
    cluster.refuse([MessageSizeTooLarge; 3]);
    bench.append(3_000, 500);
    bench.settle(SOON);
    assert_eq!(bench.finish(&cluster), Done { rebuilds: 3, ..Done::smoothly() });
}

#[test]
fn a_record_that_is_too_large_alone_is_rejected_and_its_neighbours_arrive_in_order() {
    let cluster = Cluster::new(1, 1);
    // The small ones before it wait for each other, so that they make one request.
    let mut bench = Bench::start(Plan::of(&cluster).with([in_turn(), property("linger.ms", "200")]));
    cluster.refuse([GOOD, MessageSizeTooLarge]);
    bench.append_sizes(&[100, 100, 1_500_000, 100, 100]);
    bench.append(100, 100);
    bench.settle(SOON);
    let expected = Done { letters: vec![(2, "too_large")], rebuilds: 1, ..Done::smoothly() };
    assert_eq!(bench.finish(&cluster), expected);
}

#[test]
fn a_record_that_shared_a_batch_that_was_too_large_is_not_too_large_itself() {
    let cluster = Cluster::new(2, 2);
    cluster.lead(0);
    let mut bench = Bench::start(Plan::of(&cluster).with([property("linger.ms", "100")]));
    bench.append(CLASSES.len(), 100);
    bench.settle(SOON);
    let of_broker = classes_by_partition(&cluster);
    // The requests to both brokers are refused, and the second refusal comes when the client is already on its way out.
    cluster.answer_after(1, Duration::from_millis(200));
    cluster.answer_after(2, Duration::from_millis(600));
    cluster.refuse([MessageSizeTooLarge; 2]);
    bench.append_of(of_broker[0], &[100; 10]);
    bench.append_of(of_broker[1], &[100, 100, 600_000, 100, 100, 100]);
    bench.rebuilt(1, SOON);
    (1..=2).for_each(|broker| cluster.answer_after(broker, Duration::ZERO));
    bench.settle(SOON);
    assert_eq!(bench.finish(&cluster), Done { rebuilds: 1, ..Done::smoothly() });
}
