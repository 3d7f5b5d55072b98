//! What the driver counts. The names of metrics are none of its business.

/// Counts what became of a sink's records. Called once per batch or event, never once per record.
pub trait Meter {
    /// The sink acknowledged `records`.
    fn delivered(&self, records: u64);

    /// `records` were kept as dead letters.
    fn dead_lettered(&self, reason: &'static str, records: u64);

    /// The sink's filter did not select `records`.
    fn filtered(&self, reason: &'static str, records: u64);

    /// `records` were given up: only at the deadline of a drain, with the reason `shutdown`.
    fn dropped(&self, reason: &'static str, records: u64);

    /// A delivery failed and will be tried again.
    fn retried(&self, reason: &'static str);

    /// Whether the sink is failing now; told at each change.
    fn stalled(&self, stalled: bool);
}

/// Counts nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMeter;

impl Meter for NoMeter {
    fn delivered(&self, _records: u64) {}
    fn dead_lettered(&self, _reason: &'static str, _records: u64) {}
    fn filtered(&self, _reason: &'static str, _records: u64) {}
    fn dropped(&self, _reason: &'static str, _records: u64) {}
    fn retried(&self, _reason: &'static str) {}
    fn stalled(&self, _stalled: bool) {}
}

impl<M: Meter + ?Sized> Meter for std::sync::Arc<M> {
    fn delivered(&self, records: u64) {
        (**self).delivered(records);
    }

    fn dead_lettered(&self, reason: &'static str, records: u64) {
        (**self).dead_lettered(reason, records);
    }

    fn filtered(&self, reason: &'static str, records: u64) {
        (**self).filtered(reason, records);
    }

    fn dropped(&self, reason: &'static str, records: u64) {
        (**self).dropped(reason, records);
    }

    fn retried(&self, reason: &'static str) {
        (**self).retried(reason);
    }

    fn stalled(&self, stalled: bool) {
        (**self).stalled(stalled);
    }
}
