//! Values between keys that come in a fixed order.
//!
//! Producers that escape nothing still write their keys in one order, so a value ends where a key begins that may come
//! next, and whatever else looks like a key is part of the value. Reading goes from left to right: what a value holds
//! does not change what stands before it.

mod chain;

use memchr::memchr_iter;

use crate::json::work;
use crate::text::split_once;

pub(crate) use chain::{Chain, Link, Value, status};

/// A key, and what is known about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    name: &'static str,
    fixed: &'static str,
    is_optional: bool,
    is_word: bool,
    is_glued: bool,
}

/// A key that is always written, with any value.
pub(crate) const fn key(name: &'static str) -> Key {
    Key { name, fixed: "", is_optional: false, is_word: false, is_glued: false }
}

impl Key {
    /// What the producer writes behind the key without exception. A place without it is taken only if no place with it
    /// follows.
    pub(crate) const fn before(self, fixed: &'static str) -> Self {
        Self { fixed, ..self }
    }

    /// The producer leaves it out at times.
    pub(crate) const fn optional(self) -> Self {
        Self { is_optional: true, ..self }
    }

    /// Its values hold no separator, which tells where the last value ends in a text that was cut within the next key.
    pub(crate) const fn word(self) -> Self {
        Self { is_word: true, ..self }
    }

    /// Some versions of the producer forget the separator between the value of the key before and this one.
    pub(crate) const fn glued(self) -> Self {
        Self { is_glued: true, ..self }
    }
}

/// Keys in the order in which a producer writes them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    keys: &'static [Key],
    separator: &'static [u8],
    assign: u8,
    /// Keys of which is known where they begin.
    known: [(&'static str, usize); KNOWN_MAX],
}

/// No producer needs more.
const KNOWN_MAX: usize = 3;

impl Order {
    pub(crate) const fn new(keys: &'static [Key], separator: &'static [u8], assign: u8) -> Self {
        Self { keys, separator, assign, known: [("", 0); KNOWN_MAX] }
    }

    /// `name` begins at `place` and nowhere else, whatever looks like it before; see [`Chain`].
    pub(crate) fn at(mut self, name: &'static str, place: usize) -> Self {
        if let Some(free) = self.known.iter_mut().find(|(known, _)| known.is_empty()) {
            *free = (name, place);
        }
        self
    }

    /// `name` is not to be found: which of several places is the true one cannot be told.
    pub(crate) fn nowhere(self, name: &'static str) -> Self {
        self.at(name, usize::MAX)
    }

    /// Whether `name` may begin at `place`.
    fn may_begin(&self, name: &'static str, place: usize) -> bool {
        self.known.iter().all(|(known, at)| *known != name || *at == place)
    }

    /// The pairs in `text`, each key at most once.
    pub(crate) fn pairs<'a>(&self, text: &'a [u8]) -> Pairs<'a> {
        let mut pairs = Pairs { order: *self, text, next: None };
        pairs.next = pairs.key_after(0, 0);
        pairs
    }
}

/// A key with its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair<'a> {
    pub(crate) name: &'static str,
    pub(crate) value: &'a [u8],
    /// Whether something ends the value. The last one runs to the end of the text, wherever that was cut.
    pub(crate) is_ended: bool,
}

/// See [`Order::pairs`].
#[derive(Debug)]
pub(crate) struct Pairs<'a> {
    order: Order,
    text: &'a [u8],
    next: Option<Found>,
}

/// A key that was found.
#[derive(Debug, Clone, Copy)]
struct Found {
    index: usize,
    /// Where the value before it ends.
    previous_end: usize,
    /// Where its own begins.
    start: usize,
}

/// Something that looks like a key.
struct Place {
    previous_end: usize,
    /// It is set apart, and what always follows it does.
    is_certain: bool,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Pair<'a>;

    fn next(&mut self) -> Option<Pair<'a>> {
        let found = self.next?;
        let key = &self.order.keys[found.index];
        self.next = self.key_after(found.start, found.index + 1);
        let Some(next) = self.next else { return Some(self.last_pair(key, &self.text[found.start..])) };
        Some(Pair { name: key.name, value: &self.text[found.start..next.previous_end], is_ended: true })
    }
}

impl<'a> Pairs<'a> {
    fn last_pair(&self, key: &Key, value: &'a [u8]) -> Pair<'a> {
        match split_once(value, self.order.separator) {
            Some((word, _)) if key.is_word => Pair { name: key.name, value: word, is_ended: true },
            _ => Pair { name: key.name, value, is_ended: false },
        }
    }

    /// The first key after `from` that may come when those before `first` have been.
    fn key_after(&self, from: usize, first: usize) -> Option<Found> {
        let keys = &self.order.keys[first..];
        let candidates = keys.iter().position(|key| !key.is_optional).map_or(keys.len(), |mandatory| mandatory + 1);
        let rest = &self.text[from..];
        let mut doubtful: Option<Found> = None;
        let mut seen = 0;
        for assign in memchr_iter(self.order.assign, rest) {
            work::visit(assign - seen + candidates);
            seen = assign;
            for index in first..first + candidates {
                let key = &self.order.keys[index];
                let Some(place) = self.place(key, index == first, from, from + assign) else { continue };
                let found = Found { index, previous_end: place.previous_end, start: from + assign + 1 };
                if !place.is_certain {
                    doubtful.get_or_insert(found);
                } else {
                    // A doubtful key holds against keys that come after it.
                    return doubtful.filter(|doubtful| doubtful.index < index).or(Some(found));
                }
            }
        }
        work::visit(rest.len() - seen);
        doubtful
    }

    /// Whether `key` stands before the assignment sign at `assign`, behind a value that begins at `from`.
    fn place(&self, key: &Key, is_next: bool, from: usize, assign: usize) -> Option<Place> {
        let before = self.text[from..assign].strip_suffix(key.name.as_bytes())?;
        if !self.order.may_begin(key.name, from + before.len()) {
            return None;
        }
        // Asked first, since comparing with nothing is slow: its address may be one that the processor must not read.
        let has_fixed = key.fixed.is_empty() || self.text[assign + 1..].starts_with(key.fixed.as_bytes());
        match before.strip_suffix(self.order.separator) {
            Some(value) => Some(Place { previous_end: from + value.len(), is_certain: has_fixed }),
            None if from + before.len() == 0 => Some(Place { previous_end: 0, is_certain: has_fixed }),
            None => (key.is_glued && is_next).then_some(Place { previous_end: from + before.len(), is_certain: false }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: Order = Order::new(
        &[
            key("a").word(),
            key("b").optional(),
            key("cLabel").before("name c="),
            key("c"),
            key("d").glued().optional(),
            key("e").optional(),
        ],
        b" ",
        b'=',
    );

    #[track_caller]
    fn check(text: &str, expected: &[(&'static str, &str, bool)]) {
        let pairs: Vec<_> = ORDER.pairs(text.as_bytes()).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, value, is_ended)| Pair { name, value: value.as_bytes(), is_ended: *is_ended })
            .collect();
        assert_eq!(pairs, expected, "{text}");
    }

    #[test]
    fn a_value_ends_at_the_next_key() {
        check(
            "a=1 b= cLabel=name c=x y d=z e=",
            &[
                ("a", "1", true),
                ("b", "", true),
                ("cLabel", "name", true),
                ("c", "x y", true),
                ("d", "z", true),
                ("e", "", false),
            ],
        );
    }

    #[test]
    fn keys_that_cannot_come_here_are_text() {
        check("a=1 d=2 c=3 a=4 x=5", &[("a", "1", true)]);
        check("a=1 e=2 b=3 a=4", &[("a", "1 e=2", true), ("b", "3 a=4", false)]);
    }

    #[test]
    fn a_key_without_what_always_follows_it_is_taken_last() {
        check(
            "a=1 b=x cLabel=y cLabel=name c=",
            &[("a", "1", true), ("b", "x cLabel=y", true), ("cLabel", "name", true), ("c", "", false)],
        );
        check(
            "a=1 b=x cLabel=other c=",
            &[("a", "1", true), ("b", "x", true), ("cLabel", "other", true), ("c", "", false)],
        );
    }

    #[test]
    fn a_forgotten_separator_is_noticed() {
        let before = [("a", "1", true), ("cLabel", "name", true)];
        check("a=1 cLabel=name c=2d=3", &[&before[..], &[("c", "2", true), ("d", "3", false)]].concat());
        check(
            "a=1 cLabel=name c=2d=3 e=4",
            &[&before[..], &[("c", "2", true), ("d", "3", true), ("e", "4", false)]].concat(),
        );
        check("a=1 cLabel=name c=2d=3 d=4", &[&before[..], &[("c", "2d=3", true), ("d", "4", false)]].concat());
    }

    #[test]
    fn a_word_is_whole_when_the_text_was_cut_behind_it() {
        check("a=1 cLab", &[("a", "1", true)]);
        check("a=b=2", &[("a", "b=2", false)]);
        check("a=1", &[("a", "1", false)]);
        check("", &[]);
        check("x=1", &[]);
    }

    #[test]
    fn a_key_of_which_the_place_is_known_is_nowhere_else() {
        const TEXT: &[u8] = b"agent=x status=200 y status=201";
        const AGENT: Order = Order::new(&[key("agent"), key("status").before("2")], b" ", b'=');
        let values = |order: Order| -> Vec<&[u8]> { order.pairs(TEXT).map(|pair| pair.value).collect() };
        assert_eq!(values(AGENT), [b"x".as_slice(), b"200 y status=201"]);
        assert_eq!(values(AGENT.at("status", 21)), [b"x status=200 y".as_slice(), b"201"]);
        assert_eq!(values(AGENT.nowhere("status")), [b"x status=200 y status=201"]);
    }
}
