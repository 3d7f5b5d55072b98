//! STRUCTURED-DATA (RFC 5424 section 6.3): elements, their parameters, and the escapes in values.

use std::borrow::Cow;
use std::fmt;

/// How many SD-ELEMENTs are read; what follows is not looked at. A locator marks such a record
/// [`record::Flags::SD_LIMIT`].
pub const ELEMENTS_MAX: usize = 512;

/// The STRUCTURED-DATA of a frame: `[id name="value"…]…`, or nothing.
///
/// It is read in one pass, on demand. Reading ends at the first octet that is not well formed: a locator hands over
/// well-formed octets only, so that this matters for octets from elsewhere alone. More than one blank between
/// parameters is accepted.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct StructuredData<'a>(&'a [u8]);

impl<'a> StructuredData<'a> {
    /// The structured data in `octets`, from the first `[` to after the last `]`; NILVALUE and nothing mean nothing.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    /// The octets as sent.
    #[must_use]
    pub const fn octets(self) -> &'a [u8] {
        self.0
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The elements, each as its SD-ID and its parameters, in the order sent. Repeated SD-IDs come repeatedly.
    #[must_use]
    pub const fn elements(self) -> Elements<'a> {
        Elements { items: self.items() }
    }

    /// Elements and parameters as one flat sequence: half the work of [`Self::elements`] for who reads them all.
    #[must_use]
    pub const fn items(self) -> Items<'a> {
        Items { rest: self.0, elements_left: ELEMENTS_MAX, in_element: false }
    }

    /// The first value of the parameter `name` in the first element with `id` that has it.
    #[must_use]
    pub fn get(self, id: &[u8], name: &[u8]) -> Option<Value<'a>> {
        let mut params = self.elements().filter(|(found, _)| *found == id).flat_map(|(_, params)| params);
        params.find_map(|(found, value)| (found == name).then_some(value))
    }
}

impl fmt::Debug for StructuredData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StructuredData({})", self.0.escape_ascii())
    }
}

/// What [`Items`] finds next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// An element begins; its SD-ID.
    Element(&'a [u8]),
    /// A parameter of the element that began last: PARAM-NAME and PARAM-VALUE.
    Param(&'a [u8], Value<'a>),
}

/// Reads structured data front to back.
#[derive(Debug, Clone)]
pub struct Items<'a> {
    rest: &'a [u8],
    elements_left: usize,
    in_element: bool,
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        let item = self.read();
        if item.is_none() {
            self.rest = &[];
        }
        item
    }
}

impl<'a> Items<'a> {
    fn read(&mut self) -> Option<Item<'a>> {
        if self.in_element {
            let blanks = self.rest.iter().take_while(|octet| **octet == b' ').count();
            self.rest = &self.rest[blanks..];
            match self.rest.split_first()? {
                (b']', rest) => {
                    self.rest = rest;
                    self.in_element = false;
                }
                _ if blanks > 0 => return self.read_param(),
                _ => return None,
            }
        }
        let rest = self.rest.strip_prefix(b"[")?;
        self.elements_left = self.elements_left.checked_sub(1)?;
        let id = self.take_name(rest, [b' ', b']'])?;
        self.in_element = true;
        Some(Item::Element(id))
    }

    fn read_param(&mut self) -> Option<Item<'a>> {
        let name = self.take_name(self.rest, [b'=', b' ', b'"', b']'])?;
        let quoted = self.rest.strip_prefix(b"=\"")?;
        let (value, rest) = Value::read(quoted)?;
        self.rest = rest;
        Some(Item::Param(name, value))
    }

    /// Cuts a name of at least one octet off `octets`, up to the first of `ends`.
    fn take_name<const N: usize>(&mut self, octets: &'a [u8], ends: [u8; N]) -> Option<&'a [u8]> {
        let length = first_of(octets, ends).filter(|length| *length > 0)?;
        let (name, rest) = octets.split_at(length);
        self.rest = rest;
        Some(name)
    }
}

/// Iterates over elements: SD-ID and parameters.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    items: Items<'a>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = (&'a [u8], Params<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        // Parameters of the element before, read by nobody here, are passed over on the way.
        self.items.find_map(|item| if let Item::Element(id) = item { Some(id) } else { None }).map(|id| {
            let params = Params { items: self.items.clone() };
            (id, params)
        })
    }
}

/// Iterates over the parameters of one element: PARAM-NAME and PARAM-VALUE.
#[derive(Debug, Clone)]
pub struct Params<'a> {
    items: Items<'a>,
}

impl<'a> Iterator for Params<'a> {
    type Item = (&'a [u8], Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(Item::Param(name, value)) = self.items.next() {
            return Some((name, value));
        }
        self.items.rest = &[];
        None
    }
}

/// A PARAM-VALUE. Only `\"`, `\\` and `\]` are escapes; a backslash before anything else stands for itself
/// (RFC 5424 section 6.3.3).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    sent: &'a [u8],
    has_backslash: bool,
}

impl<'a> Value<'a> {
    /// Reads up to the quote that ends the value; gives the value and what follows the quote.
    fn read(octets: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut has_backslash = false;
        let mut end = 0;
        loop {
            end += first_of(&octets[end..], *b"\"\\")?;
            if octets[end] == b'"' {
                return Some((Self { sent: &octets[..end], has_backslash }, &octets[end + 1..]));
            }
            has_backslash = true;
            // The octet after a backslash never ends the value, escape or not.
            end = (end + 2).min(octets.len());
        }
    }

    /// The octets between the quotes, as sent.
    #[must_use]
    pub const fn as_sent(self) -> &'a [u8] {
        self.sent
    }

    /// The value: borrowed unless it has an escape.
    #[must_use]
    pub fn unescaped(self) -> Cow<'a, [u8]> {
        if !self.has_backslash {
            return Cow::Borrowed(self.sent);
        }
        let mut pieces = self.pieces();
        let first = pieces.next().unwrap_or_default();
        if first.len() == self.sent.len() {
            return Cow::Borrowed(first);
        }
        let mut octets = Vec::with_capacity(self.sent.len());
        octets.extend_from_slice(first);
        pieces.for_each(|piece| octets.extend_from_slice(piece));
        Cow::Owned(octets)
    }

    /// The value in pieces that follow each other, to write it out without an allocation. Pieces are cut at ASCII
    /// octets alone, so no character is cut.
    #[must_use]
    pub const fn pieces(self) -> Pieces<'a> {
        Pieces { rest: self.sent, has_backslash: self.has_backslash, after_escape: false }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({})", self.sent.escape_ascii())
    }
}

/// Iterates over the pieces of a [`Value`] between the backslashes that its escapes lose.
#[derive(Debug, Clone)]
pub struct Pieces<'a> {
    rest: &'a [u8],
    has_backslash: bool,
    /// Whether `rest` begins with the octet that an escape stands for, which starts no other escape.
    after_escape: bool,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let mut from = usize::from(self.after_escape);
        while self.has_backslash
            && let Some(found) = self.rest[from..].iter().position(|octet| *octet == b'\\')
        {
            let backslash = from + found;
            from = backslash + 1;
            if matches!(self.rest.get(from), Some(b'"' | b'\\' | b']')) {
                let piece = &self.rest[..backslash];
                self.rest = &self.rest[from..];
                self.after_escape = true;
                if !piece.is_empty() {
                    return Some(piece);
                }
                from = 1;
            }
        }
        Some(std::mem::take(&mut self.rest))
    }
}

/// Where the first octet is that is one of `needles`; eight octets at a step.
#[inline]
fn first_of<const N: usize>(octets: &[u8], needles: [u8; N]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    // Sets the high bit of each zero octet; above the lowest such octet also of others, which does no harm.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let (words, tail) = octets.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = needles.iter().fold(0, |found, needle| found | zeros(word ^ (ONES * u64::from(*needle))));
        if found != 0 {
            return Some(index * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let in_tail = tail.iter().position(|octet| needles.contains(octet))?;
    Some(octets.len() - tail.len() + in_tail)
}

#[cfg(test)]
mod tests;
