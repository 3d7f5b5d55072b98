//! The way up: whoever takes the frames implements [`Intake`].

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use record::{Frame, Lease, Origin, Peer, UnixNanos};

/// Takes frames, and says when there is room for more. Called from all worker threads at once.
pub trait Intake: Send + Sync + 'static {
    /// Whether connections may read now: credit is left.
    fn may_read(&self) -> bool;

    /// Resolves when [`Self::may_read`] may be true again; it is asked again before a read.
    ///
    /// Cancel safety: is dropped and made anew at will.
    fn readable(&self) -> impl Future<Output = ()> + Send;

    /// Accounts `bytes` that are held outside a batch, by an unfinished frame. May overdraw the credit by what one read brought.
    fn hold(&self, bytes: u64) -> Lease;

    /// Whether credit is used up by what is held for unfinished frames alone, so that waiting for it would never end.
    ///
    /// Asked a few times a second by connections that wait for credit with an unfinished frame. When it says yes, a few of
    /// them at a time read on until their frame is finished. An intake that cannot tell may say yes always; its credit can
    /// then be overdrawn by one frame per connection each time it runs out.
    fn jammed(&self) -> bool {
        true
    }

    /// Hands over the frames of one read, at least one. Must not block and cannot fail: credit may be overdrawn by one read
    /// per worker thread.
    fn offer(&self, arrival: Arrival);

    /// As [`Self::offer`], for datagrams, whose senders cannot wait: false, counted by the intake, when there is no room.
    fn offer_datagrams(&self, arrival: Arrival) -> bool;
}

/// The frames of one read.
///
/// `chunk` may be part of a larger allocation that it shares with chunks read just before and after it: a chunk of more than
/// 32 KiB keeps at most 512 KiB alive, or twice its own size, whichever is more; a smaller one has an allocation of its own.
#[derive(Debug)]
pub struct Arrival {
    /// The octets, counts and trailers included.
    pub chunk: Bytes,
    /// Where the frames lie in it, in order. Never empty, at most 4096.
    pub frames: Vec<Frame>,
    /// Where they came from.
    pub origin: Arc<Origin>,
    /// For datagrams the sender of each frame; empty for a connection, whose origin names its one peer.
    pub peers: Vec<Peer>,
    /// When they were read.
    pub received_at: UnixNanos,
}
