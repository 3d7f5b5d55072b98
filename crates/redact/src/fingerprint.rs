//! What stands in place of a secret.

use aws_lc_rs::hmac::{self, HMAC_SHA256};

/// Shortest key, in octets: with 128 bits nobody can try them all.
pub const KEY_BYTES_MIN: usize = 16;

/// The key is shorter than [`KEY_BYTES_MIN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key has {bytes} octets, but it takes at least {KEY_BYTES_MIN}; `openssl rand -base64 32` makes a good one"
)]
pub struct KeyTooShort {
    /// Octets it has.
    pub bytes: usize,
}

/// A secret's fingerprint: `hmac-sha256:` and the first 128 bits of HMAC-SHA-256 (RFC 2104) in hexadecimal digits.
///
/// Half of the output is what RFC 2104 section 5 advises at least. Two secrets out of a million millions would share one with a
/// probability of 10⁻¹⁵, and all 64 digits would make many records longer than the secrets did.
pub(crate) type Fingerprint = [u8; Fingerprinter::BYTES];

/// Makes fingerprints. Its `Debug` shows nothing of the key.
pub(crate) struct Fingerprinter {
    key: hmac::Key,
}

impl Fingerprinter {
    const PREFIX: &[u8] = b"hmac-sha256:";
    const DIGITS: usize = 32;
    pub(crate) const BYTES: usize = Self::PREFIX.len() + Self::DIGITS;

    pub(crate) fn new(key: &[u8]) -> Result<Self, KeyTooShort> {
        if key.len() < KEY_BYTES_MIN {
            return Err(KeyTooShort { bytes: key.len() });
        }
        Ok(Self { key: hmac::Key::new(HMAC_SHA256, key) })
    }

    /// The fingerprint of `secret`.
    pub(crate) fn of(&self, secret: &[u8]) -> Fingerprint {
        let tag = hmac::sign(&self.key, secret);
        let mut fingerprint = [0; Self::BYTES];
        let (prefix, digits) = fingerprint.split_at_mut(Self::PREFIX.len());
        prefix.copy_from_slice(Self::PREFIX);
        for (pair, octet) in digits.chunks_exact_mut(2).zip(tag.as_ref()) {
            pair.copy_from_slice(&[hex(octet >> 4), hex(octet & 15)]);
        }
        fingerprint
    }

    /// Whether `text` is a fingerprint, of whatever key.
    pub(crate) fn is_one(text: &[u8]) -> bool {
        let digits = text.strip_prefix(Self::PREFIX);
        digits.is_some_and(|digits| digits.len() == Self::DIGITS && digits.iter().all(u8::is_ascii_hexdigit))
    }
}

const fn hex(nibble: u8) -> u8 {
    b"0123456789abcdef"[nibble as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 6: the first half of its HMAC-SHA-256.
    #[test]
    fn a_fingerprint_is_half_of_an_hmac() {
        let printer = Fingerprinter::new(&[0xaa; 131]).unwrap();
        let fingerprint = printer.of(b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(&fingerprint, b"hmac-sha256:60e431591ee0b67f0d8a26aacbf5b77f");
        assert!(Fingerprinter::is_one(&fingerprint));
        assert!(!Fingerprinter::is_one(&fingerprint[..43]) && !Fingerprinter::is_one(b"hmac-sha256:x"));
    }

    #[test]
    fn a_short_key_is_refused_with_its_length() {
        let refused = Fingerprinter::new(&[1; 15]).err();
        assert_eq!(refused, Some(KeyTooShort { bytes: 15 }));
        assert!(Fingerprinter::new(&[1; 16]).is_ok());
    }
}
