//! Where the formats put what they find.

use std::ops::RangeInclusive;

use crate::event::{self, Bounds};
use crate::extractor::Wanted;
use crate::field::Field;
use crate::json::{Scanner, Text, work};
use crate::meaning::Meaning;
use crate::native;
use crate::octets::{Octets, Texts, place_in};

/// Buffers that live as long as the extractor.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pub(crate) decoded: Vec<u8>,
    pub(crate) natives: Vec<native::Entry>,
    pub(crate) entries: Vec<event::Entry>,
    pub(crate) events: Vec<Bounds>,
}

/// The extraction of one record, while it is made.
///
/// A format calls [`Self::octets`] or [`Self::decode`] for what it found, and then says what that is: a field by the
/// producer's name ([`Self::text`] and its like) or a field of the normalised event ([`Self::set`] and its like), or
/// both.
#[derive(Debug)]
pub(crate) struct Out<'a> {
    pub(crate) frame: &'a [u8],
    pub(crate) carried: &'a [u8],
    pub(crate) buffers: &'a mut Buffers,
    pub(crate) wanted: Wanted,
    /// Where the entries of the event that is being made begin.
    pub(crate) event_start: usize,
    /// Where the native items of that event begin.
    pub(crate) native_start: usize,
    pub(crate) meaning: &'static Meaning,
    pub(crate) truncated: bool,
    /// Of a record of text that was cut: the addresses of its end without blanks behind it, and with them.
    pub(crate) cut_end: Option<RangeInclusive<usize>>,
    pub(crate) batch: bool,
    /// Whether the event at hand is one too many.
    pub(crate) too_many: bool,
    /// Whether events of a batch were left out.
    pub(crate) events_limit: bool,
    /// Whether a member of JSON was there twice.
    pub(crate) repeats: bool,
    /// Whether a client's text could be taken for further fields.
    pub(crate) ambiguous: bool,
}

impl<'a> Out<'a> {
    /// Whether `part` reaches to where the record was cut, so that it may have been longer. A text of ours reaches to no place in it.
    pub(crate) fn is_open(&self, part: &[u8]) -> bool {
        self.cut_end.as_ref().is_some_and(|end| end.contains(&(part.as_ptr_range().end as usize)))
    }

    /// The octets `part`: their place, when they lie in the record, otherwise a copy.
    pub(crate) fn octets(&mut self, part: &[u8]) -> Octets {
        if self.is_open(part) {
            return Octets::Cut;
        }
        if let Some((start, len)) = place_in(self.frame, part) {
            return Octets::Frame { start, len };
        }
        if let Some((start, len)) = place_in(self.carried, part) {
            return Octets::Carried { start, len };
        }
        self.copy(|decoded| decoded.extend_from_slice(part))
    }

    /// The text of a JSON string, its escapes undone where there are any.
    pub(crate) fn decode(&mut self, text: &Text<'_>) -> Octets {
        if text.is_plain() { self.octets(text.raw()) } else { self.copy(|decoded| text.decode_into(decoded)) }
    }

    /// The value of a parameter of structured data, its escapes undone where there are any.
    pub(crate) fn param(&mut self, value: header::Value<'_>) -> Octets {
        let mut pieces = value.pieces();
        let first = pieces.next().unwrap_or_default();
        if first.len() == value.as_sent().len() {
            return self.octets(first);
        }
        self.copy(|decoded| {
            decoded.extend_from_slice(first);
            pieces.for_each(|piece| decoded.extend_from_slice(piece));
        })
    }

    /// Octets that `write` appends to the copies.
    pub(crate) fn copy(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Octets {
        let start = self.buffers.decoded.len();
        write(&mut self.buffers.decoded);
        let len = self.buffers.decoded.len() - start;
        Octets::Decoded { start: start as u32, len: len as u32 }
    }

    /// The texts `parts`, one after the other.
    pub(crate) fn join(&mut self, parts: &[Octets]) -> Octets {
        let (frame, carried) = (self.frame, self.carried);
        self.copy(|decoded| {
            for part in parts {
                match *part {
                    Octets::Decoded { start, len } => {
                        decoded.extend_from_within(start as usize..start as usize + len as usize);
                    }
                    other => decoded.extend_from_slice(Texts { frame, carried, decoded: &[] }.get(other)),
                }
            }
        })
    }

    /// The octets themselves.
    pub(crate) fn get(&self, octets: Octets) -> &[u8] {
        Texts { frame: self.frame, carried: self.carried, decoded: &self.buffers.decoded }.get(octets)
    }

    // Fields by the producer's names.

    fn native(&mut self, name: Option<Octets>, content: native::Content) {
        if matches!(content, native::Content::Text(Octets::Cut) | native::Content::Json(Octets::Cut)) {
            return;
        }
        if self.wanted.native && !self.too_many {
            self.buffers.natives.push(native::Entry { name, content });
        }
    }

    /// A member whose value is text.
    pub(crate) fn text(&mut self, name: &'static str, value: Octets) {
        self.native(Some(Octets::Word(name)), native::Content::Text(value));
    }

    /// A member whose value is one JSON value, as the producer wrote it.
    pub(crate) fn json(&mut self, name: &'static str, value: &[u8]) {
        let value = self.octets(value);
        self.native(Some(Octets::Word(name)), native::Content::Json(value));
    }

    /// A member whose value is a number.
    pub(crate) fn integer(&mut self, name: &'static str, value: i64) {
        self.native(Some(Octets::Word(name)), native::Content::Integer(value));
    }

    /// A mark that is there: a member whose value is `true`.
    pub(crate) fn mark(&mut self, name: &'static str) {
        self.native(Some(Octets::Word(name)), native::Content::Boolean(true));
    }

    /// A member of an object whose names the producer chose, with text.
    pub(crate) fn pair(&mut self, name: Octets, value: Octets) {
        self.native(Some(name), native::Content::Text(value));
    }

    /// As [`Self::pair`], with one JSON value as the producer wrote it.
    pub(crate) fn pair_json(&mut self, name: Octets, value: &[u8]) {
        let value = self.octets(value);
        self.native(Some(name), native::Content::Json(value));
    }

    /// As [`Self::pair`], with an object, which begins here; [`Self::end`] ends it.
    pub(crate) fn pair_object(&mut self, name: Octets) {
        self.native(Some(name), native::Content::Object);
    }

    /// As [`Self::pair`], with an array, which begins here; [`Self::end`] ends it.
    pub(crate) fn pair_array(&mut self, name: Octets) {
        self.native(Some(name), native::Content::Array);
    }

    /// An element of an array, with text.
    pub(crate) fn element(&mut self, value: Octets) {
        self.native(None, native::Content::Text(value));
    }

    /// An object begins; [`Self::end`] ends it.
    pub(crate) fn object(&mut self, name: &'static str) {
        self.native(Some(Octets::Word(name)), native::Content::Object);
    }

    /// An array begins; [`Self::end`] ends it.
    pub(crate) fn array(&mut self, name: &'static str) {
        self.native(Some(Octets::Word(name)), native::Content::Array);
    }

    /// The innermost object or array ends.
    pub(crate) fn end(&mut self) {
        self.native(None, native::Content::End);
    }

    /// Where the next member goes; for [`Self::has_member`].
    pub(crate) fn members(&self) -> usize {
        self.buffers.natives.len()
    }

    /// Whether a member called `name` is there already, in the object whose members begin at `start`. Producers do not
    /// repeat members; who does it wants two readers to see two values, so the first is taken. To bound the work, only
    /// the first 64 items are looked at.
    pub(crate) fn has_member(&self, start: usize, name: Octets) -> bool {
        const LOOKED_AT: usize = 64;
        let mut depth = 0_usize;
        self.buffers.natives.get(start..).unwrap_or_default().iter().take(LOOKED_AT).any(|entry| {
            work::visit(1);
            let is_member = depth == 0 && entry.name.is_some_and(|known| self.get(known) == self.get(name));
            match entry.content {
                native::Content::Object | native::Content::Array => depth += 1,
                native::Content::End => depth = depth.saturating_sub(1),
                _ => {}
            }
            is_member
        })
    }

    /// The record ends in the middle of its format: `truncated` in the record, and the flag `truncated_upstream`.
    pub(crate) fn truncated(&mut self) {
        if !self.truncated {
            self.truncated = true;
            if !self.has_member(0, Octets::Word("truncated")) {
                self.mark("truncated");
            }
        }
    }

    /// How reading `json` came out, of which `whole` is `None` where the text ended or broke: what was cut is
    /// [truncated](Self::truncated), and a repeated member, of which readers see either, gives the flag `json_dup`.
    pub(crate) fn json_end(&mut self, whole: Option<()>, json: &mut Scanner<'_>) {
        self.repeats |= json.has_repeats();
        if whole.is_none() && json.is_at_end() {
            self.truncated();
        }
    }

    /// The record can be taken apart in more than one way: the flag `cef_ambiguous`. What depends on the choice is left out.
    pub(crate) const fn ambiguous(&mut self) {
        self.ambiguous = true;
    }

    // The normalised event.

    /// Sets `field` unless it has a value already, or `value` is one of the ways in which producers say that there is
    /// none: nothing, `null`, `-`, `<none>`.
    pub(crate) fn set(&mut self, field: Field, value: Octets) {
        if !matches!(self.get(value), b"" | b"null" | b"-" | b"<none>") {
            self.entry(field, event::Content::Text(value));
        }
    }

    /// Sets `field` to text that says what it says, also when it is one of those ways.
    pub(crate) fn set_verbatim(&mut self, field: Field, value: Octets) {
        if !self.get(value).is_empty() {
            self.entry(field, event::Content::Text(value));
        }
    }

    /// Sets `field` to a word of our own.
    pub(crate) fn set_word(&mut self, field: Field, word: &'static str) {
        self.entry(field, event::Content::Text(Octets::Word(word)));
    }

    /// Sets `field` to a number.
    pub(crate) fn set_integer(&mut self, field: Field, value: i64) {
        self.entry(field, event::Content::Integer(value));
    }

    /// Sets `field` to an address; what is none is left out.
    pub(crate) fn set_address(&mut self, field: Field, value: Octets) {
        if crate::text::is_address(self.get(value)) {
            self.set(field, value);
        }
    }

    /// Sets `field` to a point in time that is written as in RFC 3339, whatever its zone; anything else is left out.
    pub(crate) fn set_time(&mut self, field: Field, value: Octets) {
        let stamp = self.get(value);
        let Some(nanos) = header::timestamp_nanos(stamp) else { return };
        if stamp.ends_with(b"Z") {
            return self.set(field, value);
        }
        let digits = crate::time::fraction_digits(stamp);
        self.set_nanos(field, nanos, digits);
    }

    /// Sets `field` to a point in time, with `digits` digits of a second.
    pub(crate) fn set_nanos(&mut self, field: Field, nanos: i64, digits: usize) {
        let value = self.copy(|decoded| crate::time::write_utc(nanos, digits, decoded));
        self.set(field, value);
    }

    /// Says what kind of event it is.
    pub(crate) fn means(&mut self, meaning: &'static Meaning) {
        self.meaning = meaning;
    }

    fn entry(&mut self, field: Field, content: event::Content) {
        let own = &self.buffers.entries[self.event_start..];
        if self.wanted.event && !self.too_many && !own.iter().any(|(known, _)| *known == field) {
            self.buffers.entries.push((field, content));
        }
    }

    // Batches.

    /// The record is a list of events. Everything from here to [`Self::end_batch`] belongs to one of them.
    pub(crate) fn begin_batch(&mut self) {
        self.batch = true;
        self.array("events");
    }

    /// An event of the list begins. What comes beyond [`EVENTS_MAX`](crate::EVENTS_MAX) is read, but nothing of it is kept.
    pub(crate) fn begin_event(&mut self) {
        self.too_many |= self.buffers.events.len() >= crate::EVENTS_MAX;
        self.event_start = self.buffers.entries.len();
        self.meaning = &Meaning::NONE;
        self.native(None, native::Content::Object);
        self.native_start = self.buffers.natives.len();
    }

    /// The event ends. What of it is there counts, also when the record was cut within it.
    pub(crate) fn end_event(&mut self) {
        self.close_event();
        self.end();
    }

    /// The list ends. It was too long when events of it were left out.
    pub(crate) fn end_batch(&mut self) {
        self.events_limit = std::mem::take(&mut self.too_many);
        self.end();
    }

    /// Adds `event.category` and its like, and closes the event.
    pub(crate) fn close_event(&mut self) {
        if self.too_many {
            return;
        }
        let meaning = self.meaning;
        if !meaning.category.is_empty() {
            self.entry(Field::EventCategory, event::Content::Words(meaning.category));
        }
        if !meaning.kind.is_empty() {
            self.entry(Field::EventType, event::Content::Words(meaning.kind));
        }
        let end = self.buffers.entries.len();
        let (native_start, native_end) = (self.native_start, self.buffers.natives.len());
        self.buffers.events.push(Bounds { start: self.event_start, end, native_start, native_end, meaning });
        self.event_start = end;
    }
}
