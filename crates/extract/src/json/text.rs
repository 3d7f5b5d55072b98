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
        let (octets, width) = undo(&raw[escape..], &mut utf8);
        work::visit(width);
        if !take(octets) {
            return false;
        }
        at = escape + width;
    }
}

/// What the escape at the start of `raw` stands for, and how long it is.
fn undo<'a>(raw: &'a [u8], utf8: &'a mut [u8; 4]) -> (&'a [u8], usize) {
    let octet: &[u8] = match raw.get(1) {
        Some(b'"') => b"\"",
        Some(b'\\') => b"\\",
        Some(b'/') => b"/",
        Some(b'b') => b"\x08",
        Some(b'f') => b"\x0C",
        Some(b'n') => b"\n",
        Some(b'r') => b"\r",
        Some(b't') => b"\t",
        Some(b'u') => match unit(raw) {
            Some(unit) => {
                let (character, width) = character(unit, raw);
                return (character.encode_utf8(utf8).as_bytes(), width);
            }
            None => return (&raw[..1], 1),
        },
        _ => return (&raw[..1], 1),
    };
    (octet, 2)
}

/// The character of an escape, or pair of escapes, whose first unit is `high`.
fn character(high: u32, raw: &[u8]) -> (char, usize) {
    if let 0xD800..=0xDBFF = high
        && let Some(low @ 0xDC00..=0xDFFF) = raw.get(6..).and_then(unit)
    {
        let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

/// The UTF-16 code unit of `\u` and four hexadecimal digits.
fn unit(raw: &[u8]) -> Option<u32> {
    let digits = raw.get(..6)?.strip_prefix(br"\u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}
