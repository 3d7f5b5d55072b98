//! Waiting for something to become true, with an end.

use std::thread;
use std::time::{Duration, Instant};

/// How long a step may take that is done in milliseconds on a quiet machine.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Waits until `condition` holds. Panics with `what`, which completes "no sign of …", when `limit` has passed.
#[track_caller]
pub(crate) fn wait_until(what: &str, limit: Duration, mut condition: impl FnMut() -> bool) {
    wait_for(what, limit, || condition().then_some(()));
}

/// Waits until `attempt` gives a value, and returns it. Panics like [`wait_until`].
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, limit: Duration, mut attempt: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(started.elapsed() < limit, "no sign of {what} within {limit:?}");
        thread::sleep(Duration::from_millis(10));
    }
}
