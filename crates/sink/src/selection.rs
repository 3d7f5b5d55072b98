//! Which records of a delivery the sink gets.

use std::sync::Arc;

use extract::Extractor;
use record::{Batch, ClassMask, Sequence};
use select::Filter;

/// Which records of a delivery the sink gets: those of its classes, or what its filter leaves of them. Cheap to clone.
///
/// It is made once for a delivery and kept with it, so a batch that comes again has the same records.
#[derive(Debug, Clone)]
pub struct Selection {
    take: ClassMask,
    /// Absent where nothing is filtered out.
    chosen: Option<Arc<Chosen>>,
}

/// What a filter has left of a delivery.
#[derive(Debug)]
struct Chosen {
    /// For each batch of the delivery the place of its first record in `bits`.
    starts: Vec<usize>,
    /// A bit for each record of each batch.
    bits: Vec<u64>,
    records: u64,
    /// How many records are left out, by reason.
    filtered: Vec<(&'static str, u64)>,
}

impl Selection {
    /// All records of the classes in `take`.
    #[must_use]
    pub const fn of_classes(take: ClassMask) -> Self {
        Self { take, chosen: None }
    }

    /// Of those in `batches` the records that `filter` selects.
    pub fn filtered(
        take: ClassMask,
        batches: &[(Sequence, Arc<Batch>)],
        filter: &Filter,
        extractor: &mut Extractor,
    ) -> Self {
        let records: usize = batches.iter().map(|(_, batch)| batch.len()).sum();
        let mut chosen = Chosen {
            starts: Vec::with_capacity(batches.len()),
            bits: vec![0; records.div_ceil(64)],
            records: 0,
            filtered: Vec::new(),
        };
        let mut start = 0;
        for (_, batch) in batches {
            chosen.starts.push(start);
            for record in batch.records(take) {
                match filter.judge(&record, extractor).reason() {
                    None => chosen.choose(start + record.index()),
                    Some(reason) => chosen.leave_out(reason),
                }
            }
            start += batch.len();
        }
        let is_needed = !chosen.filtered.is_empty();
        Self { take, chosen: is_needed.then(|| Arc::new(chosen)) }
    }

    /// The first selected record from `index` on in `batch`, which stands at `place` in the delivery.
    #[must_use]
    pub fn next(&self, place: usize, batch: &Batch, index: usize) -> Option<usize> {
        match &self.chosen {
            Some(chosen) => chosen.next(place, index, batch.len()),
            None => (index..batch.len()).find(|index| self.take.contains(batch.record(*index).class())),
        }
    }

    /// How many records are selected of `batches`, the delivery that it was made for.
    pub(crate) fn records(&self, batches: &[(Sequence, Arc<Batch>)]) -> u64 {
        match &self.chosen {
            Some(chosen) => chosen.records,
            None => batches.iter().map(|(_, batch)| batch.counts().within(self.take)).sum(),
        }
    }

    /// How many records of the sink's classes are left out, by reason.
    pub(crate) fn left_out(&self) -> &[(&'static str, u64)] {
        self.chosen.as_ref().map_or(&[], |chosen| &chosen.filtered)
    }
}

impl Chosen {
    fn choose(&mut self, bit: usize) {
        self.bits[bit / 64] |= 1 << (bit % 64);
        self.records += 1;
    }

    fn leave_out(&mut self, reason: &'static str) {
        match self.filtered.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, records)) => *records += 1,
            None => self.filtered.push((reason, 1)),
        }
    }

    /// The first chosen record from `index` on in the batch at `place`, which has `len` records.
    fn next(&self, place: usize, index: usize, len: usize) -> Option<usize> {
        let start = *self.starts.get(place)?;
        let end = start + len;
        let mut bit = start + index;
        while bit < end {
            let later = self.bits[bit / 64] >> (bit % 64);
            if later != 0 {
                let found = bit + later.trailing_zeros() as usize;
                return (found < end).then_some(found - start);
            }
            bit = (bit / 64 + 1) * 64;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use record::Class::{self, Cef, Other};
    use record::JournalId;
    use select::Condition;

    use super::*;
    use crate::SinkBatch;
    use crate::testing::batch_of;

    fn filter() -> Filter {
        Filter::new(Some(Condition::parse(r#"msg starts_with "good""#).unwrap()), [])
    }

    fn record() -> impl Strategy<Value = (Class, &'static str)> {
        let class = prop_oneof![3 => Just(Cef), 1 => Just(Other)];
        (class, prop_oneof![Just("good"), Just("bad")])
    }

    proptest! {
        /// Batches of any size, so that bits of several lie in one word, and those of one in several.
        #[test]
        fn what_is_selected_comes_in_order_and_the_rest_is_counted(
            batches in vec(prop_oneof![vec(record(), 0..5), vec(record(), 0..200)], 0..6),
            gap in 0_u64..3,
        ) {
            let take = [Cef].into_iter().collect();
            let mut first = Sequence(7);
            let mut delivery = Vec::new();
            let mut expected = Vec::new();
            let mut left_out = 0;
            for records in &batches {
                for (index, (class, text)) in records.iter().enumerate() {
                    match (class, *text) {
                        (Cef, "good") => expected.push(first.plus(index as u64)),
                        (Cef, _) => left_out += 1,
                        _ => {}
                    }
                }
                delivery.push((first, Arc::new(batch_of(records))));
                first = first.plus(records.len() as u64 + gap);
            }
            let selection = Selection::filtered(take, &delivery, &filter(), &mut Extractor::new());
            let batch = SinkBatch::selected(JournalId(1), &selection, &delivery);
            prop_assert!(batch.records().map(|(id, _)| id.sequence).eq(expected.iter().copied()));
            prop_assert!(batch.records().all(|(_, record)| record.octets() == b"good"));
            prop_assert_eq!(batch.len(), expected.len() as u64);
            let counted: u64 = selection.left_out().iter().map(|(_, records)| records).sum();
            prop_assert_eq!(counted, left_out);
        }
    }

    #[test]
    fn what_is_left_out_is_counted_by_reason() {
        let lease = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/apis","verb":"update","user":{"username":"system:node:n"},"objectRef":{"resource":"leases","apiGroup":"coordination.k8s.io"},"responseStatus":{"code":200}}"#;
        let records = [(Cef, "good"), (Cef, "bad"), (Class::K8sAudit, lease), (Cef, "bad"), (Class::K8sAudit, lease)];
        let delivery = [(Sequence(0), Arc::new(batch_of(&records)))];
        let condition = Condition::parse(r#"not msg == "bad""#).unwrap();
        let filter = Filter::new(Some(condition), select::DropList::named("kubernetes-leases"));
        let selection = Selection::filtered(ClassMask::ALL, &delivery, &filter, &mut Extractor::new());
        assert_eq!(selection.left_out(), [("where", 2), ("kubernetes-leases", 2)]);
        assert_eq!(selection.records(&delivery), 1);
    }
}
