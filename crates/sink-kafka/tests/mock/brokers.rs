//! Brokers that come and go, change places, or are slow.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use crate::support::{Bench, Cluster, Done, Plan, SOON, in_turn, property, wait_until};

#[test]
fn records_wait_for_brokers_that_are_down() {
    let cluster = Cluster::new(3, 3);
    let mut bench = Bench::start(Plan::of(&cluster).with([property("reconnect.backoff.max.ms", "500")]));
    bench.append(500, 100);
    bench.settle(SOON);
    cluster.go_down();
    bench.append(500, 100);
    bench.alarm("unreachable", SOON);
    cluster.come_up();
    bench.settle(SOON);
    bench.no_alarm(SOON);
    assert_eq!(bench.finish(&cluster), Done::smoothly());
}

#[test]
fn leaders_that_move_all_the_time_lose_nothing() {
    let cluster = Cluster::new(3, 6);
    let mut bench = Bench::start(Plan::of(&cluster));
    for places in 1..=10 {
        cluster.lead(places);
        for _ in 0..4 {
            bench.append(250, 100);
            thread::sleep(Duration::from_millis(50));
        }
    }
    bench.settle(SOON);
    assert_eq!(bench.finish(&cluster), Done::smoothly());
}

#[test]
fn slow_answers_are_no_trouble() {
    let cluster = Cluster::new(2, 4);
    for broker in 1..=2 {
        cluster.answer_after(broker, Duration::from_millis(200));
    }
    let mut bench = Bench::start(Plan::of(&cluster));
    for _ in 0..20 {
        bench.append(500, 500);
    }
    bench.settle(SOON);
    assert_eq!(bench.handle.alarm(), None);
    assert_eq!(bench.finish(&cluster), Done::smoothly());
}

#[test]
fn requests_whose_answers_come_too_late_are_sent_again() {
    let cluster = Cluster::new(1, 1);
    let mut bench = Bench::start(Plan::of(&cluster).with([property("socket.timeout.ms", "500"), in_turn()]));
    bench.append(10, 100);
    bench.settle(SOON);
    cluster.answer_after(1, Duration::from_secs(3));
    bench.append(10, 100);
    bench.alarm("unreachable", SOON);
    wait_until("requests that failed", SOON, || bench.numbers.request_failures.load(Ordering::Relaxed) > 0);
    cluster.answer_after(1, Duration::ZERO);
    bench.settle(SOON);
    bench.no_alarm(SOON);
    // The mock keeps each try; a real broker knows them by their numbers.
    let done = bench.finish(&cluster);
    assert_eq!(done, Done { duplicates: done.duplicates, ..Done::smoothly() });
}
