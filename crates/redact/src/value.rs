//! Where the value after `name=` ends, in a query, a form, or text.

use std::ops::Range;

use crate::replaced;

/// A name is at most so long; what is longer is no name.
pub(crate) const NAME_BYTES_MAX: usize = 64;

/// The value that begins at `start`; empty when there is none, or none any more.
///
/// Nothing says for certain where a value in text ends. It ends at a blank, `&`, `"`, `#`, `|`, `<`, `>`, `` ` `` and control
/// characters, and at a `,` or `;` behind which another `name=` or a blank stands; closing brackets, quotes and full stops at its
/// end are left to the text around.
pub(crate) fn value(text: &[u8], start: usize) -> Range<usize> {
    if text.get(start) == Some(&b'"') {
        return quoted(text, start + 1);
    }
    let replaced = replaced::bracketed(&text[start..]);
    if replaced > 0 {
        return start + replaced..start + replaced;
    }
    unquoted(text, start)
}

/// The value without quotes that begins at `start`.
pub(crate) fn unquoted(text: &[u8], start: usize) -> Range<usize> {
    let mut end = start;
    while let Some(octet) = text.get(end) {
        let ends = match octet {
            b',' | b';' => is_separator(&text[end + 1..]),
            _ => is_end(text, end),
        };
        if ends {
            break;
        }
        end += 1;
    }
    while end > start && matches!(text[end - 1], b')' | b']' | b'}' | b'\'' | b',' | b';' | b':' | b'.') {
        end -= 1;
    }
    let opening = usize::from(text[start..end].starts_with(b"'") && end - start > 1);
    start + opening..end
}

/// Whether what stands at `at` ends a value wherever it is. A backslash does where it escapes a quote or a control character: in
/// text that somebody has put between quotes.
pub(crate) fn is_end(text: &[u8], at: usize) -> bool {
    match text[at] {
        b'\\' => matches!(text.get(at + 1), Some(b'"' | b'n' | b'r' | b't')),
        octet => matches!(octet, 0..=b' ' | 0x7F | b'"' | b'#' | b'&' | b'<' | b'>' | b'`' | b'|'),
    }
}

/// Whether a comma or semicolon in front of `rest` separates two pairs, rather than being part of a value.
fn is_separator(rest: &[u8]) -> bool {
    let name = rest.iter().take(NAME_BYTES_MAX).take_while(|octet| is_name(**octet)).count();
    match rest.get(name) {
        None => name == 0,
        Some(b'=') => name > 0,
        Some(next) => name == 0 && *next <= b' ',
    }
}

/// Whether `octet` can be part of a name.
pub(crate) const fn is_name(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-' | b'.')
}

/// A value between quotes, the first of which is before `start`. What begins with a blank is no value: those quotes belong to somebody
/// else. Where the closing quote is missing, or belongs to somebody else, the value ends as one without quotes does.
fn quoted(text: &[u8], start: usize) -> Range<usize> {
    if text.get(start).is_none_or(|octet| *octet <= b' ' || *octet == b'"') {
        return start..start;
    }
    let Some(len) = memchr::memchr(b'"', &text[start..]) else { return unquoted(text, start) };
    let after = start + len + 1;
    let is_alone = match text.get(after) {
        Some(octet) => is_end(text, after) || matches!(octet, b',' | b';' | b')' | b']' | b'}'),
        None => true,
    };
    if is_alone && !holds_pair(&text[start..start + len]) { start..start + len } else { unquoted(text, start) }
}

/// Whether another `name=` begins behind a blank in `value`: then its quotes are those of two pairs.
pub(crate) fn holds_pair(value: &[u8]) -> bool {
    memchr::memchr_iter(b'=', value).any(|end| {
        let name = value[..end].iter().rev().take(NAME_BYTES_MAX).take_while(|octet| is_name(**octet)).count();
        name > 0 && end > name && value[end - name - 1] == b' '
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(&text[value(text.as_bytes(), 0)], expected, "{text}");
    }

    #[test]
    fn a_value_ends_where_the_text_around_it_goes_on() {
        check("abc&x=y", "abc");
        check("abc", "abc");
        check("abc'): principal=", "abc");
        check("abc, sub=admin", "abc");
        check("abc,sub=admin", "abc");
        check("abc,def ghi", "abc,def");
        check("abc;def", "abc;def");
        check("abc)], identityZoneId=[uaa]", "abc");
        check("abc|GET /x", "abc");
        check("a%20b+c HTTP/1.1", "a%20b+c");
        check("'abc' x", "abc");
        check("abc.", "abc");
        check(r"a\b\ c", r"a\b\");
        check(r#"abc\" x"#, "abc");
        check("", "");
        check(" abc", "");
    }

    #[test]
    fn a_value_between_quotes_may_have_blanks() {
        check("\"a b\" c", "a b");
        check("\" namespace=\"x\"", "");
        check("\"a\"b", "a");
        check("\"abc", "abc");
        check("\"abc def", "abc");
        check("\"a, ip=1, other=\"", "a");
        check("\"\"", "");
    }

    #[test]
    fn replacements_are_passed_over() {
        check("[FILTERED]&x=y", "");
        check("<redacted>", "");
        check("[PRIVATE DATA HIDDEN]", "");
    }
}
