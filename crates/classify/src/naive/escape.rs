//! JSON escapes, undone one by one.

/// The octets that `raw` stands for, up to the character that would exceed `limit`; and whether that is all.
pub(super) fn undone(raw: &[u8], limit: usize) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut rest = raw;
    while let Some((character, after)) = next(rest) {
        if out.len() + character.len() > limit {
            return (out, false);
        }
        out.extend(character);
        rest = after;
    }
    (out, true)
}

/// The first character, or octet, of `raw`, and what comes after it.
fn next(raw: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    const SHORT: &[(u8, u8)] =
        &[(b'"', b'"'), (b'\\', b'\\'), (b'/', b'/'), (b'b', 8), (b'f', 12), (b'n', 10), (b'r', 13), (b't', 9)];
    let first = *raw.first()?;
    if first != b'\\' {
        return Some((vec![first], &raw[1..]));
    }
    for (letter, octet) in SHORT {
        if raw.get(1) == Some(letter) {
            return Some((vec![*octet], &raw[2..]));
        }
    }
    let Some(high) = unit(raw) else { return Some((vec![first], &raw[1..])) };
    let low = unit(&raw[6..]);
    let units: Vec<u16> = [Some(high), low].into_iter().flatten().collect();
    let is_pair = (0xD800..0xDC00).contains(&high) && low.is_some_and(|low| (0xDC00..0xE000).contains(&low));
    let used = if is_pair { 2 } else { 1 };
    Some((String::from_utf16_lossy(&units[..used]).into_bytes(), &raw[6 * used..]))
}

/// The code unit of `\uXXXX` at the start of `raw`.
fn unit(raw: &[u8]) -> Option<u16> {
    if raw.len() < 6 || raw[0] != b'\\' || raw[1] != b'u' || !raw[2..6].iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(&raw[2..6]).ok()?, 16).ok()
}
