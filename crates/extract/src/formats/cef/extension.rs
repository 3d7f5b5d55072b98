//! The extension: pairs of key and value, and the labels that some keys give to others.

use memchr::memchr;

use super::escape::{self, Escapes};
use crate::field::Field;
use crate::formats::ordered::{Order, Pair};
use crate::octets::Octets;
use crate::out::Out;

/// More pairs than any producer of ours writes.
const ORDERED_MAX: usize = 24;

/// Pairs of an extension, each key once, at most `MAX` of them.
#[derive(Debug)]
pub(crate) struct Extension<'a, const MAX: usize> {
    entries: [Entry<'a>; MAX],
    count: usize,
}

/// The pairs of a producer with a fixed order.
pub(crate) type Ordered<'a> = Extension<'a, ORDERED_MAX>;

#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    /// The key's octets.
    name: &'a [u8],
    /// The value as the producer wrote it.
    raw: &'a [u8],
    key: Octets,
    value: Octets,
    /// Place of the entry that this one is the label of.
    labels: Option<u8>,
}

const ABSENT: Octets = Octets::Word("");

impl<'a, const MAX: usize> Extension<'a, MAX> {
    pub(crate) const fn new() -> Self {
        Self { entries: [Entry { name: b"", raw: b"", key: ABSENT, value: ABSENT, labels: None }; MAX], count: 0 }
    }

    /// Adds a pair, if there is room. The key must be new.
    pub(crate) fn push(&mut self, (name, key): (&'a [u8], Octets), raw: &'a [u8], escapes: Escapes, out: &mut Out<'_>) {
        if let Some(place) = self.entries.get_mut(self.count) {
            *place = Entry { name, raw, key, value: escape::value(out, raw, escapes), labels: None };
            self.count += 1;
        }
    }

    fn entries(&self) -> &[Entry<'a>] {
        &self.entries[..self.count]
    }

    /// Whether no pair was read.
    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn find(&self, name: &[u8]) -> Option<&Entry<'a>> {
        self.entries().iter().find(|entry| entry.name == name)
    }

    /// Whether there is a pair with this key.
    pub(crate) fn has(&self, name: &[u8]) -> bool {
        self.find(name).is_some()
    }

    /// The value of a key.
    pub(crate) fn get(&self, name: &str) -> Option<Octets> {
        self.find(name.as_bytes()).map(|entry| entry.value)
    }

    /// The value of a key as the producer wrote it.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a [u8]> {
        self.find(name.as_bytes()).map(|entry| entry.raw)
    }

    /// The value that has this label, whatever the number of its key.
    pub(crate) fn labelled(&self, label: &str, out: &Out<'_>) -> Option<Octets> {
        self.labels().find(|(text, _)| out.get(*text) == label.as_bytes()).map(|(_, value)| value)
    }

    /// Labels and what they stand for.
    fn labels(&self) -> impl Iterator<Item = (Octets, Octets)> {
        self.entries().iter().filter_map(|label| Some((label.value, self.entries[usize::from(label.labels?)].value)))
    }

    /// Finds what each label stands for. Either may come first; nearly always they are neighbours.
    fn bind_labels(&mut self) {
        for index in 0..self.count {
            let Some(name) = self.entries[index].name.strip_suffix(b"Label") else { continue };
            let is_it = |place: &usize| self.entries().get(*place).is_some_and(|entry| entry.name == name);
            let neighbours = [index + 1, index.wrapping_sub(1)];
            let place = neighbours.into_iter().chain(0..self.count).find(is_it);
            self.entries[index].labels = place.and_then(|place| u8::try_from(place).ok());
        }
    }

    /// Says what there is: `cef.ext` and `cef.labels`.
    pub(crate) fn report(&mut self, out: &mut Out<'_>) {
        const { assert!(MAX <= 256, "places fit into an octet") };
        self.bind_labels();
        out.object("cef.ext");
        for entry in self.entries() {
            out.pair(entry.key, entry.value);
        }
        out.end();
        out.object("cef.labels");
        let mut labels = [ABSENT; MAX];
        let mut count = 0;
        for (label, value) in self.labels() {
            let text = out.get(label);
            let is_new = !labels[..count].iter().any(|earlier| out.get(*earlier) == text);
            if is_new && !text.is_empty() {
                out.pair(label, value);
                labels[count] = label;
                count += 1;
            }
        }
        out.end();
    }

    /// Sets `field` to the value of a key, if there is one.
    pub(crate) fn set(&self, field: Field, name: &str, out: &mut Out<'_>) {
        if let Some(value) = self.get(name) {
            out.set(field, value);
        }
    }

    /// As [`Self::set`], for an address.
    pub(crate) fn set_address(&self, field: Field, name: &str, out: &mut Out<'_>) {
        if let Some(value) = self.get(name) {
            out.set_address(field, value);
        }
    }

    /// As [`Self::set`], for a port.
    pub(crate) fn set_port(&self, field: Field, name: &str, out: &mut Out<'_>) {
        let port = self.raw(name).filter(|port| !out.is_open(port)).and_then(crate::text::integer);
        if let Some(port) = port.filter(|port| (1..=65_535).contains(port)) {
            out.set_integer(field, port);
        }
    }

    /// Sets `@timestamp` by a key whose value is milliseconds since 1970.
    pub(crate) fn set_time(&self, name: &str, out: &mut Out<'_>) {
        const MILLISECOND: i64 = 1_000_000;
        let milliseconds = self.raw(name).and_then(crate::text::integer);
        if let Some(nanos) = milliseconds.and_then(|milliseconds| milliseconds.checked_mul(MILLISECOND)) {
            out.set_nanos(Field::Timestamp, nanos, 3);
        }
    }
}

/// How a record ends whose last value runs to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// As it should.
    Whole,
    /// The value is whole, but more should follow.
    Early,
    /// Within the value, which would pass for something else than was sent, and is left out.
    Within,
    /// As it should, for all one can tell: where the value ends cannot be told, and it is left out.
    Unknown,
}

impl<'a> Ordered<'a> {
    /// Reads the pairs of a producer's order and reports them. `end` judges the last of them.
    pub(crate) fn read(
        order: &Order,
        text: &'a [u8],
        escapes: Escapes,
        out: &mut Out<'_>,
        end: impl FnOnce(&Self, &Pair<'a>, &Out<'_>) -> End,
    ) -> Self {
        // Most records hold no escape: one look spares one at each value.
        let escapes = if memchr(b'\\', text).is_some() { escapes } else { escape::NONE };
        let mut extension = Self::new();
        let mut last = None;
        for pair in order.pairs(text) {
            if pair.is_ended {
                extension.push_pair(&pair, escapes, out);
            } else {
                last = Some(pair);
            }
        }
        extension.bind_labels();
        let end = last.map_or(End::Early, |pair| end(&extension, &pair, out));
        if let Some(pair) = last.filter(|_| !matches!(end, End::Within | End::Unknown)) {
            extension.push_pair(&pair, escapes, out);
        }
        extension.report(out);
        if !matches!(end, End::Whole | End::Unknown) {
            out.truncated();
        }
        extension
    }

    fn push_pair(&mut self, pair: &Pair<'a>, escapes: Escapes, out: &mut Out<'_>) {
        self.push((pair.name.as_bytes(), Octets::Word(pair.name)), pair.value, escapes, out);
    }
}
