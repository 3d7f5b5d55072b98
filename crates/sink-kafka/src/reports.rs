//! Delivery reports: counted where they arrive, read where the sink waits.
//!
//! A report of success is one addition to a counter. Only failures are listed one by one.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rdkafka::types::RDKafkaErrorCode;
use tokio::sync::Notify;

use crate::verdict::{Verdict, of_report};

/// How many batches may be under way at once.
pub(crate) const SLOTS: usize = 8;

/// What a message carries through librdkafka and back: the batch's slot, and the record's distance from its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) slot: usize,
    pub(crate) distance: u64,
}

const DISTANCE_BITS: u32 = 56;

impl Ticket {
    /// Both in one word. A batch spans fewer than 2^56 records.
    pub(crate) const fn pack(self) -> usize {
        const { assert!(usize::BITS == 64 && SLOTS <= 1 << (64 - DISTANCE_BITS)) };
        self.slot << DISTANCE_BITS | self.distance as usize
    }

    pub(crate) const fn unpack(word: usize) -> Self {
        Self { slot: word >> DISTANCE_BITS, distance: (word & ((1 << DISTANCE_BITS) - 1)) as u64 }
    }
}

/// A record that was not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) ticket: Ticket,
    pub(crate) code: RDKafkaErrorCode,
    /// Length of its value.
    pub(crate) value_bytes: usize,
    /// What stands for its topic while the client lives, and its partition: where batches are made.
    pub(crate) partition: (usize, i32),
}

/// Failed reports, and a topic that they were for.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    pub(crate) list: Vec<Failed>,
    /// Of the first that was not merely purged.
    pub(crate) topic: Option<String>,
}

/// The reports of one client.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    slots: [Slot; SLOTS],
    /// Reports for batches that slots had before the ones that they have.
    past: AtomicU64,
    failed: Mutex<Failures>,
    has_failed: AtomicBool,
    /// Told when a batch is complete, and at each failure.
    pub(crate) changed: Notify,
}

#[derive(Debug)]
struct Slot {
    /// Reports that are in, good or bad.
    reported: AtomicU64,
    /// How many there will be; not known while messages are still handed over.
    expected: AtomicU64,
}

impl Default for Slot {
    fn default() -> Self {
        Self { reported: AtomicU64::new(0), expected: AtomicU64::new(u64::MAX) }
    }
}

impl Reports {
    /// Makes `slot` ready for another batch.
    pub(crate) fn begin(&self, slot: usize) {
        self.slots[slot].expected.store(u64::MAX, Ordering::SeqCst);
        let past = self.slots[slot].reported.swap(0, Ordering::SeqCst);
        self.past.fetch_add(past, Ordering::SeqCst);
    }

    /// All messages of the batch in `slot` are handed over.
    pub(crate) fn expect(&self, slot: usize, messages: u64) {
        // Sequentially consistent with `count`: one of the two sees that the batch is complete.
        self.slots[slot].expected.store(messages, Ordering::SeqCst);
    }

    /// Reports that are in for `slot`.
    pub(crate) fn reported(&self, slot: usize) -> u64 {
        self.slots[slot].reported.load(Ordering::SeqCst)
    }

    /// All reports that are in. Only grows, and does while the client makes progress.
    pub(crate) fn reported_in_all(&self) -> u64 {
        self.past.load(Ordering::SeqCst) + (0..SLOTS).map(|slot| self.reported(slot)).sum::<u64>()
    }

    /// A message was delivered.
    pub(crate) fn succeed(&self, ticket: Ticket) {
        self.count(ticket.slot);
    }

    /// A message to `topic` was not delivered.
    pub(crate) fn fail(&self, failed: Failed, topic: &str) {
        let mut failures = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failures.list.push(failed);
        if failures.topic.is_none() && of_report(failed.code) != Verdict::Purged {
            failures.topic = Some(topic.to_owned());
        }
        self.has_failed.store(true, Ordering::SeqCst);
        drop(failures);
        self.count(failed.ticket.slot);
        self.changed.notify_one();
    }

    fn count(&self, slot: usize) {
        let Some(slot) = self.slots.get(slot) else { return };
        let reported = slot.reported.fetch_add(1, Ordering::SeqCst) + 1;
        if reported == slot.expected.load(Ordering::SeqCst) {
            self.changed.notify_one();
        }
    }

    /// Whether [`Reports::take_failed`] would give something.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::SeqCst)
    }

    /// The failures since the last call, if `are_wanted` says so of them.
    pub(crate) fn take_failed_if(&self, are_wanted: impl FnOnce(&[Failed]) -> bool) -> Option<Failures> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if !are_wanted(&failed.list) {
            return None;
        }
        self.has_failed.store(false, Ordering::SeqCst);
        Some(std::mem::take(&mut *failed))
    }

    /// The failures since the last call.
    pub(crate) fn take_failed(&self) -> Failures {
        self.take_failed_if(|_| true).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_survives_its_word() {
        for slot in 0..SLOTS {
            for distance in [0, 1, 4_000_000, (1 << DISTANCE_BITS) - 1] {
                let ticket = Ticket { slot, distance };
                assert_eq!(Ticket::unpack(ticket.pack()), ticket);
            }
        }
    }

    #[test]
    fn failures_are_listed_and_counted_as_reports() {
        let reports = Reports::default();
        reports.begin(3);
        let at = |distance| Ticket { slot: 3, distance };
        reports.succeed(at(0));
        assert!(!reports.has_failed());
        let failed = Failed { ticket: at(1), code: RDKafkaErrorCode::PurgeQueue, value_bytes: 7, partition: (0, 0) };
        reports.fail(failed, "t");
        assert_eq!((reports.reported(3), reports.has_failed()), (2, true));
        assert_eq!((reports.take_failed().list, reports.has_failed()), (vec![failed], false));
        reports.begin(3);
        assert_eq!((reports.reported(3), reports.reported_in_all()), (0, 2));
    }

    #[tokio::test]
    async fn the_last_report_of_a_batch_wakes() {
        let reports = Reports::default();
        reports.begin(0);
        reports.succeed(Ticket { slot: 0, distance: 0 });
        reports.expect(0, 2);
        reports.succeed(Ticket { slot: 0, distance: 1 });
        reports.changed.notified().await;
        assert_eq!(reports.reported(0), 2);
    }
}
