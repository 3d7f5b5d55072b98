//! What the driver counts, by reason.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use sink::Meter;

/// Sums of one sink.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    delivered: AtomicU64,
    dropped: AtomicU64,
    filtered: AtomicU64,
    stalled: AtomicBool,
    dead_lettered: Sums,
    retried: Sums,
}

type Sums = Mutex<BTreeMap<&'static str, u64>>;

fn add(sums: &Sums, reason: &'static str, records: u64) {
    *sums.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default() += records;
}

fn all(sums: &Sums) -> Vec<(&'static str, u64)> {
    sums.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(reason, records)| (*reason, *records)).collect()
}

impl Ledger {
    pub(crate) fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::SeqCst)
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::SeqCst)
    }

    pub(crate) fn filtered(&self) -> u64 {
        self.filtered.load(Ordering::SeqCst)
    }

    pub(crate) fn is_stalled(&self) -> bool {
        self.stalled.load(Ordering::SeqCst)
    }

    /// Dead letters of each reason.
    pub(crate) fn dead_lettered(&self) -> Vec<(&'static str, u64)> {
        all(&self.dead_lettered)
    }

    /// Failed deliveries of each reason.
    pub(crate) fn retried(&self) -> Vec<(&'static str, u64)> {
        all(&self.retried)
    }

    /// Records that came to an end, whatever end.
    pub(crate) fn ended(&self) -> u64 {
        let dead_lettered = self.dead_lettered().iter().map(|(_, records)| records).sum::<u64>();
        self.delivered() + self.dropped() + self.filtered() + dead_lettered
    }
}

impl Meter for Ledger {
    fn delivered(&self, records: u64) {
        self.delivered.fetch_add(records, Ordering::SeqCst);
    }

    fn dead_lettered(&self, reason: &'static str, records: u64) {
        add(&self.dead_lettered, reason, records);
    }

    fn filtered(&self, _reason: &'static str, records: u64) {
        self.filtered.fetch_add(records, Ordering::SeqCst);
    }

    fn dropped(&self, _reason: &'static str, records: u64) {
        self.dropped.fetch_add(records, Ordering::SeqCst);
    }

    fn retried(&self, reason: &'static str) {
        add(&self.retried, reason, 1);
    }

    fn stalled(&self, stalled: bool) {
        self.stalled.store(stalled, Ordering::SeqCst);
    }
}
