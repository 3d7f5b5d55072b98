//! Text as its writer meant it, and where each octet of it stands in the frame.
//!
//! A frame is a layer, and a JSON string in it with escapes is another one inside it. Secrets are found in layers; what is
//! replaced are their octets in the frame, as they were escaped.

use std::ops::Range;

use record::FrameSpan;

/// Octets without their escapes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layer<'a> {
    pub(crate) text: &'a [u8],
    places: Places<'a>,
    /// How many layers this one is inside of.
    pub(crate) depth: u8,
}

#[derive(Debug, Clone, Copy)]
enum Places<'a> {
    /// The layer is the frame.
    Frame,
    /// What was decoded differs in length. The jumps are in order, and the first is for the layer's first octet.
    Jumps(&'a [Jump], &'a Layer<'a>),
}

/// From `text` on, the layer's octets stand in the layer around it from `outer` on.
///
/// A jump is for an escape of its own layer only, which has taken an octet away at least: so all the jumps of all the layers that
/// are open at a time are fewer than the frame's octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Jump {
    text: u32,
    outer: u32,
}

impl<'a> Layer<'a> {
    /// The frame itself.
    pub(crate) const fn frame(text: &'a [u8]) -> Self {
        Self { text, places: Places::Frame, depth: 0 }
    }

    /// Where `range` stands in the frame.
    pub(crate) fn span(&self, range: &Range<usize>) -> FrameSpan {
        FrameSpan::new(self.place(range.start), self.place(range.end))
    }

    fn place(&self, at: usize) -> u32 {
        // Frames are bounded far below 4 GiB.
        let (mut layer, mut at) = (self, at as u32);
        while let Places::Jumps(jumps, outer) = layer.places {
            let next = jumps.partition_point(|jump| jump.text <= at);
            let jump = jumps[next.saturating_sub(1)];
            (layer, at) = (outer, jump.outer + (at - jump.text));
        }
        at
    }
}

/// How a layer is escaped inside another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// A JSON string (RFC 8259 section 7).
    Json,
    /// A CEF extension: `\=`, `\\`, `\|`, and `\n` and `\r` for line ends.
    Cef,
    /// A parameter's value in structured data (RFC 5424 section 6.3.3): `\"`, `\\` and `\]`.
    StructuredData,
}

/// Text whose escapes were undone. [`Decoded::layer`] is what it is for.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    text: Vec<u8>,
    jumps: Vec<Jump>,
    outer: &'a Layer<'a>,
}

impl<'a> Decoded<'a> {
    /// Undoes the escapes of `range` in `outer`. What begins no escape stays as it is.
    pub(crate) fn of(outer: &'a Layer<'a>, range: Range<usize>, escapes: Escapes) -> Self {
        let raw = &outer.text[range.clone()];
        let jumps = Vec::with_capacity(1 + backslashes(raw));
        let mut decoded = Self { text: Vec::with_capacity(raw.len()), jumps, outer };
        decoded.jump(range.start);
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'\\', &raw[at..]) {
            decoded.text.extend_from_slice(&raw[at..at + found]);
            at += found;
            let (character, width) = escapes.undo(&raw[at..]);
            decoded.text.extend_from_slice(character.octets());
            at += width;
            if width != character.octets().len() {
                decoded.jump(range.start + at);
            }
        }
        decoded.text.extend_from_slice(&raw[at..]);
        decoded
    }

    pub(crate) fn layer(&self) -> Layer<'_> {
        Layer {
            text: &self.text,
            places: Places::Jumps(&self.jumps, self.outer),
            depth: self.outer.depth.saturating_add(1),
        }
    }

    /// What comes next stands at `at` of the layer around.
    fn jump(&mut self, at: usize) {
        self.jumps.push(Jump { text: self.text.len() as u32, outer: at as u32 });
    }
}

/// How many backslashes there are in `raw` that may begin an escape: a list that grew would take twice the memory.
fn backslashes(raw: &[u8]) -> usize {
    let (mut count, mut at) = (0, 0);
    while let Some(found) = raw.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        count += 1;
        at += found + 2;
    }
    count
}

/// What an escape stands for, in UTF-8.
struct Character {
    octets: [u8; 4],
    len: usize,
}

impl Character {
    const fn octet(octet: u8) -> Self {
        Self { octets: [octet, 0, 0, 0], len: 1 }
    }

    fn new(character: char) -> Self {
        let mut octets = [0; 4];
        let len = character.encode_utf8(&mut octets).len();
        Self { octets, len }
    }

    fn octets(&self) -> &[u8] {
        &self.octets[..self.len]
    }
}

impl Escapes {
    /// What `raw`, which begins with a backslash, begins with, and how many octets that takes. A backslash that begins no escape
    /// stands for itself.
    fn undo(self, raw: &[u8]) -> (Character, usize) {
        let octet = |octet| (Character::octet(octet), 2);
        let Some(&next) = raw.get(1) else { return (Character::octet(b'\\'), 1) };
        match (self, next) {
            (_, b'\\') | (Self::Json, b'"' | b'/') | (Self::Cef, b'=' | b'|') | (Self::StructuredData, b'"' | b']') => {
                octet(next)
            }
            (Self::Json | Self::Cef, b'n') => octet(b'\n'),
            (Self::Json | Self::Cef, b'r') => octet(b'\r'),
            (Self::Json, b't') => octet(b'\t'),
            (Self::Json, b'b') => octet(8),
            (Self::Json, b'f') => octet(12),
            (Self::Json, b'u') => code_point(raw).unwrap_or((Character::octet(b'\\'), 1)),
            _ => (Character::octet(b'\\'), 1),
        }
    }
}

/// `\u00e9`, or a pair of surrogates. A surrogate alone is no character (U+FFFD).
fn code_point(raw: &[u8]) -> Option<(Character, usize)> {
    let high = utf16_unit(raw)?;
    if let Some(character) = char::from_u32(high) {
        return Some((Character::new(character), 6));
    }
    let low = utf16_unit(&raw[6..]).filter(|low| high < 0xDC00 && (0xDC00..0xE000).contains(low));
    Some(match low {
        Some(low) => {
            let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            (Character::new(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)), 12)
        }
        None => (Character::new(char::REPLACEMENT_CHARACTER), 6),
    })
}

fn utf16_unit(raw: &[u8]) -> Option<u32> {
    let digits = raw.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(escapes: Escapes, raw: &str, expected: &str) {
        let frame = Layer::frame(raw.as_bytes());
        let decoded = Decoded::of(&frame, 0..raw.len(), escapes);
        assert_eq!(String::from_utf8_lossy(decoded.layer().text), expected, "{raw}");
    }

    #[test]
    fn each_layer_has_its_own_escapes() {
        check(Escapes::Json, r#"a\"b\\c\/\n\u00e9\ud83d\ude00\ud83dx\q\u12"#, "a\"b\\c/\né😀\u{FFFD}x\\q\\u12");
        check(Escapes::Cef, r#"a\=b\\c\|d\n\t\"#, "a=b\\c|d\n\\t\\");
        check(Escapes::StructuredData, r#"a\]b\"c\\d\n"#, "a]b\"c\\d\\n");
    }

    /// Every octet of the innermost layer is led back to the octets of the frame that stand for it.
    #[test]
    fn places_lead_through_two_layers() {
        let frame = br#"{"log":"{\"a\":\"x\\u0026\\\"y\\n\\\\z\"}\n"}"#;
        let outer = Layer::frame(frame);
        let log = Decoded::of(&outer, 8..frame.len() - 2, Escapes::Json);
        assert_eq!(log.layer().text, br#"{"a":"x\u0026\"y\n\\z"}"#.iter().copied().chain([b'\n']).collect::<Vec<_>>());
        let log = log.layer();
        let inner = Decoded::of(&log, 6..21, Escapes::Json);
        let layer = inner.layer();
        assert_eq!((layer.text, layer.depth), (&b"x&\"y\n\\z"[..], 2));
        let of = |range| layer.span(&range).of(frame);
        assert_eq!(of(0..1), b"x");
        assert_eq!(of(1..2), br"\\u0026");
        assert_eq!(of(2..3), br#"\\\""#);
        assert_eq!(of(3..4), b"y");
        assert_eq!(of(4..5), br"\\n");
        assert_eq!(of(5..6), br"\\\\");
        assert_eq!(of(6..7), b"z");
        assert_eq!(of(0..7), br#"x\\u0026\\\"y\\n\\\\z"#);
    }
}
