//! The scanner.

use super::special::next_special;
use super::{Key, Text, work};

/// What kind of value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Object,
    Array,
    Null,
    /// A number, `true` or `false`.
    Scalar,
}

/// A place in a JSON text.
#[derive(Debug, Clone)]
pub(crate) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    has_repeats: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) const fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, has_repeats: false }
    }

    /// Whether [`Self::keyed`] has passed over members because they were repeated.
    pub(crate) const fn has_repeats(&self) -> bool {
        self.has_repeats
    }

    /// Whether nothing but white space is left. After a `None` it tells a text that was cut from one that is no JSON.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// What the next value is.
    pub(crate) fn kind(&mut self) -> Option<Kind> {
        Some(match self.peek()? {
            b'"' => Kind::String,
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            b'n' => Kind::Null,
            b'-' | b'0'..=b'9' | b't' | b'f' => Kind::Scalar,
            _ => return None,
        })
    }

    /// The members of the object that comes next. `read` is called before each value and must read it.
    pub(crate) fn members(&mut self, mut read: impl FnMut(&Text<'a>, &mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'{')?;
        if self.peek()? == b'}' {
            return self.expect(b'}');
        }
        loop {
            let name = self.string()?;
            self.expect(b':')?;
            read(&name, self)?;
            match self.peek()? {
                b',' => self.at += 1,
                _ => return self.expect(b'}'),
            }
        }
    }

    /// The members of the object that comes next, with the place that each has in the list `K`, if any. Of members of
    /// the list only the first of each name is given: readers that differ on which one counts would see two records.
    pub(crate) fn keyed<K: Key>(
        &mut self,
        mut read: impl FnMut(Option<K>, &Text<'a>, &mut Self) -> Option<()>,
    ) -> Option<()> {
        let mut seen = 0_u64;
        self.members(|name, value| {
            let key = name.ask(K::of);
            let bit = key.map_or(0, |key| 1 << key.index());
            if seen & bit != 0 {
                value.has_repeats = true;
                return value.skip().map(drop);
            }
            seen |= bit;
            read(key, name, value)
        })
    }

    /// Whether an object with at least one member comes next, of which the name is whole.
    pub(crate) fn has_member(&self) -> bool {
        let mut scanner = self.clone();
        scanner.expect(b'{').is_some() && scanner.string().is_some()
    }

    /// The elements of the array that comes next. `read` is called before each value and must read it.
    pub(crate) fn elements(&mut self, mut read: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'[')?;
        if self.peek()? == b']' {
            return self.expect(b']');
        }
        loop {
            read(self)?;
            match self.peek()? {
                b',' => self.at += 1,
                _ => return self.expect(b']'),
            }
        }
    }

    /// The string that comes next.
    pub(crate) fn string(&mut self) -> Option<Text<'a>> {
        self.expect(b'"')?;
        let start = self.at;
        let mut plain = true;
        loop {
            self.at = next_special(self.text, self.at);
            match self.text.get(self.at)? {
                b'"' => {
                    let raw = &self.text[start..self.at];
                    self.at += 1;
                    return Some(Text::new(raw, plain));
                }
                _ => {
                    plain = false;
                    self.at = (self.at + 2).min(self.text.len());
                }
            }
        }
    }

    /// The string that comes next; passes over any other value and gives nothing for it.
    pub(crate) fn string_or_skip(&mut self) -> Option<Option<Text<'a>>> {
        match self.kind()? {
            Kind::String => self.string().map(Some),
            _ => self.skip().map(|_| None),
        }
    }

    /// Passes over the value that comes next, whatever it is, and gives its octets.
    pub(crate) fn skip(&mut self) -> Option<&'a [u8]> {
        self.octets_of(|value| match value.kind()? {
            Kind::String => value.string().map(drop),
            Kind::Object | Kind::Array => value.skip_brackets(),
            Kind::Null | Kind::Scalar => value.skip_word(),
        })
    }

    /// Reads the value that comes next as `read` does, and gives its octets.
    pub(crate) fn octets_of(&mut self, read: impl FnOnce(&mut Self) -> Option<()>) -> Option<&'a [u8]> {
        self.peek()?;
        let start = self.at;
        read(self)?;
        Some(&self.text[start..self.at])
    }

    /// Up to after the partner of the bracket that comes next. Brackets are counted, not matched by kind.
    fn skip_brackets(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            match *self.text.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            self.step();
            if open == 0 {
                return Some(());
            }
        }
    }

    /// Up to after a number or word, of which only the characters are checked. One that ends with the text may have
    /// been cut.
    fn skip_word(&mut self) -> Option<()> {
        while matches!(self.text.get(self.at)?, b'0'..=b'9' | b'a'..=b'z' | b'E' | b'+' | b'-' | b'.') {
            self.step();
        }
        Some(())
    }

    /// The next octet that is no white space; stays before it.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.text.get(self.at)? {
                b' ' | b'\t' | b'\r' | b'\n' => self.step(),
                octet => return Some(octet),
            }
        }
    }

    fn expect(&mut self, octet: u8) -> Option<()> {
        (self.peek()? == octet).then(|| self.step())
    }

    fn step(&mut self) {
        work::visit(1);
        self.at += 1;
    }
}
