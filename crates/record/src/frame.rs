//! Where a frame lies in its chunk.

use crate::Flags;

/// A half-open range of octets. Relative to a chunk, or to the start of a frame where the holder says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct FrameSpan {
    /// Offset of the first octet.
    pub start: u32,
    /// Offset after the last octet; never less than `start`.
    pub end: u32,
}

impl FrameSpan {
    /// The span from `start` up to, but without, `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        debug_assert!(start <= end);
        Self { start, end }
    }

    /// Length in octets.
    #[must_use]
    pub const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span holds no octet.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The octets of the span in `octets`. Panics when the span was not made for them: that is our bug.
    #[must_use]
    pub fn of(self, octets: &[u8]) -> &[u8] {
        &octets[self.start as usize..self.end as usize]
    }
}

/// A frame as the deframer finds it: where its message lies, without count or trailer, and what is odd about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// The message, relative to the start of the chunk (for the deframer: of the input it was given).
    pub span: FrameSpan,
    /// What is known before its class is: [`Flags::TRUNCATED`], [`Flags::UNTERMINATED`], [`Flags::EMBEDDED_LF`],
    /// [`Flags::BROKEN_FRAMING`], and of lines in pieces [`Flags::REJOINED`], [`Flags::TRUNCATED_UPSTREAM`] and
    /// [`Flags::CONTINUATION`].
    pub flags: Flags,
    /// Length of the message as sent, in octets. More than `span.len()` when the frame was cut to its prefix.
    pub original_bytes: u32,
}

impl Frame {
    /// A whole frame with nothing odd about it.
    #[must_use]
    pub const fn whole(start: u32, end: u32) -> Self {
        Self { span: FrameSpan::new(start, end), flags: Flags::NONE, original_bytes: end - start }
    }
}
