//! The scanner beside serde_json.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::{Kind, Scanner, Text, keys, work};

/// The value that comes next, as a tree. Of members of one name the last counts, as for serde_json.
fn tree(scanner: &mut Scanner<'_>) -> Option<Value> {
    match scanner.kind()? {
        Kind::String => scanner.string().map(|text| decoded(&text).into()),
        Kind::Object => {
            let mut members = Map::new();
            scanner.members(|name, value| {
                members.insert(decoded(name), tree(value)?);
                Some(())
            })?;
            Some(members.into())
        }
        Kind::Array => {
            let mut elements = Vec::new();
            scanner.elements(|value| {
                elements.push(tree(value)?);
                Some(())
            })?;
            Some(elements.into())
        }
        Kind::Null | Kind::Scalar => serde_json::from_slice(scanner.skip()?).ok(),
    }
}

fn decoded(text: &Text<'_>) -> String {
    let mut octets = Vec::new();
    text.decode_into(&mut octets);
    String::from_utf8(octets).expect("UTF-8 in, UTF-8 out")
}

/// Writes JSON in many ways: blanks between tokens, and characters escaped or not, as `noise` says.
struct Writer<'a> {
    text: String,
    noise: std::iter::Cycle<std::slice::Iter<'a, u8>>,
}

impl Writer<'_> {
    fn write(value: &Value, noise: &[u8]) -> String {
        let mut writer = Writer { text: String::new(), noise: noise.iter().cycle() };
        writer.value(value);
        writer.text
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Object(members) => self.list('{', '}', members, |writer, (name, value)| {
                writer.string(name);
                writer.token(":");
                writer.value(value);
            }),
            Value::Array(elements) => self.list('[', ']', elements, |writer, value| writer.value(value)),
            Value::String(text) => self.string(text),
            scalar => self.token(&scalar.to_string()),
        }
    }

    fn list<I: IntoIterator>(&mut self, open: char, close: char, items: I, write: impl Fn(&mut Self, I::Item)) {
        self.token(open.encode_utf8(&mut [0; 4]));
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                self.token(",");
            }
            write(self, item);
        }
        self.token(close.encode_utf8(&mut [0; 4]));
    }

    fn token(&mut self, token: &str) {
        const BLANKS: [&str; 6] = ["", "", "", " ", "\n\t", "\r\n    "];
        let blanks = BLANKS[self.noise() % BLANKS.len()];
        self.text.push_str(token);
        self.text.push_str(blanks);
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match (self.noise() % 4, character) {
                (0, _) => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        self.text.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                (1, '/') => self.text.push_str("\\/"),
                (_, '"' | '\\' | '\0'..='\x1F') => {
                    let quoted = Value::from(character.to_string()).to_string();
                    self.text.push_str(&quoted[1..quoted.len() - 1]);
                }
                _ => self.text.push(character),
            }
        }
        self.token("\"");
    }

    fn noise(&mut self) -> usize {
        self.noise.next().copied().unwrap_or_default().into()
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("kind".to_owned()),
        Just("verb".to_owned()),
        "[a-z/\"\\\\é🙂]{0,12}",
        "[a-z]{60,70}",
        any::<String>()
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|eighths| (f64::from(eighths) / 8.0).into()),
        name().prop_map(Value::from),
        "[ -~]{0,200}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..6)
                .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::vec((name(), value()), 0..8).prop_map(|members| members.into_iter().collect::<Map<_, _>>().into())
}

/// Octets that mean something to the scanner, and some that do not.
fn like_json() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        prop::sample::select(vec![
            "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u00", "\\ud83d", "null", "12", " ", "\"a\":"
        ])
        .prop_map(|token| token.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(token, 0..64).prop_map(|tokens| tokens.concat())
}

keys! {
    Key { Kind b"kind" Verb b"verb" }
}

proptest! {
    #[test]
    fn a_text_is_read_as_serde_json_does(value in object(), noise in prop::collection::vec(any::<u8>(), 1..32)) {
        let text = Writer::write(&value, &noise);
        let expected: Value = serde_json::from_str(&text).expect("the writer writes JSON");
        prop_assert_eq!(&expected, &value);
        let mut scanner = Scanner::new(text.as_bytes());
        prop_assert_eq!(tree(&mut scanner), Some(expected));
        prop_assert!(scanner.is_at_end());
    }

    #[test]
    fn a_value_is_skipped_as_far_as_serde_json_reads(
        value in value(),
        noise in prop::collection::vec(any::<u8>(), 1..32),
    ) {
        let text = format!("{} ,\"next\"", Writer::write(&value, &noise).trim_end());
        let mut scanner = Scanner::new(text.as_bytes());
        let skipped = scanner.skip().expect("a value");
        prop_assert_eq!(serde_json::from_slice::<Value>(skipped).expect("JSON"), value);
    }

    #[test]
    fn a_cut_text_gives_what_stands_before_the_cut(
        value in object(),
        noise in prop::collection::vec(any::<u8>(), 1..32),
        cut in any::<prop::sample::Index>(),
    ) {
        fn read<'a>(text: &'a [u8], members: &mut Vec<(Vec<u8>, &'a [u8])>) -> (Option<()>, bool) {
            let mut scanner = Scanner::new(text);
            let whole = scanner.members(|name, value| {
                let value = value.skip()?;
                members.push((name.raw().to_vec(), value));
                Some(())
            });
            (whole, scanner.is_at_end())
        }
        let text = Writer::write(&value, &noise);
        let text = text.trim_end().as_bytes();
        let (mut all, mut some) = (Vec::new(), Vec::new());
        prop_assert_eq!(read(text, &mut all), (Some(()), true));
        prop_assert_eq!(read(&text[..cut.index(text.len())], &mut some), (None, true));
        prop_assert!(all.starts_with(&some));
    }

    #[test]
    fn names_and_words_are_compared_without_their_escapes(text in name(), noise in prop::collection::vec(any::<u8>(), 1..32)) {
        let json = Writer::write(&text.clone().into(), &noise);
        let string = Scanner::new(json.as_bytes()).string().expect("a string");
        prop_assert_eq!(decoded(&string), text.clone());
        prop_assert!(string.is(text.as_bytes()));
        let longer = [text.as_bytes(), b"x"].concat();
        prop_assert!(!string.is(&longer));
        let is_asked_for = string.ask(|asked| asked == text.as_bytes());
        prop_assert!(is_asked_for || text.len() > 64);
    }

    #[test]
    fn of_known_members_the_first_is_given(
        members in prop::collection::vec((prop::sample::select(vec!["kind", "verb", "else"]), 0_u8..9), 0..12),
        noise in prop::collection::vec(any::<u8>(), 1..32),
    ) {
        let mut text = String::from("{");
        for (place, (name, value)) in members.iter().enumerate() {
            text.push_str(if place > 0 { "," } else { "" });
            text.push_str(&Writer::write(&(*name).into(), &noise));
            text.push_str(&format!(":{value}"));
        }
        text.push('}');
        let mut found = Vec::new();
        let mut scanner = Scanner::new(text.as_bytes());
        let whole = scanner.keyed(|key: Option<Key>, _, value| {
            found.push((key, value.skip()?[0] - b'0'));
            Some(())
        });
        let mut expected = Vec::new();
        for (name, value) in &members {
            let key = match *name { "kind" => Some(Key::Kind), "verb" => Some(Key::Verb), _ => None };
            if key.is_none() || !expected.iter().any(|(known, _)| *known == key) {
                expected.push((key, *value));
            }
        }
        prop_assert_eq!(whole, Some(()));
        prop_assert_eq!(scanner.has_repeats(), expected.len() < members.len());
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn any_octets_are_survived_in_one_pass(text in like_json()) {
        let (visited, _) = work::visited(|| Scanner::new(&text).skip().map(<[u8]>::len));
        prop_assert!(visited <= 2 * text.len() + 2, "{visited} of {}", text.len());
        let (visited, _) = work::visited(|| tree_of_any(&mut Scanner::new(&text)));
        prop_assert!(visited <= 2 * text.len() + 2, "{visited} of {}", text.len());
    }
}

/// As [`tree`], without the tree.
fn tree_of_any(scanner: &mut Scanner<'_>) -> Option<()> {
    match scanner.kind()? {
        Kind::Object => scanner.members(|_, value| tree_of_any(value)),
        Kind::Array => scanner.elements(tree_of_any),
        _ => scanner.skip().map(drop),
    }
}

#[test]
fn what_ends_with_the_text_may_have_been_cut() {
    for text in ["{\"a\":1", "{\"a\":tru", "{\"a\":\"b", "{\"a\":\"b\\", "{\"a\"", "{", "", "{\"a\":[1,{\"b\":\"}"] {
        let mut scanner = Scanner::new(text.as_bytes());
        assert_eq!(scanner.members(|_, value| value.skip().map(drop)), None, "{text}");
        assert!(scanner.is_at_end(), "{text}");
    }
}

#[test]
fn what_breaks_before_its_end_was_not_cut() {
    for text in ["{\"a\" 1}", "{a:1}", "{\"a\":1;}", "{\"a\":?}", "{,}", "[1]", "{\"a\":1 \"b\":2}"] {
        let mut scanner = Scanner::new(text.as_bytes());
        assert_eq!(scanner.members(|_, value| value.skip().map(drop)), None, "{text}");
        assert!(!scanner.is_at_end(), "{text}");
    }
}

#[test]
fn half_a_surrogate_pair_becomes_the_replacement_character_and_what_is_no_escape_stays() {
    for (raw, expected) in [
        (r"\ud83d", "\u{FFFD}"),
        (r"\ude42\ud83d", "\u{FFFD}\u{FFFD}"),
        (r"\ud83d\u0041", "\u{FFFD}A"),
        (r"\ud83d\ude42", "🙂"),
        (r"\q \u12 \u12G4", r"\q \u12 \u12G4"),
    ] {
        assert_eq!(decoded(&Text::new(raw.as_bytes(), false)), expected, "{raw}");
    }
}

#[test]
fn brackets_are_followed_as_deep_as_they_go() {
    const DEEP: usize = 1 << 20;
    let text = ["{\"a\":", &"[".repeat(DEEP), &"]".repeat(DEEP), ",\"b\":\"c\"}"].concat();
    let mut last = Vec::new();
    let whole = Scanner::new(text.as_bytes()).members(|name, value| {
        last = name.raw().to_vec();
        value.skip().map(drop)
    });
    assert_eq!((whole, last.as_slice()), (Some(()), b"b".as_slice()));
}
