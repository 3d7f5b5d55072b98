//! A condition's text, cut into words.

use crate::error::{Mistake, shown};

/// One word of a condition, and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) at: usize,
    pub(crate) word: Word,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Word {
    /// A name or a keyword.
    Name(String),
    /// Text in quotes, its escapes undone.
    Text(String),
    Integer(i64),
    /// `==`, `!=`, `<`, `<=`, `>`, `>=`, `(`, `)`, `[`, `]` or `,`.
    Sign(&'static str),
    End,
}

impl Word {
    /// The word, for a message.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Name(name) => shown(name),
            Self::Text(text) => format!("the text {}", shown(text)),
            Self::Integer(number) => shown(&number.to_string()),
            Self::Sign(sign) => shown(sign),
            Self::End => "the end of the condition".to_owned(),
        }
    }

    pub(crate) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Name(name) if name == keyword)
    }
}

/// Longer ones before those that they begin with.
const SIGNS: &[&str] = &["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ","];

/// What people write who know other languages, and what it is here.
const ELSEWHERE: &[(&str, &str)] =
    &[("=~", "matches"), ("=", "=="), ("!~", "not … matches"), ("!", "not"), ("&&", "and"), ("||", "or")];

/// Cuts `text` into tokens; the last is [`Word::End`].
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Mistake> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else {
            tokens.push(Token { at, word: Word::End });
            return Ok(tokens);
        };
        let (word, len) = match first {
            '"' | '\'' => {
                let (text, len) = quoted(rest, at)?;
                (Word::Text(text), len)
            }
            '-' | '0'..='9' => integer(rest, at)?,
            _ if is_in_name(first) => name(rest, at)?,
            _ => sign(rest, at)?,
        };
        tokens.push(Token { at, word });
        at += len;
    }
}

fn sign(rest: &str, at: usize) -> Result<(Word, usize), Mistake> {
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Ok((Word::Sign(sign), sign.len()));
    }
    let found = ELSEWHERE.iter().find(|(sign, _)| rest.starts_with(sign));
    let (sign, expected) = found.map_or_else(
        || (rest.chars().take(1).collect(), "a name, a text in quotes, a number or an operator".to_owned()),
        |(sign, ours)| ((*sign).to_owned(), shown(ours)),
    );
    Err(Mistake::new(at, shown(&sign), expected))
}

fn is_in_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '@' | '-' | '/')
}

/// A name: its parts are divided by `.`, and a part with other characters than [`is_in_name`] stands in quotes.
fn name(rest: &str, at: usize) -> Result<(Word, usize), Mistake> {
    let mut name = String::new();
    let mut len = 0;
    while let Some(next) = rest[len..].chars().next() {
        if matches!(next, '"' | '\'') && name.ends_with('.') {
            let (part, part_len) = quoted(&rest[len..], at + len)?;
            name.push_str(&part);
            len += part_len;
        } else if is_in_name(next) {
            name.push(next);
            len += 1;
        } else {
            break;
        }
    }
    Ok((Word::Name(name), len))
}

fn integer(rest: &str, at: usize) -> Result<(Word, usize), Mistake> {
    let len = rest.find(|character| !is_in_name(character)).unwrap_or(rest.len());
    let word = &rest[..len];
    match word.parse() {
        Ok(number) => Ok((Word::Integer(number), len)),
        Err(_) => {
            let expected = "a whole number of at most 18 digits, or a text in quotes";
            Err(Mistake::new(at, shown(word), expected))
        }
    }
}

/// Text in quotes as TOML has it: in `"…"` a backslash begins an escape, in `'…'` everything stands for itself. Returns
/// the text, and the length with the quotes.
fn quoted(rest: &str, at: usize) -> Result<(String, usize), Mistake> {
    let quote = if rest.starts_with('"') { '"' } else { '\'' };
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((index, character)) = characters.next() {
        match character {
            _ if character == quote => return Ok((text, index + 1)),
            '\\' if quote == '"' => {
                let escape = characters.next().map(|(_, escape)| escape);
                text.push(match escape {
                    Some('"') => '"',
                    Some('\\') => '\\',
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('t') => '\t',
                    Some(other) => {
                        let expected = format!(
                            "one of \\\" \\\\ \\n \\r \\t; a backslash is written \\\\, so `\\\\{other}`, or the text stands in '…'"
                        );
                        return Err(Mistake::new(at + index, shown(&format!("\\{other}")), expected));
                    }
                    None => break,
                });
            }
            other => text.push(other),
        }
    }
    Err(Mistake::new(at, "a text without an end", format!("a closing {quote}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[Word]) {
        let tokens = tokens(text).unwrap_or_else(|mistake| panic!("{text}: {mistake:?}"));
        let words: Vec<_> = tokens.into_iter().map(|token| token.word).collect();
        let (end, words) = words.split_last().unwrap();
        assert_eq!((words, end), (expected, &Word::End), "{text}");
    }

    fn name(name: &str) -> Word {
        Word::Name(name.to_owned())
    }

    fn text(text: &str) -> Word {
        Word::Text(text.to_owned())
    }

    #[test]
    fn words_are_cut() {
        check("", &[]);
        check(" a==\"b\" ", &[name("a"), Word::Sign("=="), text("b")]);
        check("a >=-4", &[name("a"), Word::Sign(">="), Word::Integer(-4)]);
        check("@timestamp native.a-b/c.\"d e\"", &[name("@timestamp"), name("native.a-b/c.d e")]);
        check(
            "(x)[1,2]\n",
            &[
                Word::Sign("("),
                name("x"),
                Word::Sign(")"),
                Word::Sign("["),
                Word::Integer(1),
                Word::Sign(","),
                Word::Integer(2),
                Word::Sign("]"),
            ],
        );
    }

    #[test]
    fn texts_are_those_of_toml() {
        check(r#""a\"b\\c\n\t\r""#, &[text("a\"b\\c\n\t\r")]);
        check(r#"'^\d+"$'"#, &[text(r#"^\d+"$"#)]);
        check("\"Žofie 'x'\"", &[text("Žofie 'x'")]);
    }

    #[test]
    fn what_is_no_word_is_named_with_its_place() {
        for (text, at, found, expected) in [
            ("a = 1", 2, "`=`", "`==`"),
            ("a == 1 && b", 7, "`&&`", "`and`"),
            ("!a", 0, "`!`", "`not`"),
            ("a == \"b", 5, "a text without an end", "a closing \""),
            ("a == \"b\\", 5, "a text without an end", "a closing \""),
            (r#"a matches "\d""#, 11, "`\\\\d`", "'…'"),
            ("a == 12x", 5, "`12x`", "whole number"),
            ("a == 99999999999999999999", 5, "`99999999999999999999`", "whole number"),
            ("a ? b", 2, "`?`", "operator"),
        ] {
            let mistake = tokens(text).unwrap_err();
            assert_eq!((mistake.at, mistake.found.as_str()), (at, found), "{text}");
            assert!(mistake.expected.contains(expected), "{text}: {}", mistake.expected);
        }
    }
}
