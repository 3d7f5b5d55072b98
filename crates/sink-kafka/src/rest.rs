//! What of a batch is still to be handed over.

use std::collections::VecDeque;
use std::sync::Arc;

use ::sink::{Selection, SinkBatch};
use record::{Batch, JournalId, Record, RecordId, Sequence};

/// The records of a batch from some place on. Empty batches are not kept, so nothing is left exactly when there is no front.
#[derive(Debug, Clone)]
pub(crate) struct Rest {
    journal: JournalId,
    selection: Selection,
    batches: VecDeque<(Sequence, Arc<Batch>)>,
    /// The place of the front batch in the delivery.
    place: usize,
    /// The next record in the front batch; it is one that the sink gets.
    index: usize,
}

impl Rest {
    /// All records of `batch`.
    pub(crate) fn of(batch: &SinkBatch<'_>) -> Self {
        let (selection, batches) = (batch.selection().clone(), batch.batches().iter().cloned().collect());
        let mut rest = Self { journal: batch.journal(), selection, batches, place: 0, index: 0 };
        rest.skip_what_is_not_selected();
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
        self.skip_what_is_not_selected();
    }

    fn skip_what_is_not_selected(&mut self) {
        while let Some((_, batch)) = self.batches.front() {
            if let Some(index) = self.selection.next(self.place, batch, self.index) {
                self.index = index;
                return;
            }
            self.batches.pop_front();
            self.place += 1;
            self.index = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use ::sink::testing::batch_of;
    use extract::Extractor;
    use record::Class::{Cef, Other};
    use record::ClassMask;
    use select::{Condition, Filter};

    use super::*;

    #[test]
    fn the_rest_of_a_batch_has_the_records_that_the_batch_has() {
        let batches = [
            (Sequence(5), Arc::new(batch_of(&[(Other, "5"), (Cef, "6"), (Other, "7"), (Cef, "8")]))),
            (Sequence(9), Arc::new(batch_of(&[(Other, "9")]))),
            (Sequence(20), Arc::new(batch_of(&[(Cef, "20"), (Other, "21")]))),
        ];
        let conditions = ["exists(msg)", "exists(syslog.tag)", r#"msg in ["6", "9"]"#, r#"msg starts_with "2""#];
        let filters = conditions.map(|text| Filter::new(Some(Condition::parse(text).unwrap()), []));
        for take in [ClassMask::ALL, ClassMask::NONE, [Cef].into_iter().collect(), [Other].into_iter().collect()] {
            for filter in &filters {
                let selection = Selection::filtered(take, &batches, filter, &mut Extractor::new());
                let batch = SinkBatch::selected(JournalId(1), &selection, &batches);
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
}
