//! What a condition can name.

use extract::{Field, FieldKind};
use record::{Class, Facility, Flags, Severity};

use crate::error::{Mistake, shown};
use crate::limits::NATIVE_PARTS_MAX;
use crate::nearest::hint;

/// Begins the names of the producer's own fields.
pub(crate) const NATIVE: &str = "native.";

/// Something of a record that a condition can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    Class,
    Flags,
    Listener,
    Peer,
    Facility,
    Severity,
    Header(HeaderField),
    Message,
    /// A field of the normalised event.
    Event(Field),
    /// A field by the producer's name, without [`NATIVE`].
    Native(Box<str>),
}

/// A text of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderField {
    Hostname,
    AppName,
    Procid,
    Msgid,
    Tag,
}

/// What the values of a name are, and with that, which operators it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// An address of the Internet Protocol.
    Address,
    Integer,
    /// Some words of a closed list.
    Words,
    /// A word of a closed list; each also has a number, its place in the list.
    Level,
    /// Whatever the producer wrote.
    Any,
}

/// The names that are not fields of the normalised event.
const OF_RECORD: &[(&str, Name, Kind, &str)] = &[
    ("class", Name::Class, Kind::Words, "The class of the record."),
    ("flags", Name::Flags, Kind::Words, "What is odd about the record; any number of words."),
    ("listener", Name::Listener, Kind::Text, "The listener that took the record, by its name in the configuration."),
    (
        "peer",
        Name::Peer,
        Kind::Address,
        "The address that sent the record, as the kernel tells; none for unix sockets.",
    ),
    ("msg", Name::Message, Kind::Text, "MSG as received: what follows the header, or all when there is no header."),
    ("syslog.facility", Name::Facility, Kind::Level, "The facility of PRI: kern, user, … or 0, 1, …"),
    (
        "syslog.severity",
        Name::Severity,
        Kind::Level,
        "The severity of PRI: emerg to debug, or 0 to 7; a lower number is worse.",
    ),
    ("syslog.hostname", Name::Header(HeaderField::Hostname), Kind::Text, "HOSTNAME."),
    ("syslog.app_name", Name::Header(HeaderField::AppName), Kind::Text, "APP-NAME (RFC 5424 only)."),
    ("syslog.procid", Name::Header(HeaderField::Procid), Kind::Text, "PROCID, or the pid after an RFC 3164 tag."),
    ("syslog.msgid", Name::Header(HeaderField::Msgid), Kind::Text, "MSGID (RFC 5424 only)."),
    ("syslog.tag", Name::Header(HeaderField::Tag), Kind::Text, "TAG without pid and colon (RFC 3164 only)."),
];

impl Name {
    /// What is called `name`.
    pub(crate) fn find(name: &str, at: usize) -> Result<Self, Mistake> {
        if let Some(path) = name.strip_prefix(NATIVE) {
            let parts = path.split('.');
            return match parts.clone().all(|part| !part.is_empty()) && parts.count() <= NATIVE_PARTS_MAX {
                true => Ok(Self::Native(path.into())),
                false => {
                    let expected = format!("1 to {NATIVE_PARTS_MAX} parts after {NATIVE}, none of them empty");
                    Err(Mistake::new(at, shown(name), expected))
                }
            };
        }
        if let Some((_, found, ..)) = OF_RECORD.iter().find(|(known, ..)| *known == name) {
            return Ok(found.clone());
        }
        Field::from_name(name).map(Self::Event).ok_or_else(|| {
            let near = hint(name, names().map(|(known, _)| known));
            let expected = format!("the name of a field, or {NATIVE}… for a producer's own{near}");
            Mistake::new(at, shown(name), expected)
        })
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Event(field) => match field.kind() {
                FieldKind::Text | FieldKind::Time | FieldKind::Words => Kind::Text,
                FieldKind::Ip => Kind::Address,
                FieldKind::Integer => Kind::Integer,
            },
            Self::Native(_) => Kind::Any,
            of_record => {
                let found = OF_RECORD.iter().find(|(_, known, ..)| known == of_record);
                found.map_or(Kind::Text, |(_, _, kind, _)| *kind)
            }
        }
    }

    /// The only values there are, by the place of each; `None` when anything can be.
    pub(crate) fn values(&self) -> Option<Vec<&'static str>> {
        match self {
            Self::Class => Some(Class::ALL.iter().map(|class| class.name()).collect()),
            Self::Flags => Some(Flags::ALL.iter().map(|(_, name)| *name).collect()),
            Self::Facility => Some(Facility::ALL.iter().map(|facility| facility.name()).collect()),
            Self::Severity => Some(Severity::ALL.iter().map(|severity| severity.name()).collect()),
            Self::Event(Field::EventOutcome) => Some(vec!["success", "failure", "unknown"]),
            Self::Event(Field::EventDataset) => Self::Class.values(),
            _ => None,
        }
    }
}

/// Every name that a condition can use, with its meaning in a sentence; beside these there are the producers' own names
/// after `native.`.
pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_record = OF_RECORD.iter().map(|(name, _, _, meaning)| (*name, *meaning));
    of_record.chain(Field::ALL.iter().map(|field| (field.name(), field.meaning())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_none_stands_for_two_things() {
        let mut all: Vec<_> = names().map(|(name, _)| name).collect();
        for name in &all {
            Name::find(name, 0).unwrap();
            assert!(!name.starts_with(NATIVE), "{name}");
        }
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn a_misspelt_name_is_told_what_was_meant() {
        let mistake = Name::find("event.outcom", 7).unwrap_err();
        assert_eq!((mistake.at, mistake.found.as_str()), (7, "`event.outcom`"));
        assert!(mistake.expected.ends_with("; did you mean event.outcome?"), "{}", mistake.expected);
        assert!(Name::find(NATIVE, 0).is_err());
    }
}
