//! The frame at the front of the input that has begun and is not finished.

use super::{End, Step};

/// How many octets of it have come.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    /// Octets that the caller keeps, at the front of its next input. They have been searched.
    held: u32,
    /// Octets after those that the caller was told to forget.
    forgotten: u32,
}

impl Unfinished {
    pub(super) const fn new() -> Self {
        Self { held: 0, forgotten: 0 }
    }

    pub(super) const fn held(&self) -> usize {
        self.held as usize
    }

    pub(super) const fn forgotten(&self) -> usize {
        self.forgotten as usize
    }

    /// Octets in all.
    pub(super) const fn bytes(&self) -> u64 {
        self.held as u64 + self.forgotten as u64
    }

    /// It is finished: the next one has no octet yet.
    pub(super) const fn clear(&mut self) {
        *self = Self::new();
    }

    /// Its octets are `input[start..]`, and all of them are needed.
    pub(super) fn keep_all(&mut self, start: usize, input: &[u8]) -> Step {
        self.keep_prefix(start, input, usize::MAX)
    }

    /// Its octets are `input[start..]`, and no more than the first `prefix_bytes` are needed.
    pub(super) fn keep_prefix(&mut self, start: usize, input: &[u8], prefix_bytes: usize) -> Step {
        let here = input.len() - start;
        let keep = here.min(prefix_bytes);
        // A frame may have 16 MiB and the input 4 GiB, less what it holds: both fit.
        self.held = keep as u32;
        self.forgotten += (here - keep) as u32;
        Step { consumed: start, keep, more: false }
    }

    /// It will never be finished; `input` is what the caller has left.
    pub(super) fn lost(&self, input: &[u8]) -> End {
        End { frame: None, partial_bytes: input.len() as u64 + u64::from(self.forgotten) }
    }
}
