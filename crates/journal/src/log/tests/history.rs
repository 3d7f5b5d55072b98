//! A journal beside plain lists: appended, synced, saved, dropped, killed, cut off from power, and opened again.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use record::Sequence;

use super::support::*;
use crate::log::crash::{arm, disarm};
use crate::log::storage::model::{Fault, Model, Unsynced};
use crate::log::{CursorFile, Item, Log, LogError, LogErrorKind, NewEntry};

pub(super) const CURSORS: [&str; 2] = ["file", "siem"];

/// One thing that happens to a journal.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Entries with payloads of so many octets more than the eight that tell them apart.
    Append(Vec<usize>),
    Sync,
    /// A cursor goes this part (of 256) of the way to what is synced, or to what is written.
    Save {
        cursor: usize,
        way: u8,
        is_ahead: bool,
        state_bytes: usize,
    },
    Drop,
    /// At the n-th arrival at this point from now on, the process ends; the power too, if it is said how.
    CrashAt {
        point: &'static str,
        arrival: u64,
        unsynced: Option<Unsynced>,
    },
    Crash(Option<Unsynced>),
    Fail(Fault),
}

/// The points at which a process can be ended in this layer.
pub(super) const POINTS: &[&str] = &[
    "group.sealed",
    "group.written",
    "group.synced",
    "segment.created",
    "file.synced",
    "file.renamed",
    "segment.directory_synced",
    "cursor.half_written",
    "cursor.written",
    "drop.before_unlink",
    "drop.unlinked",
    "recovery.copied",
];

/// A journal and what is known about it from outside.
pub(super) struct History {
    pub(super) model: Model,
    segment_bytes: u64,
    open: Option<(Log<Model>, Vec<CursorFile<Model>>)>,
    /// Tells every entry that was ever staged from every other one.
    attempts: u64,
    /// For each number, what was written under it and not acknowledged.
    tried: BTreeMap<u64, BTreeSet<u64>>,
    /// For each number, what was acknowledged, or handed out after a start.
    kept: BTreeMap<u64, u64>,
    /// Of what was written in this life, by number.
    written: BTreeMap<u64, u64>,
    /// Where each cursor may be: the last place that was saved, and one that may have been.
    places: [BTreeSet<u64>; CURSORS.len()],
    /// What the power does after the next crash point.
    then: Option<Unsynced>,
    pub(super) crashes: u64,
    /// At which calls the starts to come are ended.
    pub(super) starts_end_at: Vec<u64>,
}

impl History {
    pub(super) fn new(segment_bytes: u64, seed: u64) -> Self {
        let mut history = Self {
            model: Model::with_directory("/", seed),
            segment_bytes,
            open: None,
            attempts: 0,
            tried: BTreeMap::new(),
            kept: BTreeMap::new(),
            written: BTreeMap::new(),
            places: Default::default(),
            then: None,
            crashes: 0,
            starts_end_at: Vec::new(),
        };
        history.start();
        history
    }

    pub(super) fn step(&mut self, step: &Step) {
        match step {
            Step::Fail(fault) => self.model.fail(*fault),
            Step::CrashAt { point, arrival, unsynced } => {
                arm(point, *arrival);
                self.then = *unsynced;
            }
            Step::Crash(unsynced) => self.crash(*unsynced),
            _ => {
                match catch_unwind(AssertUnwindSafe(|| self.act(step))) {
                    Err(_) => {
                        let then = self.then;
                        self.crash(then);
                    }
                    Ok(Ok(())) => {}
                    // A log that cannot go on ends its process.
                    Ok(Err(error)) if error.kind() != LogErrorKind::Full => self.crash(None),
                    Ok(Err(_)) => {}
                }
            }
        }
    }

    fn act(&mut self, step: &Step) -> Result<(), LogError> {
        let (log, cursors) = self.open.as_mut().unwrap();
        match step {
            Step::Append(sizes) => {
                for bytes in sizes {
                    self.attempts += 1;
                    let mut payload = self.attempts.to_le_bytes().to_vec();
                    payload.resize(8 + bytes, self.attempts as u8 | 1);
                    let entry = NewEntry { kind: 1, flags: 2, records: 1, payload: &payload };
                    let sequence = match log.stage(entry) {
                        Err(error) if error.kind() == LogErrorKind::TooLarge => {
                            write(log)?;
                            log.stage(entry)?
                        }
                        staged => staged?,
                    };
                    self.tried.entry(sequence.0).or_default().insert(self.attempts);
                    self.written.insert(sequence.0, self.attempts);
                }
                write(log)
            }
            Step::Sync => {
                let synced = log.sync()?;
                for (sequence, attempt) in std::mem::take(&mut self.written) {
                    if sequence < synced.next().0 {
                        self.kept.insert(sequence, attempt);
                    }
                }
                Ok(())
            }
            Step::Save { cursor, way, is_ahead, state_bytes } => {
                let to = if *is_ahead { log.written() } else { log.synced() }.next().0;
                let file = &mut cursors[*cursor];
                let from = file.position().next().0;
                let place = from + to.saturating_sub(from) * u64::from(*way) / 255;
                self.places[*cursor].insert(place);
                let saved = file.save(at(place), &vec![place as u8; *state_bytes]);
                if saved.is_ok() {
                    self.places[*cursor] = [place].into();
                }
                saved
            }
            Step::Drop => {
                let slowest = cursors.iter().map(CursorFile::position).min().unwrap();
                log.drop_before(slowest).map(|_| ())
            }
            Step::CrashAt { .. } | Step::Crash(_) | Step::Fail(_) => unreachable!("done by the caller"),
        }
    }

    fn crash(&mut self, unsynced: Option<Unsynced>) {
        self.crashes += 1;
        self.open = None;
        self.end_life(unsynced);
        self.start();
    }

    /// Ends the process and starts it again, with all that is armed still armed.
    pub(super) fn restart(&mut self) {
        self.open = None;
        self.model.kill();
        self.start();
    }

    fn end_life(&mut self, unsynced: Option<Unsynced>) {
        disarm();
        match unsynced {
            Some(unsynced) => self.model.cut_power(unsynced),
            None => self.model.kill(),
        }
    }

    /// Opens the journal, as often as it takes when crashes or failures are still to come, and looks at all that is in it.
    fn start(&mut self) {
        let opened = loop {
            if let Some(call) = self.starts_end_at.pop() {
                self.model.crash_at_call(call);
            }
            match catch_unwind(AssertUnwindSafe(|| open(&self.model, self.segment_bytes))) {
                Ok(Ok(opened)) => break opened,
                Ok(Err(error)) => {
                    assert!(self.model.had_fault(), "{error}");
                    self.end_life(None);
                }
                Err(_) => {
                    self.crashes += 1;
                    self.end_life(self.then);
                }
            }
        };
        self.model.crash_no_more();
        let (log, mut cursors) = (opened.log, opened.cursors);
        for (name, places) in CURSORS.iter().zip(&mut self.places) {
            match cursors.iter().find(|cursor| cursor.name() == *name) {
                Some(cursor) => {
                    let place = cursor.position().next().0;
                    assert!(places.contains(&place), "cursor {name} is at {place}, not at one of {places:?}");
                    assert!(cursor.state().iter().all(|octet| *octet == place as u8), "the state is that of the place");
                    *places = [place].into();
                }
                None => assert!(places.is_empty(), "cursor {name} is gone"),
            }
        }
        assert!(opened.recovery.damage.is_empty(), "nothing that was synced is damaged: {:?}", opened.recovery);
        self.check(&log, &cursors);
        for (name, places) in CURSORS.iter().zip(&mut self.places) {
            if places.is_empty() {
                cursors.push(log.create_cursor(name, at(0)).unwrap());
                places.insert(0);
            }
        }
        cursors.sort_by(|one, other| one.name().cmp(other.name()));
        self.written.clear();
        self.open = Some((log, cursors));
    }

    /// Recovered is what was acknowledged, and some of the rest: as it was written, each number once, in order.
    fn check(&mut self, log: &Log<Model>, cursors: &[CursorFile<Model>]) {
        let slowest = cursors.iter().map(CursorFile::position).min().unwrap_or(at(0));
        let ahead = cursors.iter().map(|cursor| cursor.position().next().0).max().unwrap_or(0);
        let mut reader = log.reader(slowest);
        let mut expected = slowest.next().0;
        let mut recovered = BTreeMap::new();
        loop {
            match reader.next(log.written()).unwrap() {
                Item::Entry(entry) => {
                    let (sequence, payload) = (entry.sequence.0, entry.payload);
                    assert_eq!((entry.kind, entry.flags, sequence), (1, 2, expected));
                    let attempt = u64::from_le_bytes(payload[..8].try_into().unwrap());
                    assert!(payload[8..].iter().all(|octet| *octet == attempt as u8 | 1), "{sequence} is corrupt");
                    let is_known = match self.kept.get(&sequence) {
                        Some(kept) => *kept == attempt,
                        None => self.tried.get(&sequence).is_some_and(|tried| tried.contains(&attempt)),
                    };
                    assert!(is_known, "{sequence} has what was never written there, or not last");
                    recovered.insert(sequence, attempt);
                    expected += 1;
                }
                Item::Gap(range) => {
                    assert_eq!(range.start, Sequence(expected));
                    assert!(range.end.0 <= ahead, "only a cursor that ran ahead of the syncs leaves a gap: {range:?}");
                    expected = range.end.0;
                }
                Item::Skipped(range) => {
                    assert_eq!(range.start, Sequence(expected));
                    expected = range.end.0;
                }
                Item::Damage(damage) => panic!("{damage:?}"),
                Item::Busy => {}
                Item::End => break,
            }
        }
        assert_eq!(expected, log.written().next().0);
        for (sequence, attempt) in self.kept.range(slowest.next().0..) {
            assert_eq!(recovered.get(sequence), Some(attempt), "{sequence} was acknowledged");
        }
        // What was handed out once stays.
        self.kept.extend(recovered);
        self.tried.clear();
    }

    /// The process ends at its n-th call from now on; then the power does what is said.
    pub(super) fn crash_at_call(&mut self, calls: u64, unsynced: Option<Unsynced>) {
        self.model.crash_at_call(calls);
        self.then = unsynced;
    }

    /// Appends once more, and starts once more: a journal that survived must still work.
    pub(super) fn finish(mut self) -> u64 {
        self.model.fail_no_more();
        self.model.crash_no_more();
        disarm();
        self.step(&Step::Append(vec![10, 600]));
        self.step(&Step::Sync);
        self.step(&Step::Crash(Some(Unsynced::Lost)));
        self.crashes
    }
}

fn write(log: &mut Log<Model>) -> Result<(), LogError> {
    let done = log.write().map(|_| ());
    if done.is_err() {
        log.discard();
    }
    done
}
