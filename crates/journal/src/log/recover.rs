//! What a start makes of the last segment.

use std::io;
use std::ops::Range;

use record::Sequence;

use super::crash::crash_point;
use super::entry::{ENTRY_HEADER_BYTES, Group, KIND_SKIP, Seal};
use super::error::{At, is_full};
use super::paths::Paths;
use super::quarantine::Quarantine;
use super::segment::{Room, SEGMENT_HEADER_BYTES, Segment, SegmentHeader};
use super::storage::{Storage, StoredFile, read_readable_at, write_at};
use super::synced::Synced;
use super::walk::{BUFFER_BYTES, Step, Walk};
use super::{Identity, LogError};

/// Octets of a segment that are no entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The segment's number.
    pub segment: u64,
    /// Where in its file.
    pub octets: Range<u64>,
}

/// What a start found, for the operator's log and for metrics.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovery {
    /// Damage in the last segment among what had been synced. Readers that come by there report it as well, as they do for older segments,
    /// which a start does not look at.
    pub damage: Vec<Damage>,
    /// Octets at the end of the last segment that were no whole entries, and were cut off: writes that a crash interrupted.
    pub torn_bytes: u64,
    /// Octets of both that did not go to the quarantine, as it was full or could not be written.
    pub not_set_aside_bytes: u64,
    /// Entries that might not have been on the disk, and were written once more.
    pub copied_entries: u64,
    /// Segments whose beginning is damaged. They are read all the same.
    pub damaged_beginnings: Vec<u64>,
    /// Numbers of segments that are missing between those that are there.
    pub missing_segments: Vec<Range<u64>>,
    /// Cursors of which one slot is damaged.
    pub damaged_cursor_slots: Vec<String>,
    /// Names in the directories that mean nothing here; they were left alone.
    pub ignored_names: Vec<String>,
    /// Files that had not been finished, and were removed.
    pub unfinished_files: u64,
    /// The machine that made the journal, when it is not this one.
    pub other_host: Option<String>,
}

/// What stands in the last segment.
#[derive(Debug)]
pub(crate) struct LastSegment {
    /// All before it is on the disk.
    pub(crate) sure: u64,
    /// Behind the last entry.
    pub(crate) end: u64,
    /// The number behind the last record before `sure`, as far as it is known.
    sure_next: Option<Sequence>,
    /// The number behind the last record, as far as it is known.
    pub(crate) next: Option<Sequence>,
    /// Where no entries are, before `end` and behind it.
    holes: Vec<Range<u64>>,
}

/// What recovery needs to know of its surroundings.
pub(crate) struct Surroundings<'a, S> {
    pub(crate) storage: &'a S,
    pub(crate) paths: &'a Paths,
    pub(crate) quarantine: &'a Quarantine,
    pub(crate) identity: &'a Identity,
    pub(crate) segment_bytes: u64,
}

impl LastSegment {
    /// Walks through it. Reads only. `first` is the first number it may have.
    pub(crate) fn inspect<F: StoredFile>(
        walk: &mut Walk<F>,
        first: Option<Sequence>,
        synced: Option<Synced>,
    ) -> io::Result<Self> {
        let begin = SEGMENT_HEADER_BYTES as u64;
        let hint = synced.map_or(begin, |synced| synced.offset);
        let mut last = Self { sure: hint, end: begin, sure_next: first, next: first, holes: Vec::new() };
        loop {
            match walk.step()? {
                Step::Entry { header, offset, .. } => {
                    if header.is_after_sync() && offset > last.sure {
                        (last.sure, last.sure_next) = (offset, last.next);
                    }
                    last.end = offset + header.entry_bytes();
                    last.next = last.next.max(Some(header.end()));
                    if last.end <= last.sure {
                        last.sure_next = last.next;
                    }
                }
                Step::Hole(hole) => last.add_hole(hole),
                Step::Searching => {}
                Step::End => break,
            }
        }
        if let Some(synced) = synced {
            if last.end < hint {
                // What was there is gone, even if zeros are all that is left.
                last.add_hole(last.end..hint);
            }
            last.sure_next = last.sure_next.max(Some(synced.next));
        }
        Ok(last)
    }

    fn add_hole(&mut self, hole: Range<u64>) {
        match self.holes.last_mut() {
            Some(before) if before.end >= hole.start => before.end = before.end.max(hole.end),
            _ => self.holes.push(hole),
        }
    }

    /// Makes the last segment one that can be written to: what may not be on the disk is brought there, what is torn is cut.
    pub(crate) fn settle<S: Storage>(
        self,
        around: &Surroundings<'_, S>,
        walk: &mut Walk<S::File>,
        segment: Segment<S::File>,
        report: &mut Recovery,
    ) -> Result<(Segment<S::File>, Option<SegmentHeader>), LogError> {
        for hole in &self.holes {
            report.not_set_aside_bytes += set_aside(around, &walk.file, segment.number, hole.clone());
            // Damage may reach over the border.
            let (lost, torn) = (hole.start..hole.end.min(self.sure), hole.start.max(self.sure)..hole.end);
            if !lost.is_empty() {
                report.damage.push(Damage { segment: segment.number, octets: lost });
            }
            report.torn_bytes += torn.end.saturating_sub(torn.start);
        }
        let is_torn = self.holes.last().is_some_and(|hole| hole.end > self.sure);
        if self.end > self.sure {
            return self.copy(around, walk, segment, report);
        }
        let mut segment = segment;
        let path = around.paths.segment(segment.number);
        if is_torn || segment.bytes < around.segment_bytes {
            match segment.cut(self.sure, around.segment_bytes) {
                // On a full disk the segment ends here, and the next group waits for room.
                Err(cause) if is_full(&cause) => segment.bytes = self.sure,
                cut => cut.at(&path, "cut")?,
            }
            segment.file.sync_all().map_err(|cause| LogError::sync(&path, cause))?;
        }
        segment.offset = self.sure;
        Ok((segment, None))
    }

    /// Copies the entries behind `sure` to a fresh segment, and cuts the old one there.
    fn copy<S: Storage>(
        self,
        around: &Surroundings<'_, S>,
        walk: &mut Walk<S::File>,
        mut old: Segment<S::File>,
        report: &mut Recovery,
    ) -> Result<(Segment<S::File>, Option<SegmentHeader>), LogError> {
        let number = old.number.checked_add(1).ok_or_else(|| super::writer::exhausted(around.paths))?;
        let first = self.sure_next.unwrap_or_default();
        let header = SegmentHeader::new(around.identity, number, first, around.storage.now());
        walk.seek(self.sure);
        // Skip entries take no more room than the hole they stand for.
        let needed = self.end - self.sure + SEGMENT_HEADER_BYTES as u64;
        let room = Room { wanted: around.segment_bytes.max(needed), needed };
        let path = around.paths.segment(number);
        let fresh = Segment::create(around.storage, &path, header, room, |file, seal| {
            copy_entries(walk, file, seal, first, &mut report.copied_entries)
        })?;
        crash_point!("recovery.copied");
        // When a crash undoes this, the entries' numbers tell that the fresh segment has them.
        let path = around.paths.segment(old.number);
        old.file.truncate(self.sure).at(&path, "cut")?;
        old.file.sync_all().map_err(|cause| LogError::sync(&path, cause))?;
        old.offset = self.sure;
        Ok((fresh, Some(header)))
    }
}

/// Copies all entries that follow, with skip entries for the numbers that holes have taken; returns where they end.
fn copy_entries<F: StoredFile>(
    walk: &mut Walk<F>,
    to: &F,
    seal: &Seal,
    first: Sequence,
    copied: &mut u64,
) -> io::Result<u64> {
    let mut offset = SEGMENT_HEADER_BYTES as u64;
    let mut group = Group::default();
    let (mut next, mut hole_bytes) = (first, 0);
    loop {
        match walk.step()? {
            Step::Entry { header, payload, .. } => {
                push_skips(&mut group, next, header.sequence, std::mem::take(&mut hole_bytes));
                next = header.end();
                let entry = header.with(walk.octets(payload));
                group.push((entry.kind, entry.flags, entry.records), entry.sequence, |out| {
                    out.extend_from_slice(entry.payload);
                });
                *copied += 1;
            }
            Step::Hole(hole) => hole_bytes += hole.end - hole.start,
            Step::Searching => {}
            Step::End => break,
        }
        if group.bytes() >= BUFFER_BYTES {
            write_at(to, group.seal(seal, offset, false), offset)?;
            offset += group.bytes() as u64;
            group.clear();
        }
    }
    write_at(to, group.seal(seal, offset, false), offset)?;
    Ok(offset + group.bytes() as u64)
}

/// Says that the numbers from `from` on, before `to`, were never durable, when a hole is large enough to have had them.
fn push_skips(group: &mut Group, mut from: Sequence, to: Sequence, hole_bytes: u64) {
    let skips = to.0.saturating_sub(from.0).div_ceil(u64::from(u16::MAX));
    if skips > hole_bytes / ENTRY_HEADER_BYTES as u64 {
        return;
    }
    while from < to {
        let records = u16::try_from(to.0 - from.0).unwrap_or(u16::MAX);
        group.push((KIND_SKIP, 0, records), from, |_| {});
        from = from.plus(records.into());
    }
}

/// Copies a hole to the quarantine, a buffer at a time; returns how many octets did not get there.
fn set_aside<S: Storage>(around: &Surroundings<'_, S>, file: &S::File, segment: u64, hole: Range<u64>) -> u64 {
    let mut failed = 0;
    let mut octets = vec![0; BUFFER_BYTES.min((hole.end - hole.start) as usize)];
    let mut offset = hole.start;
    while offset < hole.end {
        let wanted = octets.len().min((hole.end - offset) as usize);
        let piece = &mut octets[..wanted];
        let is_there = read_readable_at(file, piece, offset).is_ok_and(|(read, _)| {
            around.quarantine.set_aside(around.storage, around.paths, segment, offset, &piece[..read])
        });
        if !is_there {
            failed += wanted as u64;
        }
        offset += wanted as u64;
    }
    failed
}
