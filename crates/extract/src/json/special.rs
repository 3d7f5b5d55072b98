//! Where a JSON string may end.

use memchr::{memchr, memchr2};

use super::work;

const WORD: usize = size_of::<u64>();
/// Octets that are searched word by word: most strings of a record end within them, and a call into a general search
/// costs more than it saves there.
const NEAR: usize = 8 * WORD;

/// Offset, from `at` on, of the next quote or backslash; the length of `text` when there is none.
#[inline]
pub(super) fn next_special(text: &[u8], at: usize) -> usize {
    search(
        text,
        at,
        |word| octets_equal(word, b'"') | octets_equal(word, b'\\'),
        |octet| matches!(octet, b'"' | b'\\'),
        |far| memchr2(b'"', b'\\', far),
    )
}

/// The same for a backslash alone.
#[inline]
pub(super) fn next_backslash(text: &[u8], at: usize) -> usize {
    search(text, at, |word| octets_equal(word, b'\\'), |octet| octet == b'\\', |far| memchr(b'\\', far))
}

/// One search in three ways: for a word, for a single octet, and for all that lies far away.
#[inline(always)]
fn search(
    text: &[u8],
    start: usize,
    stops: impl Fn(u64) -> u64,
    is_stop: impl Fn(u8) -> bool,
    find: impl Fn(&[u8]) -> Option<usize>,
) -> usize {
    let mut at = start;
    let found = loop {
        if at - start >= NEAR {
            break find(&text[at..]).map_or(text.len(), |found| at + found);
        }
        let Some(word) = word(text, at) else {
            let rest = &text[at..];
            break at + rest.iter().position(|octet| is_stop(*octet)).unwrap_or(rest.len());
        };
        let stops = stops(word);
        if stops != 0 {
            break at + stops.trailing_zeros() as usize / 8;
        }
        at += WORD;
    };
    work::visit(found - start);
    found
}

#[inline]
fn word(text: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*text.get(at..)?.first_chunk()?))
}

/// A word whose lowest set bit is the highest bit of the first octet of `word` that is `wanted`; zero when there is none.
///
/// Octets above the first one may be marked falsely: the borrow of the subtraction runs upwards.
#[inline]
const fn octets_equal(word: u64, wanted: u8) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let differences = word ^ (ONES * wanted as u64);
    differences.wrapping_sub(ONES) & !differences & (ONES << 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_at_every_length_and_from_every_start() {
        for (special, next) in
            [(b'"', next_special as fn(&[u8], usize) -> usize), (b'\\', next_special), (b'\\', next_backslash)]
        {
            for other in [b'x', 0x00, 0x21, 0x23, 0x5B, 0x5D, 0x80, 0xA2, 0xDC, 0xFF] {
                let mut text = [other; 2 * NEAR + 3];
                for place in 0..text.len() {
                    text[place] = special;
                    for start in [0, place / 2, place] {
                        assert_eq!(next(&text, start), place, "{special} among {other} from {start}");
                        assert_eq!(next(&text[..place], start), place, "nothing among {other} from {start}");
                    }
                    text[place] = other;
                }
            }
        }
    }
}
