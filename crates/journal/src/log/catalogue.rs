//! What writer, readers and cursors share: where everything is, and which segments there are.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use record::Sequence;

use super::Identity;
use super::paths::Paths;
use super::quarantine::Quarantine;

#[derive(Debug)]
pub(crate) struct Shared<S> {
    pub(crate) storage: S,
    pub(crate) paths: Paths,
    pub(crate) identity: Identity,
    pub(crate) quarantine: Quarantine,
    catalogue: Mutex<Catalogue>,
}

/// The segments there are, oldest first. The last one is written to.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) segments: VecDeque<Listed>,
    /// Where the last one's entries end.
    pub(crate) written: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) number: u64,
    pub(crate) first: Sequence,
    /// What it takes on the disk.
    pub(crate) bytes: u64,
}

impl<S> Shared<S> {
    pub(crate) fn new(
        storage: S,
        paths: Paths,
        identity: Identity,
        quarantine: Quarantine,
        catalogue: Catalogue,
    ) -> Self {
        Self { storage, paths, identity, quarantine, catalogue: Mutex::new(catalogue) }
    }

    // Each change leaves the list whole; a panic elsewhere under the lock is no reason to stop.
    pub(crate) fn catalogue(&self) -> MutexGuard<'_, Catalogue> {
        self.catalogue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Catalogue {
    /// The segment in which the record `sequence` is or would be: the last one that begins at or before it, or the first one.
    pub(crate) fn holding(&self, sequence: Sequence) -> Option<Listed> {
        let behind = self.segments.partition_point(|segment| segment.first <= sequence);
        self.segments.get(behind.saturating_sub(1)).copied()
    }

    /// The segment after `number`.
    pub(crate) fn after(&self, number: u64) -> Option<Listed> {
        let behind = self.segments.partition_point(|segment| segment.number <= number);
        self.segments.get(behind).copied()
    }

    pub(crate) fn last_number(&self) -> u64 {
        self.segments.back().map_or(0, |segment| segment.number)
    }
}
