//! The normalised event: who did what to which object, from where, and with what result.

use crate::field::Field;
use crate::meaning::Meaning;
use crate::native::{self, Item};
use crate::octets::{Octets, Texts};

/// A field's value, as it is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content {
    Text(Octets),
    Integer(i64),
    Words(&'static [&'static str]),
}

pub(crate) type Entry = (Field, Content);

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldValue<'a> {
    /// Text; any octets, though nearly always UTF-8.
    Text(&'a [u8]),
    /// A number.
    Integer(i64),
    /// Words of a closed list; at least one.
    Words(&'static [&'static str]),
}

/// Where the entries and the native items of an event lie, and what kind of event it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) native_start: usize,
    pub(crate) native_end: usize,
    pub(crate) meaning: &'static Meaning,
}

/// One normalised event. A record is one, but for batches, which hold several.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    pub(crate) texts: Texts<'a>,
    /// What the header says of every event of the record.
    pub(crate) common: &'a [Entry],
    pub(crate) own: &'a [Entry],
    pub(crate) natives: &'a [native::Entry],
    pub(crate) meaning: &'static Meaning,
}

impl<'a> Event<'a> {
    /// The value of `field`; the producer's, where both it and the header tell.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<FieldValue<'a>> {
        let entry = self.own.iter().chain(self.common).find(|(found, _)| *found == field)?;
        Some(self.value(entry.1))
    }

    /// The text of `field`, if it is text.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<&'a [u8]> {
        match self.get(field)? {
            FieldValue::Text(text) => Some(text),
            FieldValue::Integer(_) | FieldValue::Words(_) => None,
        }
    }

    /// The number of `field`, if it is a number.
    #[must_use]
    pub fn integer(&self, field: Field) -> Option<i64> {
        match self.get(field)? {
            FieldValue::Integer(number) => Some(number),
            FieldValue::Text(_) | FieldValue::Words(_) => None,
        }
    }

    /// All fields that have a value, each once, in no particular order.
    pub fn fields(&self) -> impl Iterator<Item = (Field, FieldValue<'a>)> {
        let only_common = self.common.iter().filter(|(field, _)| !self.own.iter().any(|(own, _)| own == field));
        self.own.iter().chain(only_common).map(|(field, content)| (*field, self.value(*content)))
    }

    /// Fields by the producer's names, as [`crate::Extraction::native`] has them; of a batch only those of this event.
    pub fn native(&self) -> impl Iterator<Item = Item<'a>> {
        let texts = self.texts;
        self.natives.iter().map(move |entry| entry.item(&texts))
    }

    /// What kind of event it is, beyond its fields.
    #[must_use]
    pub const fn meaning(&self) -> &'static Meaning {
        self.meaning
    }

    fn value(&self, content: Content) -> FieldValue<'a> {
        match content {
            Content::Text(octets) => FieldValue::Text(self.texts.get(octets)),
            Content::Integer(number) => FieldValue::Integer(number),
            Content::Words(words) => FieldValue::Words(words),
        }
    }
}
