//! Whether a text comes from the record.

use std::ops::Range;

/// A record, and what stands in it after escapes are undone.
pub(crate) struct Source<'a> {
    frame: &'a [u8],
    /// The frame with the escapes of each language undone.
    carried: Option<[Vec<u8>; 2]>,
    /// Octets that may still be compared. What is asked after that is taken on trust: time stays linear.
    credit: usize,
}

impl<'a> Source<'a> {
    const CREDIT: usize = 1 << 19;

    pub(crate) fn new(frame: &'a [u8]) -> Self {
        Self { frame, carried: None, credit: Self::CREDIT }
    }

    /// Whether `text` is a part of the frame, or a copy of one whose escapes were undone, once or, for what a carrier holds
    /// and for lists in quotes, twice.
    pub(crate) fn has(&mut self, text: &[u8]) -> bool {
        if text.is_empty() || is_within(text.as_ptr_range(), self.frame.as_ptr_range()) {
            return true;
        }
        if begins_anywhere(self.frame, text, &mut self.credit) {
            return true;
        }
        let carried = self.carried.get_or_insert_with(|| [JSON, GO].map(|language| undone(self.frame, language)));
        carried.iter().any(|carried| begins_anywhere(carried, text, &mut self.credit))
    }
}

fn is_within<T: PartialOrd>(part: Range<T>, whole: Range<T>) -> bool {
    part.start >= whole.start && part.end <= whole.end
}

/// What may stand behind a backslash in JSON (RFC 8259 section 7); anything else stays with its backslash.
const JSON: &[u8] = b"\"\\/bfnrtu";
/// The same in a text that Go has quoted.
const GO: &[u8] = b"\"'\\abfnrtvxuU01234567";

/// `text` with the escapes of a language undone, whatever stands around them.
fn undone(text: &[u8], language: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match meaning(&text[at..]) {
            Some((octets, width)) if language.contains(&text[at + 1]) => {
                plain.extend(octets);
                at += width;
            }
            _ => {
                plain.push(text[at]);
                at += 1;
            }
        }
    }
    plain
}

/// Whether `value` stands anywhere in `text`, each of its octets as it is or escaped.
fn begins_anywhere(text: &[u8], value: &[u8], credit: &mut usize) -> bool {
    // To pass over octets costs little.
    *credit = credit.saturating_sub(text.len() / 8);
    let starts = text.iter().enumerate().filter(|(_, octet)| **octet == value[0] || **octet == b'\\');
    let mut open = Vec::new();
    starts.map(|(start, _)| start).any(|start| begins(text, start, value, &mut open, credit))
}

fn begins(text: &[u8], start: usize, value: &[u8], open: &mut Vec<(usize, usize)>, credit: &mut usize) -> bool {
    open.clear();
    open.push((start, 0));
    while let Some((at, done)) = open.pop() {
        let Some(left) = credit.checked_sub(1) else { return true };
        *credit = left;
        if done == value.len() {
            return true;
        }
        let Some(octet) = text.get(at) else { continue };
        if *octet == value[done] {
            open.push((at + 1, done + 1));
        }
        if let Some((octets, width)) = meaning(&text[at..])
            && value[done..].starts_with(&octets)
        {
            open.push((at + width, done + octets.len()));
        }
    }
    false
}

/// What the escape at the start of `text` stands for in any of the formats, and its length: those of JSON, of Go, of CEF
/// and of structured data do not contradict one another.
fn meaning(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let octet = match text.strip_prefix(b"\\")?.first()? {
        plain @ (b'"' | b'\'' | b'\\' | b'/' | b'=' | b'|' | b']') => *plain,
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        b'x' => return Some((vec![number(text, 2..4, 16)? as u8], 4)),
        b'0'..=b'7' => return Some((vec![u8::try_from(number(text, 1..4, 8)?).ok()?], 4)),
        b'u' => return Some(utf16(text, number(text, 2..6, 16)?)),
        b'U' => return Some((utf8(number(text, 2..10, 16)?), 10)),
        _ => return None,
    };
    Some((vec![octet], 2))
}

/// A character outside the first 65,536 is a pair of escapes in JSON.
fn utf16(text: &[u8], unit: u32) -> (Vec<u8>, usize) {
    let second = text.get(6..).filter(|rest| rest.starts_with(b"\\u")).and_then(|rest| number(rest, 2..6, 16));
    match (unit, second) {
        (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) => {
            (utf8(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00)), 12)
        }
        _ => (utf8(unit), 6),
    }
}

fn utf8(code: u32) -> Vec<u8> {
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER).to_string().into_bytes()
}

fn number(text: &[u8], digits: Range<usize>, radix: u32) -> Option<u32> {
    let digits = text.get(digits)?;
    digits
        .iter()
        .try_fold(0_u32, |number, digit| Some(number.checked_mul(radix)? + char::from(*digit).to_digit(radix)?))
}
