//! So many large clusters at a time, however many tests run at once.

use std::sync::{Condvar, Mutex, PoisonError};

/// Each has four nodes of 250 MiB. On two cores, where two tests run at once, nobody ever waits.
const LARGE_CLUSTERS_MAX: u32 = 2;

static TAKEN: Mutex<u32> = Mutex::new(0);
static GIVEN_BACK: Condvar = Condvar::new();

/// The permission to run a large cluster, until dropped.
pub(super) struct Turn(());

impl Turn {
    /// Waits for it.
    pub(super) fn take() -> Self {
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = GIVEN_BACK.wait_while(taken, |taken| *taken == LARGE_CLUSTERS_MAX);
        *waited.unwrap_or_else(PoisonError::into_inner) += 1;
        Self(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        GIVEN_BACK.notify_one();
    }
}
