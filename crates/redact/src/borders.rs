//! Where fields of a text format end, so that no secret is sought across two of them: what a client sends stands in one.

use std::ops::Range;

use record::Class;

/// What separates fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Borders {
    /// Nothing that is known.
    None,
    /// ` key=`, whatever the key, as `=` is escaped in values: the extractor's rule, so that what it takes for a field is one here.
    AnyKey,
    /// ` key=` with a key that CredHub and BOSH use; they escape nothing.
    KnownKey,
    /// UAA's `, name=` and `'): principal=`.
    Uaa,
}

/// Keys of CEF's extensions as CredHub and BOSH write them.
const KEYS: &[&[u8]] = &[
    b"rt",
    b"suser",
    b"suid",
    b"duser",
    b"duid",
    b"src",
    b"dst",
    b"spt",
    b"dpt",
    b"shost",
    b"dhost",
    b"dvc",
    b"dvchost",
    b"app",
    b"request",
    b"requestMethod",
    b"requestClientApplication",
    b"act",
    b"outcome",
    b"reason",
    b"msg",
    b"externalId",
    b"deviceExternalId",
    b"cs1",
    b"cs2",
    b"cs3",
    b"cs4",
    b"cs5",
    b"cs6",
    b"cs7",
    b"cs1Label",
    b"cs2Label",
    b"cs3Label",
    b"cs4Label",
    b"cs5Label",
    b"cs6Label",
    b"cs7Label",
    b"cn1",
    b"cn2",
    b"cn3",
    b"cn1Label",
    b"cn2Label",
    b"cn3Label",
];

/// The longest of them, `requestClientApplication`, has 24 octets.
const KEY_BYTES_MAX: usize = 32;

/// How UAA's parts begin.
const UAA_PARTS: &[&[u8]] = &[
    b"'): principal=",
    b", origin=[",
    b", identityZoneId=[",
    b", remoteAddress=",
    b", clientId=",
    b", client=",
    b", user=",
    b", sessionId=",
    b", details=(",
    b", tokenType=",
    b", tokenValue=",
    b", sub=",
    b", iss=",
];

impl Borders {
    pub(crate) const fn of(class: Class) -> Self {
        match class {
            Class::CloudControllerCef | Class::Cef => Self::AnyKey,
            Class::CredhubCef | Class::BoshCef => Self::KnownKey,
            Class::UaaAudit => Self::Uaa,
            _ => Self::None,
        }
    }

    /// The first field of `range`: up to where the next one begins.
    pub(crate) fn first(self, text: &[u8], range: &Range<usize>) -> Range<usize> {
        if self == Self::None {
            return range.clone();
        }
        let mut at = range.start + 1;
        while at < range.end {
            if self.begins(&text[at..range.end]) {
                return range.start..at;
            }
            at += 1;
        }
        range.clone()
    }

    /// Whether a field begins where `text` does.
    fn begins(self, text: &[u8]) -> bool {
        match (self, text.first()) {
            (Self::AnyKey, Some(b' ')) => {
                let key = text[1..].iter().take_while(|octet| is_key_octet(**octet)).count();
                let is_key = text.get(1).is_some_and(|octet| octet.is_ascii_alphanumeric() || *octet == b'_');
                is_key && text.get(1 + key) == Some(&b'=')
            }
            (Self::KnownKey, Some(b' ')) => {
                let key = text[1..].iter().take(KEY_BYTES_MAX).take_while(|octet| octet.is_ascii_alphanumeric());
                let key = &text[1..=key.count()];
                text.get(1 + key.len()) == Some(&b'=') && KEYS.contains(&key)
            }
            (Self::Uaa, Some(b',' | b'\'')) => UAA_PARTS.iter().any(|part| text.starts_with(part)),
            _ => false,
        }
    }
}

/// As the extractor reads keys of CEF.
const fn is_key_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'.' | b',' | b'[' | b']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(borders: Borders, text: &str, expected: &[&str]) {
        let (mut rest, mut parts) = (0..text.len(), Vec::new());
        while !rest.is_empty() {
            let part = borders.first(text.as_bytes(), &rest);
            rest.start = part.end;
            parts.push(&text[part]);
        }
        assert_eq!(parts, expected);
    }

    #[test]
    fn each_format_has_its_own() {
        check(Borders::AnyKey, r"rt=1 suser=a b\=c x\=1 d=e", &["rt=1", r" suser=a b\=c x\=1", " d=e"]);
        check(Borders::KnownKey, "rt=1 cs6={\"a\":\"b c=d\"} suser=e", &["rt=1", " cs6={\"a\":\"b c=d\"}", " suser=e"]);
        check(Borders::Uaa, "('a, b=c'): principal=d, origin=[e]", &["('a, b=c", "'): principal=d", ", origin=[e]"]);
        check(Borders::AnyKey, "suser=Cookie:a; b=c; suid=d", &["suser=Cookie:a;", " b=c;", " suid=d"]);
        check(Borders::AnyKey, r"a=1 b[0]=2 c.d,e=3 f\=4 -g=5", &["a=1", " b[0]=2", r" c.d,e=3 f\=4 -g=5"]);
        check(Borders::KnownKey, "suser=Cookie:a; b=c; suid=d", &["suser=Cookie:a; b=c;", " suid=d"]);
        let long = format!(" {}=1", "k".repeat(70));
        check(Borders::AnyKey, &format!("suser=x{long}"), &["suser=x", &long]);
        check(Borders::None, "a b=c", &["a b=c"]);
    }
}
