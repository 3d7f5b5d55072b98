//! The loop between a journal cursor and a sink.

mod alarm;
mod handle;
mod letters;
mod report;
#[cfg(test)]
mod tests;
mod under_way;

use std::sync::Arc;

use extract::Extractor;
use journal::{Cursor, Delivery};
use select::Filter;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

pub use alarm::Alarm;
pub use handle::DriverHandle;

use crate::backoff::Backoff;
use crate::{Ack, BackoffSettings, DeadLetter, DeadLetters, DeliveryError, Meter, Selection, Sink, SinkBatch, Trouble};
use letters::{letters_for, trouble_of};
use report::Report;
use under_way::UnderWay;

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

/// Feeds one sink from its cursor. Each record ends delivered, as a dead letter, filtered, or still in flight; never silently.
#[derive(Debug)]
pub struct Driver<S, D, M> {
    sink: S,
    cursor: Cursor,
    dead_letters: D,
    report: Report<M>,
    settings: DriverSettings,
    /// Absent where the sink gets every record of its classes.
    filter: Option<Filter>,
    extractor: Extractor,
    reopen: Arc<Notify>,
    under_way: UnderWay,
    /// The pauses since something failed; nothing was settled since then.
    failing: Option<Backoff>,
    maintenance_due: Instant,
    maintenance_failed: bool,
    unfinished: Unfinished,
}

/// What the sink has taken of a delivery whose dead letters could not be kept until the deadline, and what was filtered of
/// those that were under way then. It is in flight, since the cursor moves past whole deliveries only, but it is not left
/// behind.
#[derive(Debug, Clone, Copy, Default)]
struct Unfinished {
    records: u64,
    octets: u64,
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

/// Waiting was ended by the drain deadline.
struct Abandoned;

impl<S: Sink, D: DeadLetters, M: Meter> Driver<S, D, M> {
    /// A driver for the sink that `cursor` is named after, and the handle to talk to it.
    pub fn new(sink: S, cursor: Cursor, dead_letters: D, meter: M, settings: DriverSettings) -> (Self, DriverHandle) {
        let report = Report::new(cursor.name(), meter);
        let reopen = Arc::new(Notify::new());
        let handle = DriverHandle { reopen: Arc::clone(&reopen), alarm: report.alarms() };
        let driver = Self {
            sink,
            cursor,
            dead_letters,
            report,
            settings,
            filter: None,
            extractor: Extractor::new(),
            reopen,
            under_way: UnderWay::default(),
            failing: None,
            maintenance_due: Instant::now(),
            maintenance_failed: false,
            unfinished: Unfinished::default(),
        };
        (driver, handle)
    }

    /// The same driver, with a sink that gets only what `filter` selects.
    #[must_use]
    pub fn select(mut self, filter: Filter) -> Self {
        self.filter = Some(filter).filter(|filter| !filter.is_empty());
        self
    }

    /// Delivers until the journal is closed and empty, or until `abandon` is cancelled, the deadline of the drain.
    ///
    /// Runs on a thread of its own, on a current-thread runtime with timers: sinks may block it.
    pub async fn run(mut self, abandon: CancellationToken) -> Outcome {
        let (left_records, left_octets) = match self.deliver_all(&abandon).await {
            Ok(()) => (0, 0),
            Err(Abandoned) => {
                self.finish_filtered();
                (
                    self.cursor.in_flight() - self.unfinished.records,
                    self.cursor.octets_in_flight() - self.unfinished.octets,
                )
            }
        };
        let closed = self.sink.close().await.inspect_err(|error| self.report.not_closed(error)).is_ok();
        self.report.left(left_records, left_octets);
        Outcome { left_records, left_octets, closed }
    }

    /// Keeps as much under way as the sink wants, and settles it, until the journal has ended.
    async fn deliver_all(&mut self, abandon: &CancellationToken) -> Result<(), Abandoned> {
        let mut has_ended = false;
        loop {
            if let Some((delivery, selection, ack)) = self.under_way.pop_settled() {
                self.settle(&delivery, &selection, &ack, abandon).await?;
            } else if self.under_way.has_waiting() {
                self.hand_over(abandon).await?;
            } else if has_ended && self.under_way.is_empty() {
                return Ok(());
            } else {
                has_ended |= self.wait(has_ended, abandon).await?;
            }
        }
    }

    /// Waits for whatever comes first: the oldest delivery settled, a new one, a request, or time for maintenance.
    /// Tells whether the journal turned out to have ended.
    async fn wait(&mut self, has_ended: bool, abandon: &CancellationToken) -> Result<bool, Abandoned> {
        if Instant::now() >= self.maintenance_due {
            self.maintain().await;
        }
        let has_room = !has_ended && self.under_way.occupied() < self.sink.under_way_max().max(1);
        tokio::select! {
            biased;
            () = abandon.cancelled() => return Err(Abandoned),
            () = self.reopen.notified() => self.sink.reopen(),
            settled = async { self.sink.settled().await }, if !self.under_way.is_empty() => match settled {
                Ok(ack) => self.under_way.settle(ack),
                Err(error) => self.start_over(error, abandon).await?,
            },
            delivery = self.cursor.next(self.settings.delivery_bytes_max), if has_room => match delivery {
                Some(delivery) => self.take_up(delivery),
                None => return Ok(true),
            },
            () = sleep_until(self.maintenance_due) => {}
        }
        Ok(false)
    }

    /// Judges the records of a new delivery, once.
    fn take_up(&mut self, delivery: Delivery) {
        let take = self.cursor.take();
        let selection = match &self.filter {
            Some(filter) => Selection::filtered(take, &delivery.batches, filter, &mut self.extractor),
            None => Selection::of_classes(take),
        };
        self.under_way.push(delivery, selection);
    }

    /// Hands the oldest delivery that waits for it to the sink.
    async fn hand_over(&mut self, abandon: &CancellationToken) -> Result<(), Abandoned> {
        let Some(oldest) = self.under_way.waiting() else { return Ok(()) };
        let batch = SinkBatch::selected(self.cursor.journal(), &oldest.selection, &oldest.delivery.batches);
        match abandon.run_until_cancelled(self.sink.deliver(&batch)).await.ok_or(Abandoned)? {
            Ok(progress) => oldest.progress = Some(progress),
            Err(error) => self.start_over(error, abandon).await?,
        }
        Ok(())
    }

    /// After an error nothing is under way any more: pauses, and has all that is not settled handed over again.
    async fn start_over(&mut self, error: DeliveryError, abandon: &CancellationToken) -> Result<(), Abandoned> {
        self.under_way.recall();
        self.pause(error.trouble(), abandon).await?;
        if matches!(error, DeliveryError::Fatal(_)) {
            while let Err(error) = abandon.run_until_cancelled(self.sink.rebuild()).await.ok_or(Abandoned)? {
                self.pause(error.trouble(), abandon).await?;
            }
        }
        Ok(())
    }

    /// Brings the oldest delivery to its end: dead letters are kept, all is counted, the cursor moves.
    async fn settle(
        &mut self,
        delivery: &Delivery,
        selection: &Selection,
        ack: &Ack,
        abandon: &CancellationToken,
    ) -> Result<(), Abandoned> {
        let batch = SinkBatch::selected(self.cursor.journal(), selection, &delivery.batches);
        let letters = letters_for(&batch, &ack.rejected);
        let kept = self.keep(&letters, abandon).await;
        self.report.acknowledged(batch.len(), ack.records, letters.len() as u64);
        self.report.filtered(selection.left_out());
        match kept {
            Ok(()) => {
                self.report.dead_lettered(&letters);
                self.cursor.ack(delivery.end);
                self.failing = None;
                self.recover_if_well();
            }
            Err(Abandoned) => {
                let all = SinkBatch::new(self.cursor.journal(), self.cursor.take(), &delivery.batches);
                let letter_octets = letters.iter().map(|letter| letter.record.octets().len() as u64);
                self.unfinished.records += all.len() - letters.len() as u64;
                self.unfinished.octets += octets_of(&all) - letter_octets.sum::<u64>();
            }
        }
        kept
    }

    /// At the deadline: what was filtered of deliveries under way is not left behind.
    fn finish_filtered(&mut self) {
        for (delivery, selection) in self.under_way.drain() {
            let all = SinkBatch::new(self.cursor.journal(), self.cursor.take(), &delivery.batches);
            let batch = SinkBatch::selected(self.cursor.journal(), &selection, &delivery.batches);
            self.report.filtered(selection.left_out());
            self.unfinished.records += all.len() - batch.len();
            self.unfinished.octets += octets_of(&all) - octets_of(&batch);
        }
    }

    /// Keeps `letters`, however long that takes.
    async fn keep(&mut self, letters: &[DeadLetter<'_>], abandon: &CancellationToken) -> Result<(), Abandoned> {
        if letters.is_empty() {
            return Ok(());
        }
        while let Err(error) = self.dead_letters.keep(letters) {
            self.pause(&trouble_of(&error), abandon).await?;
        }
        Ok(())
    }

    /// Raises the alarm and waits for the next attempt, each time longer until something is settled; a request to reopen
    /// ends the wait.
    async fn pause(&mut self, trouble: &Trouble, abandon: &CancellationToken) -> Result<(), Abandoned> {
        self.report.failed(trouble);
        self.report.retried(trouble);
        let backoff = self.failing.get_or_insert_with(|| Backoff::new(self.settings.backoff));
        let over_at = Instant::now() + backoff.next();
        loop {
            // A sink that is about to get something again has not forgotten the attempt that failed.
            let may_maintain = !self.under_way.has_waiting();
            tokio::select! {
                biased;
                () = abandon.cancelled() => return Err(Abandoned),
                () = self.reopen.notified() => {
                    self.sink.reopen();
                    return Ok(());
                }
                () = sleep_until(over_at) => return Ok(()),
                () = sleep_until(self.maintenance_due), if may_maintain => self.maintain().await,
            }
        }
    }

    async fn maintain(&mut self) {
        let result = self.sink.maintain().await;
        self.maintenance_due = Instant::now() + self.sink.maintain_every();
        self.maintenance_failed = result.is_err();
        match result {
            Ok(()) => self.recover_if_well(),
            Err(error) => self.report.failed(error.trouble()),
        }
    }

    /// A delivery that works does not end an alarm of the maintenance, nor the other way round.
    fn recover_if_well(&mut self) {
        if self.failing.is_none() && !self.maintenance_failed {
            self.report.recovered();
        }
    }
}

fn octets_of(batch: &SinkBatch<'_>) -> u64 {
    batch.records().map(|(_, record)| record.octets().len() as u64).sum()
}
