//! A record as far as it is known, and what it has to compare.

use extract::{Event, Extraction, Extractor, FieldValue};
use record::{Flags, Peer, Record};

use crate::check::{Check, Value};
use crate::name::{HeaderField, Name};
use crate::native;
use crate::tree::Comparison;

/// Flags that may show only when a record is taken apart.
pub(crate) const SEEN_LATER: Flags = Extractor::FLAGS;

/// A record, and its extraction once there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) record: &'a Record<'a>,
    pub(crate) extraction: Option<&'a Extraction<'a>>,
}

impl Subject<'_> {
    /// Whether `comparison` holds for the record as a whole; `None` when that depends on the event, or on an extraction
    /// that is not there.
    pub(crate) fn decide(&self, comparison: &Comparison) -> Option<bool> {
        match comparison {
            Comparison::Listed(name, places) => self.has_listed(name, *places),
            Comparison::Value(name, check) => self.has_value(name, check),
        }
    }

    fn has_listed(&self, name: &Name, places: u64) -> Option<bool> {
        let has = |place: usize| places >> place & 1 == 1;
        let pri = self.record.header().pri;
        match name {
            Name::Class => Some(has(self.record.class().index())),
            Name::Facility => Some(pri.is_some_and(|pri| has(pri.facility() as usize))),
            Name::Severity => Some(pri.is_some_and(|pri| has(pri.severity() as usize))),
            _ => {
                let flags = self.extraction.map_or(self.record.flags(), Extraction::flags);
                let found = flags.indexes().any(has);
                let may_come = self.extraction.is_none() && SEEN_LATER.indexes().any(has);
                (found || !may_come).then_some(found)
            }
        }
    }

    fn has_value(&self, name: &Name, check: &Check) -> Option<bool> {
        let record = self.record;
        let value = match name {
            Name::Listener => Some(Value::Text(record.origin().listener.as_bytes())),
            Name::Peer => match record.peer() {
                Peer::Ip(address) => Some(Value::Address(address.ip())),
                Peer::Unix { .. } | Peer::Unnamed => None,
            },
            Name::Message => Some(Value::Text(record.message())),
            Name::Header(field) => header_text(record, *field).map(Value::Text),
            _ => return None,
        };
        Some(value.is_some_and(|value| check.holds(value)))
    }
}

fn header_text<'a>(record: &Record<'a>, field: HeaderField) -> Option<&'a [u8]> {
    let fields = header::fields(record.octets(), record.header());
    match field {
        HeaderField::Hostname => fields.hostname,
        HeaderField::AppName => fields.app_name,
        HeaderField::Procid => fields.procid,
        HeaderField::Msgid => fields.msgid,
        HeaderField::Tag => fields.tag,
    }
}

/// Whether `comparison` holds for `event`.
pub(crate) fn holds_for(event: &Event<'_>, comparison: &Comparison) -> bool {
    match comparison {
        Comparison::Value(Name::Event(field), check) => match event.get(*field) {
            Some(FieldValue::Text(text)) => check.holds(Value::Text(text)),
            Some(FieldValue::Integer(number)) => check.holds(Value::Integer(number)),
            Some(FieldValue::Words(words)) => words.iter().any(|word| check.holds(Value::Text(word.as_bytes()))),
            None => false,
        },
        Comparison::Value(Name::Native(path), check) => native::any(event.native(), path, |value| check.holds(value)),
        Comparison::Value(..) | Comparison::Listed(..) => false,
    }
}
