//! Where a value's octets are: values of an extraction are places, not copies.

use std::ops::Range;

/// Octets of the frame, or of one of the buffers beside it, or of the program.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Octets {
    /// In the frame.
    Frame { start: u32, len: u32 },
    /// In the record that a carrier held, after its escapes were undone.
    Carried { start: u32, len: u32 },
    /// In the copies of values whose escapes were undone.
    Decoded { start: u32, len: u32 },
    /// A name or word of our own.
    Word(&'static str),
    /// A value that reaches to where the record was cut: it may have been longer, so it says nothing.
    Cut,
}

impl Octets {
    /// Those of the octets that lie in `range`, which is within them.
    pub(crate) fn part(self, range: Range<usize>) -> Self {
        let len = range.len() as u32;
        match self {
            Self::Frame { start, .. } => Self::Frame { start: start + range.start as u32, len },
            Self::Carried { start, .. } => Self::Carried { start: start + range.start as u32, len },
            Self::Decoded { start, .. } => Self::Decoded { start: start + range.start as u32, len },
            Self::Word(word) => Self::Word(word.get(range).unwrap_or_default()),
            Self::Cut => Self::Cut,
        }
    }
}

/// What [`Octets`] refer to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts<'a> {
    pub(crate) frame: &'a [u8],
    pub(crate) carried: &'a [u8],
    pub(crate) decoded: &'a [u8],
}

impl<'a> Texts<'a> {
    /// The octets themselves.
    pub(crate) fn get(&self, octets: Octets) -> &'a [u8] {
        let (text, start, len) = match octets {
            Octets::Frame { start, len } => (self.frame, start, len),
            Octets::Carried { start, len } => (self.carried, start, len),
            Octets::Decoded { start, len } => (self.decoded, start, len),
            Octets::Word(word) => return word.as_bytes(),
            Octets::Cut => return b"",
        };
        text.get(start as usize..start as usize + len as usize).unwrap_or_default()
    }
}

/// Where in `text` the slice `part` lies, if it does.
pub(crate) fn place_in(text: &[u8], part: &[u8]) -> Option<(u32, u32)> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let fits = start + part.len() <= text.len();
    // Frames are bounded far below 4 GiB.
    fits.then_some((u32::try_from(start).ok()?, u32::try_from(part.len()).ok()?))
}
