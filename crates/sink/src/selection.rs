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
