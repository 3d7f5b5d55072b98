//! Why a journal did not do what it was asked.

use std::fmt;

use record::Batch;

/// Why a journal refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalError {
    /// The batch would take the journal over its quota. Try again when cursors have moved.
    Full {
        /// Bytes that the journal holds now.
        held_bytes: u64,
        /// Bytes that the refused batch weighs.
        batch_bytes: u64,
        /// What the journal may hold.
        quota_bytes: u64,
    },
    /// [`Journal::close`](crate::Journal::close) was called: nothing is appended any more.
    Closed,
    /// A cursor of this name is open; each sink has a name of its own.
    CursorTaken {
        /// The name.
        name: String,
    },
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { held_bytes, batch_bytes, quota_bytes } => write!(
                f,
                "journal is full: it holds {held_bytes} bytes, and {batch_bytes} more would exceed its quota of {quota_bytes}"
            ),
            Self::Closed => f.write_str("journal is closed: nothing can be appended after the stop"),
            Self::CursorTaken { name } => write!(f, "a cursor called {name:?} is open already, names must differ"),
        }
    }
}

impl std::error::Error for JournalError {}

/// A batch that was not appended, given back whole.
#[derive(Debug)]
pub struct Refused {
    /// The batch, as it was handed in.
    pub batch: Batch,
    /// Why it was refused.
    pub error: JournalError,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records were refused: {}", self.batch.len(), self.error)
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
