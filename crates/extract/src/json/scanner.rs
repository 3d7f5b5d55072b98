//! The scanner.

use super::Text;

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
}

impl<'a> Scanner<'a> {
    pub(crate) const fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// What has not been read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
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
            let Some(special) = start_of_special(self.rest()) else { return self.run_out() };
            self.at += special;
            if self.text[self.at] == b'"' {
                let raw = &self.text[start..self.at];
                self.at += 1;
                return Some(Text::new(raw, plain));
            }
            plain = false;
            self.at += 2;
            if self.at > self.text.len() {
                return self.run_out();
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
        self.peek()?;
        let start = self.at;
        match self.kind()? {
            Kind::String => drop(self.string()?),
            Kind::Object | Kind::Array => self.skip_brackets()?,
            Kind::Null | Kind::Scalar => {
                let ends = |octet: &u8| matches!(octet, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
                let Some(length) = self.rest().iter().position(ends) else { return self.run_out() };
                self.at += length;
            }
        }
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
            self.at += 1;
            if open == 0 {
                return Some(());
            }
        }
    }

    /// The next octet that is no white space; stays before it.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.text.get(self.at)? {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                octet => return Some(octet),
            }
        }
    }

    /// The text ends within a value.
    fn run_out<T>(&mut self) -> Option<T> {
        self.at = self.text.len();
        None
    }

    fn expect(&mut self, octet: u8) -> Option<()> {
        (self.peek()? == octet).then(|| self.at += 1)
    }
}

/// Offset of the first quote or backslash.
fn start_of_special(text: &[u8]) -> Option<usize> {
    memchr::memchr2(b'"', b'\\', text)
}
