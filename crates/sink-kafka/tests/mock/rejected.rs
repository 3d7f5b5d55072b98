//! Records that brokers will never take.

use rdkafka::types::RDKafkaErrorCode::{InvalidRecord, InvalidTimestamp};

use crate::support::{Bench, Cluster, Done, GOOD, Plan, SOON, at_once, in_turn, property};

#[test]
fn a_rejected_record_becomes_a_dead_letter_and_its_neighbours_arrive_in_order() {
    at_once(&[(InvalidRecord, "invalid_record"), (InvalidTimestamp, "invalid_timestamp")], |&(code, reason)| {
        let cluster = Cluster::new(1, 1);
        // A request for each record, so that the mock's answer is about one.
        let mut bench = Bench::start(Plan::of(&cluster).with([in_turn(), property("batch.num.messages", "1")]));
        cluster.refuse([GOOD, GOOD, code]);
        bench.append(10, 100);
        bench.settle(SOON);
        let expected = Done { letters: vec![(2, reason)], rebuilds: 1, ..Done::smoothly() };
        assert_eq!(bench.finish(&cluster), expected);
    });
}

#[test]
fn when_the_broker_does_not_say_which_record_it_rejects_no_neighbour_is_given_up() {
    let cluster = Cluster::new(1, 1);
    let mut bench = Bench::start(Plan::of(&cluster).with([in_turn(), property("linger.ms", "100")]));
    bench.append(1, 100);
    bench.settle(SOON);
    // The request with all ten is rejected as a whole, then the third of those that come one by one.
    cluster.refuse([InvalidRecord, GOOD, GOOD, InvalidRecord]);
    bench.append(10, 100);
    bench.settle(SOON);
    // Afterwards they travel together again.
    bench.append(1000, 100);
    bench.settle(SOON);
    let done = bench.finish(&cluster);
    assert_eq!((done.letters, done.duplicates, done.retried), (vec![(3, "invalid_record")], 0, vec![]));
}

#[test]
fn rejections_wait_for_the_dead_letters_and_nothing_overtakes_meanwhile() {
    let cluster = Cluster::new(1, 1);
    let mut plan = Plan::of(&cluster).with([in_turn(), property("batch.num.messages", "1")]);
    plan.driver.delivery_bytes_max = 1;
    let mut bench = Bench::start(plan);
    bench.dead_letters.refuse(5);
    cluster.refuse([GOOD, InvalidRecord, GOOD, GOOD, InvalidTimestamp]);
    for _ in 0..20 {
        bench.append(3, 100);
    }
    bench.settle(SOON);
    let done = bench.finish(&cluster);
    assert_eq!((done.letters, done.duplicates), (vec![(1, "invalid_record"), (4, "invalid_timestamp")], 0));
    assert_eq!(done.retried, [("dead_letters", 5)]);
}
