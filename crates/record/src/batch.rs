//! A chunk of octets and the records in it.

use std::sync::Arc;

use bytes::Bytes;

use crate::{Class, ClassCounts, ClassMask, Flags, FrameSpan, HeaderSpans, Lease, Origin, Peer, UnixNanos};

/// What is known about one record of a [`Batch`], beside its octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The message in the chunk, without count or trailer.
    pub span: FrameSpan,
    /// Its length as sent, in octets; more than `span.len()` when only the prefix was kept.
    pub original_bytes: u32,
    /// What it is.
    pub class: Class,
    /// What is odd about it.
    pub flags: Flags,
    /// Its header, relative to the start of the span.
    pub header: HeaderSpans,
}

/// The records of one read: one allocation of octets, many entries. Immutable once made, shared by all sinks.
#[derive(Debug)]
pub struct Batch {
    chunk: Bytes,
    entries: Vec<Entry>,
    origin: Arc<Origin>,
    peers: Vec<Peer>,
    received_at: UnixNanos,
    counts: ClassCounts,
    // Declared last, so that the octets are freed before their bytes count as free.
    lease: Lease,
}

/// What a [`Batch`] is made of.
#[derive(Debug)]
pub struct BatchParts {
    /// The octets. Every span lies in here.
    pub chunk: Bytes,
    /// The records, in the order in which they arrived.
    pub entries: Vec<Entry>,
    /// Where they came from.
    pub origin: Arc<Origin>,
    /// For datagrams the sender of each entry; empty when `origin` names the one peer of all.
    pub peers: Vec<Peer>,
    /// When the octets were read.
    pub received_at: UnixNanos,
    /// The share of the memory limit that the batch holds until it is dropped.
    pub lease: Lease,
}

impl Batch {
    /// Makes a batch. Panics when there are peers, but not one for each entry: that is our bug.
    #[must_use]
    pub fn new(parts: BatchParts) -> Self {
        let BatchParts { chunk, entries, origin, peers, received_at, lease } = parts;
        assert!(peers.is_empty() || peers.len() == entries.len(), "a peer for each entry, or none");
        let mut counts = ClassCounts::default();
        entries.iter().for_each(|entry| counts.add(entry.class));
        Self { chunk, entries, origin, peers, received_at, counts, lease }
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no record in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many records there are of each class.
    #[must_use]
    pub const fn counts(&self) -> &ClassCounts {
        &self.counts
    }

    /// What all records have in common about their way here.
    #[must_use]
    pub const fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    /// When the octets were read.
    #[must_use]
    pub const fn received_at(&self) -> UnixNanos {
        self.received_at
    }

    /// All octets of the chunk; they may include counts, trailers and neighbours that are no longer here.
    #[must_use]
    pub const fn chunk(&self) -> &Bytes {
        &self.chunk
    }

    /// Memory that the batch accounts for, in bytes.
    #[must_use]
    pub const fn weight_bytes(&self) -> u64 {
        self.lease.bytes()
    }

    /// The record at `index`. Panics when there is none.
    #[must_use]
    pub fn record(&self, index: usize) -> Record<'_> {
        Record { batch: self, entry: &self.entries[index], index }
    }

    /// All records of the classes in `mask`, in order of arrival.
    #[must_use]
    pub fn records(&self, mask: ClassMask) -> Records<'_> {
        Records { batch: self, mask, next: 0 }
    }
}

/// One record: a view into its batch.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    batch: &'a Batch,
    entry: &'a Entry,
    index: usize,
}

impl<'a> Record<'a> {
    /// The frame's octets as received: header and message, without count or trailer.
    #[must_use]
    pub fn octets(&self) -> &'a [u8] {
        self.entry.span.of(&self.batch.chunk)
    }

    /// MSG: the octets after the header, or all when there is no header.
    #[must_use]
    pub fn message(&self) -> &'a [u8] {
        self.entry.header.message(self.octets())
    }

    /// Its place in the batch.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// What it is.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.entry.class
    }

    /// What is odd about it.
    #[must_use]
    pub const fn flags(&self) -> Flags {
        self.entry.flags
    }

    /// Where its header's parts lie.
    #[must_use]
    pub const fn header(&self) -> &'a HeaderSpans {
        &self.entry.header
    }

    /// Length of the frame as sent, in octets.
    #[must_use]
    pub const fn original_bytes(&self) -> u32 {
        self.entry.original_bytes
    }

    /// Who sent it.
    #[must_use]
    pub fn peer(&self) -> Peer {
        self.batch.peers.get(self.index).copied().unwrap_or(self.batch.origin.peer)
    }

    /// How it came here.
    #[must_use]
    pub const fn origin(&self) -> &'a Arc<Origin> {
        &self.batch.origin
    }

    /// When it was read.
    #[must_use]
    pub const fn received_at(&self) -> UnixNanos {
        self.batch.received_at
    }
}

/// Iterates over the records of chosen classes.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    batch: &'a Batch,
    mask: ClassMask,
    next: usize,
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        while let Some(entry) = self.batch.entries.get(self.next) {
            let index = self.next;
            self.next += 1;
            if self.mask.contains(entry.class) {
                return Some(Record { batch: self.batch, entry, index });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The memory limit counts it for each record.
    #[test]
    fn an_entry_stays_small() {
        assert!(size_of::<Entry>() <= 64, "{} bytes", size_of::<Entry>());
    }
}
