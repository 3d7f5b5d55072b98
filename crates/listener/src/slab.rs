//! The memory that a worker thread reads into, shared by all its connections in turn.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::mem;

use bytes::{Buf, Bytes, BytesMut};
use record::Frame;

/// Octets that one read takes at most.
pub(crate) const READ_BYTES_MAX: usize = 128 * 1024;

/// An unfinished frame up to this size is put in front of the slab for the next read. A larger one grows where it lies, and its
/// connection reads right behind it: however small the reads, no octet of it is moved more than a few times.
pub(crate) const MOVED_TAIL_BYTES_MAX: usize = 16 * 1024;

/// Frames that one batch has at most.
pub(crate) const BATCH_FRAMES_MAX: usize = 4096;

/// One allocation, which serves one read: an unfinished frame, and what is read behind it. Were it shared by several reads, one
/// chunk that is kept would keep the memory of all their chunks.
const SLAB_BYTES: usize = READ_BYTES_MAX + MOVED_TAIL_BYTES_MAX;

/// Slabs that chunks have taken with them, remembered in order to be used again once those chunks are gone. As many as are on
/// their way while sinks keep up, so that reading then needs no allocator.
const RETIRED_MAX: usize = 32;

/// A smaller chunk is copied into an allocation of its own, so that no chunk keeps much more memory alive than it has octets:
/// the copy costs far less than the read did.
const UNCOPIED_BYTES_MIN: usize = 64 * 1024;

/// What a worker thread reads into. At most 4.7 MiB per thread that no chunk holds: the slab at hand, and those retired.
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
    /// A whole slab, empty. Give it back with [`Self::put`].
    pub(crate) fn take(&mut self) -> BytesMut {
        if !self.room.try_reclaim(SLAB_BYTES) {
            self.renew();
        }
        mem::take(&mut self.room)
    }

    /// Takes the slab back; octets that are still in it are forgotten.
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

    fn renew(&mut self) {
        let free = self.retired.iter_mut().position(|slab| slab.try_reclaim(SLAB_BYTES));
        let free = free.and_then(|index| self.retired.remove(index));
        let fresh = free.unwrap_or_else(|| BytesMut::with_capacity(SLAB_BYTES));
        let taken = mem::replace(&mut self.room, fresh);
        if taken.capacity() > 0 {
            self.retired.push_back(taken);
        }
        if self.retired.len() > RETIRED_MAX {
            self.retired.pop_front();
        }
    }
}

/// Splits the first `bytes` off `buffer`, whose allocation has `allocation_bytes`: uncopied, or copied when they are few. Gives
/// the chunk, and the memory that it keeps alive, in bytes.
pub(crate) fn split_chunk(buffer: &mut BytesMut, bytes: usize, allocation_bytes: usize) -> (Bytes, usize) {
    if bytes >= UNCOPIED_BYTES_MIN {
        return (buffer.split_to(bytes).freeze(), allocation_bytes);
    }
    let copy = Bytes::copy_from_slice(&buffer[..bytes]);
    buffer.advance(bytes);
    (copy, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A read of `bytes`, all of which become one chunk: where the slab was, the chunk, and what it keeps alive.
    fn read(slab: &mut Slab, bytes: usize, value: u8) -> (*const u8, Bytes, usize) {
        let mut room = slab.take();
        let (start, allocation_bytes) = (room.as_ptr(), room.capacity());
        room.resize(bytes, value);
        let (chunk, kept_bytes) = split_chunk(&mut room, bytes, allocation_bytes);
        slab.put(room);
        (start, chunk, kept_bytes)
    }

    fn distinct(mut starts: Vec<*const u8>) -> usize {
        starts.sort_unstable();
        starts.dedup();
        starts.len()
    }

    #[test]
    fn a_large_chunk_takes_its_slab_with_it() {
        let mut slab = Slab::default();
        let (start, large, kept_bytes) = read(&mut slab, UNCOPIED_BYTES_MIN, b'x');
        assert_eq!((large.as_ptr(), kept_bytes), (start, SLAB_BYTES));
        for _ in 0..3 {
            assert_ne!(read(&mut slab, 1, b'y').0, start, "nothing else is read into it");
        }
        drop(large);
        let (_, _other, _) = read(&mut slab, UNCOPIED_BYTES_MIN, b'z');
        assert_eq!(read(&mut slab, 1, b'y').0, start, "until its chunk is gone");
    }

    #[test]
    fn a_small_chunk_is_copied_to_its_size_and_leaves_the_slab_to_the_next_read() {
        let mut slab = Slab::default();
        let (mut starts, mut chunks) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            let (start, chunk, kept_bytes) = read(&mut slab, UNCOPIED_BYTES_MIN - 1, b'x');
            assert_eq!(kept_bytes, chunk.len());
            starts.push(start);
            chunks.push(chunk);
        }
        assert_eq!((distinct(starts), slab.retired.len()), (1, 0), "one slab serves them all");
    }

    #[test]
    fn slabs_whose_chunks_come_and_go_are_used_again() {
        let mut slab = Slab::default();
        let (mut starts, mut chunks) = (Vec::new(), VecDeque::new());
        for _ in 0..400 {
            let (start, chunk, _) = read(&mut slab, READ_BYTES_MAX, b'x');
            starts.push(start);
            chunks.push_back(chunk);
            if chunks.len() == RETIRED_MAX {
                chunks.pop_front();
            }
        }
        let slabs = distinct(starts);
        assert!(slabs <= RETIRED_MAX + 1, "{slabs} slabs for {RETIRED_MAX} chunks");
        assert!(slab.retired.len() <= RETIRED_MAX);
    }

    #[test]
    fn chunks_in_use_are_not_written_over() {
        let mut slab = Slab::default();
        let chunks: Vec<_> = (0..60_u8).map(|value| read(&mut slab, READ_BYTES_MAX - 1, value).1).collect();
        for (value, chunk) in (0..).zip(&chunks) {
            assert!(chunk.iter().all(|octet| *octet == value));
        }
        assert!(slab.retired.len() <= RETIRED_MAX);
    }
}
