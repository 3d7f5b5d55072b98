//! What the tests share.

mod arrived;
mod bench;
mod cluster;
mod ledger;
mod random;
mod wait;

use std::fmt::Debug;
use std::thread;
use std::time::Duration;

use rdkafka::types::RDKafkaErrorCode;

pub(crate) use bench::{Bench, CLASSES, Done, Plan, classes_by_partition};
pub(crate) use cluster::Cluster;
pub(crate) use random::Random;
pub(crate) use wait::wait_until;

/// How long anything may take that takes milliseconds on a quiet machine.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// No error, in a list of errors.
pub(crate) const GOOD: RDKafkaErrorCode = RDKafkaErrorCode::NoError;

/// The property that keeps one request in flight, so that nothing overtakes a failed one at the broker; if only the requests
/// have five messages or more, since behind a smaller one librdkafka keeps another ready to go.
pub(crate) fn in_turn() -> (String, String) {
    property("max.in.flight.requests.per.connection", "1")
}

pub(crate) fn property(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Checks the cases side by side, each on a thread that is named after it: most of their time they wait.
pub(crate) fn at_once<T: Debug + Sync>(cases: &[T], check: impl Fn(&T) + Sync) {
    let check = &check;
    thread::scope(|scope| {
        for case in cases {
            let thread = thread::Builder::new().name(format!("{case:?}"));
            thread.spawn_scoped(scope, move || check(case)).expect("a thread for each case");
        }
    });
}
