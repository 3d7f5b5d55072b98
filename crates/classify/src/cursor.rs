//! Reads the layout in front of a record: one expectation after the other, from the start.

/// A place in a text. Each step returns `None` when the text is not what was expected; the cursor is then of no further use.
pub(crate) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// Octets read so far.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    /// Exactly `expected`.
    pub(crate) fn literal(&mut self, expected: &[u8]) -> Option<()> {
        self.rest().starts_with(expected).then(|| self.at += expected.len())
    }

    /// `expected`, if it is there.
    pub(crate) fn maybe(&mut self, expected: &[u8]) -> bool {
        self.literal(expected).is_some()
    }

    /// As `shape`, in which `0` stands for any digit.
    pub(crate) fn shape(&mut self, shape: &[u8]) -> Option<()> {
        let text = self.rest().get(..shape.len())?;
        let fits =
            |(octet, expected): (&u8, &u8)| if *expected == b'0' { octet.is_ascii_digit() } else { octet == expected };
        text.iter().zip(shape).all(fits).then(|| self.at += shape.len())
    }

    /// One or more octets that `belongs` accepts, as many as there are.
    pub(crate) fn some(&mut self, belongs: impl Fn(u8) -> bool) -> Option<&'a [u8]> {
        let rest = self.rest();
        let len = rest.iter().position(|octet| !belongs(*octet)).unwrap_or(rest.len());
        self.at += len;
        (len > 0).then(|| &rest[..len])
    }

    pub(crate) fn digits(&mut self) -> Option<&'a [u8]> {
        self.some(|octet| octet.is_ascii_digit())
    }

    /// One or more blanks: documentation and viewers collapse them.
    pub(crate) fn blanks(&mut self) -> Option<&'a [u8]> {
        self.some(|octet| octet == b' ')
    }

    /// Up to and including the next `octet`.
    pub(crate) fn past(&mut self, octet: u8) -> Option<()> {
        self.at += memchr::memchr(octet, self.rest())? + 1;
        Some(())
    }

    /// A stamp as in RFC 3339, with or without fraction. Digits are not checked against the calendar.
    pub(crate) fn rfc3339(&mut self) -> Option<()> {
        // Most texts that begin with a digit begin with another stamp: they leave here.
        if self.rest().get(10) != Some(&b'T') {
            return None;
        }
        self.shape(b"0000-00-00T00:00:00")?;
        if self.maybe(b".") {
            self.digits()?;
        }
        self.literal(b"Z").or_else(|| self.shape(b"+00:00")).or_else(|| self.shape(b"-00:00"))
    }
}
