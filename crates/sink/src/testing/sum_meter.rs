//! Sums in memory.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Meter;

/// Sums for the ledger of one sink.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each field is what the method of the same name counts")]
pub struct SumMeter {
    pub delivered: AtomicU64,
    pub dead_lettered: AtomicU64,
    pub filtered: AtomicU64,
    pub dropped: AtomicU64,
    pub retried: AtomicU64,
    pub stalled: AtomicU64,
}

impl SumMeter {
    /// Records that came to an end: delivered, dead-lettered, filtered or dropped.
    #[must_use]
    pub fn ended(&self) -> u64 {
        let ends = [&self.delivered, &self.dead_lettered, &self.filtered, &self.dropped];
        ends.iter().map(|sum| sum.load(Ordering::SeqCst)).sum()
    }
}

impl Meter for SumMeter {
    fn delivered(&self, records: u64) {
        self.delivered.fetch_add(records, Ordering::SeqCst);
    }

    fn dead_lettered(&self, _reason: &'static str, records: u64) {
        self.dead_lettered.fetch_add(records, Ordering::SeqCst);
    }

    fn filtered(&self, _reason: &'static str, records: u64) {
        self.filtered.fetch_add(records, Ordering::SeqCst);
    }

    fn dropped(&self, _reason: &'static str, records: u64) {
        self.dropped.fetch_add(records, Ordering::SeqCst);
    }

    fn retried(&self, _reason: &'static str) {
        self.retried.fetch_add(1, Ordering::SeqCst);
    }

    fn stalled(&self, stalled: bool) {
        self.stalled.store(u64::from(stalled), Ordering::SeqCst);
    }
}
