//! Whether octets that come in pieces are one JSON object, asked octet by octet (RFC 8259): UTF-8 across the pieces, and no name
//! twice in the object itself. No octet is looked at twice, but for names.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::json_file::unescaped;
use super::piece::PIECE_BYTES;

/// Levels of nesting that are followed; what is deeper counts as no JSON.
const DEPTH_MAX: usize = 1024;

/// Members of the object itself that are told apart; more of them count as no JSON. A record has some dozens.
const NAMES_MAX: usize = 1024;

/// The longest name of a member of the object itself, in octets as it is written; a longer one counts as no JSON.
const NAME_BYTES_MAX: usize = 256;

/// What there is so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// The beginning of an object, which goes on.
    Unfinished,
    /// One object, and nothing but blanks after it.
    Whole,
    /// Neither.
    Broken,
}

/// Follows one object.
#[derive(Debug)]
pub(super) struct Json {
    state: State,
    /// For each open level whether it is an array.
    levels: Vec<bool>,
    /// The name of a member of the object itself, as far as it is there.
    name: Vec<u8>,
    /// The hashes of all names before: two that are alike are taken for one name.
    names: BTreeSet<u64>,
    /// Levels that are followed.
    depth_max: usize,
    /// Whether a name may come but once.
    has_names_once: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the object.
    Start,
    /// Where a value must come.
    Value,
    /// After `[`: a value, or the end.
    FirstValue,
    /// After `{`: a name, or the end.
    FirstName,
    /// After a comma in an object.
    Name,
    /// After a name.
    Colon,
    /// After a value.
    AfterValue,
    /// In a string; a name or a value.
    Text {
        is_name: bool,
    },
    /// Inside a character of several octets, of which so many are missing; the next is one of these.
    Character {
        is_name: bool,
        missing: u8,
        next: (u8, u8),
    },
    /// After a backslash in one.
    Escape {
        is_name: bool,
    },
    /// Inside `\u` and four digits, of which so many are missing.
    Digits {
        is_name: bool,
        missing: u8,
    },
    /// In `true`, `false` or `null`, of which this is missing.
    Word(&'static [u8]),
    Number(Number),
    Whole,
    Broken,
}

/// How far a number has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Minus,
    Zero,
    Digits,
    Point,
    Fraction,
    Exponent,
    Sign,
    Power,
}

impl Number {
    /// With one more octet; `None` when it is no part of the number.
    const fn with(self, octet: u8) -> Option<Self> {
        Some(match (self, octet) {
            (Self::Minus, b'0') => Self::Zero,
            (Self::Minus, b'1'..=b'9') | (Self::Digits, b'0'..=b'9') => Self::Digits,
            (Self::Zero | Self::Digits, b'.') => Self::Point,
            (Self::Point | Self::Fraction, b'0'..=b'9') => Self::Fraction,
            (Self::Zero | Self::Digits | Self::Fraction, b'e' | b'E') => Self::Exponent,
            (Self::Exponent, b'+' | b'-') => Self::Sign,
            (Self::Exponent | Self::Sign | Self::Power, b'0'..=b'9') => Self::Power,
            _ => return None,
        })
    }

    const fn may_end(self) -> bool {
        matches!(self, Self::Zero | Self::Digits | Self::Fraction | Self::Power)
    }
}

impl Json {
    pub(super) const fn new() -> Self {
        Self {
            state: State::Start,
            levels: Vec::new(),
            name: Vec::new(),
            names: BTreeSet::new(),
            depth_max: DEPTH_MAX,
            has_names_once: true,
        }
    }

    /// What one message has so far, whatever its names are, and as deep as a piece can be: not good enough to be put together, but
    /// it tells whether an object ends.
    pub(super) fn in_one(octets: &[u8]) -> Progress {
        Self { depth_max: PIECE_BYTES, has_names_once: false, ..Self::new() }.push(octets)
    }

    /// Reads on.
    pub(super) fn push(&mut self, octets: &[u8]) -> Progress {
        for octet in octets {
            let was_in_name = self.state.is_in_name();
            self.state = self.next(*octet);
            if was_in_name && self.has_names_once && self.levels.len() == 1 {
                self.follow_name(*octet);
            }
            if self.state == State::Broken {
                return Progress::Broken;
            }
        }
        if self.state == State::Whole { Progress::Whole } else { Progress::Unfinished }
    }

    /// What it holds beside itself, in bytes; of a set of hashes about so much. At most some 30 KiB.
    pub(super) fn bytes(&self) -> usize {
        self.levels.capacity() + self.name.capacity() + self.names.len() * 2 * size_of::<u64>()
    }

    /// Takes `octet` of a name, or its end.
    fn follow_name(&mut self, octet: u8) {
        if self.state != State::Colon {
            if self.name.len() == NAME_BYTES_MAX {
                self.state = State::Broken;
            } else {
                self.name.push(octet);
            }
            return;
        }
        let mut hasher = DefaultHasher::new();
        unescaped(&self.name).hash(&mut hasher);
        self.name.clear();
        if !self.names.insert(hasher.finish()) || self.names.len() > NAMES_MAX {
            self.state = State::Broken;
        }
    }

    fn next(&mut self, octet: u8) -> State {
        match self.state {
            State::Text { is_name } => match octet {
                b'"' if is_name => State::Colon,
                b'"' => State::AfterValue,
                b'\\' => State::Escape { is_name },
                0..=0x1F => State::Broken,
                0x20..=0x7F => State::Text { is_name },
                _ => character(is_name, octet),
            },
            State::Character { is_name, missing, next: (first, last) } => match octet {
                _ if octet < first || octet > last => State::Broken,
                _ if missing == 1 => State::Text { is_name },
                _ => State::Character { is_name, missing: missing - 1, next: (0x80, 0xBF) },
            },
            State::Escape { is_name } => match octet {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => State::Text { is_name },
                b'u' => State::Digits { is_name, missing: 4 },
                _ => State::Broken,
            },
            State::Digits { is_name, missing } if octet.is_ascii_hexdigit() => {
                if missing > 1 {
                    State::Digits { is_name, missing: missing - 1 }
                } else {
                    State::Text { is_name }
                }
            }
            State::Word([wanted, rest @ ..]) if octet == *wanted => {
                if rest.is_empty() {
                    State::AfterValue
                } else {
                    State::Word(rest)
                }
            }
            State::Number(number) => match number.with(octet) {
                Some(number) => State::Number(number),
                None if number.may_end() => self.between(State::AfterValue, octet),
                None => State::Broken,
            },
            State::Digits { .. } | State::Word(_) | State::Broken => State::Broken,
            state => self.between(state, octet),
        }
    }

    /// Between values, where blanks may stand.
    fn between(&mut self, state: State, octet: u8) -> State {
        let in_array = self.levels.last().copied();
        match (state, octet) {
            (_, b' ' | b'\t' | b'\r' | b'\n') => state,
            (State::Start | State::Value | State::FirstValue, b'{') => self.open(false),
            (State::Value | State::FirstValue, b'[') => self.open(true),
            (State::Value | State::FirstValue, _) if octet != b']' => begin(octet),
            (State::FirstValue, b']') | (State::FirstName, b'}') => self.close(),
            (State::FirstName | State::Name, b'"') => State::Text { is_name: true },
            (State::Colon, b':') => State::Value,
            (State::AfterValue, b',') if in_array == Some(true) => State::Value,
            (State::AfterValue, b',') if in_array == Some(false) => State::Name,
            (State::AfterValue, b']') if in_array == Some(true) => self.close(),
            (State::AfterValue, b'}') if in_array == Some(false) => self.close(),
            _ => State::Broken,
        }
    }

    fn open(&mut self, is_array: bool) -> State {
        if self.levels.len() == self.depth_max {
            return State::Broken;
        }
        self.levels.push(is_array);
        if is_array { State::FirstValue } else { State::FirstName }
    }

    fn close(&mut self) -> State {
        self.levels.pop();
        if self.levels.is_empty() { State::Whole } else { State::AfterValue }
    }
}

impl State {
    const fn is_in_name(self) -> bool {
        matches!(
            self,
            Self::Text { is_name: true }
                | Self::Character { is_name: true, .. }
                | Self::Escape { is_name: true }
                | Self::Digits { is_name: true, .. }
        )
    }
}

/// After the first octet of a character of several (RFC 3629 section 4).
const fn character(is_name: bool, first: u8) -> State {
    let (missing, next) = match first {
        0xC2..=0xDF => (1, (0x80, 0xBF)),
        0xE0 => (2, (0xA0, 0xBF)),
        0xED => (2, (0x80, 0x9F)),
        0xE1..=0xEF => (2, (0x80, 0xBF)),
        0xF0 => (3, (0x90, 0xBF)),
        0xF1..=0xF3 => (3, (0x80, 0xBF)),
        0xF4 => (3, (0x80, 0x8F)),
        _ => return State::Broken,
    };
    State::Character { is_name, missing, next }
}

/// A value that is no object and no array.
fn begin(octet: u8) -> State {
    match octet {
        b'"' => State::Text { is_name: false },
        b't' => State::Word(b"rue"),
        b'f' => State::Word(b"alse"),
        b'n' => State::Word(b"ull"),
        b'-' => State::Number(Number::Minus),
        b'0' => State::Number(Number::Zero),
        b'1'..=b'9' => State::Number(Number::Digits),
        _ => State::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Progress {
        Json::new().push(text.as_bytes())
    }

    const OBJECT: &str = r#" {"a":[1,-0.5e+3,{"b":null},[]],"c\u00e9\"":true,"d":{},"h":"é\\","f":0,"g":1E2} "#;

    #[test]
    fn an_object_is_whole_at_its_end_and_nowhere_before() {
        assert_eq!(whole(OBJECT), Progress::Whole);
        let end = OBJECT.len() - 1;
        for at in 0..end {
            assert_eq!(Json::new().push(&OBJECT.as_bytes()[..at]), Progress::Unfinished, "{at}");
        }
    }

    #[test]
    fn pieces_are_as_good_as_the_whole() {
        for at in 0..=OBJECT.len() {
            let mut json = Json::new();
            let _ = json.push(&OBJECT.as_bytes()[..at]);
            assert_eq!(json.push(&OBJECT.as_bytes()[at..]), Progress::Whole, "{at}");
        }
    }

    #[test]
    fn what_is_not_json_is_broken() {
        for text in [
            "x",
            "[",
            "1",
            "{a",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":01",
            "{\"a\":1.}",
            "{\"a\":tru}",
            "{\"a\":\"\n",
            "{\"a\":\"\\x",
            "{\"a\":\"\\u00g",
            "{\"a\":[1,]",
            "{\"a\":[}",
            "{}{",
            "{} x",
            "{\"a\":-}",
            "{\"a\":1 2",
            "{,",
            "{\"a\":[,",
        ] {
            assert_eq!(whole(text), Progress::Broken, "{text}");
        }
        assert_eq!(whole(&"{\"a\":".repeat(DEPTH_MAX + 1)), Progress::Broken);
    }

    #[test]
    fn a_name_comes_once_in_the_object_itself() {
        for text in [r#"{"a":1,"a":2}"#, r#"{"a":1,"b":{},"\u0061":2}"#, r#"{"é":1,"\u00e9":[]}"#, r#"{"":1,"":1}"#] {
            assert_eq!(whole(text), Progress::Broken, "{text}");
        }
        assert_eq!(whole(r#"{"a":{"a":1,"a":2},"A":[{"a":1}],"b":"a"}"#), Progress::Whole);
        let members = |count: usize| (0..count).map(|name| format!("\"{name}\":0")).collect::<Vec<_>>().join(",");
        assert_eq!(whole(&format!("{{{}}}", members(NAMES_MAX))), Progress::Whole);
        assert_eq!(whole(&format!("{{{}}}", members(NAMES_MAX + 1))), Progress::Broken);
    }

    #[test]
    fn a_name_is_of_a_bounded_length_and_what_is_kept_of_names_as_well() {
        let named = |bytes: usize| format!("{{\"{}\":1}}", "n".repeat(bytes));
        assert_eq!(whole(&named(NAME_BYTES_MAX)), Progress::Whole);
        assert_eq!(whole(&named(NAME_BYTES_MAX + 1)), Progress::Broken);
        assert_eq!(whole(&format!("{{\"a\":{}}}", named(1 << 20))), Progress::Whole, "inside a member nothing is kept");
        let mut json = Json::new();
        let begun = [b"{\"".as_slice(), &[b'n'; 1 << 20]].concat();
        assert_eq!(begun.chunks(1000).map(|piece| json.push(piece)).last(), Some(Progress::Broken));
        let mut json = Json::new();
        let members: String = (0..NAMES_MAX).map(|name| format!("\"{name:0>200}\":0,")).collect();
        assert_eq!(json.push(format!("{{{members}\"z\":{}", "[".repeat(DEPTH_MAX - 1)).as_bytes()), Progress::Broken);
        assert!(json.bytes() <= 30 * 1024, "{}", json.bytes());
    }

    #[test]
    fn characters_are_as_in_any_utf_8() {
        for first in 0x7F..=0xFF_u8 {
            for second in [0x22, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0] {
                for rest in [&b""[..], b"\x80", b"\x80\xBF", b"\x80\x80\x80"] {
                    let text = [b"{\"a\":\"", &[first, second][..], rest, b"\"}"].concat();
                    let expected = serde_json::from_slice::<serde_json::Value>(&text).is_ok();
                    let mut json = Json::new();
                    let pieces = text.chunks(1).map(|octet| json.push(octet)).last();
                    assert_eq!(pieces == Some(Progress::Whole), expected, "{text:x?}");
                }
            }
        }
    }

    /// What serde_json takes for an object is whole here, and the other way round.
    #[test]
    fn serde_json_agrees_on_every_change_of_one_octet() {
        let mut text = OBJECT.trim().as_bytes().to_vec();
        for at in 0..text.len() {
            let octet = std::mem::replace(&mut text[at], 0);
            for other in [b'"', b'{', b'}', b'[', b']', b',', b':', b'0', b'e', b' ', b'\\', b'x', b'\n', octet] {
                text[at] = other;
                let expected = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&text).is_ok();
                // No change makes a pair of surrogates, which this does not look at, or a name that is there.
                assert_eq!(Json::new().push(&text) == Progress::Whole, expected, "{}", String::from_utf8_lossy(&text));
            }
            text[at] = octet;
        }
    }
}
