//! A piece in docker's json-file form: `{"log":"…","stream":"stdout","time":"…"}`. Only the last piece of a line has a line feed at
//! its end (moby, daemon/logger/jsonfilelog).

use std::ops::Range;

const START: &[u8] = b"{\"log\":\"";
const STREAM: &[u8] = b"\",\"stream\":\"std";
const TIME: &[u8] = b"\"time\":\"";

/// Where the line lies in `text`, as it is escaped, and after what of the rest nothing tells where it comes from: the time.
pub(super) fn line(text: &[u8]) -> Option<(Range<usize>, usize)> {
    let mut end = text.starts_with(START).then_some(START.len())?;
    while *text.get(end)? != b'"' {
        end += if text[end] == b'\\' { 2 } else { 1 };
    }
    let rest = &text[end..];
    let time = rest.starts_with(STREAM).then(|| rest.windows(TIME.len()).position(|window| window == TIME))??;
    Some((START.len()..end, end + time))
}

/// The time in `text`, which begins with its name.
pub(super) fn time(text: &[u8]) -> &[u8] {
    let value = text.get(TIME.len()..).unwrap_or_default();
    value.split(|octet| *octet == b'"').next().unwrap_or_default()
}

/// The line without its escapes.
pub(super) fn unescaped(line: &[u8]) -> Vec<u8> {
    let (mut octets, mut at) = (Vec::with_capacity(line.len()), 0);
    while let Some(&octet) = line.get(at) {
        at += 1;
        if octet != b'\\' {
            octets.push(octet);
            continue;
        }
        let escape = line.get(at).copied().unwrap_or_default();
        at += 1;
        match escape {
            b'n' => octets.push(b'\n'),
            b'r' => octets.push(b'\r'),
            b't' => octets.push(b'\t'),
            b'b' => octets.push(8),
            b'f' => octets.push(12),
            b'u' => {
                // Go escapes single characters of the basic plane in this way, and no others.
                let digits = line.get(at..at + 4).and_then(|digits| std::str::from_utf8(digits).ok());
                let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                let character = code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
                octets.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                at += 4;
            }
            other => octets.push(other),
        }
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_found_and_its_escapes_undone() {
        let text = br#"{"log":"{\"a\":\"\u003c\\n\"}\n","stream":"stdout","time":"t"}"#;
        let (range, time) = line(text).unwrap();
        assert_eq!(unescaped(&text[range]), b"{\"a\":\"<\\n\"}\n");
        assert_eq!(super::time(&text[time..]), b"t");
        for other in [&br#"{"log":"a","time":"t"}"#[..], br#"{"log":"a"#, br#"{"audit":{}}"#, br#"{"log":"a\"#] {
            assert_eq!(line(other), None);
        }
    }
}
