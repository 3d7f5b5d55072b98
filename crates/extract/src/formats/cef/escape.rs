//! CEF's escapes: in the header `\|` and `\\`, in the extension `\=`, `\\`, `\n` and `\r`.

use memchr::memchr;

use crate::json::work;
use crate::octets::Octets;
use crate::out::Out;

/// What may stand behind a backslash, and what the two stand for.
pub(crate) type Escapes = &'static [(u8, u8)];

/// The producer writes everything as it is.
pub(crate) const NONE: Escapes = &[];
/// A header by the specification.
pub(crate) const HEADER: Escapes = &[(b'\\', b'\\'), (b'|', b'|')];
/// An extension by the specification.
pub(crate) const EXTENSION: Escapes = &[(b'\\', b'\\'), (b'=', b'='), (b'n', b'\n'), (b'r', b'\r')];
/// An extension by a producer that leaves line ends as they are.
pub(crate) const EXTENSION_OF_ONE_LINE: Escapes = &[(b'\\', b'\\'), (b'=', b'=')];

/// The value that `raw` stands for. A backslash before anything else is a backslash.
pub(crate) fn value(out: &mut Out<'_>, raw: &[u8], escapes: Escapes) -> Octets {
    work::visit(raw.len());
    if escapes.is_empty() || memchr(b'\\', raw).is_none() || out.is_open(raw) {
        return out.octets(raw);
    }
    out.copy(|decoded| undo(raw, escapes, decoded))
}

fn undo(raw: &[u8], escapes: Escapes, out: &mut Vec<u8>) {
    let mut rest = raw;
    work::visit(raw.len());
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let escaped = rest.get(at + 1).and_then(|next| escapes.iter().find(|(escape, _)| escape == next));
        match escaped {
            Some((_, octet)) => {
                out.push(*octet);
                rest = &rest[at + 2..];
            }
            None => {
                out.push(b'\\');
                rest = &rest[at + 1..];
            }
        }
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(raw: &str, escapes: Escapes, expected: &str) {
        let mut value = Vec::new();
        undo(raw.as_bytes(), escapes, &mut value);
        assert_eq!(String::from_utf8_lossy(&value), expected);
    }

    #[test]
    fn escapes_are_undone_once() {
        check(r"a\|b \\|c", HEADER, r"a|b \|c");
        check(r"a\=b \\=c \n\r", EXTENSION, "a=b \\=c \n\r");
        check(r"a\=b\n", EXTENSION_OF_ONE_LINE, r"a=b\n");
    }

    #[test]
    fn what_is_no_escape_stays() {
        check(r"C:\temp\=", HEADER, r"C:\temp\=");
        check(r"a\|b\", EXTENSION, r"a\|b\");
    }

    proptest! {
        #[test]
        fn what_was_escaped_comes_back(text in prop::collection::vec(prop::sample::select(b"a\\=|\n\rn ".as_slice()), 0..40)) {
            for escapes in [HEADER, EXTENSION, EXTENSION_OF_ONE_LINE] {
                let mut raw = Vec::new();
                for octet in &text {
                    match escapes.iter().find(|(_, plain)| plain == octet) {
                        Some((escape, _)) => raw.extend([b'\\', *escape]),
                        None => raw.push(*octet),
                    }
                }
                let mut value = Vec::new();
                undo(&raw, escapes, &mut value);
                prop_assert_eq!(&value, &text);
            }
        }
    }
}
