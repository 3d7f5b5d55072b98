//! A JSON object with objects inside, written from dotted names in their order.

use std::io::Write;
use std::net::IpAddr;

use header::StructuredData;
use jiff::Timestamp;
use record::{Flags, Peer, RecordId};

use super::json::write_base64;
use super::json_string::write_json_string;
use super::structured_data;

/// What stands behind a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    /// Text, of any octets.
    Text(&'a [u8]),
    /// A number.
    Integer(i64),
    /// A number, as a string of its digits.
    Digits(i64),
    /// A mark that is set.
    True,
    /// Nanoseconds since the epoch, as RFC 3339 in UTC.
    Time(i64),
    /// Words of ours, as an array.
    Words(&'static [&'static str]),
    /// Text of any octets, as an array.
    Texts(Texts<'a>),
    /// The names of flags, as an array.
    Flags(Flags),
    /// An address, as an array.
    Address(IpAddr),
    /// Whom octets came from.
    Peer(Peer),
    /// The identity of a record.
    Id(RecordId),
    /// The identity of an event in a batch: that of the record, and its place.
    PlacedId(RecordId, usize),
    /// Text of any octets, as an array of one.
    One(&'a [u8]),
    /// Elements of a header, as an object.
    StructuredData(StructuredData<'a>),
    /// Octets of any kind, as base64.
    Base64(&'a [u8]),
}

/// More texts than this are not needed in one member.
const TEXTS_MAX: usize = 8;

/// A few texts, each once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Texts<'a> {
    texts: [&'a [u8]; TEXTS_MAX],
    count: usize,
}

impl<'a> Texts<'a> {
    /// Those that are there, as a value unless there is none.
    pub(super) fn of(texts: impl IntoIterator<Item = Option<&'a [u8]>>) -> Option<Value<'a>> {
        let mut all = Self::default();
        texts.into_iter().flatten().for_each(|text| all.add(text));
        (all.count > 0).then_some(Value::Texts(all))
    }

    fn add(&mut self, text: &'a [u8]) {
        if self.count < TEXTS_MAX && !self.as_slice().contains(&text) {
            self.texts[self.count] = text;
            self.count += 1;
        }
    }

    fn as_slice(&self) -> &[&'a [u8]] {
        &self.texts[..self.count]
    }
}

/// A document that is being written. Names come so that those with a common beginning are neighbours.
#[derive(Debug)]
pub(super) struct Document<'o> {
    pub(super) out: &'o mut Vec<u8>,
    last: &'static str,
}

impl<'o> Document<'o> {
    /// Begins a document.
    pub(super) fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, last: "" }
    }

    /// Ends it.
    pub(super) fn end(self) {
        self.out.resize(self.out.len() + dots(self.last) + 1, b'}');
    }

    /// A member and its value.
    pub(super) fn member(&mut self, name: &'static str, value: Value<'_>) {
        self.name(name);
        value.write(self.out);
    }

    /// A member whose value the caller appends.
    pub(super) fn name(&mut self, name: &'static str) {
        let shared = shared_objects(self.last, name);
        self.out.resize(self.out.len() + dots(&self.last[shared..]), b'}');
        write_comma(self.out);
        self.out.push(b'"');
        let mut rest = &name.as_bytes()[shared..];
        while let Some(dot) = rest.iter().position(|octet| *octet == b'.') {
            self.out.extend_from_slice(&rest[..dot]);
            self.out.extend_from_slice(br#"":{""#);
            rest = &rest[dot + 1..];
        }
        self.out.extend_from_slice(rest);
        self.out.extend_from_slice(br#"":"#);
        self.last = name;
    }
}

/// How many octets of two dotted names are the same objects, the dot behind them included.
fn shared_objects(last: &str, name: &str) -> usize {
    let same = last.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
    last.as_bytes()[..same].iter().rposition(|octet| *octet == b'.').map_or(0, |dot| dot + 1)
}

/// A word of ours, or a name of our own, as a value.
pub(super) const fn word(word: &str) -> Option<Value<'_>> {
    Some(Value::Text(word.as_bytes()))
}

/// The names of flags, if there are any.
pub(super) fn flags<'a>(flags: Flags) -> Option<Value<'a>> {
    (flags != Flags::NONE).then_some(Value::Flags(flags))
}

/// How many objects a name lies in.
fn dots(name: &str) -> usize {
    name.bytes().filter(|octet| *octet == b'.').count()
}

impl Value<'_> {
    /// Appends the value as JSON.
    pub(super) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => {
                write_json_string(text, out);
            }
            Self::Integer(number) => write_integer(number, out),
            Self::Digits(number) => {
                out.push(b'"');
                write_integer(number, out);
                out.push(b'"');
            }
            Self::True => out.extend_from_slice(b"true"),
            Self::Time(nanos) => {
                out.push(b'"');
                write_time(nanos, out);
                out.push(b'"');
            }
            Self::Words(words) => write_words(words.iter().copied(), out),
            Self::Texts(texts) => {
                out.push(b'[');
                for text in texts.as_slice() {
                    write_comma(out);
                    write_json_string(text, out);
                }
                out.push(b']');
            }
            Self::Flags(flags) => write_words(flags.names(), out),
            Self::Address(address) => push(out, format_args!("[\"{address}\"]")),
            Self::Peer(peer) => push(out, format_args!("\"{peer}\"")),
            Self::Id(id) => {
                out.push(b'"');
                out.extend_from_slice(&id.to_ascii());
                out.push(b'"');
            }
            Self::PlacedId(id, place) => {
                out.push(b'"');
                out.extend_from_slice(&id.to_ascii());
                push(out, format_args!(".{place}\""));
            }
            Self::One(text) => {
                out.push(b'[');
                write_json_string(text, out);
                out.push(b']');
            }
            Self::StructuredData(elements) => structured_data::write(elements, out),
            Self::Base64(octets) => {
                out.push(b'"');
                write_base64(octets, out);
                out.push(b'"');
            }
        }
    }
}

/// Appends words of our own as an array.
pub(super) fn write_words<'w>(words: impl Iterator<Item = &'w str>, out: &mut Vec<u8>) {
    out.push(b'[');
    for word in words {
        write_comma(out);
        out.push(b'"');
        out.extend_from_slice(word.as_bytes());
        out.push(b'"');
    }
    out.push(b']');
}

/// Appends a number in decimal digits.
pub(super) fn write_integer(number: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends nanoseconds since the epoch as RFC 3339 in UTC, with as many digits of a second as they need.
pub(super) fn write_time(nanos: i64, out: &mut Vec<u8>) {
    let timestamp = Timestamp::from_nanosecond(nanos.into()).expect("64 bits of nanoseconds end in 2262");
    push(out, format_args!("{timestamp}"));
}

/// Appends text in which nothing needs an escape.
pub(super) fn push(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing into memory does not fail");
}

/// Appends a comma unless an object or array has just begun.
pub(super) fn write_comma(out: &mut Vec<u8>) {
    if !matches!(out.last(), Some(b'{' | b'[')) {
        out.push(b',');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&'static str], expected: &str) {
        let mut out = Vec::new();
        let mut document = Document::begin(&mut out);
        names.iter().for_each(|name| document.member(name, Value::Integer(1)));
        document.end();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn names_with_a_common_beginning_lie_in_one_object() {
        check(&[], "{}");
        check(&["a"], r#"{"a":1}"#);
        check(&["a.b.c"], r#"{"a":{"b":{"c":1}}}"#);
        check(&["a", "ab.c", "ab.d", "ac.d"], r#"{"a":1,"ab":{"c":1,"d":1},"ac":{"d":1}}"#);
        check(&["a.b.c", "a.b.d", "a.c", "a.d.e.f", "b"], r#"{"a":{"b":{"c":1,"d":1},"c":1,"d":{"e":{"f":1}}},"b":1}"#);
    }

    #[test]
    fn a_time_has_the_digits_that_it_needs() {
        let written = |nanos| {
            let mut out = Vec::new();
            write_time(nanos, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(0), "1970-01-01T00:00:00Z");
        assert_eq!(written(1_768_884_986_360_000_000), "2026-01-20T04:56:26.36Z");
        assert_eq!(written(-1), "1969-12-31T23:59:59.999999999Z");
        assert_eq!(written(i64::MAX), "2262-04-11T23:47:16.854775807Z");
        assert_eq!(written(i64::MIN), "1677-09-21T00:12:43.145224192Z");
    }

    #[test]
    fn texts_come_once_each() {
        let value = Texts::of([None, Some(&b"b"[..]), Some(b"a"), Some(b"b")]).unwrap();
        let mut out = Vec::new();
        value.write(&mut out);
        assert_eq!(out, br#"["b","a"]"#);
        assert!(Texts::of([None]).is_none());
    }
}
