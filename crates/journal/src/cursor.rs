//! A sink's place in the journal.

use std::sync::Arc;

use record::{Batch, ClassMask, JournalId, Sequence};

use crate::memory::{Memory, Reader};
use crate::{JournalError, Position};

/// Hands out the records of one sink, in order, and remembers what the sink has acknowledged.
///
/// A batch of which the cursor takes nothing is passed over. Dropping the cursor lets go of everything that it has not
/// acknowledged; ask [`Cursor::in_flight`] first, when that number matters.
#[derive(Debug)]
pub struct Cursor {
    log: Arc<Memory>,
    reader: Arc<Reader>,
}

/// Consecutive batches out of the journal, for one sink. Holding it keeps the batches alive.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The batches, oldest first, each with the number of its first record.
    pub batches: Vec<(Sequence, Arc<Batch>)>,
    /// The place behind the last of them: what to acknowledge.
    pub end: Position,
    /// How many records of the cursor's classes are in the batches.
    pub records: u64,
}

impl Cursor {
    pub(crate) fn open(log: &Arc<Memory>, name: &str, take: ClassMask) -> Result<Self, JournalError> {
        Ok(Self { reader: log.open(name, take)?, log: Arc::clone(log) })
    }

    /// The name it was opened with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.reader.name
    }

    /// The classes it takes.
    #[must_use]
    pub fn take(&self) -> ClassMask {
        self.reader.take
    }

    /// The identity of its journal.
    #[must_use]
    pub fn journal(&self) -> JournalId {
        self.log.id()
    }

    /// Waits for the next batches and hands out all that are there, up to `bytes_max` octets of chunks, but at least
    /// one batch. `None` when the journal is closed and everything has been handed out.
    ///
    /// It may run ahead of the acknowledgements: each call goes on where the last one ended.
    ///
    /// Cancel safe: nothing is handed out by a call that does not return.
    pub async fn next(&mut self, bytes_max: u64) -> Option<Delivery> {
        loop {
            match self.log.read(&self.reader, bytes_max) {
                Read::Delivery(delivery) => return Some(delivery),
                Read::Ended => return None,
                // An append between the look and the wait leaves a permit behind, so no wake-up is lost.
                Read::Nothing => self.reader.appended.notified().await,
            }
        }
    }

    /// Moves the cursor to `position`: the sink has taken responsibility for all records before it. Cumulative.
    ///
    /// Only whole batches that were handed out count; a position that reaches further moves the cursor just past them.
    pub fn ack(&mut self, position: Position) {
        self.log.ack(&self.reader, position);
    }

    /// Hands out again, from the oldest on, everything that is not acknowledged: for a sink that starts anew.
    pub fn rewind(&mut self) {
        self.log.rewind(&self.reader);
    }

    /// The place before the oldest record that is not acknowledged.
    #[must_use]
    pub fn position(&self) -> Position {
        self.log.position(&self.reader)
    }

    /// Records of its classes that were appended and are not acknowledged.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.log.records_of(&self.reader)
    }

    /// Octets of the records that are not acknowledged. Walks over all of them: for the last line of a stop.
    #[must_use]
    pub fn octets_in_flight(&self) -> u64 {
        self.log.octets_of(&self.reader)
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        self.log.leave(&self.reader);
    }
}

/// What a look into the log found for a cursor.
pub(crate) enum Read {
    Delivery(Delivery),
    Nothing,
    Ended,
}
