//! A client that is made anew on request (HUP).

use std::thread;
use std::time::Duration;

use crate::support::{Bench, Cluster, Plan, SOON, property};

#[test]
fn clients_that_are_renewed_under_load_lose_nothing() {
    let cluster = Cluster::new(2, 4);
    let mut bench = Bench::start(Plan::of(&cluster));
    for renewed in 1..=3 {
        while bench.rebuilds() < renewed {
            bench.handle.reopen();
            bench.append(500, 200);
            thread::sleep(Duration::from_millis(20));
        }
    }
    bench.settle(SOON);
    let done = bench.finish(&cluster);
    assert_eq!((done.duplicates, done.letters, done.retried), (0, vec![], vec![]));
}

#[test]
fn a_client_that_gets_nowhere_is_renewed_at_once_however_often_that_is_asked_for() {
    let cluster = Cluster::new(1, 2);
    let mut bench = Bench::start(Plan::of(&cluster).with([property("reconnect.backoff.max.ms", "500")]));
    bench.append(100, 100);
    bench.settle(SOON);
    cluster.go_down();
    bench.append(100, 100);
    bench.alarm("unreachable", SOON);
    bench.handle.reopen();
    bench.retried("renewed", 1, SOON);
    assert_eq!(bench.rebuilds(), 1);
    for _ in 0..100 {
        bench.handle.reopen();
        thread::sleep(Duration::from_millis(10));
    }
    cluster.come_up();
    bench.settle(SOON);
    bench.no_alarm(SOON);
    let done = bench.finish(&cluster);
    assert_eq!((done.duplicates, done.letters), (0, vec![]));
}
