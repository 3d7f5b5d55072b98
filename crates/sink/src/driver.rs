//! The loop between a journal cursor and a sink.

mod alarm;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use journal::{Cursor, Delivery};
use record::{Record, RecordId};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

pub use alarm::Alarm;

use crate::backoff::Backoff;
use crate::warnings::Warnings;
use crate::{
    Ack, BackoffSettings, DeadLetter, DeadLetters, DeliveryError, Meter, Progress, Rejected, Sink, SinkBatch, Trouble,
};

/// Knobs of a driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DriverSettings {
    /// A delivery holds about this many octets of chunks at most, but at least one batch.
    pub delivery_bytes_max: u64,
    /// The pauses between attempts.
    pub backoff: BackoffSettings,
}

impl Default for DriverSettings {
    /// Deliveries of 4 MiB, pauses from 100 ms to 30 s.
    fn default() -> Self {
        Self { delivery_bytes_max: 4 << 20, backoff: BackoffSettings::default() }
    }
}

/// Feeds one sink from its cursor. Each record ends delivered, as a dead letter, or still in flight; never silently.
#[derive(Debug)]
pub struct Driver<S, D, M> {
    sink: S,
    cursor: Cursor,
    dead_letters: D,
    meter: M,
    settings: DriverSettings,
    reopen: Arc<Notify>,
    alarm: watch::Sender<Option<Alarm>>,
    warnings: Warnings,
    maintenance_due: Instant,
    /// What of the delivery at hand became dead letters: it is in flight until the delivery is settled, but not left behind.
    put_aside: PutAside,
}

/// Records of one delivery that are dead letters already.
#[derive(Debug, Clone, Copy, Default)]
struct PutAside {
    records: u64,
    octets: u64,
}

/// Talks to a driver from elsewhere. Clones talk to the same one.
#[derive(Debug, Clone)]
pub struct DriverHandle {
    reopen: Arc<Notify>,
    alarm: watch::Receiver<Option<Alarm>>,
}

/// How a driver ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Records that the sink has not taken and that were given up, counted as dropped with the reason `shutdown`.
    pub left_records: u64,
    /// Their octets.
    pub left_octets: u64,
    /// Whether the sink could be closed properly.
    pub closed: bool,
}

impl DriverHandle {
    /// Asks the sink to open its files or connections again (HUP). Also ends a pause between attempts. Several calls
    /// before the driver gets to it count as one.
    pub fn reopen(&self) {
        self.reopen.notify_one();
    }

    /// What is wrong with the sink now, if anything.
    #[must_use]
    pub fn alarm(&self) -> Option<Alarm> {
        self.alarm.borrow().clone()
    }

    /// The same, for waiting on changes.
    #[must_use]
    pub fn alarms(&self) -> watch::Receiver<Option<Alarm>> {
        self.alarm.clone()
    }
}

/// Waiting was ended by the drain deadline.
struct Abandoned;

impl<S: Sink, D: DeadLetters, M: Meter> Driver<S, D, M> {
    /// A driver for the sink that `cursor` is named after, and the handle to talk to it.
    pub fn new(sink: S, cursor: Cursor, dead_letters: D, meter: M, settings: DriverSettings) -> (Self, DriverHandle) {
        let (alarm, alarms) = watch::channel(None);
        let reopen = Arc::new(Notify::new());
        let handle = DriverHandle { reopen: Arc::clone(&reopen), alarm: alarms };
        let (warnings, maintenance_due, put_aside) = (Warnings::default(), Instant::now(), PutAside::default());
        (
            Self { sink, cursor, dead_letters, meter, settings, reopen, alarm, warnings, maintenance_due, put_aside },
            handle,
        )
    }

    /// Delivers until the journal is closed and empty, or until `abandon` is cancelled, the deadline of the drain.
    ///
    /// Runs on a thread of its own, on a current-thread runtime with timers: sinks may block it.
    pub async fn run(mut self, abandon: CancellationToken) -> Outcome {
        while let Some(delivery) = self.next(&abandon).await {
            let Ok(()) = self.settle(&delivery, &abandon).await else { break };
            self.cursor.ack(delivery.end);
            self.put_aside = PutAside::default();
        }
        let outcome = Outcome {
            left_records: self.cursor.in_flight() - self.put_aside.records,
            left_octets: self.cursor.octets_in_flight() - self.put_aside.octets,
            closed: self.close().await,
        };
        if outcome.left_records > 0 {
            self.meter.dropped("shutdown", outcome.left_records);
            let (sink, left) = (self.cursor.name(), outcome.left_records);
            tracing::error!(
                sink,
                records = left,
                octets = outcome.left_octets,
                "records were left at the drain deadline"
            );
        }
        outcome
    }

    /// The next delivery; does what else is due while there is none.
    async fn next(&mut self, abandon: &CancellationToken) -> Option<Delivery> {
        loop {
            self.maintain_if_due().await;
            tokio::select! {
                biased;
                () = abandon.cancelled() => return None,
                () = self.reopen.notified() => self.sink.reopen(),
                delivery = self.cursor.next(self.settings.delivery_bytes_max) => return delivery,
                () = sleep_until(self.maintenance_due) => {}
            }
        }
    }

    async fn maintain_if_due(&mut self) {
        if Instant::now() < self.maintenance_due {
            return;
        }
        match self.sink.maintain().await {
            Ok(()) => self.recover(),
            Err(error) => self.fail(error.trouble()),
        }
        self.maintenance_due = Instant::now() + self.sink.maintain_every();
    }

    /// Delivers until each record of `delivery` is the sink's or a dead letter.
    async fn settle(&mut self, delivery: &Delivery, abandon: &CancellationToken) -> Result<(), Abandoned> {
        let mut backoff = Backoff::new(self.settings.backoff);
        let batch = SinkBatch::new(self.cursor.journal(), self.cursor.take(), &delivery.batches);
        loop {
            let result = tokio::select! {
                biased;
                () = abandon.cancelled() => return Err(Abandoned),
                result = attempt(&mut self.sink, &batch) => result,
            };
            let error = match result {
                Ok(ack) => {
                    self.put_aside(&letters_for(&batch, &ack.rejected), abandon).await?;
                    self.account(&ack, batch.len());
                    self.recover();
                    return Ok(());
                }
                Err(error) => error,
            };
            self.pause(error.trouble(), &mut backoff, abandon).await?;
            if matches!(error, DeliveryError::Fatal(_)) {
                while let Err(error) = self.sink.rebuild().await {
                    self.pause(error.trouble(), &mut backoff, abandon).await?;
                }
            }
        }
    }

    /// Counts what the sink says it has taken, and nothing else: a record lost in the sink must show in the ledger.
    fn account(&mut self, ack: &Ack, offered: u64) {
        self.meter.delivered(ack.records);
        if ack.records + self.put_aside.records != offered
            && let Some(silent) = self.warnings.due("ack_count")
        {
            let (sink, taken, rejected) = (self.cursor.name(), ack.records, self.put_aside.records);
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

    /// Keeps `letters`, however long that takes.
    async fn put_aside(&mut self, letters: &[DeadLetter<'_>], abandon: &CancellationToken) -> Result<(), Abandoned> {
        if letters.is_empty() {
            return Ok(());
        }
        let mut backoff = Backoff::new(self.settings.backoff);
        while let Err(error) = self.dead_letters.keep(letters) {
            let trouble = Trouble {
                reason: "dead_letters",
                what: error.to_string(),
                remedy: "make room for it or move the file away; nothing is dropped, delivery waits".to_owned(),
            };
            self.pause(&trouble, &mut backoff, abandon).await?;
        }
        for letter in letters {
            self.meter.dead_lettered(letter.reason, 1);
            self.put_aside.records += 1;
            self.put_aside.octets += letter.record.octets().len() as u64;
        }
        if let Some(first) = letters.first()
            && let Some(silent) = self.warnings.due(first.reason)
        {
            let (sink, id, reason) = (self.cursor.name(), first.id, first.reason);
            tracing::warn!(sink, %id, reason, records = letters.len(), silent, "records became dead letters: {}", first.what);
        }
        Ok(())
    }

    /// Raises the alarm and waits for the next attempt; a request to reopen ends the wait.
    async fn pause(
        &mut self,
        trouble: &Trouble,
        backoff: &mut Backoff,
        abandon: &CancellationToken,
    ) -> Result<(), Abandoned> {
        self.fail(trouble);
        self.meter.retried(trouble.reason);
        tokio::select! {
            biased;
            () = abandon.cancelled() => Err(Abandoned),
            () = self.reopen.notified() => {
                self.sink.reopen();
                Ok(())
            }
            () = sleep(backoff.next()) => Ok(()),
        }
    }

    fn fail(&mut self, trouble: &Trouble) {
        let was_well = self.alarm.borrow().is_none();
        self.alarm.send_modify(|alarm| Alarm::raise(alarm, trouble));
        if was_well {
            self.meter.stalled(true);
        }
        if let Some(silent) = self.warnings.due(trouble.reason) {
            let (sink, reason) = (self.cursor.name(), trouble.reason);
            tracing::warn!(sink, reason, silent, "{trouble}");
        }
    }

    fn recover(&mut self) {
        if self.alarm.borrow().is_none() {
            return;
        }
        if let Some(alarm) = self.alarm.send_replace(None) {
            self.meter.stalled(false);
            let (sink, reason, failures) = (self.cursor.name(), alarm.reason, alarm.failures);
            tracing::info!(sink, reason, failures, "the sink works again");
        }
    }

    async fn close(&mut self) -> bool {
        let result = self.sink.close().await;
        if let Err(error) = &result {
            tracing::error!(sink = self.cursor.name(), "the sink did not close properly: {error}");
        }
        result.is_ok()
    }
}

/// The records of `batch` that `named` lists; what else it lists is not there to be put aside.
fn letters_for<'a>(batch: &SinkBatch<'a>, named: &'a [Rejected]) -> Vec<DeadLetter<'a>> {
    if named.is_empty() {
        return Vec::new();
    }
    let named = named.iter().map(|rejected| (rejected.record, rejected)).collect::<HashMap<_, _>>();
    let letter = |(id, record): (RecordId, Record<'a>)| {
        let rejected = named.get(&id.sequence)?;
        Some(DeadLetter { id, reason: rejected.reason, what: &rejected.what, record })
    };
    batch.records().filter_map(letter).collect()
}

/// Hands `batch` over and waits until it is settled.
async fn attempt(sink: &mut impl Sink, batch: &SinkBatch<'_>) -> Result<Ack, DeliveryError> {
    match sink.deliver(batch).await? {
        Progress::Settled(ack) => Ok(ack),
        Progress::UnderWay => sink.settled().await,
    }
}
