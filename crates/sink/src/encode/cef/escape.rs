//! CEF's escapes.

use std::fmt::{self, Write as _};

/// Appends a field of the header: `\` and `|` are escaped. The header cannot have line ends: they become blanks.
pub(super) fn write_header(octets: &[u8], out: &mut Vec<u8>) {
    write(octets, out, |octet| match octet {
        b'\\' => Some(br"\\"),
        b'|' => Some(br"\|"),
        b'\n' | b'\r' => Some(b" "),
        _ => None,
    });
}

/// Appends a value of the extension: `\`, `=` and line ends are escaped.
pub(super) fn write_value(octets: &[u8], out: &mut Vec<u8>) {
    write(octets, out, |octet| match octet {
        b'\\' => Some(br"\\"),
        b'=' => Some(br"\="),
        b'\n' => Some(br"\n"),
        b'\r' => Some(br"\r"),
        _ => None,
    });
}

/// Octets that are not UTF-8 become U+FFFD, as everywhere: a line of CEF is UTF-8.
fn write(octets: &[u8], out: &mut Vec<u8>, escape: impl Fn(u8) -> Option<&'static [u8]>) {
    if std::str::from_utf8(octets).is_ok() {
        return write_text(octets, out, escape);
    }
    for chunk in octets.utf8_chunks() {
        write_text(chunk.valid().as_bytes(), out, &escape);
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

fn write_text(text: &[u8], out: &mut Vec<u8>, escape: impl Fn(u8) -> Option<&'static [u8]>) {
    for block in text.chunks(32) {
        // Not short-circuiting: the compiler makes vector instructions of it.
        if block.iter().fold(true, |all_plain, octet| all_plain & escape(*octet).is_none()) {
            out.extend_from_slice(block);
            continue;
        }
        for octet in block {
            match escape(*octet) {
                Some(text) => out.extend_from_slice(text),
                None => out.push(*octet),
            }
        }
    }
}

/// A peer, in whose text `=` may occur.
pub(super) struct Escaped(pub(super) record::Peer);

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Escaping<'f, 'w>(&'f mut fmt::Formatter<'w>);
        impl fmt::Write for Escaping<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                text.split_inclusive('=').try_for_each(|part| match part.strip_suffix('=') {
                    Some(before) => write!(self.0, "{before}\\="),
                    None => self.0.write_str(part),
                })
            }
        }
        write!(Escaping(f), "{}", self.0)
    }
}
