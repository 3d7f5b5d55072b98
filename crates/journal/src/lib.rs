//! The log between intake and sinks: one per node, with a cursor for each sink.
//!
//! The intake appends batches; each record gets a [`Sequence`](record::Sequence) without gaps. A [`Cursor`] hands out
//! what was appended of the classes its sink takes, in order, and moves only when it is told that the sink has taken
//! responsibility. A batch is shared, never copied, and is let go once the last cursor that wants any of it has
//! acknowledged it; its [`Lease`](record::Lease) then gives the bytes back to whoever limits memory.
//!
//! There is one kind so far, in memory. Its interface is made for a kind on disk as well: places are [`Position`]s and
//! not pointers, acknowledgements are cumulative, cursors have names by which they could be found again, and
//! [`Journal::durable`] is where an intake waits before it acknowledges to its sender.

mod cursor;
mod error;
mod journal;
pub mod log;
mod memory;
mod position;

pub use cursor::{Cursor, Delivery};
pub use error::{JournalError, Refused};
pub use journal::{Appended, InFlight, Journal};
pub use position::Position;

#[cfg(test)]
mod tests;
