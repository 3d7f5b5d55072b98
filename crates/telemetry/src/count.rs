//! Handles on single metrics that can also be read back.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use metrics::{Counter, Gauge, Label};

use crate::Metric;

/// A counter. The exporter only takes values in; the ledger must read them, so the value is kept here, too.
#[derive(Debug)]
pub struct Count {
    value: AtomicU64,
    exported: Counter,
}

impl Count {
    pub(crate) fn new(metric: Metric, labels: Vec<Label>) -> Arc<Self> {
        debug_assert_eq!(metric.labels.len(), labels.len(), "{}", metric.name);
        let exported = metrics::counter!(metric.name, labels);
        // The series exists from the start: a rate over it must not begin with a gap.
        exported.increment(0);
        Arc::new(Self { value: AtomicU64::new(0), exported })
    }

    /// Adds `count`.
    pub fn add(&self, count: u64) {
        if count > 0 {
            self.value.fetch_add(count, Ordering::Relaxed);
            self.exported.increment(count);
        }
    }

    /// The value now.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }
}

/// A gauge of whole numbers.
#[derive(Debug)]
pub struct Level {
    value: AtomicI64,
    exported: Gauge,
}

impl Level {
    pub(crate) fn new(metric: Metric, labels: Vec<Label>) -> Arc<Self> {
        debug_assert_eq!(metric.labels.len(), labels.len(), "{}", metric.name);
        let exported = metrics::gauge!(metric.name, labels);
        exported.set(0.0);
        Arc::new(Self { value: AtomicI64::new(0), exported })
    }

    /// Goes up (or, with a negative number, down) by `change`.
    pub fn change(&self, change: i64) {
        self.value.fetch_add(change, Ordering::Relaxed);
        self.exported.increment(change as f64);
    }

    /// Becomes `value`.
    pub fn set(&self, value: i64) {
        self.value.store(value, Ordering::Relaxed);
        self.exported.set(value as f64);
    }

    /// The value now.
    #[must_use]
    pub fn value(&self) -> i64 {
        self.value.load(Ordering::Relaxed)
    }
}

/// Counters that differ in one label, such as the reason of a drop. Reasons come from the program, never from content, so there
/// are few.
#[derive(Debug)]
pub struct ByReason {
    metric: Metric,
    labels: Vec<Label>,
    label: &'static str,
    counts: Mutex<Vec<(&'static str, Arc<Count>)>>,
}

impl ByReason {
    /// `labels` are those that all counters share; the metric's last label tells them apart. `known` exist from the start.
    pub(crate) fn new(metric: Metric, labels: Vec<Label>, known: &[&'static str]) -> Self {
        let label = metric.labels.last().copied().unwrap_or("reason");
        let all = Self { metric, labels, label, counts: Mutex::new(Vec::new()) };
        for reason in known {
            all.add(reason, 0);
        }
        all
    }

    /// Adds `count` to the counter of `reason`.
    pub fn add(&self, reason: &'static str, count: u64) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = counts.iter().find(|(known, _)| *known == reason) {
            return found.add(count);
        }
        let mut labels = self.labels.clone();
        labels.push(Label::from_static_parts(self.label, reason));
        let new = Count::new(self.metric, labels);
        new.add(count);
        counts.push((reason, new));
    }

    /// The sum over all reasons.
    #[must_use]
    pub fn sum(&self) -> u64 {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(_, count)| count.value()).sum()
    }
}
