//! Whether pairs are all that an extension said.

/// What a backslash and the octet after it can stand for, whoever wrote them.
const ESCAPES: [(u8, u8); 4] = [(b'\\', b'\\'), (b'=', b'='), (b'n', b'\n'), (b'r', b'\r')];

/// Fields of a header, each of which ends with a `|`.
const FIELDS: usize = 7;

/// Whether `pairs` say all of the extension in `message`: each octet of it belongs to one of them, but for blanks between
/// them. A pair that its reader passed over makes it false: one whose key came before, or that has none.
pub(super) fn is_all_in<'v>(message: &[u8], pairs: impl Iterator<Item = (&'v [u8], &'v [u8])>) -> bool {
    let Some(mut rest) = extension(message) else { return false };
    for (key, value) in pairs {
        let pair = rest.trim_ascii_start().strip_prefix(key).and_then(|rest| rest.strip_prefix(b"="));
        match pair.and_then(|text| as_it_is(text, value).or_else(|| escaped(text, value))) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.trim_ascii().is_empty()
}

/// What follows the header, without line ends, blanks and NUL behind it.
fn extension(message: &[u8]) -> Option<&[u8]> {
    let mut rest = &message[message.windows(4).position(|octets| octets == b"CEF:")?..];
    for _ in 0..FIELDS {
        while *rest.first()? != b'|' {
            rest = rest.get(if rest[0] == b'\\' { 2 } else { 1 }..)?;
        }
        rest = &rest[1..];
    }
    let end = rest.iter().rposition(|octet| !(octet.is_ascii_whitespace() || *octet == 0));
    Some(&rest[..end.map_or(0, |end| end + 1)])
}

/// What follows `value` in `text`, which begins with it.
fn as_it_is<'t>(text: &'t [u8], value: &[u8]) -> Option<&'t [u8]> {
    text.strip_prefix(value).filter(|rest| is_between(rest)).or_else(|| (value.trim_ascii_end() == text).then_some(b""))
}

/// The same where `value` is escaped.
fn escaped<'t>(mut text: &'t [u8], value: &[u8]) -> Option<&'t [u8]> {
    for (at, octet) in value.iter().enumerate() {
        let escape = ESCAPES.iter().find(|(_, plain)| plain == octet).map(|(escape, _)| *escape);
        text = match (escape, text) {
            (Some(escape), [b'\\', found, rest @ ..]) if *found == escape => rest,
            (_, [found, rest @ ..]) if found == octet => rest,
            // Blanks at the end were taken away.
            (_, []) if value[at..].trim_ascii().is_empty() => return Some(text),
            _ => return None,
        };
    }
    Some(text).filter(|rest| is_between(rest))
}

fn is_between(rest: &[u8]) -> bool {
    rest.is_empty() || rest.starts_with(b" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(extension: &str, pairs: &[(&str, &str)], expected: bool) {
        let message = format!(r"CEF:0|a|b\|b|c|d|e\\|5|{extension}");
        let pairs = pairs.iter().map(|(key, value)| (key.as_bytes(), value.as_bytes()));
        assert_eq!(is_all_in(message.as_bytes(), pairs), expected, "{extension}");
    }

    #[test]
    fn pairs_are_all_when_nothing_is_left() {
        check("", &[], true);
        check("a=1 b=2 3", &[("a", "1"), ("b", "2 3")], true);
        check("a=1  b= \r\n\0", &[("a", "1 "), ("b", " ")], true);
        check(r"a=1\=2\\ b=C:\dir c=\n", &[("a", r"1=2\"), ("b", r"C:\dir"), ("c", "\n")], true);
        check(r"a=1\=2\\ b=C:\dir c=x\ny", &[("a", r"1=2\"), ("b", r"C:\dir"), ("c", "x\ny")], true);
        check(r"a=1=2 \=3", &[("a", "1=2 =3")], true);
    }

    #[test]
    fn what_was_passed_over_is_missing() {
        check("x", &[], false);
        check("x|", &[], false);
        check("x|a=1", &[("a", "1")], false);
        check("a=1 a=2", &[("a", "1")], false);
        check("a=1 a=2 b=3", &[("a", "1"), ("b", "3")], false);
        check("a=1 =2", &[("a", "1")], false);
        check("a=12", &[("a", "1")], false);
        check("a=1 b=2", &[("b", "2")], false);
        assert!(!is_all_in(b"CEF:0|a|b", std::iter::empty()));
        assert!(!is_all_in(b"a=1", std::iter::empty()));
    }
}
