//! What of a batch arrived before its client was thrown away.

use std::collections::HashSet;

use ::sink::Rejected;
use record::Sequence;

/// Remembers, for a batch that will be given again, which of its records must not be sent again.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Earlier {
    /// Records up to here were handed over, in one attempt or another.
    handed_to: Option<Sequence>,
    /// Those of them that did not arrive.
    missing: HashSet<Sequence>,
    /// How many arrived.
    pub(crate) arrived: u64,
    /// Those that never will.
    pub(crate) rejected: Vec<Rejected>,
}

/// What became of one attempt.
#[derive(Debug, Default)]
pub(crate) struct Attempted {
    /// The last record that was handed over, or rejected by us; none when the attempt did not get so far.
    pub(crate) last: Option<Sequence>,
    /// How many were handed over.
    pub(crate) handed: u64,
    /// How many of them were reported, whether good or bad.
    pub(crate) reported: u64,
    /// Those that were reported as not delivered, and may be another time.
    pub(crate) missing: Vec<Sequence>,
    /// Those that never will be: because the broker said so, or because we did.
    pub(crate) rejected: Vec<Rejected>,
    /// How many of `rejected` were handed over.
    pub(crate) rejected_by_broker: u64,
}

impl Earlier {
    /// Whether `record` is still to be sent.
    pub(crate) fn needs(&self, record: Sequence) -> bool {
        self.handed_to.is_none_or(|handed_to| record > handed_to) || self.missing.contains(&record)
    }

    /// Adds what came of another attempt to send what was needed, in the order of the journal.
    ///
    /// When reports are missing, nobody knows whose: then all of the attempt is sent again.
    pub(crate) fn add(&mut self, attempted: Attempted) {
        let Some(last) = attempted.last else { return };
        if attempted.reported < attempted.handed {
            return;
        }
        self.missing.retain(|record| *record > last);
        self.arrived += attempted.handed - attempted.missing.len() as u64 - attempted.rejected_by_broker;
        self.missing.extend(attempted.missing);
        self.rejected.extend(attempted.rejected);
        self.handed_to = self.handed_to.max(Some(last));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// How a record fares in an attempt.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Fate {
        Arrives,
        Fails,
        Rejected,
    }

    fn fates() -> impl Strategy<Value = Vec<Fate>> {
        proptest::collection::vec(
            prop_oneof![4 => Just(Fate::Arrives), 2 => Just(Fate::Fails), 1 => Just(Fate::Rejected)],
            30,
        )
    }

    proptest! {
        /// Attempts end anywhere, with or without all their reports: each record still arrives, or is rejected, once in what we count.
        #[test]
        fn nothing_is_forgotten_and_nothing_counts_twice(
            attempts in proptest::collection::vec((fates(), 0_usize..=30, proptest::bool::weighted(0.8)), 1..8),
        ) {
            let records = (100..130).map(Sequence).collect::<Vec<_>>();
            let mut earlier = Earlier::default();
            let mut done = BTreeMap::new();
            let whole = (vec![Fate::Arrives; 30], 30, true);
            for (fates, until, is_reported) in attempts.into_iter().chain([whole]) {
                let mut attempted = Attempted::default();
                let mut done_now = Vec::new();
                for (record, fate) in records.iter().zip(fates).take(until) {
                    prop_assert_eq!(earlier.needs(*record), !done.contains_key(record));
                    if !earlier.needs(*record) {
                        continue;
                    }
                    attempted.last = Some(*record);
                    attempted.handed += 1;
                    attempted.reported += 1;
                    match fate {
                        Fate::Arrives => done_now.push((*record, fate)),
                        Fate::Fails => attempted.missing.push(*record),
                        Fate::Rejected => {
                            attempted.rejected_by_broker += 1;
                            let rejected = Rejected { record: *record, reason: "r", what: String::new() };
                            attempted.rejected.push(rejected);
                            done_now.push((*record, fate));
                        }
                    }
                }
                if is_reported {
                    done.extend(done_now);
                } else {
                    attempted.reported = attempted.reported.saturating_sub(1);
                    if attempted.handed == 0 {
                        done.extend(done_now);
                    }
                }
                earlier.add(attempted);
            }
            let of = |wanted| done.values().filter(|fate| **fate == wanted).count();
            prop_assert_eq!(done.len(), 30);
            prop_assert_eq!(earlier.arrived, of(Fate::Arrives) as u64);
            prop_assert_eq!(earlier.rejected.len(), of(Fate::Rejected));
            prop_assert!(records.iter().all(|record| !earlier.needs(*record)));
        }
    }
}
