//! The log on disk: entries in segments that survive a power cut, cursors' files, and what a start makes of both.
//!
//! [`Log`] appends; [`Reader`]s hand out; [`CursorFile`]s remember. No threads, no waiting and no clock of its own in here, and the entries are
//! opaque octets: who groups what, and who waits for which sync, is decided above. `FORMAT.md` describes each octet.
//!
//! What holds:
//!
//! - What [`Log::sync`] returned is there after a power cut, unless the medium itself loses it.
//! - An entry is handed out as it was appended, or not at all. What is lost is counted exactly, by its numbers.
//! - A number is never used twice for what was synced. What was only written may be lost in a power cut, and its numbers are then given
//!   to others: so hand out of the process what lies before [`Log::synced`], and no more.
//! - After a failed sync nothing is written or synced any more.
//! - Nothing that cannot be understood is changed or removed.

mod catalogue;
mod crash;
mod cursor_file;
mod entry;
mod error;
mod identity;
mod lock;
mod open;
mod paths;
mod quarantine;
mod reader;
mod recover;
mod reserve;
mod segment;
mod storage;
mod synced;
mod walk;
mod writer;

pub use cursor_file::{CursorFile, STATE_BYTES_MAX};
pub use entry::{ENTRY_HEADER_BYTES, Entry, KINDS_OF_THE_LOG, NewEntry, PAYLOAD_BYTES_MAX};
pub use error::{LogError, LogErrorKind};
pub use identity::{FORMAT_VERSION, Identity};
pub use open::{LogSettings, NewJournal, Opened};
pub use reader::{Counts, Item, Reader};
pub use recover::{Damage, Recovery};
pub use storage::{Access, Disk, Storage, StoredFile};
pub use writer::{Log, SegmentStatus};

#[cfg(test)]
mod tests;
