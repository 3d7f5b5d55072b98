//! What the encoders of events see: one event of a record, and the record around it.

use std::cell::Cell;
use std::net::IpAddr;

use extract::{Event, Extractor, Field, FieldKind, FieldValue, Input, Item, Value as Native, Wanted};
use header::{Fields, StructuredData, fields, timestamp_nanos};
use record::{Flags, Record, RecordId};

use super::document::{Value, word};
use super::fields::{Names, fields_at, is_repeated, write_native};
use super::producer::Producer;

const FIELDS: usize = Field::ALL.len();

/// One event. A record has one, a batch several; a batch without events is seen as one event without fields.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) record: Record<'a>,
    pub(super) id: RecordId,
    pub(super) header: Fields<'a>,
    /// What is odd about the record, with what showed when it was taken apart.
    pub(super) flags: Flags,
    /// The place of the event in its batch.
    pub(super) place: Option<usize>,
    /// What it says: MSG, or, for an event of a batch, its fields by the producer's names as a JSON object.
    pub(super) message: &'a [u8],
    event: Option<Event<'a>>,
    values: [Option<FieldValue<'a>>; FIELDS],
    /// The fields that were asked for and had a value, a bit for each.
    used: Cell<u128>,
}

const _: () = assert!(FIELDS <= u128::BITS as usize, "a bit for each");

/// Memory that is kept from record to record.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    extractor: Extractor,
    names: Names,
    native: Vec<u8>,
}

/// Calls `write` with each event of the record, one after another. It gets at least one.
pub(super) fn each_event(record: &Record<'_>, id: RecordId, buffers: &mut Buffers, mut write: impl FnMut(&View<'_>)) {
    let Buffers { extractor, names, native } = buffers;
    let (octets, spans, class) = (record.octets(), record.header(), record.class());
    let input = Input { octets, header: spans, class, flags: record.flags() };
    let extraction = extractor.extract(&input, Wanted::ALL);
    let mut header = fields(octets, spans);
    let events = extraction.events().map(Some).chain((extraction.events().len() == 0).then_some(None));
    for (place, event) in events.enumerate() {
        let is_in_batch = extraction.is_batch() && event.is_some();
        if let Some(event) = event.filter(|_| is_in_batch) {
            native.clear();
            native.shrink_to(Extractor::KEPT_BYTES);
            write_native(event.native(), names, native);
        }
        if place > 0 {
            keep_short(&mut header);
        }
        let mut values = [None; FIELDS];
        for (field, value) in event.iter().flat_map(|event| fields_at(event, place)) {
            values[field as usize] = Some(value);
        }
        write(&View {
            record: *record,
            id,
            header,
            flags: extraction.flags(),
            place: is_in_batch.then_some(place),
            message: if is_in_batch { native } else { header.message },
            event,
            values,
            used: Cell::new(0),
        });
    }
}

/// As [`fields_at`], for the header.
fn keep_short(header: &mut Fields<'_>) {
    let texts = [
        &mut header.timestamp,
        &mut header.hostname,
        &mut header.app_name,
        &mut header.procid,
        &mut header.msgid,
        &mut header.tag,
    ];
    for text in texts {
        *text = text.filter(|text| is_repeated(text));
    }
    header.structured_data = StructuredData::new(b"");
}

impl<'a> View<'a> {
    /// The value of a field, if it is of the field's kind.
    pub(super) fn field(&self, field: Field) -> Option<Value<'a>> {
        let value = match (field.kind(), self.values[field as usize]?) {
            (FieldKind::Integer, FieldValue::Integer(number)) => Value::Integer(number),
            (FieldKind::Integer, FieldValue::Text(_)) => return None,
            (_, FieldValue::Text(text)) => Value::Text(text),
            (_, FieldValue::Integer(number)) => Value::Digits(number),
            (_, FieldValue::Words(words)) => Value::Words(words),
        };
        self.used.set(self.used.get() | 1 << field as u32);
        Some(value)
    }

    /// The text of a field.
    pub(super) fn text(&self, field: Field) -> Option<&'a [u8]> {
        match self.field(field)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a field.
    pub(super) fn integer(&self, field: Field) -> Option<i64> {
        match self.field(field)? {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// The text of a field, if that is an address.
    pub(super) fn address(&self, field: Field) -> Option<&'a [u8]> {
        self.peek(field).filter(|text| is_address(text)).and_then(|_| self.text(field))
    }

    /// The text of a field, of which the one who asks makes no other use.
    pub(super) fn peek(&self, field: Field) -> Option<&'a [u8]> {
        match self.values[field as usize]? {
            FieldValue::Text(text) => Some(text),
            FieldValue::Integer(_) | FieldValue::Words(_) => None,
        }
    }

    /// As [`Self::peek`], for a number.
    pub(super) fn peek_integer(&self, field: Field) -> Option<i64> {
        match self.values[field as usize]? {
            FieldValue::Integer(number) => Some(number),
            FieldValue::Text(_) | FieldValue::Words(_) => None,
        }
    }

    /// The fields that have a value that no one has asked for.
    pub(super) fn unused(&self) -> impl Iterator<Item = (Field, Value<'a>)> {
        let used = self.used.get();
        let unused = Field::ALL.iter().filter(move |field| used >> **field as u32 & 1 == 0);
        unused.filter_map(|field| Some((*field, self.field(*field)?)))
    }

    /// What kind of event it is.
    pub(super) fn meaning(&self) -> &'static extract::Meaning {
        self.event.as_ref().map_or(&extract::Meaning::NONE, Event::meaning)
    }

    /// When it happened, in nanoseconds since the epoch: by the producer's clock, or else by the header, or else when the
    /// record was read.
    pub(super) fn time(&self) -> i64 {
        let stamps = [self.text(Field::Timestamp), self.header.timestamp];
        let sent = stamps.into_iter().flatten().find_map(timestamp_nanos);
        sent.unwrap_or_else(|| self.received_at())
    }

    /// When it was read, in nanoseconds since the epoch.
    pub(super) fn received_at(&self) -> i64 {
        i64::try_from(self.record.received_at().0).unwrap_or(i64::MAX)
    }

    /// Fields by the producer's names; of a batch only those of this event.
    pub(super) fn native(&self) -> impl Iterator<Item = Item<'a>> {
        self.event.iter().flat_map(Event::native)
    }

    /// The text of a field by the producer's name, if it is not inside another.
    pub(super) fn native_text(&self, name: &str) -> Option<&'a [u8]> {
        let mut depth = 0;
        self.native().find_map(|item| {
            match item.value {
                Native::Object | Native::Array => depth += 1,
                Native::End => depth -= 1,
                Native::Text(text) if depth == 0 && item.name == Some(name.as_bytes()) => return Some(text),
                _ => {}
            }
            None
        })
    }

    /// CEF's severity, if that is a number.
    pub(super) fn cef_severity(&self) -> Option<i64> {
        std::str::from_utf8(self.native_text("cef.severity")?).ok()?.parse().ok()
    }

    /// The sender's name for its program: APP-NAME or TAG.
    pub(super) fn program(&self) -> Option<&'a [u8]> {
        self.header.app_name.or(self.header.tag)
    }

    /// HOSTNAME, if it is a name.
    pub(super) fn hostname(&self) -> Option<&'a [u8]> {
        self.header.hostname.filter(|name| !is_address(name))
    }

    /// What wrote the record: by the class, or by CEF's header, or else the program's name.
    pub(super) fn product(&self, name: fn(&Producer) -> &'static str) -> Option<Value<'a>> {
        match Producer::of(self.record.class()) {
            Some(producer) => word(name(producer)),
            None => self.native_text("cef.device_product").or(self.program()).map(Value::Text),
        }
    }

    /// Who makes what wrote the record.
    pub(super) fn vendor(&self) -> Option<Value<'a>> {
        match Producer::of(self.record.class()) {
            Some(producer) => word(producer.vendor),
            None => self.native_text("cef.device_vendor").map(Value::Text),
        }
    }

    /// All octets of a record that is not UTF-8; of a batch once, with its first event.
    pub(super) fn raw_octets(&self) -> Option<Value<'a>> {
        let is_first = self.place.is_none_or(|place| place == 0);
        let is_broken = || std::str::from_utf8(self.record.octets()).is_err();
        (is_first && is_broken()).then(|| Value::Base64(self.record.octets()))
    }
}

/// Whether the text is an IPv4 or IPv6 address and nothing else.
pub(super) fn is_address(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.parse::<IpAddr>().is_ok())
}
