//! The seven fields of the header.

use memchr::{memchr, memchr2};

use super::escape::{self, Escapes};
use crate::json::work;
use crate::octets::Octets;
use crate::out::Out;

const NAMES: [&str; 7] = [
    "cef.version",
    "cef.device_vendor",
    "cef.device_product",
    "cef.device_version",
    "cef.signature_id",
    "cef.name",
    "cef.severity",
];

/// The fields of a header that are whole, still escaped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header<'a> {
    fields: [&'a [u8]; NAMES.len()],
    count: usize,
    /// What follows them: the extension, when they are all there.
    rest: &'a [u8],
    escapes: Escapes,
}

impl<'a> Header<'a> {
    /// How many fields there are.
    pub(crate) const FIELDS: usize = NAMES.len();

    /// The first fields of a record that begins with `CEF:`, at most `wanted`. Each ends with a `|` that is not escaped.
    pub(crate) fn read(record: &'a [u8], wanted: usize, escapes: Escapes) -> Self {
        let rest = record.strip_prefix(b"CEF:").unwrap_or(record);
        let mut header = Self { fields: [b""; NAMES.len()], count: 0, rest, escapes };
        header.read_on(wanted);
        header
    }

    /// Fields until there are `wanted`.
    pub(crate) fn read_on(&mut self, wanted: usize) {
        while self.count < wanted
            && let Some(len) = field_len(self.rest, !self.escapes.is_empty())
        {
            self.fields[self.count] = &self.rest[..len];
            self.count += 1;
            self.rest = &self.rest[len + 1..];
        }
    }

    /// The fields that were missing, found by a rule of the producer's, and what follows them.
    pub(crate) fn complete<const N: usize>(&mut self, fields: [&'a [u8]; N], rest: &'a [u8]) {
        debug_assert_eq!(self.count + N, NAMES.len(), "a header has seven fields");
        for (place, field) in self.fields[self.count..].iter_mut().zip(fields) {
            *place = field;
        }
        self.count = NAMES.len();
        self.rest = rest;
    }

    /// What follows the fields that were read.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The extension; `None` when the header ends before it.
    pub(crate) fn extension(&self) -> Option<&'a [u8]> {
        (self.count == NAMES.len()).then_some(self.rest)
    }

    /// The field `cef.signature_id` as it was sent; empty when the header ends before it.
    pub(crate) const fn signature_id(&self) -> &'a [u8] {
        self.fields[4]
    }

    /// The same for `cef.name`.
    pub(crate) const fn name(&self) -> &'a [u8] {
        self.fields[5]
    }

    /// The same for `cef.severity`.
    pub(crate) const fn severity(&self) -> &'a [u8] {
        self.fields[6]
    }

    /// Says what there is, and gives signature id and name.
    pub(crate) fn report(&self, out: &mut Out<'_>) -> Signature {
        let mut values = [None; NAMES.len()];
        for ((name, field), value) in NAMES.iter().zip(&self.fields[..self.count]).zip(&mut values) {
            let octets = escape::value(out, field, self.escapes);
            out.text(name, octets);
            *value = Some(octets);
        }
        Signature { id: values[4], name: values[5] }
    }
}

/// The two fields of the header that say what happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signature {
    pub(crate) id: Option<Octets>,
    pub(crate) name: Option<Octets>,
}

/// Length of the field that `text` begins with; `None` when no `|` ends it.
fn field_len(text: &[u8], escapes: bool) -> Option<usize> {
    let len = if escapes { escaped_field_len(text) } else { memchr(b'|', text) };
    work::visit(len.unwrap_or(text.len()));
    len
}

fn escaped_field_len(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'|', b'\\', text.get(at..)?)?;
        if text[at] == b'|' {
            return Some(at);
        }
        at += 2;
    }
}
