//! Go's quoted strings: what `%q` prints, without its quotes.
//!
//! Source: Go's `strconv.Quote`: `\a \b \f \n \r \t \v \\ \"`, `\x` and two hexadecimal digits for an octet, `\u` and
//! four or `\U` and eight for a character.

use crate::json::work;

/// Where the text that begins after a quote ends: before its closing quote. `None` when it does not end.
pub(super) fn end_of_quoted(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let stop = memchr::memchr2(b'"', b'\\', rest);
        work::visit(stop.map_or(rest.len(), |stop| stop + 1));
        at += stop?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
        if at > text.len() {
            return None;
        }
    }
}

/// A text with its escapes undone, octet by octet. What is no escape stays.
#[derive(Clone)]
pub(super) struct Unquoted<I> {
    quoted: I,
    /// What the last escape stands for, as far as it is still to come.
    escape: Escape,
}

impl<I> Unquoted<I> {
    pub(super) const fn new(quoted: I) -> Self {
        Self { quoted, escape: Escape { octets: [0; 4], at: 0, len: 0 } }
    }
}

impl<I: Iterator<Item = u8> + Clone> Iterator for Unquoted<I> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        work::visit(1);
        if let Some(octet) = self.escape.next() {
            return Some(octet);
        }
        match self.quoted.next()? {
            b'\\' => {
                self.escape = Escape::undo(&mut self.quoted);
                self.escape.next()
            }
            octet => Some(octet),
        }
    }
}

/// Appends the next of the quoted texts in `list`, which commas part: `"a","b"`. `None` when no further one is whole.
pub(super) fn next_of_list(list: &mut (impl Iterator<Item = u8> + Clone), text: &mut Vec<u8>) -> Option<()> {
    list.find(|octet| *octet == b'"')?;
    loop {
        work::visit(1);
        match list.next()? {
            b'"' => return Some(()),
            b'\\' => text.extend(Escape::undo(list)),
            octet => text.push(octet),
        }
    }
}

/// The octets that an escape stands for.
#[derive(Clone)]
struct Escape {
    octets: [u8; 4],
    at: usize,
    len: usize,
}

impl Escape {
    fn of(text: &[u8]) -> Self {
        let mut octets = [0; 4];
        octets[..text.len()].copy_from_slice(text);
        Self { octets, at: 0, len: text.len() }
    }

    /// The escape whose backslash was just read from `quoted`; of what is none, the backslash.
    fn undo(quoted: &mut (impl Iterator<Item = u8> + Clone)) -> Self {
        let mut ahead = quoted.clone();
        match Self::read(&mut ahead) {
            Some(escape) => {
                *quoted = ahead;
                escape
            }
            None => Self::of(b"\\"),
        }
    }

    fn read(quoted: &mut impl Iterator<Item = u8>) -> Option<Self> {
        let digits = match quoted.next()? {
            b'a' => return Some(Self::of(b"\x07")),
            b'b' => return Some(Self::of(b"\x08")),
            b'f' => return Some(Self::of(b"\x0C")),
            b'n' => return Some(Self::of(b"\n")),
            b'r' => return Some(Self::of(b"\r")),
            b't' => return Some(Self::of(b"\t")),
            b'v' => return Some(Self::of(b"\x0B")),
            b'\\' => return Some(Self::of(b"\\")),
            b'"' => return Some(Self::of(b"\"")),
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => return None,
        };
        let mut code = 0_u32;
        for _ in 0..digits {
            code = code << 4 | char::from(quoted.next()?).to_digit(16)?;
        }
        match digits {
            2 => Some(Self::of(&[code as u8])),
            _ => Some(Self::of(char::from_u32(code)?.encode_utf8(&mut [0; 4]).as_bytes())),
        }
    }
}

impl Iterator for Escape {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let octet = *self.octets[..self.len].get(self.at)?;
        self.at += 1;
        Some(octet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(quoted: &str, expected: &[u8]) {
        let found: Vec<u8> = Unquoted::new(quoted.bytes()).collect();
        assert_eq!(found.escape_ascii().to_string(), expected.escape_ascii().to_string(), "{quoted}");
    }

    #[test]
    fn escapes_are_undone() {
        check("plain", b"plain");
        check(r#"curl \"x\""#, b"curl \"x\"");
        check(r"\a\b\f\n\r\t\v\\", b"\x07\x08\x0C\n\r\t\x0B\\");
        check(r"\xff\u00e9\U0001f642", b"\xFF\xC3\xA9\xF0\x9F\x99\x82");
    }

    #[test]
    fn what_is_no_escape_stays() {
        check(r"\q \x4 \ud800 \U00110000", br"\q \x4 \ud800 \U00110000");
        check(r"end\", br"end\");
        check(r"\u12", br"\u12");
    }

    #[test]
    fn a_text_ends_at_the_first_quote_that_is_not_escaped() {
        assert_eq!(end_of_quoted(br#"a\"b\\" c"#), Some(6));
        assert_eq!(end_of_quoted(br#""#), None);
        assert_eq!(end_of_quoted(br#"a\"#), None);
        assert_eq!(end_of_quoted(br#"a\""#), None);
    }

    #[test]
    fn a_list_in_quotes_is_undone_twice() {
        let quoted = br#"\"system:masters\",\"a\\\"b\\n\",\"cut"#;
        let mut list = Unquoted::new(quoted.iter().copied());
        let mut texts = Vec::new();
        loop {
            let mut text = Vec::new();
            if next_of_list(&mut list, &mut text).is_none() {
                break;
            }
            texts.push(String::from_utf8(text).unwrap_or_default());
        }
        assert_eq!(texts, ["system:masters", "a\"b\n"]);
    }
}
