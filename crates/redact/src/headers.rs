//! Header values that hold secrets.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::replaced::is_replaced;
use crate::value;

/// Schemes whose credentials are one word (RFC 9110 section 11.4, token68), as IANA lists them and as others use them.
const WORD_SCHEMES: [&[u8]; 11] = [
    b"basic",
    b"bearer",
    b"negotiate",
    b"ntlm",
    b"token",
    b"apikey",
    b"dpop",
    b"privatetoken",
    b"gnap",
    b"kerberos",
    b"jwt",
];

/// Schemes whose credentials are a list of parameters.
const LIST_SCHEMES: [&[u8]; 8] =
    [b"digest", b"oauth", b"aws4-hmac-sha256", b"hawk", b"mutual", b"vapid", b"scram-sha-256", b"scram-sha-1"];

/// A word without a scheme that is shorter is no credential.
const BARE_BYTES_MIN: usize = 8;

/// An opaque token after a bare `Bearer` is at least so long; UAA's have 32 octets and more.
const BARE_TOKEN_BYTES_MIN: usize = 16;

/// What goes on behind a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Around {
    /// Text, or the end of a JSON string.
    Text,
    /// A list of headers joined by `&`, as BOSH writes them.
    List,
}

/// The credentials in the value of `Authorization` that begins at `start`, without their scheme.
///
/// Credentials have a scheme (RFC 9110 section 11.4). A word without one is taken when it looks like a token: `granted` and other
/// prose is left.
pub(crate) fn credentials(text: &[u8], start: usize) -> Option<Range<usize>> {
    let start = start + usize::from(matches!(text.get(start), Some(b'"' | b'\'')));
    let word = word_end(text, start);
    let after = word + blanks(&text[word..]);
    let scheme = text[start..word].to_ascii_lowercase();
    let range = if after > word && WORD_SCHEMES.contains(&&scheme[..]) {
        after..word_end(text, after)
    } else if after > word && LIST_SCHEMES.contains(&&scheme[..]) {
        after..list_end(text, after)
    } else {
        let bare = &text[start..word];
        let is_token = bare.len() >= BARE_BYTES_MIN && !bare.iter().all(u8::is_ascii_alphabetic);
        if !is_token {
            return None;
        }
        start..word
    };
    (!is_replaced(&text[range.clone()])).then_some(range)
}

/// The credentials after a `Bearer` or `Basic` that `text` begins with and that no header's name announces: only what cannot be
/// prose.
pub(crate) fn bare_credentials(text: &[u8]) -> Option<Range<usize>> {
    let word = text.iter().take(7).take_while(|octet| octet.is_ascii_alphabetic()).count();
    let start = word + blanks(&text[word..]);
    if start == word {
        return None;
    }
    let len = text[start..].iter().take_while(|octet| is_token68(**octet)).count();
    let credentials = &text[start..start + len];
    let is_secret = if text[..word].eq_ignore_ascii_case(b"bearer") {
        len >= BARE_TOKEN_BYTES_MIN && credentials.iter().any(u8::is_ascii_digit)
    } else if text[..word].eq_ignore_ascii_case(b"basic") {
        let unpadded = credentials.trim_ascii_end();
        let unpadded = &unpadded[..unpadded.iter().rposition(|octet| *octet != b'=').map_or(0, |last| last + 1)];
        STANDARD_NO_PAD.decode(unpadded).is_ok_and(|decoded| decoded.contains(&b':'))
    } else {
        false
    };
    is_secret.then_some(start..start + len)
}

/// Calls `found` with the value of each cookie, and gives where the list ends. Of `Set-Cookie` the first pair is the cookie, and the
/// rest says how to keep it (RFC 6265 section 4.1.1).
pub(crate) fn cookies(
    text: &[u8],
    start: usize,
    all: bool,
    around: Around,
    mut found: impl FnMut(Range<usize>),
) -> usize {
    let mut at = start;
    loop {
        at += blanks(&text[at..]);
        let name = text[at..].iter().take_while(|octet| is_cookie_name(**octet)).count();
        if name == 0 || text.get(at + name) != Some(&b'=') {
            return at;
        }
        at += name + 1;
        let quote = usize::from(text.get(at) == Some(&b'"'));
        let is_end = |octet: u8| {
            matches!(octet, 0..=b' ' | 0x7F | b'"' | b';' | b'\\') || (around == Around::List && octet == b'&')
        };
        let mut end = at + quote;
        while text.get(end).is_some_and(|octet| !is_end(*octet)) {
            end += 1;
        }
        if !is_replaced(&text[at + quote..end]) {
            found(at + quote..end);
        }
        at = end + quote * usize::from(text.get(end) == Some(&b'"'));
        if !all || text.get(at) != Some(&b';') {
            return at;
        }
        at += 1;
    }
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count()
}

fn word_end(text: &[u8], start: usize) -> usize {
    let is_end = |at: &usize| value::is_end(text, *at) || matches!(text[*at], b',' | b';' | b'\'' | b')' | b']' | b'}');
    (start..text.len()).find(is_end).unwrap_or(text.len())
}

/// After the last of the parameters `name=value` or `name="value"` that are joined by commas.
fn list_end(text: &[u8], start: usize) -> usize {
    let (mut at, mut end) = (start, start);
    loop {
        at += text[at..].iter().take_while(|octet| matches!(octet, b' ' | b'\t' | b',')).count();
        let name = text[at..].iter().take_while(|octet| value::is_name(**octet)).count();
        if name == 0 || text.get(at + name) != Some(&b'=') {
            return end;
        }
        at += name + 1;
        at = match text.get(at) {
            Some(b'"') => text[at + 1..].iter().position(|octet| *octet == b'"').map_or(text.len(), |len| at + len + 2),
            _ => word_end(text, at),
        };
        end = at;
    }
}

const fn is_token68(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
}

const fn is_cookie_name(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(octet, b'!' | b'$' | b'%' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_what_follows_the_scheme() {
        for (text, expected) in [
            ("Bearer abc.def-1", Some("abc.def-1")),
            ("Basic dTpw, rest", Some("dTpw")),
            ("basic dTpw&USER_AGENT=x", Some("dTpw")),
            (
                "Digest username=\"bob, jr\", response=\"0a\", qop=auth and more",
                Some("username=\"bob, jr\", response=\"0a\", qop=auth"),
            ),
            ("0123456789abcdef", Some("0123456789abcdef")),
            ("granted for bob", None),
            ("RBAC: allowed", None),
            ("Bearer <redacted>", None),
            ("", None),
        ] {
            let found = credentials(text.as_bytes(), 0);
            assert_eq!(found.map(|range| &text[range]), expected, "{text}");
        }
    }

    #[test]
    fn bare_credentials_are_no_prose() {
        for (text, expected) in [
            ("Bearer 0123456789abcdef!", Some("0123456789abcdef")),
            ("Bearer, tokenValue=x", None),
            ("bearer of bad tidings", None),
            ("Basic dTpwYXNz", Some("dTpwYXNz")),
            ("Basic dTpw==", Some("dTpw==")),
            ("Basic authentication", None),
            ("Basic cs1Label=authType", None),
        ] {
            let found = bare_credentials(text.as_bytes());
            assert_eq!(found.map(|range| &text[range]), expected, "{text}");
        }
    }

    #[test]
    fn cookies_keep_their_names() {
        let list = |text: &str, all, around| {
            let mut values = Vec::new();
            let end = cookies(text.as_bytes(), 0, all, around, |range| values.push(text[range].to_owned()));
            (values.join(","), text[end..].to_owned())
        };
        let (text, list_text) = (Around::Text, Around::List);
        assert_eq!(list("a=1; b=\"2\";c=3&d rest", true, text), ("1,2,3&d".into(), " rest".into()));
        assert_eq!(list("a=1; Path=/; Secure", false, text), ("1".into(), "; Path=/; Secure".into()));
        assert_eq!(list("a=1&HOST=x", true, list_text), ("1".into(), "&HOST=x".into()));
        assert_eq!(list("none", true, text), (String::new(), "none".into()));
    }
}
