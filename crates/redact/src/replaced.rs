//! What others have put in place of a secret. It stays as it is.

use crate::fingerprint::Fingerprinter;

/// UAA writes the first three, Cloud Controller the next two, Rails the one after them.
const WORDS: [&[u8]; 12] = [
    b"<TOKEN>",
    b"<SESSION>",
    b"<redacted>",
    b"[PRIVATE DATA HIDDEN IN LISTS]",
    b"[PRIVATE DATA HIDDEN]",
    b"[FILTERED]",
    b"[REDACTED]",
    b"<REDACTED>",
    b"REDACTED",
    b"redacted",
    b"null",
    b"<nil>",
];

/// Whether there is no secret in `value` any more, or none at all.
pub(crate) fn is_replaced(value: &[u8]) -> bool {
    value.iter().all(|octet| *octet == b'*') || WORDS.contains(&value) || Fingerprinter::is_one(value)
}

/// Length of the replacement in brackets that `text` begins with, 0 when it begins with none.
pub(crate) fn bracketed(text: &[u8]) -> usize {
    let found = WORDS.iter().find(|word| matches!(word[0], b'[' | b'<') && text.starts_with(word));
    found.map_or(0, |word| word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_are_known_and_secrets_are_not_taken_for_them() {
        for value in ["", "***", "<TOKEN>", "[PRIVATE DATA HIDDEN]", "hmac-sha256:60e431591ee0b67f0d8a26aacbf5b77f"] {
            assert!(is_replaced(value.as_bytes()), "{value}");
        }
        for value in ["a", "***a", "<TOKEN", "hmac-sha256:60e4", "[FILTERED]a"] {
            assert!(!is_replaced(value.as_bytes()), "{value}");
        }
        assert_eq!((bracketed(b"[FILTERED]&a=b"), bracketed(b"[FILTERE")), (10, 0));
    }
}
