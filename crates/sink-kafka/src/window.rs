//! The batches under way, and what becomes of their records.

use std::collections::{HashMap, VecDeque};

use ::sink::{Ack, Rejected, SinkBatch};
use rdkafka::types::RDKafkaErrorCode;
use record::Sequence;

use crate::earlier::{Attempted, Earlier};
use crate::reports::{Failed, Reports, SLOTS};
use crate::rest::Rest;
use crate::verdict::{Verdict, of_report};

/// A batch of which the client has some, or all.
#[derive(Debug)]
pub(crate) struct UnderWay {
    pub(crate) slot: usize,
    /// Its first record.
    pub(crate) first: Sequence,
    whole: Rest,
    /// What is still to be handed over.
    pub(crate) rest: Rest,
    /// What this client has, or had, of it.
    pub(crate) attempted: Attempted,
    /// What clients before this one have brought to its end.
    pub(crate) earlier: Earlier,
}

/// The batches under way, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Window {
    batches: VecDeque<UnderWay>,
    next_slot: usize,
}

/// What the failed reports of a client come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sorted {
    /// The first failure that is about more than records.
    pub(crate) failure: Option<RDKafkaErrorCode>,
    /// Records were rejected, each for certain.
    pub(crate) has_rejected: bool,
    /// A batch of several messages was too large.
    pub(crate) is_batch_too_large: bool,
    /// Records were rejected, and the broker did not say which of their batch.
    pub(crate) is_unnamed: bool,
}

/// How large the batches of a client may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Batching {
    /// At most this many bytes, if they have several messages.
    Bytes(u64),
    /// Each message by itself.
    Alone,
}

impl Batching {
    /// Whether a message with a value of `value_bytes` had no company, whatever else there was to send.
    const fn is_alone(self, value_bytes: usize) -> bool {
        match self {
            Self::Bytes(bytes) => bytes <= 1 || value_bytes as u64 >= bytes,
            Self::Alone => true,
        }
    }
}

impl Window {
    /// Adds a batch, of which `earlier` is done with.
    pub(crate) fn push(&mut self, batch: &SinkBatch<'_>, earlier: Earlier) -> usize {
        let slot = self.next_slot;
        self.next_slot = (slot + 1) % SLOTS;
        let whole = Rest::of(batch);
        let (rest, attempted) = (whole.clone(), Attempted::default());
        self.batches.push_back(UnderWay { slot, first: first_of(batch), whole, rest, attempted, earlier });
        slot
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// The slots in use.
    pub(crate) fn slots(&self) -> impl Iterator<Item = usize> {
        self.batches.iter().map(|batch| batch.slot)
    }

    /// The oldest batch of which something is still to be handed over.
    pub(crate) fn unfinished(&mut self) -> Option<&mut UnderWay> {
        self.batches.iter_mut().find(|batch| !batch.rest.is_empty())
    }

    /// What became of the oldest batch, if all of its reports are in and no failure waits to be looked at.
    pub(crate) fn settle(&mut self, reports: &Reports) -> Option<Ack> {
        let oldest = self.batches.front()?;
        if !oldest.rest.is_empty() || reports.reported(oldest.slot) < oldest.attempted.handed {
            return None;
        }
        // Looked at last: a failure is listed before it is counted.
        if reports.has_failed() {
            return None;
        }
        let UnderWay { attempted, mut earlier, .. } = self.batches.pop_front()?;
        earlier.rejected.extend(attempted.rejected);
        // There is nothing missing here; if there were, by a mistake of ours, the ledger would show it.
        let arrived = attempted.handed - attempted.rejected_by_broker - attempted.missing.len() as u64;
        Some(Ack { records: earlier.arrived + arrived, rejected: earlier.rejected })
    }

    /// Puts each failed report down at its batch. A client whose reports come to more than rejected records must end, or have
    /// ended.
    pub(crate) fn sort(&mut self, failed: &[Failed], batching: Batching) -> Sorted {
        let mut sorted = Sorted::default();
        let fates = fates(failed, batching);
        for (Failed { ticket, code, value_bytes, .. }, fate) in failed.iter().zip(fates) {
            let Some(batch) = self.batches.iter_mut().find(|batch| batch.slot == ticket.slot) else { continue };
            let record = batch.first.plus(ticket.distance);
            match fate {
                Fate::Rejected(reason) => {
                    sorted.has_rejected = true;
                    let what = format!("as a Kafka message of {value_bytes} octets: {code}");
                    batch.attempted.rejected.push(Rejected { record, reason, what });
                    batch.attempted.rejected_by_broker += 1;
                    continue;
                }
                Fate::TooLargeTogether => sorted.is_batch_too_large = true,
                Fate::Unnamed => sorted.is_unnamed = true,
                Fate::Purged => {}
                Fate::Fails => sorted.failure = sorted.failure.or(Some(*code)),
            }
            batch.attempted.missing.push(record);
        }
        sorted
    }

    /// The client has ended: what is not done with is to be handed over again, from the start of each batch.
    pub(crate) fn begin_anew(&mut self, reports: &Reports) {
        for batch in &mut self.batches {
            let mut attempted = std::mem::take(&mut batch.attempted);
            attempted.reported = reports.reported(batch.slot);
            batch.earlier.add(attempted);
            batch.rest = batch.whole.clone();
        }
    }

    /// Forgets the batches, but not what of each is done with; newest first.
    pub(crate) fn recall(&mut self) -> impl Iterator<Item = (Sequence, Earlier)> {
        self.batches.drain(..).rev().map(|batch| (batch.first, batch.earlier))
    }
}

/// What a failed report means for its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It can never be delivered, for certain.
    Rejected(&'static str),
    /// It, or one that shared its batch, is too large.
    TooLargeTogether,
    /// It, or one that shared its batch, is not valid.
    Unnamed,
    /// Nothing.
    Purged,
    /// Nothing; but something else is wrong.
    Fails,
}

fn fates(failed: &[Failed], batching: Batching) -> impl Iterator<Item = Fate> {
    let mut partitions = HashMap::<_, Named>::new();
    for failed in failed {
        let named = partitions.entry(failed.partition).or_default();
        named.has_spared |= failed.code == RDKafkaErrorCode::InvalidDifferentRecord;
        named.rejected += usize::from(matches!(of_report(failed.code), Verdict::Rejected(_)));
    }
    failed.iter().map(move |failed| match (certain_rejection(failed, batching), of_report(failed.code)) {
        (Some(reason), _) => Fate::Rejected(reason),
        (None, Verdict::TooLarge) => Fate::TooLargeTogether,
        (None, Verdict::Rejected(_)) if !partitions[&failed.partition].are_rejections_named() => Fate::Unnamed,
        (None, Verdict::Rejected(reason)) => Fate::Rejected(reason),
        (None, Verdict::Purged) => Fate::Purged,
        (None, Verdict::Fails) => Fate::Fails,
    })
}

/// What the broker said of the records of a partition.
#[derive(Debug, Default)]
struct Named {
    rejected: usize,
    /// Some only shared a batch with one that was rejected.
    has_spared: bool,
}

impl Named {
    /// A broker that names no record fails all of a batch with the same code.
    const fn are_rejections_named(&self) -> bool {
        self.has_spared || self.rejected == 1
    }
}

/// Why a record was rejected, if that is certain whatever other reports say: it was alone.
fn certain_rejection(failed: &Failed, batching: Batching) -> Option<&'static str> {
    match of_report(failed.code) {
        Verdict::TooLarge if batching.is_alone(failed.value_bytes) => Some("too_large"),
        Verdict::Rejected(reason) if batching.is_alone(failed.value_bytes) => Some(reason),
        _ => None,
    }
}

/// Whether each of the failed reports rejects its record for certain, also when there are more to come.
pub(crate) fn are_only_rejections(failed: &[Failed], batching: Batching) -> bool {
    failed.iter().all(|failed| certain_rejection(failed, batching).is_some())
}

/// The first record of a batch, which names the batch.
pub(crate) fn first_of(batch: &SinkBatch<'_>) -> Sequence {
    batch.records().next().map_or_else(Sequence::default, |(id, _)| id.sequence)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::sink::testing::batch_of;
    use RDKafkaErrorCode::{InvalidDifferentRecord, InvalidRecord, MessageSizeTooLarge, PurgeQueue, UnknownTopic};
    use record::{Class, ClassMask, JournalId};

    use super::*;
    use crate::reports::Ticket;

    /// A window with one batch of the records 10 to 13, all handed over.
    fn window() -> Window {
        let batches = [(Sequence(10), Arc::new(batch_of(&[(Class::Cef, "x"); 4])))];
        let mut window = Window::default();
        window.push(&SinkBatch::new(JournalId(1), ClassMask::ALL, &batches), Earlier::default());
        let batch = window.unfinished().unwrap();
        while !batch.rest.is_empty() {
            batch.rest.advance();
        }
        (batch.attempted.last, batch.attempted.handed) = (Some(Sequence(13)), 4);
        window
    }

    fn failed(distance: u64, code: RDKafkaErrorCode, value_bytes: usize) -> Failed {
        Failed { ticket: Ticket { slot: 0, distance }, code, value_bytes, partition: (0, 0) }
    }

    fn check(list: &[Failed], batching: Batching, expected: Sorted, rejected: &[u64], missing: &[u64]) {
        let mut window = window();
        assert_eq!(window.sort(list, batching), expected, "{list:?}");
        let attempted = &window.batches[0].attempted;
        assert_eq!(
            attempted.rejected.iter().map(|rejected| rejected.record.0).collect::<Vec<_>>(),
            rejected,
            "{list:?}"
        );
        assert_eq!(attempted.missing.iter().map(|record| record.0).collect::<Vec<_>>(), missing, "{list:?}");
    }

    #[test]
    fn only_a_record_that_is_certainly_at_fault_is_rejected() {
        let bytes = Batching::Bytes(1000);
        let nothing = Sorted::default;
        let rejects = || Sorted { has_rejected: true, ..nothing() };
        check(&[failed(1, MessageSizeTooLarge, 1000)], bytes, rejects(), &[11], &[]);
        let shared = [failed(1, MessageSizeTooLarge, 999), failed(2, MessageSizeTooLarge, 1)];
        check(&shared, bytes, Sorted { is_batch_too_large: true, ..nothing() }, &[], &[11, 12]);
        check(&shared, Batching::Alone, rejects(), &[11, 12], &[]);
        let named = [failed(0, InvalidDifferentRecord, 1), failed(1, InvalidRecord, 1), failed(3, InvalidRecord, 1)];
        check(&named, bytes, rejects(), &[11, 13], &[10]);
        check(&[failed(1, InvalidRecord, 1)], bytes, rejects(), &[11], &[]);
        let unnamed = [failed(0, InvalidRecord, 1), failed(1, InvalidRecord, 1)];
        check(&unnamed, bytes, Sorted { is_unnamed: true, ..nothing() }, &[], &[10, 11]);
        check(&unnamed, Batching::Alone, rejects(), &[10, 11], &[]);
        let unnamed_but_alone = [failed(0, InvalidRecord, 1000), failed(1, InvalidRecord, 1000)];
        check(&unnamed_but_alone, bytes, rejects(), &[10, 11], &[]);
        let elsewhere = Failed { partition: (0, 1), ..failed(2, InvalidDifferentRecord, 1) };
        let unnamed_here = [failed(0, InvalidRecord, 1), failed(1, InvalidRecord, 1), elsewhere];
        check(&unnamed_here, bytes, Sorted { is_unnamed: true, ..nothing() }, &[], &[10, 11, 12]);
        let others = [failed(0, PurgeQueue, 1), failed(1, UnknownTopic, 1)];
        check(&others, bytes, Sorted { failure: Some(UnknownTopic), ..nothing() }, &[], &[10, 11]);
    }

    #[test]
    fn a_report_that_may_have_been_for_another_record_is_no_rejection_while_others_may_come() {
        let bytes = Batching::Bytes(1000);
        let cases = [
            (failed(1, MessageSizeTooLarge, 1000), bytes, true),
            (failed(1, MessageSizeTooLarge, 999), bytes, false),
            (failed(1, InvalidRecord, 1), bytes, false),
            (failed(1, InvalidRecord, 1000), bytes, true),
            (failed(1, InvalidRecord, 1), Batching::Alone, true),
            (failed(1, PurgeQueue, 1000), bytes, false),
        ];
        for (failed, batching, expected) in cases {
            assert_eq!(are_only_rejections(&[failed], batching), expected, "{failed:?}");
        }
    }

    #[test]
    fn a_batch_with_a_failure_that_nobody_has_looked_at_is_not_settled() {
        let mut window = window();
        let reports = Reports::default();
        (0..3).for_each(|distance| reports.succeed(Ticket { slot: 0, distance }));
        assert_eq!(window.settle(&reports), None);
        reports.fail(failed(3, PurgeQueue, 1), "t");
        assert_eq!(window.settle(&reports), None);
        window.sort(&reports.take_failed().list, Batching::Alone);
        window.begin_anew(&reports);
        let batch = window.unfinished().unwrap();
        assert_eq!(batch.earlier.arrived, 3);
        let needed = (10..14).map(Sequence).filter(|record| batch.earlier.needs(*record));
        assert!(needed.eq([Sequence(13)]));
    }
}
