//! Private keys in PEM (RFC 7468), their lines joined in whatever way: line feeds, `\n` written out, blanks, UAA's `|`,
//! rsyslog's `#012`.

use std::ops::Range;

/// How a block begins, and what its label ends with.
pub(crate) const BEGIN: &[u8] = b"-----BEGIN ";
const LABEL: &[u8] = b"PRIVATE KEY-----";
const END: &[u8] = b"-----END ";

/// The longest label known, `ENCRYPTED PRIVATE KEY`, has 21 octets.
const LABEL_BYTES_MAX: usize = 48;

/// A block that was cut has no `END` to prove it, so its lines must be as long as PEM's are; nobody's prose is.
const CUT_LINE_BYTES_MIN: usize = 40;

/// What stands between two lines.
const LINE_ENDS: [&[u8]; 9] = [b"\n", b"\r", b"\t", b" ", b"|", b"\\n", b"\\r", b"#012", b"#015"];

/// Where the key lies in `text`, which begins with [`BEGIN`], and how far it was looked at.
///
/// Only what can be part of a key is taken: a `BEGIN` that somebody forged takes nothing else with it.
pub(crate) fn private_key(text: &[u8]) -> (Option<Range<usize>>, usize) {
    let head = &text[..text.len().min(BEGIN.len() + LABEL_BYTES_MAX)];
    let Some(label) = memchr::memmem::find(head, LABEL) else { return (None, BEGIN.len()) };
    let start = label + LABEL.len();
    let body = Body::read(&text[start..]);
    let end = start + body.end;
    let is_key = body.base64_bytes > 0 && (text[end..].starts_with(END) || (end == text.len() && body.looks_cut));
    // Line ends around the key are left to the block.
    // A body has no hyphen in it, so that no other block begins in what was read in vain: time stays linear.
    (is_key.then(|| start + body.first..start + body.last), if is_key { end } else { start })
}

/// The base64 text of a key, without anything that PEM puts between.
pub(crate) fn base64_of(key: &[u8]) -> Vec<u8> {
    let (mut octets, mut at) = (Vec::with_capacity(key.len()), 0);
    while at < key.len() {
        match line_end(&key[at..]) {
            0 => {
                octets.push(key[at]);
                at += 1;
            }
            width => at += width,
        }
    }
    octets
}

/// What follows the label.
struct Body {
    /// Where the first and after the last octet that is no line end lie.
    first: usize,
    last: usize,
    /// Where something begins that is no part of a key.
    end: usize,
    base64_bytes: usize,
    /// Whether all lines but the last are long enough.
    looks_cut: bool,
}

impl Body {
    fn read(text: &[u8]) -> Self {
        let mut body = Self { first: 0, last: 0, end: headers(text), base64_bytes: 0, looks_cut: true };
        let (mut line_bytes, mut padded) = (usize::MAX, false);
        body.first = body.end;
        while body.end < text.len() {
            let gap = line_end(&text[body.end..]);
            if gap > 0 {
                body.end += gap;
                continue;
            }
            let rest = &text[body.end..];
            let line = rest.iter().take_while(|octet| is_base64(**octet)).count();
            let padding = rest[line..].iter().take_while(|octet| **octet == b'=').count();
            if line + padding == 0 || padding > 2 || padded {
                break;
            }
            if body.base64_bytes == 0 {
                body.first = body.end;
            }
            body.looks_cut &= line_bytes >= CUT_LINE_BYTES_MIN;
            (line_bytes, padded) = (line, padding > 0);
            body.base64_bytes += line;
            body.end += line + padding;
            body.last = body.end;
        }
        body
    }
}

/// Length of the headers that an encrypted key has (RFC 1421 section 4.6): `Proc-Type: 4,ENCRYPTED` and `DEK-Info: …`.
fn headers(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let gap: usize = gaps(&text[at..]);
        let rest = &text[at + gap..];
        if !rest.starts_with(b"Proc-Type: ") && !rest.starts_with(b"DEK-Info: ") {
            return at;
        }
        let value = rest.iter().position(|octet| *octet == b' ').unwrap_or(0) + 1;
        let is_value = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b',');
        at += gap + value + rest[value..].iter().take_while(|octet| is_value(octet)).count();
    }
}

fn gaps(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match line_end(&text[at..]) {
            0 => return at,
            width => at += width,
        }
    }
}

/// Length of the line end that `text` begins with, 0 when there is none.
fn line_end(text: &[u8]) -> usize {
    LINE_ENDS.iter().find(|end| text.starts_with(end)).map_or(0, |end| end.len())
}

const fn is_base64(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let (found, end) = private_key(text.as_bytes());
        assert_eq!(found.map(|range| &text[range]), expected, "{text}");
        assert!(end <= text.len());
    }

    #[test]
    fn lines_may_be_joined_in_any_of_the_usual_ways() {
        for gap in ["\n", "\r\n", "\\n", " ", "|", "#012"] {
            let key = format!("{LINE}{gap}{LINE}{gap}MzEf==");
            let block = format!("-----BEGIN RSA PRIVATE KEY-----{gap}{key}{gap}-----END RSA PRIVATE KEY-----{gap}");
            check(&block, Some(&key));
            assert_eq!(base64_of(key.as_bytes()), format!("{LINE}{LINE}MzEf==").as_bytes());
        }
        let headers = "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0A1B\n\n";
        check(&format!("-----BEGIN EC PRIVATE KEY-----{headers}Zm9v\n-----END EC PRIVATE KEY-----"), Some("Zm9v"));
    }

    #[test]
    fn a_key_that_was_cut_reaches_the_end_in_long_lines() {
        let cut = format!("-----BEGIN PRIVATE KEY-----\n{LINE}\n{LINE}\nMII");
        check(&cut, Some(&cut[28..]));
        check(&format!("{cut}, origin=[x]"), None);
        check("-----BEGIN PRIVATE KEY----- these are words", None);
        check("-----BEGIN PRIVATE KEY-----\nMII", Some("MII"));
    }

    #[test]
    fn a_forged_beginning_takes_nothing_with_it() {
        check("-----BEGIN PRIVATE KEY-----'): principal=bob, origin=[x]", None);
        check("-----BEGIN PRIVATE KEY----- suid=1 request=/v3/apps -----END PRIVATE KEY-----", None);
        check("-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----", None);
        check("-----BEGIN PUBLIC KEY-----\nZm9v\n-----END PUBLIC KEY-----", None);
    }
}
