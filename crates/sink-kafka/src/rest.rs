//! What of a batch is still to be handed over.

use std::collections::VecDeque;
use std::sync::Arc;

use ::sink::SinkBatch;
use record::{Batch, ClassMask, JournalId, Record, RecordId, Sequence};

/// The records of a batch from some place on. Empty batches are not kept, so nothing is left exactly when there is no front.
#[derive(Debug, Clone)]
pub(crate) struct Rest {
    journal: JournalId,
    take: ClassMask,
    batches: VecDeque<(Sequence, Arc<Batch>)>,
    /// The next record in the front batch; it is of a class that the sink takes.
    index: usize,
}

impl Rest {
    /// All records of `batch`.
    pub(crate) fn of(batch: &SinkBatch<'_>) -> Self {
        let batches = batch.batches().iter().cloned().collect();
        let mut rest = Self { journal: batch.journal(), take: batch.take(), batches, index: 0 };
        rest.skip_what_is_not_taken();
        rest
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// The next record.
    pub(crate) fn first(&self) -> Option<(RecordId, Record<'_>)> {
        let (first, batch) = self.batches.front()?;
        let id = RecordId { journal: self.journal, sequence: first.plus(self.index as u64) };
        Some((id, batch.record(self.index)))
    }

    /// Leaves the next record behind.
    pub(crate) fn advance(&mut self) {
        self.index += 1;
        self.skip_what_is_not_taken();
    }

    fn skip_what_is_not_taken(&mut self) {
        while let Some((_, batch)) = self.batches.front() {
            let later = self.index..batch.len();
            if let Some(index) = later.into_iter().find(|index| self.take.contains(batch.record(*index).class())) {
                self.index = index;
                return;
            }
            self.batches.pop_front();
            self.index = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use ::sink::testing::batch_of;
    use record::Class::{Cef, Other};

    use super::*;

    #[test]
    fn the_rest_of_a_batch_has_the_records_that_the_batch_has() {
        let batches = [
            (Sequence(5), Arc::new(batch_of(&[(Other, "5"), (Cef, "6"), (Other, "7"), (Cef, "8")]))),
            (Sequence(9), Arc::new(batch_of(&[(Other, "9")]))),
            (Sequence(20), Arc::new(batch_of(&[(Cef, "20"), (Other, "21")]))),
        ];
        for take in [ClassMask::ALL, ClassMask::NONE, [Cef].into_iter().collect(), [Other].into_iter().collect()] {
            let batch = SinkBatch::new(JournalId(1), take, &batches);
            let mut rest = Rest::of(&batch);
            for (id, record) in batch.records() {
                let (found, same) = rest.first().unwrap();
                assert_eq!((found, same.octets()), (id, record.octets()));
                rest.advance();
            }
            assert!(rest.is_empty() && rest.first().is_none());
        }
    }
}
