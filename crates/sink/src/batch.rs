//! What a sink is asked to deliver at once.

use std::sync::Arc;

use record::{Batch, ClassMask, JournalId, Record, RecordId, Sequence};

use crate::Selection;

/// The records of one delivery: those in consecutive batches that are of the sink's classes and that its filter selects.
#[derive(Debug, Clone)]
pub struct SinkBatch<'a> {
    journal: JournalId,
    selection: Selection,
    batches: &'a [(Sequence, Arc<Batch>)],
    records: u64,
}

impl<'a> SinkBatch<'a> {
    /// The records of the classes in `take`. The batches ascend.
    #[must_use]
    pub fn new(journal: JournalId, take: ClassMask, batches: &'a [(Sequence, Arc<Batch>)]) -> Self {
        Self::selected(journal, &Selection::of_classes(take), batches)
    }

    /// The records in `selection`, which was made for these batches. The batches ascend.
    #[must_use]
    pub fn selected(journal: JournalId, selection: &Selection, batches: &'a [(Sequence, Arc<Batch>)]) -> Self {
        let records = selection.records(batches);
        Self { journal, selection: selection.clone(), batches, records }
    }

    /// The journal that the records have their ids from.
    #[must_use]
    pub const fn journal(&self) -> JournalId {
        self.journal
    }

    /// Which records of the batches the sink gets; they have others, too.
    #[must_use]
    pub const fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The batches that the records are in, each with the number of its first record: for a sink that goes on with them
    /// after [`crate::Sink::deliver`] has returned. It needs the [`Self::selection`], too.
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
        let selection = self.selection.clone();
        SinkRecords { journal: self.journal, selection, batches: self.batches, place: 0, index: 0 }
    }
}

/// Iterates over the records of a [`SinkBatch`].
#[derive(Debug, Clone)]
pub struct SinkRecords<'a> {
    journal: JournalId,
    selection: Selection,
    batches: &'a [(Sequence, Arc<Batch>)],
    /// The batch, and the record in it, that is to be looked at next.
    place: usize,
    index: usize,
}

impl<'a> Iterator for SinkRecords<'a> {
    type Item = (RecordId, Record<'a>);

    fn next(&mut self) -> Option<(RecordId, Record<'a>)> {
        loop {
            let (first, batch) = self.batches.get(self.place)?;
            if let Some(index) = self.selection.next(self.place, batch, self.index) {
                self.index = index + 1;
                let sequence = first.plus(index as u64);
                return Some((RecordId { journal: self.journal, sequence }, batch.record(index)));
            }
            self.place += 1;
            self.index = 0;
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
