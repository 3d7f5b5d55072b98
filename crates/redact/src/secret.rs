//! A secret in a text, and how its fingerprint is made.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::detector::Detector;

/// A secret that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Secret {
    /// Where it stands in the text that was searched. Many may wait, so it is kept short: frames are bounded far below 4 GiB.
    start: u32,
    end: u32,
    pub(crate) detector: Detector,
    pub(crate) coding: Coding,
}

impl Secret {
    pub(crate) const fn new(detector: Detector, range: Range<usize>) -> Self {
        Self::coded(detector, range, Coding::Plain)
    }

    pub(crate) const fn coded(detector: Detector, range: Range<usize>, coding: Coding) -> Self {
        Self { start: range.start as u32, end: range.end as u32, detector, coding }
    }

    /// Where it stands in the text that was searched.
    pub(crate) const fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The same, of a text of which the one that was searched is a part from `start` on.
    pub(crate) const fn moved(&self, start: usize) -> Self {
        Self { start: self.start + start as u32, end: self.end + start as u32, ..*self }
    }
}

/// What has to be undone so that equal secrets have equal octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Nothing.
    Plain,
    /// Percent-encoding (RFC 3986 section 2.1), and `+` for a blank where forms write it so.
    Percent { plus: bool },
    /// Base64 (RFC 4648 section 4), where it is valid.
    Base64,
    /// The line ends of PEM, of whatever kind: only the octets of base64 count.
    Pem,
}

impl Coding {
    /// The octets that the fingerprint of `text` is made of.
    pub(crate) fn undo(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain => text.to_vec(),
            Self::Percent { plus } => percent_decoded(text, plus),
            Self::Base64 => STANDARD.decode(text).unwrap_or_else(|_| text.to_vec()),
            Self::Pem => crate::pem::base64_of(text),
        }
    }
}

fn percent_decoded(text: &[u8], plus: bool) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&octet) = text.get(at) {
        let digit = |place: usize| text.get(at + place).and_then(|digit| char::from(*digit).to_digit(16));
        let (decoded, width) = match (octet, digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => ((high << 4 | low) as u8, 3),
            (b'+', ..) if plus => (b' ', 1),
            _ => (octet, 1),
        };
        octets.push(decoded);
        at += width;
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_secrets_have_equal_octets() {
        assert_eq!(Coding::Percent { plus: true }.undo(b"a%20b+c%2b%zz%"), b"a b c+%zz%");
        assert_eq!(Coding::Percent { plus: false }.undo(b"a+%41"), b"a+A");
        assert_eq!(Coding::Base64.undo(b"aHVudGVyMg=="), b"hunter2");
        assert_eq!(Coding::Base64.undo(b"hunter2"), b"hunter2");
    }
}
