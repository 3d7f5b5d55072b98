//! Header values that hold secrets.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::replaced::is_replaced;
use crate::value;

/// Schemes whose credentials are one word (RFC 9110 section 11.4, token68), as IANA lists them and as others use them. After
/// others, of which there are many, a word is taken when it looks like a token.
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

/// What is no pair in a list of cookies is passed over when it is shorter.
const COOKIE_BYTES_MAX: usize = 256;

/// What goes on behind a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Around {
    /// Nothing: the text is the value.
    Nothing,
    /// Text.
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
    } else if looks_like_token(&text[start..word]) {
        start..word
    } else {
        let range = after..word_end(text, after);
        let is_scheme = after > word && scheme.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-');
        if !is_scheme || !is_keyed(&text[range.clone()]) {
            return None;
        }
        range
    };
    let is_pair = matches!(&scheme[..], b"basic" | b"bearer") && is_pair(&text[range.clone()]);
    (!is_pair && !is_replaced(&text[range.clone()])).then_some(range)
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
    if is_pair(&text[start..start + len]) {
        return None;
    }
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
    if around == Around::Nothing {
        return cookies_of_all(text, start, all, found);
    }
    let mut at = start;
    loop {
        at += blanks(&text[at..]);
        let name = text[at..].iter().take_while(|octet| is_cookie_name(**octet, around)).count();
        if name > 0 && text.get(at + name) == Some(&b'=') {
            let value = cookie_value(text, at + name + 1, around);
            at = value.end + usize::from(text.get(value.end) == Some(&b'"') && text[value.start - 1] == b'"');
            if !is_replaced(&text[value.clone()]) {
                found(value);
            }
        }
        match next_cookie(text, at, all, around) {
            Some(next) => at = next,
            None => return at,
        }
    }
}

/// The same where `text` is the value to its end: only a `;` ends a cookie, whatever else is in it. Gives where the first thing
/// stands that is no pair.
fn cookies_of_all(text: &[u8], start: usize, all: bool, mut found: impl FnMut(Range<usize>)) -> usize {
    let (mut at, mut other) = (start, None);
    while at < text.len() {
        let end = memchr::memchr(b';', &text[at..]).map_or(text.len(), |len| at + len);
        match memchr::memchr(b'=', &text[at..end]) {
            Some(name) => {
                let value = trimmed(text, at + name + 1..end);
                if !is_replaced(&text[value.clone()]) {
                    found(value);
                }
            }
            None => other = other.or(Some(at)),
        }
        at = end + 1;
        if !all {
            return other.unwrap_or(end);
        }
    }
    other.unwrap_or(text.len())
}

/// `range` without blanks and quotes around it.
fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let value = &text[range.clone()];
    let start = range.start + (value.len() - value.trim_ascii_start().len());
    let end = range.end - (value.len() - value.trim_ascii_end().len());
    match text.get(start..end) {
        Some([b'"', .., b'"']) => start + 1..end - 1,
        Some(_) => start..end,
        None => range.end..range.end,
    }
}

/// The value of a cookie in text. Browsers send JSON, quotes and backslashes as they are.
fn cookie_value(text: &[u8], start: usize, around: Around) -> Range<usize> {
    if text.get(start) == Some(&b'"') {
        let is_end = |octet: &u8| matches!(octet, 0..=0x1F | b';' | b'"' | b'\\');
        let closing = text[start + 1..].iter().take(COOKIE_BYTES_MAX).position(is_end);
        let closing = closing.filter(|len| text[start + 1 + len] == b'"').map(|len| start + 1 + len);
        let start = start + 1;
        return start..closing.unwrap_or_else(|| cookie_end(text, start, around));
    }
    let json = json_len(&text[start..]);
    start..if json > 0 { start + json } else { cookie_end(text, start, around) }
}

/// Where a cookie's value without quotes ends. A quote belongs to it when the text goes on behind it as a value does.
fn cookie_end(text: &[u8], start: usize, around: Around) -> usize {
    let goes_on = |at: usize| text.get(at).is_some_and(|octet| octet.is_ascii_alphanumeric());
    let is_end = |at: &usize| match text[*at] {
        0..=b' ' | 0x7F | b';' => true,
        b'&' => around == Around::List,
        b'"' => !goes_on(*at + 1),
        b'\\' => match text.get(*at + 1) {
            Some(b'"') => !goes_on(*at + 2),
            octet => matches!(octet, None | Some(b'n' | b'r' | b't')),
        },
        _ => false,
    };
    (start..text.len()).find(is_end).unwrap_or(text.len())
}

/// Length of the JSON object or array without blanks that `text` begins with and that ends a cookie; 0 when there is none.
fn json_len(text: &[u8]) -> usize {
    if !matches!(text.first(), Some(b'{' | b'[')) {
        return 0;
    }
    let mut depth = 0_u32;
    for (at, octet) in text.iter().enumerate().take(COOKIE_BYTES_MAX) {
        match octet {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            0..=b' ' | 0x7F | b';' => return 0,
            _ => {}
        }
        if depth == 0 {
            let is_end =
                text.get(at + 1).is_none_or(|octet| matches!(octet, 0..=b' ' | b';' | b'"' | b'&' | b'\\' | b'\''));
            return if is_end { at + 1 } else { 0 };
        }
    }
    0
}

/// Behind the next `;` of the list, if it goes on: what is no pair is passed over.
fn next_cookie(text: &[u8], at: usize, all: bool, around: Around) -> Option<usize> {
    let is_end =
        |octet: u8| matches!(octet, 0..=0x1F | 0x7F | b'"' | b'\\' | b'|') || (around == Around::List && octet == b'&');
    // A quote right before the `;` is the value's.
    let at = at + usize::from(text[at..].starts_with(b"\";"));
    let rest = text[at..].iter().take(COOKIE_BYTES_MAX).take_while(|octet| !is_end(**octet));
    let found = rest.into_iter().position(|octet| *octet == b';').filter(|_| all)?;
    let passed = &text[at..at + found];
    (memchr::memmem::find(passed, b", ").is_none()).then_some(at + found + 1)
}

fn looks_like_token(word: &[u8]) -> bool {
    word.len() >= BARE_BYTES_MIN && !word.iter().all(u8::is_ascii_alphabetic)
}

/// Whether `word` looks like a token, or a key's name and its token with a colon between them, and like no address, time or pair.
fn is_keyed(word: &[u8]) -> bool {
    looks_like_token(word)
        && word.iter().any(u8::is_ascii_alphabetic)
        && word.iter().any(u8::is_ascii_digit)
        && word.iter().all(|octet| is_token68(*octet) || *octet == b':')
        && !is_pair(word)
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count()
}

/// Whether `word` is `name=value`: in credentials `=` is padding, at their end (RFC 9110 section 11.2).
fn is_pair(word: &[u8]) -> bool {
    memchr::memchr(b'=', word).is_some_and(|at| word[at..].iter().any(|octet| *octet != b'='))
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
        // Blanks around `=` are bad, and allowed (RFC 9110 section 11.2).
        let equals = at + name + blanks(&text[at + name..]);
        if name == 0 || text.get(equals) != Some(&b'=') {
            return end;
        }
        at = equals + 1;
        let gap = blanks(&text[at..]);
        at += if text.get(at + gap) == Some(&b'"') { gap } else { 0 };
        at = match text.get(at) {
            // A quote that nobody closes belongs to nobody: neither does what follows it.
            Some(b'"') => match text[at + 1..].iter().position(|octet| *octet == b'"') {
                Some(len) => at + len + 2,
                None => return end,
            },
            _ => word_end(text, at),
        };
        end = at;
    }
}

const fn is_token68(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
}

/// Whether `octet` can be part of a token (RFC 9110 section 5.6.2), which a cookie's name is.
fn is_cookie_name(octet: u8, around: Around) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%'*+-.^_`|~".contains(&octet) || (octet == b'&' && around != Around::List)
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
            ("Basic requestMethod=DELETE", None),
            ("Digest a=\" suid=1", None),
            ("Digest a=1, b=\" suid=1", Some("a=1")),
            ("Digest username = \"x\", response = \"0a\"", Some("username = \"x\", response = \"0a\"")),
            ("Splunk B5A79AAD-0822A", Some("B5A79AAD-0822A")),
            ("SSWS 00hunter2abc, x", Some("00hunter2abc")),
            ("SharedKey acct:0aF/b=", Some("acct:0aF/b=")),
            ("AWS AKIA0EXAMPLE:frJI0x+Y=", Some("AKIA0EXAMPLE:frJI0x+Y=")),
            ("denied 198.51.100.100", None),
            ("denied authorization", None),
            ("denied requestMethod=DELETE1", None),
            ("denied alice1@example.com", None),
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
            ("Bearer suid=0f5a31e3-0f5a-0f5a", None),
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
        assert_eq!(list("foo; s=1", true, text), ("1".into(), String::new()));
        assert_eq!(list("a[b]=1; s=2", true, text), ("2".into(), String::new()));
        assert_eq!(list("a=\"b c\"; s=2", true, text), ("b c,2".into(), String::new()));
        assert_eq!(list("a=1; Path=/; Secure", false, text), ("1".into(), "; Path=/; Secure".into()));
        assert_eq!(list("a=1&HOST=x", true, list_text), ("1".into(), "&HOST=x".into()));
        assert_eq!(list("none", true, text), (String::new(), "none".into()));
        assert_eq!(list("c={\"a\":true}; s=2", true, text), ("{\"a\":true},2".into(), String::new()));
        assert_eq!(list("c={\"a\":true}; s=2&A=x", true, list_text), ("{\"a\":true},2".into(), "&A=x".into()));
        assert_eq!(list(r"a=x\y; s=2", true, text), (r"x\y,2".into(), String::new()));
        assert_eq!(list("a=x\"y; s=2", true, text), ("x\"y,2".into(), String::new()));
        assert_eq!(list("a=x\"; s=2", true, text), ("x,2".into(), String::new()));
        assert_eq!(list("a|b=1; c#d=2; e'f=3", true, text), ("1,2,3".into(), String::new()));
        // The quote is of the text around.
        assert_eq!(list("a=1\" x=\"y; z=2\"", true, text), ("1".into(), "\" x=\"y; z=2\"".into()));
        assert_eq!(list("a=1\",\"x\":\"y; z=2\"", true, text), ("1".into(), "\",\"x\":\"y; z=2\"".into()));
        let all = Around::Nothing;
        assert_eq!(
            list("c={\"a\":\"b c\"}; s=x y ;t=\"z\"", true, all),
            ("{\"a\":\"b c\"},x y,z".into(), String::new())
        );
        assert_eq!(list("a=1; eyJh; b=2", true, all), ("1,2".into(), " eyJh; b=2".into()));
        assert_eq!(list("a=1 2; Path=/; Secure", false, all), ("1 2".into(), "; Path=/; Secure".into()));
    }
}
