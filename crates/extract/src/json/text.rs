//! A JSON string, still escaped.

use super::special::next_backslash;
use super::work;

/// What stands between the quotes of a JSON string.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    raw: &'a [u8],
    plain: bool,
}

impl<'a> Text<'a> {
    /// No name or word that is asked for is longer.
    const COMPARED_BYTES_MAX: usize = 64;

    pub(crate) const fn new(raw: &'a [u8], plain: bool) -> Self {
        Self { raw, plain }
    }

    /// The octets as they stand there.
    pub(crate) const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Whether the octets stand for themselves: there is no escape.
    pub(crate) const fn is_plain(&self) -> bool {
        self.plain
    }

    /// Whether the text, its escapes undone, is `expected`.
    pub(crate) fn is(&self, expected: &[u8]) -> bool {
        if self.plain {
            return self.raw == expected;
        }
        let mut rest = expected;
        pieces(self.raw, |piece| match rest.strip_prefix(piece) {
            Some(after) => {
                rest = after;
                true
            }
            None => false,
        }) && rest.is_empty()
    }

    /// Calls `ask` with the text, its escapes undone; with nothing when it is escaped and longer than any name or word
    /// that is asked for.
    pub(crate) fn ask<T>(&self, ask: impl FnOnce(&[u8]) -> T) -> T {
        if self.plain {
            return ask(self.raw);
        }
        let mut buffer = [0; Self::COMPARED_BYTES_MAX];
        let mut len = 0;
        let fits = pieces(self.raw, |piece| match buffer.get_mut(len..len + piece.len()) {
            Some(place) => {
                place.copy_from_slice(piece);
                len += piece.len();
                true
            }
            None => false,
        });
        ask(if fits { &buffer[..len] } else { b"" })
    }

    /// Appends the text, its escapes undone. A surrogate without its partner becomes U+FFFD; what is no escape stays.
    pub(crate) fn decode_into(&self, out: &mut Vec<u8>) {
        pieces(self.raw, |piece| {
            out.extend_from_slice(piece);
            true
        });
    }
}

/// Calls `take` for each stretch of the text that `raw` stands for, until it answers `false`.
fn pieces(raw: &[u8], mut take: impl FnMut(&[u8]) -> bool) -> bool {
    let mut at = 0;
    loop {
        let escape = next_backslash(raw, at);
        if !take(&raw[at..escape]) {
            return false;
        }
        if escape == raw.len() {
            return true;
        }
        let mut utf8 = [0; 4];
        let (octets, width) = classify::json_escape(&raw[escape..], &mut utf8);
        work::visit(width);
        if !take(octets) {
            return false;
        }
        at = escape + width;
    }
}
