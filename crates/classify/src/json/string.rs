//! The end of a JSON string: the one place where the classifier uses vector instructions itself.
//!
//! SSE2 belongs to every x86_64 processor, so nothing is chosen at run time, and the loop is inlined: most strings of an audit
//! event are shorter than one vector, and a call into a general search costs more than it saves there.

/// What a string holds besides plain characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Content(u8);

impl Content {
    pub(super) const PLAIN: Self = Self(0);
    const ESCAPES: u8 = 1;
    const ODDITIES: u8 = 2;

    /// A backslash.
    pub(super) const fn is_escaped(self) -> bool {
        self.0 & Self::ESCAPES != 0
    }

    /// What JSON does not allow: a control character, or a backslash that begins no escape.
    pub(super) const fn is_odd(self) -> bool {
        self.0 & Self::ODDITIES != 0
    }
}

/// Offset of the quote that closes the string whose first octet is at `at`, and what is in the string; `None` when the text
/// ends before.
///
/// What JSON does not allow in a string is noted and stepped over: it does not blur where the string ends.
#[inline(always)]
pub(super) fn string_end(text: &[u8], at: usize) -> Option<(usize, Content)> {
    let at = stop(text, at);
    match text.get(at)? {
        b'"' => Some((at, Content::PLAIN)),
        _ => special_string_end(text, at),
    }
}

/// The same for a string with more than plain characters; a special one is at `at`.
#[cold]
fn special_string_end(text: &[u8], mut at: usize) -> Option<(usize, Content)> {
    let mut content = Content::PLAIN;
    loop {
        match text.get(at)? {
            b'"' => return Some((at, content)),
            b'\\' => {
                let (width, known) = escape_width(&text[at..]);
                content.0 |= if known { Content::ESCAPES } else { Content::ESCAPES | Content::ODDITIES };
                at += width;
                if at > text.len() {
                    return None;
                }
            }
            _ => {
                content.0 |= Content::ODDITIES;
                at += 1;
            }
        }
        at = stop(text, at);
    }
}

/// Length of the escape that `raw` begins with, and whether it is one. Otherwise the backslash and its follower are passed
/// over.
fn escape_width(raw: &[u8]) -> (usize, bool) {
    match raw.get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => (2, true),
        Some(b'u') if raw.len() >= 6 && raw[2..6].iter().all(u8::is_ascii_hexdigit) => (6, true),
        _ => (2, false),
    }
}

/// Offset, from `at` on, of the next quote, backslash or control character; the length of `text` when there is none.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn stop(text: &[u8], mut at: usize) -> usize {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };
    const WIDTH: usize = size_of::<__m128i>();
    while let Some(octets) = text.get(at..at + WIDTH) {
        // SAFETY: SSE2 is part of x86_64; the slice is as long as what is loaded, and the load needs no alignment.
        let stops = unsafe {
            let octets = _mm_loadu_si128(octets.as_ptr().cast());
            let quotes = _mm_cmpeq_epi8(octets, _mm_set1_epi8(b'"' as i8));
            let backslashes = _mm_cmpeq_epi8(octets, _mm_set1_epi8(b'\\' as i8));
            let controls = _mm_cmpeq_epi8(_mm_min_epu8(octets, _mm_set1_epi8(0x1F)), octets);
            _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes), controls))
        };
        if stops != 0 {
            return at + stops.trailing_zeros() as usize;
        }
        at += WIDTH;
    }
    stop_octet_by_octet(text, at)
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn stop(text: &[u8], at: usize) -> usize {
    stop_octet_by_octet(text, at)
}

/// The same without vectors: for the last octets, and for other processors.
#[cfg_attr(target_arch = "x86_64", cold)]
fn stop_octet_by_octet(text: &[u8], at: usize) -> usize {
    let rest = &text[at..];
    let len = rest.iter().position(|octet| matches!(octet, b'"' | b'\\' | 0..=0x1F)).unwrap_or(rest.len());
    at + len
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_and_octets_stop_at_the_same_place_for_all_lengths_and_alignments() {
        let mut text = [b'x'; 80];
        for special in [b'"', b'\\', 0, 0x1F, 0x20, 0x7F, 0x80, 0xA2, 0xDC, 0xFF] {
            for place in 0..text.len() {
                text[place] = special;
                for start in 0..=place {
                    for end in [place, place + 1, text.len()] {
                        let text = &text[..end];
                        assert_eq!(
                            stop(text, start),
                            stop_octet_by_octet(text, start),
                            "{special} at {place}, {start}..{end}"
                        );
                    }
                }
                text[place] = b'x';
            }
        }
    }

    #[test]
    fn a_string_ends_at_the_first_quote_that_is_not_escaped() {
        let end = |text: &str| {
            string_end(text.as_bytes(), 0).map(|(at, content)| (at, content.is_escaped(), content.is_odd()))
        };
        assert_eq!(end("abc\""), Some((3, false, false)));
        assert_eq!(end(r#"a\"b\\" "#), Some((6, true, false)));
        assert_eq!(end(r#"\u00e9""#), Some((6, true, false)));
        assert_eq!(end(r#"\u00x""#), Some((5, true, true)));
        assert_eq!(end("a\tb\""), Some((3, false, true)));
        assert_eq!(end("abc"), None);
        assert_eq!(end("abc\\"), None);
        assert_eq!(end("abc\\\""), None);
    }
}
