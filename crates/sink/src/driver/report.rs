//! What the driver tells of its sink: counts, the alarm, log lines.

use tokio::sync::watch;

use super::Alarm;
use crate::warnings::Warnings;
use crate::{DeadLetter, DeliveryError, Meter, Trouble};

/// Speaks for one sink.
#[derive(Debug)]
pub(super) struct Report<M> {
    sink: String,
    meter: M,
    alarm: watch::Sender<Option<Alarm>>,
    warnings: Warnings,
}

impl<M: Meter> Report<M> {
    pub(super) fn new(sink: &str, meter: M) -> Self {
        Self { sink: sink.to_owned(), meter, alarm: watch::Sender::new(None), warnings: Warnings::default() }
    }

    pub(super) fn alarms(&self) -> watch::Receiver<Option<Alarm>> {
        self.alarm.subscribe()
    }

    /// The sink has taken `taken` and rejected `rejected` of the `offered` records. Counts what it says, and nothing
    /// else: a record lost in the sink must show in the ledger.
    pub(super) fn acknowledged(&mut self, offered: u64, taken: u64, rejected: u64) {
        self.meter.delivered(taken);
        if taken + rejected != offered
            && let Some(silent) = self.warnings.due("ack_count")
        {
            let sink = &self.sink;
            tracing::error!(
                sink,
                offered,
                taken,
                rejected,
                silent,
                "the sink acknowledged another number of records than it was given"
            );
        }
    }

    /// Records were left out of a delivery, by reason.
    pub(super) fn filtered(&self, left_out: &[(&'static str, u64)]) {
        left_out.iter().for_each(|(reason, records)| self.meter.filtered(reason, *records));
    }

    /// `letters` were kept.
    pub(super) fn dead_lettered(&mut self, letters: &[DeadLetter<'_>]) {
        for same in letters.chunk_by(|a, b| a.reason == b.reason) {
            self.meter.dead_lettered(same[0].reason, same.len() as u64);
        }
        if let Some(first) = letters.first()
            && let Some(silent) = self.warnings.due(first.reason)
        {
            let (sink, id, reason, records) = (&self.sink, first.id, first.reason, letters.len());
            tracing::warn!(sink, %id, reason, records, silent, "records became dead letters: {}", first.what);
        }
    }

    /// Something failed.
    pub(super) fn failed(&mut self, trouble: &Trouble) {
        let was_well = self.alarm.borrow().is_none();
        self.alarm.send_modify(|alarm| Alarm::raise(alarm, trouble));
        if was_well {
            self.meter.stalled(true);
        }
        if let Some(silent) = self.warnings.due(trouble.reason) {
            let (sink, reason) = (&self.sink, trouble.reason);
            tracing::warn!(sink, reason, silent, "{trouble}");
        }
    }

    /// What failed will be tried again.
    pub(super) fn retried(&self, trouble: &Trouble) {
        self.meter.retried(trouble.reason);
    }

    /// All is well.
    pub(super) fn recovered(&mut self) {
        if self.alarm.borrow().is_none() {
            return;
        }
        if let Some(alarm) = self.alarm.send_replace(None) {
            self.meter.stalled(false);
            let (sink, reason, failures) = (&self.sink, alarm.reason, alarm.failures);
            tracing::info!(sink, reason, failures, "the sink works again");
        }
    }

    /// Records were given up at the deadline.
    pub(super) fn left(&self, records: u64, octets: u64) {
        if records > 0 {
            self.meter.dropped("shutdown", records);
            tracing::error!(sink = self.sink, records, octets, "records were left at the drain deadline");
        }
    }

    pub(super) fn not_closed(&self, error: &DeliveryError) {
        tracing::error!(sink = self.sink, "the sink did not close properly: {error}");
    }
}
