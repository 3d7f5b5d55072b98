//! What a sink is asked to deliver at once.

use std::sync::Arc;

use record::{Batch, ClassMask, JournalId, Record, RecordId, Records, Sequence};

/// The records of one delivery: those of the sink's classes in consecutive batches.
#[derive(Debug, Clone, Copy)]
pub struct SinkBatch<'a> {
    journal: JournalId,
    take: ClassMask,
    batches: &'a [(Sequence, Arc<Batch>)],
    records: u64,
}

impl<'a> SinkBatch<'a> {
    /// The records of the classes in `take`. The batches ascend.
    #[must_use]
    pub fn new(journal: JournalId, take: ClassMask, batches: &'a [(Sequence, Arc<Batch>)]) -> Self {
        let records = batches.iter().map(|(_, batch)| batch.counts().within(take)).sum();
        Self { journal, take, batches, records }
    }

    /// The journal that the records have their ids from.
    #[must_use]
    pub const fn journal(&self) -> JournalId {
        self.journal
    }

    /// The classes that the sink takes; the batches have records of others, too.
    #[must_use]
    pub const fn take(&self) -> ClassMask {
        self.take
    }

    /// The batches that the records are in, each with the number of its first record: for a sink that goes on with them
    /// after [`crate::Sink::deliver`] has returned.
    #[must_use]
    pub const fn batches(&self) -> &'a [(Sequence, Arc<Batch>)] {
        self.batches
    }

    /// How many records there are.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.records
    }

    /// Whether there is nothing to deliver.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// All records with their ids, in the order of the journal.
    #[must_use]
    pub fn records(&self) -> SinkRecords<'a> {
        SinkRecords { journal: self.journal, take: self.take, later: self.batches.iter(), now: None }
    }
}

/// Iterates over the records of a [`SinkBatch`].
#[derive(Debug, Clone)]
pub struct SinkRecords<'a> {
    journal: JournalId,
    take: ClassMask,
    later: std::slice::Iter<'a, (Sequence, Arc<Batch>)>,
    now: Option<(Sequence, Records<'a>)>,
}

impl<'a> Iterator for SinkRecords<'a> {
    type Item = (RecordId, Record<'a>);

    fn next(&mut self) -> Option<(RecordId, Record<'a>)> {
        loop {
            if let Some((first, records)) = &mut self.now
                && let Some(record) = records.next()
            {
                let sequence = first.plus(record.index() as u64);
                return Some((RecordId { journal: self.journal, sequence }, record));
            }
            let (first, batch) = self.later.next()?;
            self.now = Some((*first, batch.records(self.take)));
        }
    }
}

#[cfg(test)]
mod tests {
    use record::Class::{Cef, Other};

    use super::*;
    use crate::testing::batch_of;

    fn check(take: ClassMask, expected: &[u64]) {
        let batches = [
            (Sequence(5), Arc::new(batch_of(&[(Cef, "5"), (Other, "6"), (Cef, "7")]))),
            (Sequence(9), Arc::new(batch_of(&[(Other, "9")]))),
            (Sequence(20), Arc::new(batch_of(&[(Cef, "20")]))),
        ];
        let batch = SinkBatch::new(JournalId(1), take, &batches);
        assert_eq!(batch.records().map(|(id, _)| id.sequence.0).collect::<Vec<_>>(), expected);
        assert_eq!(batch.len(), expected.len() as u64);
        for (id, record) in batch.records() {
            assert_eq!(record.octets(), id.sequence.0.to_string().as_bytes(), "the id goes with its record");
        }
    }

    #[test]
    fn records_come_in_order_with_their_ids() {
        check(ClassMask::ALL, &[5, 6, 7, 9, 20]);
    }

    #[test]
    fn only_the_sinks_classes_come() {
        check([Cef].into_iter().collect(), &[5, 7, 20]);
        check(ClassMask::NONE, &[]);
    }
}
