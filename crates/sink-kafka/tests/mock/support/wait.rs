//! Waiting for something to become true, with an end.

use std::thread;
use std::time::{Duration, Instant};

/// Waits until `condition` holds. Panics with `what`, which completes "no sign of …", when `limit` has passed.
#[track_caller]
pub(crate) fn wait_until(what: &str, limit: Duration, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < limit, "no sign of {what} within {limit:?}");
        thread::sleep(Duration::from_millis(5));
    }
}
