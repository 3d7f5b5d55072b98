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

    /// Accounts `bytes` that are held outside a batch, by an unfinished frame. They come out of a part of the memory that is set
    /// aside for unfinished frames, so that these never take what finished ones need. May overdraw it by what one read brought.
    fn hold(&self, bytes: u64) -> Lease;

    /// Whether unfinished frames have used up what is set aside for them.
    ///
    /// While they have, a connection reads no more than fits its free allowance, which is enough for ordinary frames, and a few
    /// connections at a time read on until their large frame is finished.
    fn jammed(&self) -> bool;

    /// Hands over the frames of one read, at least one. Must not block and cannot fail: credit may be overdrawn by one read
    /// per worker thread.
    fn offer(&self, arrival: Arrival);

    /// As [`Self::offer`], for datagrams, whose senders cannot wait: when there is no room, the intake drops and counts them.
    fn offer_datagrams(&self, arrival: Arrival);
}

/// The frames of one read, or part of them: a read of very short frames gives several.
///
/// A chunk of a connection that has less than 64 KiB is an allocation of its own, of exactly its size. A larger one is left where
/// it was read: in a slab of 144 KiB, or in the buffer in which a large frame has grown, at most about twice its size. No other
/// read shares that memory.
#[derive(Debug)]
pub struct Arrival {
    /// The octets, counts and trailers included.
    pub chunk: Bytes,
    /// Memory that the chunk keeps alive, in bytes: the slab's size when it was left there, the capacity of the buffer in which
    /// a large frame has grown or a batch of datagrams was put together, the chunk's length when it is a copy. Never less than
    /// that length. Where two chunks of one read share a slab, each tells all of it.
    pub allocation_bytes: usize,
    /// Where the frames lie in it, in order. Never empty, at most 4096.
    pub frames: Vec<Frame>,
    /// Where they came from.
    pub origin: Arc<Origin>,
    /// For datagrams the sender of each frame; empty for a connection, whose origin names its one peer.
    pub peers: Vec<Peer>,
    /// When they were read.
    pub received_at: UnixNanos,
}
