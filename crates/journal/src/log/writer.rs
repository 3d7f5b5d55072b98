//! Appending, syncing, and letting go of what all cursors have passed.

use std::sync::Arc;

use record::{JournalId, Sequence};

use super::catalogue::{Listed, Shared};
use super::crash::crash_point;
use super::entry::{ENTRY_HEADER_BYTES, Group, KINDS_OF_THE_LOG, PAYLOAD_BYTES_MAX};
use super::error::{At, LogErrorKind};
use super::lock::Lock;
use super::paths::Paths;
use super::reserve::Reserve;
use super::segment::{Room, SEGMENT_HEADER_BYTES, Segment, SegmentHeader};
use super::storage::{Storage, StoredFile, again, write_at};
use super::synced::{Synced, SyncedFile};
use super::{CursorFile, Identity, LogError, NewEntry, Reader};
use crate::Position;

/// The writing end of the log. There is one per journal.
///
/// Entries are *staged* in memory, *written* together with one write, and *synced*; only what was synced may be acknowledged.
#[derive(Debug)]
pub struct Log<S: Storage> {
    shared: Arc<Shared<S>>,
    _lock: Lock<S::File>,
    reserve: Reserve<S::File>,
    synced_file: SyncedFile<S::File>,
    segment_bytes: u64,
    active: Segment<S::File>,
    group: Group,
    /// The number that the next staged entry gets.
    next: Sequence,
    /// The number behind the last written record.
    written: Sequence,
    /// The number behind the last synced record.
    synced: Sequence,
    /// Something was written since the last sync.
    is_dirty: bool,
    /// A write failed half way: what it left must go before the next one.
    is_torn: bool,
    is_dead: bool,
}

/// What a log is made of.
pub(crate) struct Parts<S: Storage> {
    pub(crate) shared: Arc<Shared<S>>,
    pub(crate) lock: Lock<S::File>,
    pub(crate) reserve: Reserve<S::File>,
    pub(crate) synced_file: SyncedFile<S::File>,
    pub(crate) active: Segment<S::File>,
    pub(crate) next: Sequence,
    pub(crate) segment_bytes: u64,
}

/// A segment as it stands on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentStatus {
    /// Its number, as in its name.
    pub number: u64,
    /// The first number it may have.
    pub first: Sequence,
    /// What it takes on the disk, in octets.
    pub bytes: u64,
}

pub(crate) fn exhausted(paths: &Paths) -> LogError {
    LogError::new(LogErrorKind::Exhausted, &paths.segments, "all numbers of segments are used up")
}

impl<S: Storage> Log<S> {
    pub(crate) fn new(parts: Parts<S>) -> Self {
        let Parts { shared, lock, reserve, synced_file, active, next, segment_bytes } = parts;
        Self {
            shared,
            _lock: lock,
            reserve,
            synced_file,
            segment_bytes,
            active,
            group: Group::default(),
            next,
            written: next,
            synced: next,
            is_dirty: false,
            is_torn: false,
            is_dead: false,
        }
    }

    /// Who the journal is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.shared.identity
    }

    /// One half of each record's id.
    #[must_use]
    pub fn id(&self) -> JournalId {
        self.shared.identity.journal
    }

    /// Appends an entry to the group in memory, and gives it its numbers. No system call; no allocation once the group has been as large.
    ///
    /// # Errors
    /// [`LogErrorKind::TooLarge`] when the payload is, or when the group would no longer fit into a segment: write it first.
    /// Nothing was staged then.
    pub fn stage(&mut self, entry: NewEntry<'_>) -> Result<Sequence, LogError> {
        let NewEntry { kind, flags, records, payload } = entry;
        self.stage_with(kind, flags, records, payload.len(), |out| out.extend_from_slice(payload))
    }

    /// The same for a payload of at most about `bytes_hint` octets that `write` appends to what it is given.
    ///
    /// # Errors
    /// As [`Log::stage`].
    pub fn stage_with(
        &mut self,
        kind: u8,
        flags: u8,
        records: u16,
        bytes_hint: usize,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<Sequence, LogError> {
        debug_assert!((1..KINDS_OF_THE_LOG).contains(&kind) && flags < 0x80, "the log has its own kinds and flag");
        let Some(next) = self.next.0.checked_add(records.into()) else {
            let what = "all numbers of records are used up";
            return Err(LogError::new(LogErrorKind::Exhausted, &self.shared.paths.segments, what));
        };
        let before = self.group.bytes();
        self.group.reserve(ENTRY_HEADER_BYTES + bytes_hint);
        let payload_bytes = self.group.push((kind, flags, records), self.next, write);
        let room = self.segment_bytes.saturating_sub(SEGMENT_HEADER_BYTES as u64);
        if payload_bytes > PAYLOAD_BYTES_MAX || self.group.bytes() as u64 > room {
            self.group.truncate(before);
            let what = format!(
                "{payload_bytes} octets behind {before} that are staged are too many: a group has {room}, a payload {PAYLOAD_BYTES_MAX}"
            );
            return Err(LogError::new(LogErrorKind::TooLarge, &self.shared.paths.segments, what));
        }
        let sequence = self.next;
        self.next = Sequence(next);
        Ok(sequence)
    }

    /// Octets that are staged.
    #[must_use]
    pub const fn staged_bytes(&self) -> usize {
        self.group.bytes()
    }

    /// Forgets what is staged; its numbers are free again.
    pub fn discard(&mut self) {
        self.group.clear();
        self.next = self.written;
    }

    /// Writes what is staged: one write, and a new segment before it when this one is full. Readers see it from then on; it survives the
    /// process, but not a power cut.
    ///
    /// # Errors
    /// [`LogErrorKind::Full`]: all of it is still staged, and may be written again later or [discarded](Log::discard). After any other
    /// failure the log is dead.
    pub fn write(&mut self) -> Result<Position, LogError> {
        self.check_alive()?;
        if self.group.is_empty() {
            return Ok(self.written());
        }
        let done = self.write_group();
        self.note(done)?;
        Ok(self.written())
    }

    fn write_group(&mut self) -> Result<(), LogError> {
        if self.is_torn {
            let path = self.shared.paths.segment(self.active.number);
            self.active.cut(self.active.offset, self.active.bytes).at(&path, "cut")?;
            self.is_torn = false;
        }
        if self.active.offset + self.group.bytes() as u64 > self.active.bytes {
            self.roll()?;
        }
        let Self { active, group, .. } = self;
        let octets = group.seal(&active.seal, active.offset, !self.is_dirty);
        crash_point!("group.sealed");
        self.is_torn = true;
        write_at(&active.file, octets, active.offset)
            .map_err(|cause| LogError::io(&self.shared.paths.segment(active.number), "write", cause))?;
        crash_point!("group.written");
        self.is_torn = false;
        self.is_dirty = true;
        active.offset += octets.len() as u64;
        group.clear();
        self.written = self.next;
        self.shared.catalogue().written = active.offset;
        Ok(())
    }

    /// Ends the active segment and begins a new one.
    fn roll(&mut self) -> Result<(), LogError> {
        self.sync_active()?;
        let Shared { storage, paths, identity, .. } = &*self.shared;
        let number = self.active.number.checked_add(1).ok_or_else(|| exhausted(paths))?;
        let header = SegmentHeader::new(identity, number, self.written, storage.now());
        let bytes = self.segment_bytes;
        let begin = SEGMENT_HEADER_BYTES as u64;
        let room = Room { wanted: bytes, needed: bytes };
        let new = Segment::create(storage, &paths.segment(number), header, room, |_, _| Ok(begin))?;
        let old = std::mem::replace(&mut self.active, new);
        // Gives the rest back. If it does not work, or a power cut undoes it, there are zeros.
        let is_cut = again(|| old.file.truncate(old.offset)).is_ok();
        let mut catalogue = self.shared.catalogue();
        if let Some(listed) = catalogue.segments.back_mut().filter(|_| is_cut) {
            listed.bytes = old.offset;
        }
        catalogue.segments.push_back(Listed { number, first: self.written, bytes });
        catalogue.written = begin;
        drop(catalogue);
        self.synced_file.write(Synced { segment: number, offset: begin, next: self.written });
        Ok(())
    }

    /// Makes all that was written durable: one fdatasync, or none when nothing was written since the last one.
    ///
    /// # Errors
    /// After a failure the log is dead: what is on the disk is not known, and asking the kernel again would not tell.
    pub fn sync(&mut self) -> Result<Position, LogError> {
        self.check_alive()?;
        let done = self.sync_active();
        self.note(done)?;
        Ok(self.synced())
    }

    fn sync_active(&mut self) -> Result<(), LogError> {
        if !self.is_dirty {
            return Ok(());
        }
        let path = || self.shared.paths.segment(self.active.number);
        self.active.file.sync_data().map_err(|cause| LogError::sync(&path(), cause))?;
        crash_point!("group.synced");
        self.is_dirty = false;
        self.synced = self.written;
        self.synced_file.write(Synced { segment: self.active.number, offset: self.active.offset, next: self.written });
        Ok(())
    }

    fn check_alive(&self) -> Result<(), LogError> {
        if self.is_dead {
            let what = "an earlier write or sync failed";
            return Err(LogError::new(LogErrorKind::Dead, &self.shared.paths.segments, what));
        }
        Ok(())
    }

    /// Without room nothing was begun that cannot be begun again; after all else the log is dead.
    fn note(&mut self, done: Result<(), LogError>) -> Result<(), LogError> {
        self.is_dead = done.as_ref().is_err_and(|error| error.kind() != LogErrorKind::Full);
        done
    }

    /// Whether an earlier failure forbids all else.
    #[must_use]
    pub const fn is_dead(&self) -> bool {
        self.is_dead
    }

    /// The place behind the last record that was written.
    #[must_use]
    pub const fn written(&self) -> Position {
        Position::before(self.written)
    }

    /// The place behind the last record that a power cut does not take away.
    #[must_use]
    pub const fn synced(&self) -> Position {
        Position::before(self.synced)
    }

    /// Removes the segments all of whose records lie before `position`; returns how many.
    ///
    /// `position` is what the slowest cursor has *saved*: what it only acknowledged may come back after a power cut. A
    /// removal that was interrupted is done again by the next call, in this process or a later one.
    ///
    /// # Errors
    /// When the system says no. The segments are then gone or will be removed after the next start.
    pub fn drop_before(&mut self, position: Position) -> Result<u64, LogError> {
        self.check_alive()?;
        let Shared { storage, paths, .. } = &*self.shared;
        let mut dropped = 0;
        loop {
            let mut catalogue = self.shared.catalogue();
            let is_passed = catalogue.segments.get(1).is_some_and(|second| second.first <= position.next());
            let Some(oldest) = is_passed.then(|| catalogue.segments.pop_front()).flatten() else { break };
            drop(catalogue);
            crash_point!("drop.before_unlink");
            let path = paths.segment(oldest.number);
            match again(|| storage.unlink(&path)) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                unlinked => unlinked.at(&path, "remove")?,
            }
            crash_point!("drop.unlinked");
            dropped += 1;
        }
        if dropped > 0 {
            storage.sync_directory(&paths.segments).map_err(|cause| LogError::sync(&paths.segments, cause))?;
        }
        Ok(dropped)
    }

    /// The segments there are, oldest first.
    #[must_use]
    pub fn segments(&self) -> Vec<SegmentStatus> {
        let catalogue = self.shared.catalogue();
        let each = catalogue.segments.iter();
        each.map(|&Listed { number, first, bytes }| SegmentStatus { number, first, bytes }).collect()
    }

    /// What all segments take on the disk, in octets.
    #[must_use]
    pub fn disk_bytes(&self) -> u64 {
        self.shared.catalogue().segments.iter().map(|segment| segment.bytes).sum()
    }

    /// The place before the oldest record that is kept.
    #[must_use]
    pub fn oldest(&self) -> Position {
        let catalogue = self.shared.catalogue();
        Position::before(catalogue.segments.front().map_or(self.written, |segment| segment.first))
    }

    /// Makes a cursor's file, at `position`.
    ///
    /// # Errors
    /// [`LogErrorKind::CursorExists`], and when the system says no.
    pub fn create_cursor(&self, name: &str, position: Position) -> Result<CursorFile<S>, LogError> {
        self.check_alive()?;
        CursorFile::create(&self.shared, name, position)
    }

    /// A reader that begins at `position`. Any number of them may read while the log is written to, in other threads too.
    #[must_use]
    pub fn reader(&self, position: Position) -> Reader<S> {
        Reader::new(Arc::clone(&self.shared), position)
    }

    /// Whether the reserve is there.
    #[must_use]
    pub const fn has_reserve(&self) -> bool {
        self.reserve.is_held()
    }

    /// Gives the reserve up, so that cursors can be saved on a full disk.
    ///
    /// # Errors
    /// When the system says no.
    pub fn release_reserve(&mut self) -> Result<(), LogError> {
        let Self { reserve, shared, .. } = self;
        reserve.release().at(&shared.paths.reserve, "shorten")
    }

    /// Takes the reserve again; whether there is room for it.
    pub fn take_reserve(&mut self) -> bool {
        self.reserve.take()
    }
}
