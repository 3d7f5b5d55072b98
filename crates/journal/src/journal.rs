//! The handle that intake, sinks and metrics share.

use std::sync::Arc;

use record::{Batch, ClassMask, JournalId, Sequence};

use crate::memory::Memory;
use crate::{Cursor, JournalError, Position, Refused};

/// A journal. Clones are cheap and mean the same journal; all methods may be called from any thread.
#[derive(Debug, Clone)]
pub struct Journal {
    log: Arc<Memory>,
}

/// Where a batch went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The number of its first record; the others follow without gaps.
    pub first: Sequence,
    /// The place right behind its last record.
    pub position: Position,
    /// How many of its records no cursor takes. They have numbers, but nobody will deliver them.
    pub unwanted: u64,
}

/// What one cursor still has to acknowledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFlight {
    /// The name of the cursor.
    pub cursor: Arc<str>,
    /// Records of its classes that were appended and not yet acknowledged.
    pub records: u64,
}

impl Journal {
    /// A journal in memory: what it holds is gone when the process ends.
    ///
    /// It holds at most `quota_bytes` of [`Batch::weight_bytes`]; a reference of some 40 bytes per batch and cursor
    /// comes on top. Give [`u64::MAX`] when the leases of the batches are limit enough.
    #[must_use]
    pub fn memory(id: JournalId, quota_bytes: u64) -> Self {
        Self { log: Arc::new(Memory::new(id, quota_bytes)) }
    }

    /// The identity of the journal, one half of each record's id.
    #[must_use]
    pub fn id(&self) -> JournalId {
        self.log.id()
    }

    /// Appends the records of `batch` for every cursor that takes any of them. Never waits; one short lock.
    ///
    /// A batch of which no cursor takes anything is numbered and let go.
    ///
    /// # Errors
    /// [`JournalError::Full`] over the quota, [`JournalError::Closed`] after [`Journal::close`]; both give the batch back.
    pub fn append(&self, batch: Batch) -> Result<Appended, Box<Refused>> {
        self.log.append(batch)
    }

    /// Waits until everything before `position` is as safe as this kind of journal makes it. In memory: at once.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    /// None in memory. A journal on disk will say here that it could not write, and nothing may then be acknowledged.
    #[expect(clippy::unused_async, reason = "a journal on disk waits here for its group commit")]
    pub async fn durable(&self, position: Position) -> Result<(), JournalError> {
        debug_assert!(position <= self.end(), "a position comes from an append");
        Ok(())
    }

    /// Opens a cursor on the records of the classes in `take` that are appended from now on.
    ///
    /// # Errors
    /// [`JournalError::CursorTaken`] while a cursor of that name is open.
    pub fn cursor(&self, name: &str, take: ClassMask) -> Result<Cursor, JournalError> {
        Cursor::open(&self.log, name, take)
    }

    /// Ends the journal: appends are refused, and a cursor ends after it has handed out what is left for it.
    pub fn close(&self) {
        self.log.close();
    }

    /// The place behind the last record.
    #[must_use]
    pub fn end(&self) -> Position {
        self.log.end()
    }

    /// What each open cursor has still to acknowledge, in the order in which they were opened.
    ///
    /// Counted by the journal itself, up at an append and down at an acknowledgement, and derived from no other figure.
    #[must_use]
    pub fn in_flight(&self) -> Vec<InFlight> {
        self.log.in_flight()
    }

    /// The weight in bytes of all batches that some cursor has still to acknowledge; each counts once.
    #[must_use]
    pub fn bytes_held(&self) -> u64 {
        self.log.bytes_held()
    }
}
