//! JSON Web Tokens in compact form: base64url parts with dots between them (RFC 7515 section 7.1, RFC 7516 section 7.1).

/// How a JSON object begins in base64url.
pub(crate) const START: &[u8] = b"eyJ";

/// What there is at a place where [`START`] stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A token of so many octets.
    Found(usize),
    /// None, and none begins in the next so many octets either.
    None(usize),
}

/// Looks at `text`, which begins with [`START`].
///
/// A payload need not be JSON, and a signature may be empty; but without a second dot only a payload that begins like JSON
/// makes a token: one whose end was cut off, or any two words with a dot between them.
pub(crate) fn token(text: &[u8]) -> Token {
    let header = part(text);
    if text.get(header) != Some(&b'.') {
        return Token::None(header);
    }
    let payload = part(&text[header + 1..]);
    let mut end = header + 1 + payload;
    if text.get(end) != Some(&b'.') {
        return if text[header + 1..].starts_with(START) { Token::Found(end) } else { Token::None(header + 1) };
    }
    // The signature, and what an encrypted token has more.
    for _ in 0..3 {
        if text.get(end) != Some(&b'.') {
            break;
        }
        let next = part(&text[end + 1..]);
        // A full stop behind a token is none of it.
        if next == 0 && end > header + 1 + payload {
            break;
        }
        end += 1 + next;
    }
    Token::Found(end)
}

/// Length of the base64url that `text` begins with.
fn part(text: &[u8]) -> usize {
    text.iter().take_while(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_parts() {
        for (text, expected) in [
            ("eyJh.eyJi.sig rest", Token::Found(13)),
            ("eyJh.eyJi. rest", Token::Found(10)),
            ("eyJh.eyJi rest", Token::Found(9)),
            ("eyJh.abc.def", Token::Found(12)),
            ("eyJh.a.b.c.d,", Token::Found(12)),
            ("eyJh.a.b.c.d.e", Token::Found(12)),
            ("eyJh.eyJi.sig. Next", Token::Found(13)),
            ("eyJh", Token::None(4)),
            ("eyJh.abc", Token::None(5)),
        ] {
            assert_eq!(token(text.as_bytes()), expected, "{text}");
        }
    }
}
