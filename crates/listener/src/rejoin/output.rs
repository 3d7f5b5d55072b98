//! What comes out of rejoining: frames of the chunk that was read, and frames that were not in it, in order.

use record::{Flags, Frame, FrameSpan, UnixNanos};

use super::Failure;

/// Frames on their way up.
#[derive(Debug)]
pub(crate) struct Output {
    /// When the chunk was read.
    pub(super) received_at: UnixNanos,
    frames: Vec<Source>,
    /// The octets of those that were made here.
    made: Vec<u8>,
    pub(crate) rejoined: u64,
    pub(crate) failures: Vec<Failure>,
}

#[derive(Debug)]
enum Source {
    /// As it lies in the chunk that was read.
    Read(Frame),
    /// In [`Output::made`], and when it was read.
    Made(Frame, UnixNanos),
}

/// Frames that were read at the same time, and their octets.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) octets: Vec<u8>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) received_at: UnixNanos,
}

impl Output {
    pub(crate) const fn new(received_at: UnixNanos) -> Self {
        Self { received_at, frames: Vec::new(), made: Vec::new(), rejoined: 0, failures: Vec::new() }
    }

    /// A frame of the chunk goes on as it is.
    pub(super) fn pass(&mut self, frame: Frame) {
        self.frames.push(Source::Read(frame));
    }

    /// A frame that waited since `received_at` goes on, `octets` being its own.
    pub(super) fn copy(&mut self, octets: &[u8], frame: Frame, received_at: UnixNanos) {
        let start = self.made.len() as u32;
        self.made.extend_from_slice(octets);
        let frame = Frame { span: FrameSpan::new(start, self.made.len() as u32), ..frame };
        self.frames.push(Source::Made(frame, received_at));
    }

    /// A record was put together, and `write` appends it.
    pub(super) fn make(&mut self, flags: Flags, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.made.len() as u32;
        write(&mut self.made);
        let frame = Frame { flags, ..Frame::whole(start, self.made.len() as u32) };
        self.frames.push(Source::Made(frame, self.received_at));
        self.rejoined += 1;
    }

    pub(super) fn count(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    /// The frames, when all `frames` that were read go on, and nothing else: they lie where they were, and may have got flags.
    pub(crate) fn as_read(&self, frames: usize) -> Option<Vec<Frame>> {
        if self.frames.len() != frames || !self.made.is_empty() {
            return None;
        }
        let read = self.frames.iter().map(|source| match source {
            Source::Read(frame) => Some(*frame),
            Source::Made(..) => None,
        });
        read.collect()
    }

    /// Chunks of at most `frames_max` frames each, `chunk` being what was read.
    pub(crate) fn chunks(&self, chunk: &[u8], frames_max: usize) -> impl Iterator<Item = Chunk> {
        let same_time = self.frames.chunk_by(|one, next| self.time(one) == self.time(next));
        same_time.flat_map(move |sources| sources.chunks(frames_max)).map(move |sources| {
            let parts = || {
                sources.iter().map(|source| match source {
                    Source::Read(frame) => (frame, frame.span.of(chunk)),
                    Source::Made(frame, _) => (frame, frame.span.of(&self.made)),
                })
            };
            let mut octets = Vec::with_capacity(parts().map(|(_, part)| part.len()).sum());
            let mut frames = Vec::with_capacity(sources.len());
            for (frame, part) in parts() {
                let start = octets.len() as u32;
                octets.extend_from_slice(part);
                frames.push(Frame { span: FrameSpan::new(start, octets.len() as u32), ..*frame });
            }
            let received_at = sources.first().map_or(self.received_at, |source| self.time(source));
            Chunk { octets, frames, received_at }
        })
    }

    const fn time(&self, source: &Source) -> UnixNanos {
        match source {
            Source::Read(_) => self.received_at,
            Source::Made(_, received_at) => *received_at,
        }
    }
}
