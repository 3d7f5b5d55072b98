//! JSON as a tree, as far as it can be read.

use record::Flags;

use super::escape;
use crate::DEPTH_MAX;

/// How the text goes on after the last octet that makes sense.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Whole,
    Cut,
    Broken,
}

/// What can be read of a text that begins with `{`.
pub(super) struct Document {
    pub(super) top: Value,
    pub(super) ending: Ending,
    /// [`Flags::JSON_DEPTH`] and [`Flags::JSON_SYNTAX`], the latter for what is not allowed inside a string.
    pub(super) flags: Flags,
}

/// A value. Of a container that was cut it holds what came before the cut.
pub(super) enum Value {
    Object(Vec<Entry>),
    Array(Vec<Self>),
    String {
        octets: Vec<u8>,
        start: usize,
    },
    /// A number, a word, or a container below the last level that is followed.
    Other,
    /// The text ended, or broke, before the value did.
    Unfinished,
}

pub(super) struct Entry {
    key: Vec<u8>,
    /// The key's place, with its quotes.
    place: (usize, usize),
    value: Value,
    /// Whether the value was read up to its end.
    whole: bool,
}

/// The octets between a string's quotes as they stand in the text, and where they begin.
pub(super) struct Raw<'a> {
    pub(super) octets: &'a [u8],
    pub(super) start: usize,
}

/// The members that matter: two with the same of these keys are worth a flag.
const KEYS: [&str; 22] = [
    "auditID",
    "stage",
    "requestURI",
    "verb",
    "kind",
    "apiVersion",
    "items",
    "audit",
    "event_type",
    "type",
    "actor",
    "target",
    "entity",
    "actee",
    "resources",
    "log",
    "stream",
    "time",
    "source",
    "message",
    "level",
    "metadata",
];

impl Value {
    fn entries(&self) -> &[Entry] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| escape::undone(&entry.key, usize::MAX).0 == key.as_bytes())
    }

    /// The first member with this key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Where the first such key stands.
    pub(super) fn key(&self, key: &str) -> Option<(usize, usize)> {
        self.entry(key).map(|entry| entry.place)
    }

    pub(super) fn has_value(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| !matches!(value, Self::Unfinished))
    }

    /// Whether the text ended, or broke, inside the first member with this key.
    pub(super) fn ends_in(&self, key: &str) -> bool {
        self.entry(key).is_some_and(|entry| !entry.whole)
    }

    /// The first member with this key, if it is a string: its octets as they stand in the text.
    pub(super) fn raw(&self, key: &str) -> Option<Raw<'_>> {
        match self.get(key)? {
            Self::String { octets, start } => Some(Raw { octets, start: *start }),
            _ => None,
        }
    }

    /// The same without escapes.
    pub(super) fn text(&self, key: &str) -> Option<Vec<u8>> {
        Some(escape::undone(self.raw(key)?.octets, usize::MAX).0)
    }

    pub(super) fn first(&self) -> Option<&Self> {
        match self {
            Self::Array(values) => values.first(),
            _ => None,
        }
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub(super) fn has_duplicates(&self) -> bool {
        let count = |key: &str| {
            let same = |entry: &&Entry| escape::undone(&entry.key, usize::MAX).0 == key.as_bytes();
            self.entries().iter().filter(same).count()
        };
        KEYS.iter().any(|key| count(key) > 1)
    }
}

impl Document {
    pub(super) fn read(text: &[u8]) -> Self {
        let mut reader = Reader { text, at: 0, flags: Flags::NONE };
        let mut top = Value::Unfinished;
        let ending = match reader.value(1, &mut top).and_then(|()| reader.end()) {
            Ok(()) => Ending::Whole,
            Err(ending) => ending,
        };
        Self { top, ending, flags: reader.flags }
    }
}

/// Reads by recursive descent. Every method leaves in its result what it read before the text ended or broke.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    flags: Flags,
}

type Read = Result<(), Ending>;

impl Reader<'_> {
    fn peek(&self) -> Result<u8, Ending> {
        self.text.get(self.at).copied().ok_or(Ending::Cut)
    }

    fn peek_after_white_space(&mut self) -> Result<u8, Ending> {
        while matches!(self.peek()?, b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
        self.peek()
    }

    fn expect(&mut self, octet: u8) -> Read {
        if self.peek_after_white_space()? != octet {
            return Err(Ending::Broken);
        }
        self.at += 1;
        Ok(())
    }

    fn end(&mut self) -> Read {
        match self.peek_after_white_space() {
            Ok(_) => Err(Ending::Broken),
            Err(_) => Ok(()),
        }
    }

    /// A value at `level`, the number of brackets that are open when it is a container.
    fn value(&mut self, level: u32, out: &mut Value) -> Read {
        match self.peek_after_white_space()? {
            b'{' | b'[' if level > DEPTH_MAX => {
                self.flags |= Flags::JSON_DEPTH;
                *out = Value::Other;
                self.pass_over()
            }
            b'{' => self.object(level, out),
            b'[' => self.array(level, out),
            b'"' => {
                let start = self.at + 1;
                let octets = self.string()?;
                *out = Value::String { octets, start };
                Ok(())
            }
            b't' => self.word(b"true", out),
            b'f' => self.word(b"false", out),
            b'n' => self.word(b"null", out),
            _ => self.number(out),
        }
    }

    fn object(&mut self, level: u32, out: &mut Value) -> Read {
        *out = Value::Object(Vec::new());
        let Value::Object(entries) = out else { return Ok(()) };
        self.at += 1;
        if self.peek_after_white_space()? == b'}' {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.peek_after_white_space()? != b'"' {
                return Err(Ending::Broken);
            }
            let start = self.at;
            let key = self.string()?;
            let mut entry = Entry { key, place: (start, self.at), value: Value::Unfinished, whole: false };
            let read = self.expect(b':').and_then(|()| self.value(level + 1, &mut entry.value));
            entry.whole = read.is_ok();
            entries.push(entry);
            read?;
            match self.peek_after_white_space()? {
                b',' => self.at += 1,
                _ => return self.expect(b'}'),
            }
        }
    }

    fn array(&mut self, level: u32, out: &mut Value) -> Read {
        *out = Value::Array(Vec::new());
        let Value::Array(values) = out else { return Ok(()) };
        self.at += 1;
        if self.peek_after_white_space()? == b']' {
            self.at += 1;
            return Ok(());
        }
        loop {
            let mut value = Value::Unfinished;
            let read = self.value(level + 1, &mut value);
            values.push(value);
            read?;
            match self.peek_after_white_space()? {
                b',' => self.at += 1,
                _ => return self.expect(b']'),
            }
        }
    }

    /// Counts brackets, outside of strings, until the one at hand is closed.
    fn pass_over(&mut self) -> Read {
        let mut open = 0;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                octet => {
                    self.at += 1;
                    if b"{[".contains(&octet) {
                        open += 1;
                    }
                    if b"}]".contains(&octet) {
                        open -= 1;
                        if open == 0 {
                            return Ok(());
                        }
                    }
                }
            }
        }
    }

    /// The octets between two quotes. What is not allowed there is flagged, once the string is closed, and kept.
    fn string(&mut self) -> Result<Vec<u8>, Ending> {
        let mut octets = Vec::new();
        let mut odd = Flags::NONE;
        self.at += 1;
        loop {
            let octet = self.peek()?;
            self.at += 1;
            match octet {
                b'"' => {
                    self.flags |= odd;
                    return Ok(octets);
                }
                b'\\' => {
                    let follower = self.peek()?;
                    let digits = self.text.get(self.at + 1..self.at + 5);
                    let is_unicode =
                        follower == b'u' && digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
                    if !is_unicode && !b"\"\\/bfnrt".contains(&follower) {
                        odd = Flags::JSON_SYNTAX;
                    }
                    octets.extend([octet, follower]);
                    self.at += 1;
                }
                _ => {
                    if octet < 0x20 {
                        odd = Flags::JSON_SYNTAX;
                    }
                    octets.push(octet);
                }
            }
        }
    }

    fn word(&mut self, word: &[u8], out: &mut Value) -> Read {
        for octet in word {
            if self.peek()? != *octet {
                return Err(Ending::Broken);
            }
            self.at += 1;
        }
        *out = Value::Other;
        Ok(())
    }

    fn number(&mut self, out: &mut Value) -> Read {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Ok(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Ok(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Ok(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        *out = Value::Other;
        Ok(())
    }

    fn digits(&mut self) -> Read {
        if !self.peek()?.is_ascii_digit() {
            return Err(Ending::Broken);
        }
        while self.peek().is_ok_and(|octet| octet.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }
}
