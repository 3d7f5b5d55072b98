//! Reading from a place on, over segments, damage and gaps.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use record::Sequence;

use super::LogError;
use super::catalogue::{Listed, Shared};
use super::entry::{Entry, KIND_SKIP, Seal};
use super::error::At;
use super::recover::Damage;
use super::storage::{Access, Storage, StoredFile, again, read_readable_at};
use super::walk::{BUFFER_BYTES, Step, Walk};
use crate::Position;

/// Hands out entries in order, each checked. Its memory is one buffer of 1 MiB, or the largest entry if that is more.
#[derive(Debug)]
pub struct Reader<S: Storage> {
    shared: Arc<Shared<S>>,
    /// The number of the next record.
    next: Sequence,
    place: Option<Place<S::File>>,
    buffer: Vec<u8>,
    aside: Option<Aside>,
    counts: Counts,
}

/// Where in which segment.
#[derive(Debug)]
struct Place<F> {
    segment: u64,
    walk: Walk<F>,
    /// Its own first number.
    first: Sequence,
    /// The first number that the following segment has, once there is one.
    end: Option<Sequence>,
}

/// Damage that is still to be copied to the quarantine.
#[derive(Debug)]
struct Aside {
    segment: u64,
    octets: Range<u64>,
}

/// What a reader hands out.
#[derive(Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// An entry.
    Entry(Entry<'a>),
    /// These records are lost: they had been written, and are not there.
    Gap(Range<Sequence>),
    /// These numbers were never made durable, and nobody was told that they were.
    Skipped(Range<Sequence>),
    /// Octets that are no entries. What was lost with them is told by the gaps.
    Damage(Damage),
    /// A piece of a longer work was done (1 MiB of damage was looked through); call again, perhaps after something else.
    Busy,
    /// Nothing more for now.
    End,
}

/// What a reader has met so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Lost records.
    pub lost_records: u64,
    /// Numbers that were never made durable.
    pub skipped_records: u64,
    /// Places of damage.
    pub damages: u64,
    /// Octets in them.
    pub damaged_bytes: u64,
    /// Octets of them that did not go to the quarantine.
    pub not_set_aside_bytes: u64,
    /// Octets that the disk could not read.
    pub unreadable_bytes: u64,
}

impl<S: Storage> Reader<S> {
    pub(crate) fn new(shared: Arc<Shared<S>>, position: Position) -> Self {
        Self { shared, next: position.next(), place: None, buffer: Vec::new(), aside: None, counts: Counts::default() }
    }

    /// The place before what is handed out next.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position::before(self.next)
    }

    /// What it has met so far.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The next item before `until`, a place that [`Log::synced`](super::Log::synced) gave, or [`Log::written`](super::Log::written) for what
    /// does not leave the process: a power cut may give the numbers in between to other records.
    ///
    /// # Errors
    /// When a segment cannot be opened or read; the same call may be made again. Pages that the disk cannot read are no
    /// error but damage.
    pub fn next(&mut self, until: Position) -> Result<Item<'_>, LogError> {
        if self.copy_aside() {
            return Ok(Item::Busy);
        }
        loop {
            if self.next >= until.next() {
                return Ok(Item::End);
            }
            self.prepare()?;
            let Self { place: Some(place), counts, shared, .. } = self else { return Ok(Item::End) };
            if place.first > self.next {
                let to = place.first.min(until.next());
                return Ok(self.gap(to));
            }
            // Whatever else is in here, the following segment has it.
            if place.end.is_some_and(|end| self.next >= end) {
                self.next_segment()?;
                continue;
            }
            let unreadable_before = place.walk.unreadable_bytes;
            let step = place.walk.step().map_err(|cause| {
                let path = shared.paths.segment(place.segment);
                LogError::io(&path, "read", cause)
            })?;
            counts.unreadable_bytes += place.walk.unreadable_bytes - unreadable_before;
            match step {
                Step::Entry { header, .. } if place.end.is_some_and(|end| header.sequence >= end) => {
                    self.next_segment()?;
                }
                Step::Entry { header, .. } if header.end() <= self.next => {}
                Step::Entry { header, .. } if header.sequence > self.next => {
                    place.walk.back();
                    let to = header.sequence.min(until.next());
                    return Ok(self.gap(to));
                }
                Step::Entry { header, payload, .. } => {
                    let from = std::mem::replace(&mut self.next, header.end());
                    if header.kind == KIND_SKIP {
                        counts.skipped_records += header.end().0 - from.0;
                        return Ok(Item::Skipped(from..header.end()));
                    }
                    let Some(place) = &self.place else { return Ok(Item::End) };
                    return Ok(Item::Entry(header.with(place.walk.octets(payload))));
                }
                Step::Hole(octets) => {
                    let damage = Damage { segment: place.segment, octets };
                    counts.damages += 1;
                    counts.damaged_bytes += damage.octets.end - damage.octets.start;
                    self.aside = Some(Aside { segment: damage.segment, octets: damage.octets.clone() });
                    return Ok(Item::Damage(damage));
                }
                Step::Searching => return Ok(Item::Busy),
                Step::End if place.end.is_some() => self.next_segment()?,
                // All that was written before `until` has been seen.
                Step::End => return Ok(self.gap(until.next())),
            }
        }
    }

    /// Goes to the following segment.
    fn next_segment(&mut self) -> Result<(), LogError> {
        let Some(place) = self.place.take() else { return Ok(()) };
        let following = self.shared.catalogue().after(place.segment);
        self.buffer = place.walk.into_buffer();
        following.map_or(Ok(()), |following| self.open(following))
    }

    fn gap(&mut self, to: Sequence) -> Item<'static> {
        let from = std::mem::replace(&mut self.next, to);
        self.counts.lost_records += to.0 - from.0;
        Item::Gap(from..to)
    }

    /// Sees to it that there is a place to read on, with what has been written since.
    fn prepare(&mut self) -> Result<(), LogError> {
        if self.place.is_none() {
            let holding = self.shared.catalogue().holding(self.next);
            return holding.map_or(Ok(()), |holding| self.open(holding));
        }
        let Self { place: Some(place), shared, .. } = self else { return Ok(()) };
        if place.end.is_some() {
            return Ok(());
        }
        let catalogue = shared.catalogue();
        let Some(following) = catalogue.after(place.segment) else {
            place.walk.extend(catalogue.written);
            return Ok(());
        };
        drop(catalogue);
        // It was sealed since: all of it was written.
        place.end = Some(following.first);
        let bytes = place.walk.file.bytes().at(&shared.paths.segment(place.segment), "read")?;
        place.walk.extend(bytes);
        Ok(())
    }

    fn open(&mut self, listed: Listed) -> Result<(), LogError> {
        let Shared { storage, paths, identity, .. } = &*self.shared;
        let mut listed = listed;
        let file = loop {
            let path = paths.segment(listed.number);
            match again(|| storage.open(&path, Access::Read)) {
                // Removed, since all cursors have passed it or by somebody else: what follows tells what is missing.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let following = self.shared.catalogue().after(listed.number);
                    match following {
                        Some(following) => listed = following,
                        None => return Err(LogError::io(&path, "open", error)),
                    }
                }
                opened => break opened.at(&path, "open")?,
            }
        };
        let path = paths.segment(listed.number);
        let (following, written) = {
            let catalogue = self.shared.catalogue();
            (catalogue.after(listed.number), catalogue.written)
        };
        let limit = match following {
            Some(_) => file.bytes().at(&path, "read")?,
            None => written,
        };
        let seal = Seal::new(identity.journal, identity.salt, listed.number);
        let walk = Walk::new(file, seal, limit, std::mem::take(&mut self.buffer));
        let end = following.map(|following| following.first);
        self.place = Some(Place { segment: listed.number, walk, first: listed.first, end });
        Ok(())
    }

    /// Copies a piece of the damage last met to the quarantine; whether there was anything to do.
    fn copy_aside(&mut self) -> bool {
        let (Some(Aside { segment, octets }), Some(place)) = (&mut self.aside, &self.place) else {
            self.aside = None;
            return false;
        };
        let wanted = BUFFER_BYTES.min((octets.end - octets.start) as usize);
        let mut piece = vec![0; wanted];
        let Shared { storage, paths, quarantine, .. } = &*self.shared;
        let is_there = read_readable_at(&place.walk.file, &mut piece, octets.start)
            .is_ok_and(|(read, _)| quarantine.set_aside(storage, paths, *segment, octets.start, &piece[..read]));
        if !is_there {
            self.counts.not_set_aside_bytes += wanted as u64;
        }
        octets.start += wanted as u64;
        if octets.is_empty() {
            self.aside = None;
        }
        true
    }
}
