//! Rows of keys that a producer writes one after the other, with words for values.
//!
//! A client that imitates one key is soon met; it takes a whole row to pass for the producer's own. Where there are several
//! whole rows, nothing in the text tells which of them the producer wrote.

use std::ops::Range;

use memchr::{memchr, memmem};

use crate::json::work;

/// What may stand behind a key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value {
    /// No blank.
    Word,
    /// A method of HTTP: any token (RFC 9110 section 5.6.2), since servers log also what they refuse. nginx writes `-` for none.
    Method,
    /// A status of HTTP.
    Status,
    /// Nothing: the row goes on with the key itself, or ends there.
    None,
}

/// Keys with what stands between them, and the value behind each.
#[derive(Debug)]
pub(crate) struct Chain(pub(crate) &'static [Piece]);

/// A key, with the text before it that is always the same, and its value.
type Piece = (&'static str, Value);

/// Where a chain stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) place: Range<usize>,
    pub(crate) status: Option<i64>,
}

impl Chain {
    /// What it begins with, up to the first value.
    pub(crate) fn key(&self) -> &'static str {
        self.0.first().map_or("", |(key, _)| *key)
    }

    /// All places of the chain, each apart from what stands before it.
    pub(crate) fn places<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Link> + 'a {
        places(self.0, text)
    }

    /// All places of its first two keys, whatever follows.
    pub(crate) fn starts<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Link> + 'a {
        places(self.0.get(..2).unwrap_or(self.0), text)
    }
}

fn places<'a>(pieces: &'static [Piece], text: &'a [u8]) -> impl Iterator<Item = Link> + 'a {
    let first = pieces.first().map_or("", |(key, _)| *key);
    work::visit(text.len());
    let is_apart = |at: &usize| *at == 0 || text[at - 1] == b' ';
    memmem::find_iter(text, first).filter(is_apart).filter_map(|start| link(pieces, text, start))
}

/// The pieces, one behind the other from `start` on.
fn link(pieces: &[Piece], text: &[u8], start: usize) -> Option<Link> {
    let mut link = Link { place: start..start, status: None };
    for (key, value) in pieces {
        let rest = text[link.place.end..].strip_prefix(key.as_bytes())?;
        let len = if matches!(value, Value::None) { 0 } else { memchr(b' ', rest).unwrap_or(rest.len()) };
        work::visit(key.len() + len);
        let word = &rest[..len];
        match value {
            Value::Method if !is_token(word) => return None,
            Value::Status => link.status = Some(status(word)?),
            _ => {}
        }
        link.place.end += key.len() + len;
    }
    Some(link)
}

fn is_token(word: &[u8]) -> bool {
    const MARKS: &[u8] = b"!#$%&'*+-.^_`|~";
    !word.is_empty() && word.iter().all(|octet| octet.is_ascii_alphanumeric() || MARKS.contains(octet))
}

/// A status of HTTP; anything else is none.
pub(crate) fn status(digits: &[u8]) -> Option<i64> {
    crate::text::integer(digits).filter(|status| digits.len() == 3 && (100..=599).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: Chain =
        Chain(&[("a=", Value::Method), (" b=", Value::Word), (" c=", Value::Status), (" end", Value::None)]);

    #[test]
    fn a_chain_is_whole_and_stands_apart() {
        let places =
            |text: &str| -> Vec<_> { CHAIN.places(text.as_bytes()).map(|link| (link.place, link.status)).collect() };
        assert_eq!(places("a=GET b= c=200 end"), [(0..18, Some(200))]);
        assert_eq!(places("a=x a=- b=1 c=404 ending"), [(4..21, Some(404))]);
        assert_eq!(places("xa=GET b=1 c=200 end"), []);
        assert_eq!(places("a=get b=1 c=200 end").len(), 1);
        assert_eq!(places("a=M-SEARCH|~ b=1 c=200 end").len(), 1);
        assert_eq!(places("a= b=1 c=200 end"), []);
        assert_eq!(places("a=x,y b=1 c=200 end"), []);
        assert_eq!(places("a=GET b=1 2 c=200 end"), []);
        assert_eq!(places("a=GET b=1 c=99 end a=GET b=1 c=0200 end a=GET b=1 c=600 end"), []);
        assert_eq!(places("a=GET b=1 c=200 en"), []);
        assert_eq!(places("a=GET b=a=GET b=1 c=200 end a=PUT b=1 c=201 end").len(), 1);
    }
}
