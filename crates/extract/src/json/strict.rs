//! Whether a text is JSON by the letter, which the scanner does not ask.

use super::work;

/// As deep as a text of JSON may be to count as one: its brackets fit into a word.
const DEPTH_MAX: u32 = 64;

/// Whether `text` is one object or array by RFC 8259 and, but for white space around it, no more. One that is deeper than
/// 64 levels counts as none.
///
/// Where a text holds what its writer did not, the grammar tells what brackets alone do not: text that is put together from
/// two pieces is hardly ever JSON.
pub(crate) fn is_one_value(text: &[u8]) -> bool {
    let mut checker = Checker { text, at: 0 };
    let whole = checker.value();
    checker.skip_gap();
    work::visit(checker.at);
    whole.is_some() && checker.at == text.len()
}

struct Checker<'a> {
    text: &'a [u8],
    at: usize,
}

impl Checker<'_> {
    /// The object or array that comes next, with all that is in it.
    fn value(&mut self) -> Option<()> {
        // A bit for each open bracket, the innermost lowest: whether it is that of an object.
        let mut objects = 0_u64;
        let mut depth = 0;
        loop {
            // Here a value begins, or what is left of an object's member.
            match self.next()? {
                open @ (b'{' | b'[') => {
                    if depth == DEPTH_MAX {
                        return None;
                    }
                    let is_object = open == b'{';
                    objects = objects << 1 | u64::from(is_object);
                    depth += 1;
                    if self.take(if is_object { b'}' } else { b']' }).is_none() {
                        if is_object {
                            self.name()?;
                        }
                        continue;
                    }
                    objects >>= 1;
                    depth -= 1;
                }
                // The whole is no string or word.
                _ if depth == 0 => return None,
                b'"' => self.string()?,
                first => self.word(first)?,
            }
            // Behind a value: brackets that close, and a comma before the next.
            loop {
                if depth == 0 {
                    return Some(());
                }
                let is_object = objects & 1 == 1;
                match self.next()? {
                    b',' if is_object => break self.name()?,
                    b',' => break,
                    b'}' if is_object => {}
                    b']' if !is_object => {}
                    _ => return None,
                }
                objects >>= 1;
                depth -= 1;
            }
        }
    }

    /// A member's name and the colon.
    fn name(&mut self) -> Option<()> {
        self.take(b'"')?;
        self.string()?;
        self.take(b':')
    }

    /// Up to after the quote that ends a string.
    fn string(&mut self) -> Option<()> {
        loop {
            match self.octet()? {
                b'"' => return Some(()),
                b'\\' => match self.octet()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        for _ in 0..4 {
                            self.octet().filter(u8::is_ascii_hexdigit)?;
                        }
                    }
                    _ => return None,
                },
                0..=0x1f => return None,
                _ => {}
            }
        }
    }

    /// A number or a word that begins with `first`.
    fn word(&mut self, first: u8) -> Option<()> {
        let start = self.at - 1;
        let is_part = |octet: &u8| octet.is_ascii_alphanumeric() || b"+-.".contains(octet);
        self.at += self.text[self.at..].iter().take_while(|octet| is_part(octet)).count();
        let word = &self.text[start..self.at];
        let is_known = matches!(word, b"true" | b"false" | b"null");
        (is_known || matches!(first, b'-' | b'0'..=b'9') && is_number(word)).then_some(())
    }

    fn octet(&mut self) -> Option<u8> {
        let octet = *self.text.get(self.at)?;
        self.at += 1;
        Some(octet)
    }

    /// The next octet that is no white space.
    fn next(&mut self) -> Option<u8> {
        self.skip_gap();
        self.octet()
    }

    /// That octet, if it is `expected`; otherwise stays before it.
    fn take(&mut self, expected: u8) -> Option<()> {
        self.skip_gap();
        (self.text.get(self.at) == Some(&expected)).then(|| self.at += 1)
    }

    fn skip_gap(&mut self) {
        let is_gap = |octet: &u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n');
        self.at += self.text[self.at..].iter().take_while(|octet| is_gap(octet)).count();
    }
}

/// A number of JSON: no leading zeros, digits on both sides of a point and behind an exponent.
fn is_number(word: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let rest = word.strip_prefix(b"-").unwrap_or(word);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    let mut rest = &rest[whole..];
    if let [b'.', after @ ..] = rest {
        let fraction = digits(after);
        if fraction == 0 {
            return false;
        }
        rest = &after[fraction..];
    }
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..] => {
            !exponent.is_empty() && digits(exponent) == exponent.len()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        assert_eq!(is_one_value(text.as_bytes()), expected, "{text}");
        let read = serde_json::from_str::<serde_json::Value>(text);
        assert_eq!(read.is_ok_and(|value| value.is_object() || value.is_array()), expected, "{text}");
    }

    #[test]
    fn objects_and_arrays_are_values() {
        for text in [
            "{}",
            "[]",
            " \t\r\n{ } ",
            r#"{"a":1}"#,
            r#"{"a":{"b":[{},[],{"c":null}]},"d":"e"}"#,
            r#"[ true , false , null , -0 , 10.25e-3 , 1E+9, 2e7 ]"#,
            r#"["\"\\\/\b\f\n\r\t\u00e9","é {[,:"]"#,
        ] {
            check(text, true);
        }
        check(&["[".repeat(64), "]".repeat(64)].concat(), true);
        assert!(!is_one_value(["[".repeat(65), "]".repeat(65)].concat().as_bytes()));
    }

    #[test]
    fn whatever_breaks_the_grammar_is_none() {
        for text in [
            "",
            " ",
            "1",
            "null",
            r#""a""#,
            "{",
            "[",
            "}",
            "{]",
            "[}",
            "[{]}",
            "{} {}",
            "{}x",
            "x{}",
            "[,]",
            "[1,]",
            "[1 2]",
            "{,}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a" 1}"#,
            r#"{"a":"b" c}"#,
            r#"{"a":"b"c":"d"}"#,
            "{1:2}",
            r#"["a]"#,
            r#"["\x"]"#,
            r#"["\u12g4"]"#,
            "[\"\n\"]",
            "[01]",
            "[-]",
            "[1.]",
            "[.1]",
            "[1e]",
            "[1e+]",
            "[+1]",
            "[tru]",
            "[truex]",
            "[nul l]",
            "[1-2]",
            "['a']",
            "[-true]",
        ] {
            check(text, false);
        }
    }

    proptest! {
        #[test]
        fn it_is_what_others_take_for_json(pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\"a\":", "\"b\"", "1", "-2.5e-3", "0", "null", "true", " ", "{}", "[]",
        ]), 0..12)) {
            let text = pieces.concat();
            let read = serde_json::from_str::<serde_json::Value>(&text);
            prop_assert_eq!(is_one_value(text.as_bytes()), read.is_ok_and(|value| value.is_object() || value.is_array()), "{}", text);
        }
    }
}
