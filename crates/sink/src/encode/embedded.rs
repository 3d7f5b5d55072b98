//! A JSON value of the sender's, such as a message that is an object, as a value inside the record.

use super::json_string::{copy_non_ascii, copy_plain, write_escape};

/// How deep arrays and objects of an embedded value may lie in each other.
const DEPTH_MAX: u32 = 64;

/// Appends `message` when it is one JSON object (RFC 8259) that every reader of the record will be able to read;
/// otherwise leaves `out` as it was and says `false`.
///
/// The text stays as it was sent, number by number and escape by escape, with two exceptions that change no value and
/// keep the record in one line: white space between tokens becomes blanks, and characters that
/// [`write_json_string`](super::write_json_string) escapes are escaped in here, too.
///
/// Not taken, although the grammar allows it: more than 64 levels of nesting, half a surrogate pair, and a number
/// too large for a double. Readers fail on them, and with them on the whole record. One pass, no recursion.
pub(super) fn write_embedded_object(message: &[u8], out: &mut Vec<u8>) -> bool {
    message.trim_ascii().first() == Some(&b'{') && write_embedded_value(message, out)
}

/// As [`write_embedded_object`], for a JSON value of any kind.
pub(super) fn write_embedded_value(value: &[u8], out: &mut Vec<u8>) -> bool {
    let start = out.len();
    let is_taken = Copier { rest: value.trim_ascii(), out }.copy_value().is_some();
    if !is_taken {
        out.truncate(start);
    }
    is_taken
}

/// Checks and copies at once. Every step gives `None` at the first octet that breaks a rule.
struct Copier<'a> {
    rest: &'a [u8],
    out: &'a mut Vec<u8>,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrEnd,
    Name,
    NameOrEnd,
    CommaOrEnd,
}

impl Copier<'_> {
    /// The whole of `rest`.
    fn copy_value(mut self) -> Option<()> {
        let mut open = Containers::default();
        let mut next = Next::Value;
        loop {
            self.copy_white_space();
            let octet = *self.rest.first()?;
            next = match (next, octet) {
                (Next::Value | Next::ValueOrEnd, b'{') => {
                    self.copy_octet();
                    open.push(true)?;
                    Next::NameOrEnd
                }
                (Next::Value | Next::ValueOrEnd, b'[') => {
                    self.copy_octet();
                    open.push(false)?;
                    Next::ValueOrEnd
                }
                (Next::NameOrEnd | Next::CommaOrEnd, b'}') | (Next::ValueOrEnd | Next::CommaOrEnd, b']') => {
                    self.copy_octet();
                    (open.pop() == (octet == b'}')).then_some(())?;
                    if open.is_empty() {
                        return self.rest.is_empty().then_some(());
                    }
                    Next::CommaOrEnd
                }
                (Next::CommaOrEnd, b',') => {
                    self.copy_octet();
                    if open.is_object() { Next::Name } else { Next::Value }
                }
                (Next::Name | Next::NameOrEnd, b'"') => {
                    self.copy_string()?;
                    self.copy_white_space();
                    (self.rest.first() == Some(&b':')).then(|| self.copy_octet())?;
                    Next::Value
                }
                (Next::Value | Next::ValueOrEnd, _) => {
                    self.copy_scalar(octet)?;
                    if open.is_empty() {
                        return self.rest.is_empty().then_some(());
                    }
                    Next::CommaOrEnd
                }
                _ => return None,
            };
        }
    }

    fn copy_white_space(&mut self) {
        while let Some((b' ' | b'\t' | b'\n' | b'\r', after)) = self.rest.split_first() {
            self.out.push(b' ');
            self.rest = after;
        }
    }

    /// Copies an octet that the caller has seen.
    fn copy_octet(&mut self) {
        self.copy(1);
    }

    fn copy(&mut self, length: usize) {
        let (taken, after) = self.rest.split_at(length);
        self.out.extend_from_slice(taken);
        self.rest = after;
    }

    fn copy_scalar(&mut self, first: u8) -> Option<()> {
        match first {
            b'"' => self.copy_string(),
            b'-' | b'0'..=b'9' => self.copy_number(),
            _ => {
                let words: [&[u8]; 3] = [b"true", b"false", b"null"];
                let word = words.into_iter().find(|word| self.rest.starts_with(word))?;
                self.copy(word.len());
                Some(())
            }
        }
    }

    /// A string, from its first quote to after its last.
    fn copy_string(&mut self) -> Option<()> {
        self.copy_octet();
        loop {
            copy_plain(&mut self.rest, self.out);
            match *self.rest.first()? {
                b'"' => {
                    self.copy_octet();
                    return Some(());
                }
                b'\\' => self.copy_escape()?,
                octet @ 0x7f => {
                    write_escape(octet, self.out);
                    self.rest = &self.rest[1..];
                }
                octet if octet.is_ascii() => return None,
                _ => copy_non_ascii(&mut self.rest, self.out).then_some(())?,
            }
        }
    }

    fn copy_escape(&mut self) -> Option<()> {
        match *self.rest.get(1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.copy(2),
            b'u' => match self.unicode_escape(0)? {
                0xd800..=0xdbff => {
                    (0xdc00..=0xdfff).contains(&self.unicode_escape(6)?).then(|| self.copy(12))?;
                }
                0xdc00..=0xdfff => return None,
                _ => self.copy(6),
            },
            _ => return None,
        }
        Some(())
    }

    /// The code of the `\uXXXX` that begins `offset` octets ahead.
    fn unicode_escape(&self, offset: usize) -> Option<u32> {
        let digits = self.rest.get(offset..offset + 6)?.strip_prefix(br"\u")?;
        digits.iter().try_fold(0, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))
    }

    fn copy_number(&mut self) -> Option<()> {
        /// A number with fewer digits and without an exponent is below the largest double, about 1.8e308.
        const SAFE_BYTES: usize = 300;

        let digits_from = |from: usize| {
            let digits = self.rest.get(from..)?.iter().take_while(|octet| octet.is_ascii_digit()).count();
            (digits > 0).then_some(from + digits)
        };
        let first = usize::from(self.rest.first() == Some(&b'-'));
        let mut end = if self.rest.get(first) == Some(&b'0') { first + 1 } else { digits_from(first)? };
        if self.rest.get(end) == Some(&b'.') {
            end = digits_from(end + 1)?;
        }
        let has_exponent = matches!(self.rest.get(end), Some(b'e' | b'E'));
        if has_exponent {
            let is_signed = matches!(self.rest.get(end + 1), Some(b'+' | b'-'));
            end = digits_from(end + 1 + usize::from(is_signed))?;
        }
        if has_exponent || end > SAFE_BYTES {
            let number = std::str::from_utf8(&self.rest[..end]).ok()?.parse::<f64>().ok()?;
            number.is_finite().then_some(())?;
        }
        self.copy(end);
        Some(())
    }
}

/// Which containers are open, the innermost in the lowest bit: one for an object, zero for an array.
#[derive(Default)]
struct Containers {
    kinds: u64,
    depth: u32,
}

impl Containers {
    fn push(&mut self, is_object: bool) -> Option<()> {
        (self.depth < DEPTH_MAX).then_some(())?;
        self.kinds = self.kinds << 1 | u64::from(is_object);
        self.depth += 1;
        Some(())
    }

    /// Closes the innermost; whether it was an object.
    fn pop(&mut self) -> bool {
        let is_object = self.is_object();
        self.kinds >>= 1;
        self.depth -= 1;
        is_object
    }

    fn is_object(&self) -> bool {
        self.kinds & 1 == 1
    }

    fn is_empty(&self) -> bool {
        self.depth == 0
    }
}

const _: () = assert!(DEPTH_MAX <= u64::BITS, "a bit for each level");

#[cfg(test)]
mod tests;
