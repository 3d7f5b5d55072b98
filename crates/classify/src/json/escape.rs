//! JSON string escapes, undone.

use memchr::{memchr, memrchr};

/// A string of which the escapes are undone.
pub(crate) struct Undone<'a> {
    /// The octets.
    pub(crate) text: &'a [u8],
    /// Whether that is all of it; otherwise the buffer was too small.
    pub(crate) whole: bool,
}

/// Undoes the escapes of `raw`, the octets between a string's quotes, in `buffer`.
///
/// A surrogate without its partner becomes U+FFFD. What is no escape stays as it is. Stops before the character that does
/// not fit any more.
pub(crate) fn unescape<'a>(raw: &[u8], buffer: &'a mut [u8]) -> Undone<'a> {
    let mut len = 0;
    let mut at = 0;
    let whole = loop {
        let plain = memchr(b'\\', &raw[at..]).unwrap_or(raw.len() - at);
        let fits = plain.min(buffer.len() - len);
        buffer[len..len + fits].copy_from_slice(&raw[at..at + fits]);
        len += fits;
        at += plain;
        if fits < plain {
            break false;
        }
        if at == raw.len() {
            break true;
        }
        let mut utf8 = [0; 4];
        let (octets, width) = one(&raw[at..], &mut utf8);
        let Some(place) = buffer.get_mut(len..len + octets.len()) else { break false };
        place.copy_from_slice(octets);
        len += octets.len();
        at += width;
    };
    Undone { text: &buffer[..len], whole }
}

/// `raw`, the beginning of a string, without the beginning of an escape at its end.
pub(crate) fn without_cut_escape(raw: &[u8]) -> &[u8] {
    const ESCAPE_LEN_MAX: usize = 6;
    let from = raw.len().saturating_sub(ESCAPE_LEN_MAX - 1);
    let Some(at) = memrchr(b'\\', &raw[from..]).map(|at| from + at) else { return raw };
    // Of a run of backslashes each second one is an escape's end.
    let run = raw[..=at].iter().rev().take_while(|octet| **octet == b'\\').count();
    let is_cut = match &raw[at + 1..] {
        [] => true,
        [b'u', digits @ ..] => digits.len() < 4 && digits.iter().all(u8::is_ascii_hexdigit),
        _ => false,
    };
    if run % 2 == 1 && is_cut { &raw[..at] } else { raw }
}

/// What the escape at the start of `raw` stands for, and how long it is.
pub(crate) fn one<'a>(raw: &'a [u8], utf8: &'a mut [u8; 4]) -> (&'a [u8], usize) {
    let plain: &[u8] = match raw.get(1) {
        Some(b'"') => b"\"",
        Some(b'\\') => b"\\",
        Some(b'/') => b"/",
        Some(b'b') => b"\x08",
        Some(b'f') => b"\x0C",
        Some(b'n') => b"\n",
        Some(b'r') => b"\r",
        Some(b't') => b"\t",
        Some(b'u') if unit(raw).is_some() => {
            let (character, width) = character(raw);
            return (character.encode_utf8(utf8).as_bytes(), width);
        }
        _ => return (&raw[..1], 1),
    };
    (plain, 2)
}

/// The character of the `\u` escape, or pair of such escapes, at the start of `raw`.
fn character(raw: &[u8]) -> (char, usize) {
    let high = unit(raw).unwrap_or(0);
    if let 0xD800..=0xDBFF = high
        && let Some(low @ 0xDC00..=0xDFFF) = raw.get(6..).and_then(unit)
    {
        let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

/// The UTF-16 code unit of the escape `\u` and four hexadecimal digits.
fn unit(raw: &[u8]) -> Option<u32> {
    let digits = raw.get(..6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, undone: &[u8]) {
        let mut buffer = [0; 64];
        let result = unescape(raw.as_bytes(), &mut buffer);
        assert_eq!((result.text, result.whole), (undone, true));
    }

    #[test]
    fn every_escape_is_undone() {
        check(r#"a\"\\\/\b\f\n\r\tz"#, b"a\"\\/\x08\x0C\n\r\tz");
        check(r"\u0061\u00e9\u20AC", "aé€".as_bytes());
        check(r"\ud83d\ude00", "😀".as_bytes());
    }

    #[test]
    fn a_surrogate_without_its_partner_is_replaced() {
        check(r"\ud83dx\ude00", "\u{FFFD}x\u{FFFD}".as_bytes());
        check(r"\ud83d\u0041", "\u{FFFD}A".as_bytes());
    }

    #[test]
    fn what_is_no_escape_stays() {
        check(r"\x\u12\u00zz\", br"\x\u12\u00zz\");
    }

    #[test]
    fn the_beginning_of_an_escape_is_left_out() {
        for (raw, kept) in [
            (r"a\", "a"),
            (r"a\\", r"a\\"),
            (r"a\\\", r"a\\"),
            (r"a\u", "a"),
            (r"a\u00e", "a"),
            (r"a\u00e9", r"a\u00e9"),
            (r"a\\u00", r"a\\u00"),
            (r"a\ux", r"a\ux"),
            (r"\n", r"\n"),
            ("", ""),
        ] {
            assert_eq!(without_cut_escape(raw.as_bytes()), kept.as_bytes(), "{raw}");
        }
    }

    #[test]
    fn a_small_buffer_ends_before_the_character_that_does_not_fit() {
        let mut buffer = [0; 4];
        let result = unescape(r"abc\u00e9".as_bytes(), &mut buffer);
        assert_eq!((result.text, result.whole), (b"abc".as_slice(), false));
        let result = unescape(b"abcde", &mut buffer);
        assert_eq!((result.text, result.whole), (b"abcd".as_slice(), false));
    }
}
