//! From a record to its extraction: the way in, and what comes out.

use record::{Class, Flags, HeaderSpans};

use crate::event::Event;
use crate::field::Field;
use crate::meaning::Meaning;
use crate::native::Item;
use crate::octets::Texts;
use crate::out::{Buffers, Out};
use crate::{formats, message, platform};

/// Events of one batch that are taken apart; what comes after is flagged [`Flags::EVENTS_LIMIT`]. An API server sends 400 at
/// once, Cloud Controller up to 5,000 in a page; more would be a way to make a small record take much memory.
pub const EVENTS_MAX: usize = 8_192;

/// A record to take apart: the frame and what is known about it since it was classified.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The frame: header and message, without count or trailer.
    pub octets: &'a [u8],
    /// Where the parts of the header lie in it.
    pub header: &'a HeaderSpans,
    /// What it is.
    pub class: Class,
    /// What was found odd about it.
    pub flags: Flags,
}

/// What to look for; nothing is kept of the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Fields by the producer's names.
    pub native: bool,
    /// The normalised event.
    pub event: bool,
}

impl Wanted {
    /// Both.
    pub const ALL: Self = Self { native: true, event: true };
}

/// Takes records apart, one after another, in buffers that it keeps: nothing is allocated once they have grown.
///
/// What it holds is bounded by a small multiple of the longest record; buffers that one record made larger than
/// [`Extractor::KEPT_BYTES`] are given back with the next.
#[derive(Debug, Default)]
pub struct Extractor {
    carried: Vec<u8>,
    buffers: Buffers,
}

impl Extractor {
    /// Buffers up to this size are kept from record to record.
    pub const KEPT_BYTES: usize = 256 * 1024;

    /// The flags that may show only when a record is taken apart.
    pub const FLAGS: Flags = Flags::TRUNCATED_UPSTREAM
        .with(Flags::JSON_SYNTAX)
        .with(Flags::JSON_DEPTH)
        .with(Flags::JSON_DUP)
        .with(Flags::EVENTS_LIMIT)
        .with(Flags::CEF_AMBIGUOUS);

    /// An extractor that holds nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes `input` apart. Any octets are accepted; the time is linear in their number.
    pub fn extract<'a>(&'a mut self, input: &Input<'a>, wanted: Wanted) -> Extraction<'a> {
        self.clear();
        let message = message::message(input, &mut self.carried);
        let mut out = Out {
            frame: input.octets,
            carried: &self.carried,
            buffers: &mut self.buffers,
            wanted,
            event_start: 0,
            native_start: 0,
            meaning: &Meaning::NONE,
            truncated: false,
            cut_end: None,
            batch: false,
            too_many: false,
            events_limit: false,
            repeats: false,
            ambiguous: false,
        };
        platform::extract(input, &mut out);
        formats::common(input, &mut out);
        let common = out.buffers.entries.len();
        out.event_start = common;
        formats::extract(input, &message.of(input, out.carried), &mut out);
        if !out.batch {
            out.close_event();
        }
        let batch = out.batch;
        let mut flags = input.flags | message.flags(input.class, &self.carried);
        if out.truncated {
            flags |= Flags::TRUNCATED_UPSTREAM;
        }
        if out.events_limit {
            flags |= Flags::EVENTS_LIMIT;
        }
        if out.repeats {
            flags |= Flags::JSON_DUP;
        }
        if out.ambiguous {
            flags |= Flags::CEF_AMBIGUOUS;
        }
        let texts = Texts { frame: input.octets, carried: &self.carried, decoded: &self.buffers.decoded };
        Extraction { texts, buffers: &self.buffers, common, batch, flags, class: input.class }
    }

    fn clear(&mut self) {
        fn clear<T>(buffer: &mut Vec<T>) {
            buffer.clear();
            buffer.shrink_to(Extractor::KEPT_BYTES / size_of::<T>());
        }
        clear(&mut self.carried);
        clear(&mut self.buffers.decoded);
        clear(&mut self.buffers.natives);
        clear(&mut self.buffers.entries);
        clear(&mut self.buffers.events);
    }
}

/// What was found in a record. It refers to the record and to the extractor's buffers.
#[derive(Debug, Clone, Copy)]
pub struct Extraction<'a> {
    texts: Texts<'a>,
    buffers: &'a Buffers,
    common: usize,
    batch: bool,
    flags: Flags,
    class: Class,
}

impl<'a> Extraction<'a> {
    /// Fields by the producer's names, in the producer's order; objects and arrays as an item that begins them and one
    /// that ends them. A member that no rule knows may be there twice when the producer repeats it; the first counts.
    pub fn native(&self) -> impl Iterator<Item = Item<'a>> {
        let texts = self.texts;
        self.buffers.natives.iter().map(move |entry| entry.item(&texts))
    }

    /// The normalised events: one, or as many as a batch has. A batch may have none.
    pub fn events(&self) -> impl ExactSizeIterator<Item = Event<'a>> {
        let (texts, buffers, common) = (self.texts, self.buffers, self.common);
        buffers.events.iter().map(move |bounds| Event {
            texts,
            common: &buffers.entries[..common],
            own: &buffers.entries[bounds.start..bounds.end],
            natives: &buffers.natives[bounds.native_start..bounds.native_end],
            meaning: bounds.meaning,
        })
    }

    /// Whether the record is a batch or page, of any number of events.
    #[must_use]
    pub const fn is_batch(&self) -> bool {
        self.batch
    }

    /// What is odd about the record: what was known before, and what showed when it was taken apart.
    #[must_use]
    pub const fn flags(&self) -> Flags {
        self.flags
    }

    /// The class of the record.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }

    /// The text of `field` in the first event: what keys and routes go by.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<&'a [u8]> {
        self.events().next()?.text(field)
    }
}
