//! A journal to try things on.

use std::ops::Range;
use std::path::{Path, PathBuf};

use record::{JournalId, Sequence};

use crate::Position;
use crate::log::storage::model::Model;
use crate::log::{Item, Log, LogError, LogSettings, NewEntry, NewJournal, Opened, Reader, Storage};

pub(super) const DIRECTORY: &str = "/journal";

pub(super) fn settings(segment_bytes: u64) -> LogSettings {
    let new = NewJournal { journal: JournalId(0xabcd), salt: 0x1234_5678_9abc_def0, host: "here".into() };
    LogSettings { segment_bytes, reserve_bytes: 0, quarantine_bytes_max: 1 << 20, new }
}

pub(super) fn model() -> Model {
    Model::with_directory("/", 1)
}

pub(super) fn open(model: &Model, segment_bytes: u64) -> Result<Opened<Model>, LogError> {
    Log::open(model.clone(), Path::new(DIRECTORY), settings(segment_bytes))
}

pub(super) fn segment_path(number: u64) -> PathBuf {
    PathBuf::from(format!("{DIRECTORY}/segments/{number:016x}.log"))
}

pub(super) fn cursor_path(name: &str) -> PathBuf {
    PathBuf::from(format!("{DIRECTORY}/cursors/{name}"))
}

pub(super) fn at(sequence: u64) -> Position {
    Position::before(Sequence(sequence))
}

/// The payload that record `sequence` has in tests: of a length and octets of its own.
pub(super) fn payload(sequence: u64) -> Vec<u8> {
    let bytes = (sequence * 37 % 211) as usize;
    let mut octets = sequence.to_le_bytes().to_vec();
    octets.extend((0..bytes).map(|place| (sequence as usize * 31 + place * 7) as u8));
    octets
}

/// Stages and writes records one entry each, as one group; returns their numbers.
pub(super) fn append<S: Storage>(log: &mut Log<S>, count: u64) -> Range<u64> {
    let from = log.written().next().0;
    for sequence in from..from + count {
        let entry = NewEntry { kind: 1, flags: 2, records: 1, payload: &payload(sequence) };
        assert_eq!(log.stage(entry).unwrap(), Sequence(sequence));
    }
    log.write().unwrap();
    from..from + count
}

/// The same, synced.
pub(super) fn commit<S: Storage>(log: &mut Log<S>, count: u64) -> Range<u64> {
    let numbers = append(log, count);
    assert_eq!(log.sync().unwrap(), log.written());
    numbers
}

/// What a reader hands out in one go.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) records: Vec<u64>,
    pub(super) gaps: Vec<Range<u64>>,
    pub(super) skipped: Vec<Range<u64>>,
    pub(super) damaged: Vec<(u64, Range<u64>)>,
}

impl Seen {
    pub(super) fn of(records: impl IntoIterator<Item = u64>) -> Self {
        Self { records: records.into_iter().collect(), ..Self::default() }
    }
}

/// Reads up to what is written, and holds each entry against what was appended under its number.
pub(super) fn read<S: Storage>(reader: &mut Reader<S>, until: Position) -> Seen {
    let mut seen = Seen::default();
    loop {
        let numbers = |range: Range<Sequence>| range.start.0..range.end.0;
        match reader.next(until).unwrap() {
            Item::Entry(entry) => {
                assert_eq!((entry.kind, entry.flags, entry.records), (1, 2, 1));
                assert!(entry.payload == payload(entry.sequence.0), "record {} is corrupt", entry.sequence.0);
                seen.records.push(entry.sequence.0);
            }
            Item::Gap(gap) => seen.gaps.push(numbers(gap)),
            Item::Skipped(skipped) => seen.skipped.push(numbers(skipped)),
            Item::Damage(damage) => seen.damaged.push((damage.segment, damage.octets)),
            Item::Busy => {}
            Item::End => break,
        }
    }
    assert_eq!(reader.position(), until.max(reader.position()), "a reader that has ended is where it was to go");
    seen
}

/// All that is there.
pub(super) fn read_all<S: Storage>(log: &Log<S>) -> Seen {
    read_from(log, log.oldest())
}

pub(super) fn read_from<S: Storage>(log: &Log<S>, position: Position) -> Seen {
    read(&mut log.reader(position), log.written())
}
