//! Fields by the producer's own names: a flat list of items that says how they nest.

use crate::octets::{Octets, Texts};

/// One item of the list, as it is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// Absent in an array, and for an end.
    pub(crate) name: Option<Octets>,
    pub(crate) content: Content,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Content {
    Text(Octets),
    Json(Octets),
    Integer(i64),
    Boolean(bool),
    Object,
    Array,
    End,
}

/// One item, as it is read. Values between [`Value::Object`] or [`Value::Array`] and its [`Value::End`] belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    /// The name of a member; `None` for an element of an array, and for an end. May hold any octets.
    pub name: Option<&'a [u8]>,
    /// What it is.
    pub value: Value<'a>,
}

/// The value of an [`Item`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text, its escapes undone. Any octets.
    Text(&'a [u8]),
    /// One JSON value as the producer wrote it. Brackets match; more was not checked.
    Json(&'a [u8]),
    /// A number that the producer did not write as JSON.
    Integer(i64),
    /// A mark.
    Boolean(bool),
    /// An object begins.
    Object,
    /// An array begins.
    Array,
    /// The innermost object or array ends.
    End,
}

impl Entry {
    pub(crate) fn item<'a>(&self, texts: &Texts<'a>) -> Item<'a> {
        let value = match self.content {
            Content::Text(octets) => Value::Text(texts.get(octets)),
            Content::Json(octets) => Value::Json(texts.get(octets)),
            Content::Integer(number) => Value::Integer(number),
            Content::Boolean(mark) => Value::Boolean(mark),
            Content::Object => Value::Object,
            Content::Array => Value::Array,
            Content::End => Value::End,
        };
        Item { name: self.name.map(|name| texts.get(name)), value }
    }
}
