//! The byte credit: how much memory octets on their way may hold, in all.
//!
//! Three pools share `limits.memory`: one for batches from connections, whose senders can be made to wait; one for their
//! unfinished frames, so that those who never finish cannot stop those who do; and a reserve for datagrams, whose senders cannot
//! wait. None can take from another.
//!
//! Bytes are taken as they arrive, never by a declared length. Reading is allowed while credit is left, so a pool may be
//! overdrawn by what one read of each worker brings; the stated memory bound includes that.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use record::{Lease, Reclaim};
use telemetry::Level;
use tokio::sync::Notify;

/// A bounded pool of bytes.
#[derive(Debug)]
pub struct Credit {
    available_bytes: AtomicI64,
    /// Those who wait are woken when this much is free again: waking them for every byte would have them read in dribbles.
    resume_bytes: i64,
    freed: Notify,
    level: Arc<Level>,
}

impl Credit {
    /// A pool of `total_bytes`, which shows what is left on `level`.
    #[must_use]
    pub fn new(total_bytes: u64, level: Arc<Level>) -> Arc<Self> {
        let available = i64::try_from(total_bytes).unwrap_or(i64::MAX);
        level.set(available);
        let resume_bytes = available / 8;
        Arc::new(Self { available_bytes: AtomicI64::new(available), resume_bytes, freed: Notify::new(), level })
    }

    /// Whether there is credit left.
    #[must_use]
    pub fn is_left(&self) -> bool {
        self.available_bytes.load(Ordering::Acquire) > 0
    }

    /// Waits until there is credit again.
    ///
    /// Cancel safe. All who wait are woken together; each looks again before it reads.
    pub async fn left(&self) {
        loop {
            // Registered before the look, so that bytes freed in between are not missed.
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if self.is_left() {
                return;
            }
            freed.await;
        }
    }

    /// Takes `bytes`, even when that overdraws the pool. They come back when the lease is dropped.
    #[must_use]
    pub fn take(self: &Arc<Self>, bytes: u64) -> Lease {
        self.available_bytes.fetch_sub(signed(bytes), Ordering::AcqRel);
        Lease::new(bytes, Arc::clone(self) as Arc<dyn Reclaim>)
    }

    /// Bytes that are free; negative while overdrawn.
    #[must_use]
    pub fn available_bytes(&self) -> i64 {
        self.available_bytes.load(Ordering::Acquire)
    }

    /// Shows what is left as a metric. Called now and then: the gauge is for people, not for decisions.
    pub fn publish(&self) {
        self.level.set(self.available_bytes());
    }
}

impl Reclaim for Credit {
    fn reclaim(&self, bytes: u64) {
        let before = self.available_bytes.fetch_add(signed(bytes), Ordering::AcqRel);
        let after = before + signed(bytes);
        // Woken when the pool leaves the red, or passes the mark at which reading in large pieces pays again.
        if (before <= 0 && after > 0) || (before < self.resume_bytes && after >= self.resume_bytes) {
            self.freed.notify_waiters();
        }
    }
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use telemetry::ProcessMetrics;

    use super::*;

    fn credit(bytes: u64) -> Arc<Credit> {
        Credit::new(bytes, Arc::clone(&ProcessMetrics::new(&[]).credit_stream_bytes))
    }

    #[test]
    fn a_lease_gives_back_what_it_took() {
        let credit = credit(100);
        let lease = credit.take(160);
        assert_eq!((credit.available_bytes(), credit.is_left()), (-60, false));
        drop(lease);
        assert_eq!((credit.available_bytes(), credit.is_left()), (100, true));
    }

    #[tokio::test]
    async fn those_who_wait_are_woken_from_another_thread() {
        let credit = credit(100);
        let lease = credit.take(100);
        let waiters: Vec<_> = (0..8)
            .map(|_| {
                let credit = Arc::clone(&credit);
                tokio::spawn(async move { credit.left().await })
            })
            .collect();
        tokio::task::yield_now().await;
        std::thread::spawn(move || drop(lease)).join().unwrap();
        for waiter in waiters {
            waiter.await.unwrap();
        }
    }
}
