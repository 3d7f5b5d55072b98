//! What a sink has rejected, as dead letters.

use std::collections::HashMap;

use record::{Record, RecordId};

use crate::{DeadLetter, DeadLetterError, Rejected, SinkBatch, Trouble};

/// The records of `batch` that `rejected` names, in the order of the batch. What else it names cannot be kept; the
/// ledger tells. Allocates nothing when there are none.
pub(super) fn letters_for<'a>(batch: &SinkBatch<'a>, rejected: &'a [Rejected]) -> Vec<DeadLetter<'a>> {
    if rejected.is_empty() {
        return Vec::new();
    }
    let named = rejected.iter().map(|rejected| (rejected.record, rejected)).collect::<HashMap<_, _>>();
    let letter = |(id, record): (RecordId, Record<'a>)| {
        let rejected = named.get(&id.sequence)?;
        Some(DeadLetter { id, reason: rejected.reason, what: &rejected.what, record })
    };
    batch.records().filter_map(letter).collect()
}

/// Letters were not kept.
pub(super) fn trouble_of(error: &DeadLetterError) -> Trouble {
    Trouble {
        reason: "dead_letters",
        what: error.to_string(),
        remedy: "make room for it or move the file away; nothing is dropped, delivery waits".to_owned(),
    }
}
