//! The memory that a worker thread reads into, shared by all its connections in turn.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::mem;

use bytes::{Bytes, BytesMut};
use record::Frame;

/// Octets that one read takes at most.
pub(crate) const READ_BYTES_MAX: usize = 128 * 1024;

/// A read with less room than this is not worth its system call: the rest of the slab goes unused instead.
pub(crate) const READ_BYTES_MIN: usize = 16 * 1024;

/// Frames that one batch has at most.
pub(crate) const BATCH_FRAMES_MAX: usize = 4096;

/// One allocation that serves several reads.
const SLAB_BYTES: usize = 512 * 1024;

/// Slabs that are full, and remembered in order to be used again once all their chunks are gone.
const RETIRED_MAX: usize = 4;

/// A chunk of up to this size is copied into an allocation of its own, so that a trickle of small chunks that live long does
/// not keep slabs alive: copying it costs far less than the read did.
const COPIED_BYTES_MAX: usize = 32 * 1024;

/// What a worker thread reads into. At most 2.5 MiB per thread that no batch holds.
#[derive(Debug, Default)]
pub(crate) struct Slab {
    /// Empty between reads.
    room: BytesMut,
    retired: VecDeque<BytesMut>,
    /// Frames of the batch at hand; empty between reads.
    frames: Vec<Frame>,
}

/// Lends the thread's slab. There is no await inside, so no connection keeps it.
pub(crate) fn with_slab<T>(work: impl FnOnce(&mut Slab) -> T) -> T {
    thread_local!(static SLAB: RefCell<Slab> = RefCell::default());
    SLAB.with_borrow_mut(work)
}

impl Slab {
    /// An empty buffer with room for at least `bytes`, and the frames to fill. Give the buffer back with [`Self::put`].
    pub(crate) fn take(&mut self, bytes: usize) -> BytesMut {
        if self.room.capacity() < bytes && !self.room.try_reclaim(bytes.max(SLAB_BYTES)) {
            self.renew(bytes);
        }
        mem::take(&mut self.room)
    }

    /// Takes the buffer back; octets that are still in it are forgotten.
    pub(crate) fn put(&mut self, mut room: BytesMut) {
        room.clear();
        self.room = room;
    }

    /// Where the deframer puts its frames. Empty.
    pub(crate) fn frames(&mut self) -> &mut Vec<Frame> {
        &mut self.frames
    }

    /// The frames of a batch, leaving room for about as many.
    pub(crate) fn take_frames(&mut self) -> Vec<Frame> {
        let next = Vec::with_capacity(self.frames.len());
        mem::replace(&mut self.frames, next)
    }

    fn renew(&mut self, bytes: usize) {
        let bytes = bytes.max(SLAB_BYTES);
        let free = self.retired.iter_mut().position(|slab| slab.try_reclaim(bytes));
        let free = free.and_then(|index| self.retired.remove(index));
        let fresh = free.unwrap_or_else(|| BytesMut::with_capacity(bytes));
        let full = mem::replace(&mut self.room, fresh);
        if full.capacity() > 0 {
            self.retired.push_back(full);
        }
        if self.retired.len() > RETIRED_MAX {
            self.retired.pop_front();
        }
    }
}

/// Splits the first `bytes` off `buffer` as a chunk: uncopied, or copied when they are few.
pub(crate) fn split_chunk(buffer: &mut BytesMut, bytes: usize) -> Bytes {
    let front = buffer.split_to(bytes);
    if bytes <= COPIED_BYTES_MAX { Bytes::copy_from_slice(&front) } else { front.freeze() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_chunks_share_a_slab_and_small_ones_have_their_own_memory() {
        let mut slab = Slab::default();
        let mut room = slab.take(READ_BYTES_MAX);
        let start = room.as_ptr();
        room.extend_from_slice(&[b'x'; COPIED_BYTES_MAX + 2]);
        let large = split_chunk(&mut room, COPIED_BYTES_MAX + 1);
        assert_eq!(large.as_ptr(), start);
        let rest = room.as_ptr();
        assert_ne!(split_chunk(&mut room, 1).as_ptr(), rest);
        slab.put(room);
    }

    #[test]
    fn a_slab_is_used_again_once_its_chunks_are_gone() {
        let mut slab = Slab::default();
        let mut starts = Vec::new();
        for _ in 0..40 {
            let mut room = slab.take(READ_BYTES_MAX);
            starts.push(room.as_ptr());
            room.extend_from_slice(&[b'x'; READ_BYTES_MAX]);
            drop(split_chunk(&mut room, READ_BYTES_MAX));
            slab.put(room);
        }
        starts.sort_unstable();
        starts.dedup();
        assert!(starts.len() <= SLAB_BYTES / READ_BYTES_MAX, "one slab serves them all, not {}", starts.len());
    }

    #[test]
    fn chunks_in_use_are_not_written_over() {
        let mut slab = Slab::default();
        let chunks: Vec<_> = (0..40_u8)
            .map(|value| {
                let mut room = slab.take(READ_BYTES_MAX);
                room.extend_from_slice(&[value; READ_BYTES_MAX]);
                let chunk = split_chunk(&mut room, READ_BYTES_MAX - 1);
                slab.put(room);
                chunk
            })
            .collect();
        for (value, chunk) in (0..).zip(&chunks) {
            assert!(chunk.iter().all(|octet| *octet == value));
        }
        assert!(slab.retired.len() <= RETIRED_MAX);
    }
}
