//! The vocabulary of gully: what a frame, a header, a class and a batch are.
//!
//! Values only. Raw octets are the truth; everything else here is an offset into them or a reading of them.
//! This room has no async, no clock, no log line and no metric, so every other room may depend on it.
//!
//! One read from a socket becomes one [`Batch`]: a chunk of octets allocated once, and an [`Entry`] per frame in it.
//! Nobody copies a frame until an encoder writes it into a sink's buffer.

mod batch;
mod class;
mod flags;
mod frame;
mod header;
mod id;
mod lease;
mod origin;
mod priority;

pub use batch::{Batch, BatchParts, Entry, Record, Records};
pub use class::{Class, ClassCounts, ClassMask, UnknownClass};
pub use flags::{FlagNames, Flags};
pub use frame::{Frame, FrameSpan};
pub use header::{Dialect, HeaderSpans, ShortSpan};
pub use id::{JournalId, RecordId, Sequence};
pub use lease::{Lease, Reclaim};
pub use origin::{Origin, Peer, Transport, UnixNanos};
pub use priority::{Facility, Pri, Severity};
