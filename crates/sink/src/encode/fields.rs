//! The members `native` and `ecs`: what extraction found, by the producer's names and by those of the normalised event.

use std::hash::BuildHasher;
use std::ops::Range;

use extract::{Event, Extraction, Field, FieldValue, Item, Value};
use hashbrown::{DefaultHashBuilder, HashTable};

use super::document::{write_comma, write_integer, write_words};
use super::embedded::write_embedded_value;
use super::json_string::write_json_string;

/// Appends the fields by the producer's own names as one JSON object, in the producer's order.
///
/// A name that an object has already is left out with its value, since readers differ on which of two they take. A JSON
/// value stays as it was sent, as far as a message with `embed_json` does; one that not every reader could read becomes
/// a string of its text.
pub fn write_native_object(extraction: &Extraction<'_>, out: &mut Vec<u8>) {
    write_native(extraction.native(), &mut Names::default(), out);
}

/// Appends the normalised event as one JSON object with flat dotted names; for a batch `{"events":[…]}`.
pub fn write_ecs_object(extraction: &Extraction<'_>, out: &mut Vec<u8>) {
    if extraction.is_batch() {
        out.extend_from_slice(br#"{"events":["#);
    }
    for (place, event) in extraction.events().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_event(&event, place, out);
    }
    if extraction.is_batch() {
        out.extend_from_slice(b"]}");
    }
}

/// Whether a text of the header is written with every event of a batch; a longer one, as it is written, comes with the first
/// only. RFC 5424 has no longer header field, and none that is escaped.
pub(super) fn is_repeated(text: &[u8]) -> bool {
    const WRITTEN_BYTES_MAX: usize = 255;
    const ESCAPE_BYTES_MAX: usize = 6;

    let is_plain = |octet: &u8| matches!(octet, b' '..=b'~') && !matches!(octet, b'"' | b'\\');
    text.len() <= WRITTEN_BYTES_MAX / ESCAPE_BYTES_MAX || text.len() <= WRITTEN_BYTES_MAX && text.iter().all(is_plain)
}

/// Fields of an event at `place` in its record.
///
/// What all events of a batch have in common is left out behind the first where it is longer than it should be: output is
/// to grow with input, and not with its square.
pub(super) fn fields_at<'a>(event: &Event<'a>, place: usize) -> impl Iterator<Item = (Field, FieldValue<'a>)> {
    event.fields().filter(move |(field, value)| match value {
        FieldValue::Text(text) => place == 0 || !field.name().starts_with("platform.") || is_repeated(text),
        FieldValue::Integer(_) | FieldValue::Words(_) => true,
    })
}

fn write_event(event: &Event<'_>, place: usize, out: &mut Vec<u8>) {
    out.push(b'{');
    for (field, value) in fields_at(event, place) {
        write_comma(out);
        out.push(b'"');
        out.extend_from_slice(field.name().as_bytes());
        out.extend_from_slice(br#"":"#);
        match value {
            FieldValue::Text(text) => {
                write_json_string(text, out);
            }
            FieldValue::Integer(number) => write_integer(number, out),
            FieldValue::Words(words) => write_words(words.iter().copied(), out),
        }
    }
    out.push(b'}');
}

/// As [`write_native_object`], for these items, with memory from one record to the next.
pub(super) fn write_native<'a>(mut items: impl Iterator<Item = Item<'a>>, names: &mut Names, out: &mut Vec<u8>) {
    names.clear();
    out.push(b'{');
    names.open(true);
    while let Some(item) = items.next() {
        if item.value == Value::End {
            names.close(out);
        } else if names.write(item.name, out) {
            write_value(item.value, names, out);
        } else if matches!(item.value, Value::Object | Value::Array) {
            skip_contents(&mut items);
        }
    }
    while names.is_open() {
        names.close(out);
    }
}

fn write_value(value: Value<'_>, names: &mut Names, out: &mut Vec<u8>) {
    match value {
        Value::Json(value) if write_embedded_value(value, out) => {}
        Value::Text(text) | Value::Json(text) => {
            write_json_string(text, out);
        }
        Value::Integer(number) => write_integer(number, out),
        Value::Boolean(mark) => out.extend_from_slice(if mark { b"true" } else { b"false" }),
        Value::Object => {
            out.push(b'{');
            names.open(true);
        }
        Value::Array => {
            out.push(b'[');
            names.open(false);
        }
        Value::End => unreachable!("an end closes and is not written"),
    }
}

/// Passes over the items that belong to an object or array, its end included.
fn skip_contents<'a>(items: &mut impl Iterator<Item = Item<'a>>) {
    let mut depth = 1;
    while depth > 0 {
        match items.next().map(|item| item.value) {
            Some(Value::Object | Value::Array) => depth += 1,
            Some(Value::End) => depth -= 1,
            Some(_) => {}
            None => return,
        }
    }
}

/// The objects and arrays that are open, and the names that they have so far. Keeps its memory from record to record.
#[derive(Debug, Default)]
pub(super) struct Names {
    hasher: DefaultHashBuilder,
    seen: HashTable<Name>,
    open: Vec<Container>,
    objects: usize,
}

/// A name as it was written.
#[derive(Debug)]
struct Name {
    object: usize,
    place: Range<usize>,
}

#[derive(Debug, Clone, Copy)]
enum Container {
    /// With a number that no other object of the record has.
    Object(usize),
    Array,
}

impl Names {
    /// Memory for as many names is kept.
    const KEPT: usize = 4 * 1024;

    fn clear(&mut self) {
        self.seen.clear();
        if self.seen.capacity() > Self::KEPT {
            self.seen = HashTable::new();
        }
        self.open.clear();
        self.open.shrink_to(Self::KEPT);
        self.objects = 0;
    }

    fn open(&mut self, is_object: bool) {
        self.objects += usize::from(is_object);
        self.open.push(if is_object { Container::Object(self.objects) } else { Container::Array });
    }

    fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Ends the innermost container.
    fn close(&mut self, out: &mut Vec<u8>) {
        match self.open.pop() {
            Some(Container::Object(_)) => out.push(b'}'),
            Some(Container::Array) => out.push(b']'),
            None => {}
        }
    }

    /// Appends all that comes before a value: a comma where one is due, and in an object the name. When the object has
    /// that name already, appends nothing and says `false`.
    fn write(&mut self, name: Option<&[u8]>, out: &mut Vec<u8>) -> bool {
        let before = out.len();
        write_comma(out);
        let Some(Container::Object(object)) = self.open.last().copied() else { return true };
        let start = out.len();
        write_json_string(name.unwrap_or_default(), out);
        let is_new = self.insert(Name { object, place: start..out.len() }, out);
        if is_new {
            out.push(b':')
        } else {
            out.truncate(before)
        }
        is_new
    }

    /// Whether `name` is new. Names are told apart as a reader will: by what was written.
    fn insert(&mut self, name: Name, out: &[u8]) -> bool {
        let text = |name: &Name| &out[name.place.clone()];
        let hash = |name: &Name| self.hasher.hash_one((name.object, text(name)));
        let is_same = |other: &Name| other.object == name.object && text(other) == text(&name);
        match self.seen.entry(hash(&name), is_same, hash) {
            hashbrown::hash_table::Entry::Occupied(_) => false,
            hashbrown::hash_table::Entry::Vacant(vacant) => {
                vacant.insert(name);
                true
            }
        }
    }
}
