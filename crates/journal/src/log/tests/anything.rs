//! Files whose octets are anything: nothing is handed out that was not appended, and nothing panics.

use proptest::collection::vec;
use proptest::prelude::*;
use record::Sequence;

use super::support::*;
use crate::log::storage::model::Model;
use crate::log::{Item, LogErrorKind};

const SEGMENT_BYTES: u64 = 8192;

/// What is done to a file, at a place in it.
#[derive(Debug, Clone)]
enum Harm {
    Flip(u8),
    Fill(u8, usize),
    Remove(usize),
    Insert(Vec<u8>),
    /// Octets from elsewhere in the same file.
    Copy(usize, usize),
    Truncate,
}

impl Harm {
    fn apply(&self, octets: &mut Vec<u8>, place: usize) {
        if octets.is_empty() {
            return;
        }
        let place = place % octets.len();
        let to = |bytes: usize| octets.len().min(place + bytes);
        match self {
            Self::Flip(bits) => octets[place] ^= bits,
            Self::Fill(octet, bytes) => {
                let to = to(*bytes);
                octets[place..to].fill(*octet);
            }
            Self::Remove(bytes) => drop(octets.drain(place..to(*bytes))),
            Self::Insert(inserted) => drop(octets.splice(place..place, inserted.iter().copied())),
            Self::Copy(from, bytes) => {
                let from = from % octets.len();
                let copied = octets[from..octets.len().min(from + bytes)].to_vec();
                let to = octets.len().min(place + copied.len());
                octets[place..to].copy_from_slice(&copied[..to - place]);
            }
            Self::Truncate => octets.truncate(place),
        }
    }
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        4 => (1..=255_u8).prop_map(Harm::Flip),
        1 => (any::<u8>(), 1..3000_usize).prop_map(|(octet, bytes)| Harm::Fill(octet, bytes)),
        1 => (1..500_usize).prop_map(Harm::Remove),
        1 => vec(any::<u8>(), 1..100).prop_map(Harm::Insert),
        1 => (any::<usize>(), 1..2000_usize).prop_map(|(from, bytes)| Harm::Copy(from, bytes)),
        1 => Just(Harm::Truncate),
    ]
}

fn filled() -> Model {
    let model = model();
    let mut log = open(&model, SEGMENT_BYTES).unwrap().log;
    let mut cursor = log.create_cursor("siem", at(0)).unwrap();
    for _ in 0..40 {
        commit(&mut log, 5);
    }
    cursor.save(at(7), b"state").unwrap();
    append(&mut log, 5);
    drop(log);
    model.kill();
    model
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_handed_out_was_appended_whatever_happened_to_the_files(
        harms in vec((any::<prop::sample::Index>(), any::<usize>(), harm()), 1..6),
    ) {
        let model = filled();
        let files = model.everything().into_keys().collect::<Vec<_>>();
        for (file, place, harm) in &harms {
            let path = file.get(&files);
            let mut octets = model.octets(path);
            harm.apply(&mut octets, *place);
            model.put(path, octets);
        }
        let mut log = match open(&model, SEGMENT_BYTES) {
            Ok(opened) => opened.log,
            Err(error) => {
                let refusals = [LogErrorKind::CursorDamaged, LogErrorKind::IdentityDamaged];
                prop_assert!(refusals.contains(&error.kind()), "{error}");
                return Ok(());
            }
        };
        let written = append(&mut log, 3);
        let seen = read_from(&log, at(0));
        // Each number once, in order: handed out, lost, or skipped.
        let mut ranges = seen.records.iter().map(|record| *record..record + 1).collect::<Vec<_>>();
        ranges.extend(seen.gaps.iter().cloned());
        ranges.extend(seen.skipped.iter().cloned());
        ranges.sort_by_key(|range| range.start);
        prop_assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start), "{ranges:?}");
        prop_assert_eq!(ranges.last().map(|last| last.end), Some(log.written().next().0));
        prop_assert!(seen.records.ends_with(&written.collect::<Vec<_>>()));
    }
}

/// A payload may look like entries as much as its sender likes; even when the entry that it is in is damaged, nothing of it is taken for one.
#[test]
fn a_payload_that_looks_like_entries_is_none() {
    let model = model();
    let mut log = open(&model, 64 << 10).unwrap().log;
    commit(&mut log, 3);
    let before = model.octets(&segment_path(1));
    // Whole entries of this very segment, over and over.
    let forged = before[64..600].repeat(60);
    log.stage(crate::log::NewEntry { kind: 1, flags: 2, records: 1, payload: &forged }).unwrap();
    log.write().unwrap();
    log.sync().unwrap();
    let end = log.written();
    append(&mut log, 3);
    drop(log);
    let mut octets = model.octets(&segment_path(1));
    // A bit of the header of the entry that they are in, which is the second place where they stand.
    let forged_at = (65..octets.len()).find(|at| octets[*at..].starts_with(&forged[..64])).unwrap();
    octets[forged_at - 10] ^= 1;
    model.put(&segment_path(1), octets);
    model.kill();
    let log = open(&model, 64 << 10).unwrap().log;
    let seen = read_from(&log, at(0));
    assert_eq!(seen.records, [0, 1, 2, 4, 5, 6]);
    assert_eq!(seen.gaps.iter().map(|gap| Sequence(gap.end)).collect::<Vec<_>>(), [end.next()]);
    let mut reader = log.reader(at(3));
    assert!(matches!(reader.next(log.written()).unwrap(), Item::Damage(_)));
}
