//! What holds of any extraction.

use std::collections::HashSet;
use std::net::IpAddr;

use classify::header::{locate, locate_raw};
use extract::{Event, Extraction, Extractor, Field, FieldKind, FieldValue, Input, Item, Value, Wanted};
use record::{Class, Flags, HeaderSpans};

use crate::origin::Source;

/// Takes `frame` apart as a record of each of `classes`, with its header and as if it had none.
///
/// # Panics
/// When a rule is broken: that is the finding.
pub fn check(frame: &[u8], classes: &[Class]) {
    for located in [locate_raw(frame), locate(frame)] {
        for class in classes {
            check_as(frame, &located.spans, *class);
        }
    }
}

/// Takes `frame` apart as a record of `class`, for all that can be wanted.
fn check_as(frame: &[u8], header: &HeaderSpans, class: Class) {
    let input = Input { octets: frame, header, class, flags: Flags::NONE };
    let (mut all, mut natives, mut events) = (Extractor::new(), Extractor::new(), Extractor::new());
    let all = all.extract(&input, Wanted::ALL);
    let mut source = Source::new(frame);
    // Of the members that no rule knows, those of Kubernetes and UCP are given as they come: whoever writes them takes the first.
    let may_repeat = matches!(class, Class::K8sAudit | Class::UcpAudit);
    check_items(all.native(), may_repeat, &mut source);
    check_events(&all, &mut source);

    let natives = natives.extract(&input, Wanted { native: true, event: false });
    assert!(natives.native().eq(all.native()), "the producer's fields depend on whether the event is wanted");
    let events = events.extract(&input, Wanted { native: false, event: true });
    assert!(events.native().next().is_none(), "fields that nobody wanted");
    assert!(
        events.events().map(fields).eq(all.events().map(fields)),
        "the event depends on whether the producer's fields are wanted"
    );
    assert_eq!([natives.flags(), events.flags()], [all.flags(); 2]);
}

fn fields(event: Event<'_>) -> Vec<(Field, FieldValue<'_>)> {
    event.fields().collect()
}

/// Objects and arrays end, members have names, elements have none, no name comes twice, and every text is the record's.
fn check_items<'a>(items: impl Iterator<Item = Item<'a>>, may_repeat: bool, source: &mut Source<'_>) {
    let mut open = vec![Open::object(0)];
    for (index, Item { name, value }) in items.enumerate() {
        if value == Value::End {
            open.pop();
            assert!(!open.is_empty(), "an end without its beginning");
            continue;
        }
        open.last_mut().expect("the outermost never ends").takes(name, index, may_repeat);
        match value {
            Value::Text(text) | Value::Json(text) => assert!(
                source.has(text) || MESSAGE_TYPES.contains(&text),
                "{:?} is not the record's: {:?}",
                name.map(|name| name.escape_ascii().to_string()),
                text.escape_ascii().to_string()
            ),
            Value::Integer(_) | Value::Boolean(_) => {}
            Value::Object => open.push(Open::object(index + 1)),
            Value::Array => open.push(Open::Array),
            Value::End => unreachable!("seen above"),
        }
    }
    assert_eq!(open.len(), 1, "an object or array does not end");
}

/// What a drain says with its PRI, by the names of a LogMessage.
const MESSAGE_TYPES: [&[u8]; 2] = [b"OUT", b"ERR"];

/// An object or array that has begun.
enum Open<'a> {
    Object { start: usize, names: HashSet<&'a [u8]> },
    Array,
}

impl<'a> Open<'a> {
    /// So many items of an object are compared with later ones.
    const COMPARED: usize = 64;

    fn object(start: usize) -> Self {
        Self::Object { start, names: HashSet::new() }
    }

    fn takes(&mut self, name: Option<&'a [u8]>, index: usize, may_repeat: bool) {
        match (self, name) {
            (Self::Object { start, names }, Some(name)) => {
                assert!(may_repeat || !names.contains(name), "{:?} twice", name.escape_ascii().to_string());
                if index - *start < Self::COMPARED {
                    names.insert(name);
                }
            }
            (Self::Array, None) => {}
            (Self::Object { .. }, None) => panic!("a member without a name"),
            (Self::Array, Some(name)) => panic!("an element is called {:?}", name.escape_ascii().to_string()),
        }
    }
}

fn check_events(extraction: &Extraction<'_>, source: &mut Source<'_>) {
    assert!(extraction.is_batch() || extraction.events().len() == 1, "a record is one event, or a batch");
    for event in extraction.events() {
        let mut seen = HashSet::new();
        for (field, value) in event.fields() {
            assert!(seen.insert(field), "{} twice", field.name());
            assert_eq!(event.get(field), Some(value), "{}", field.name());
            check_value(field, value, source);
        }
        // Items of one event are in balance, too.
        let depth = event.native().fold(0_usize, |depth, item| match item.value {
            Value::Object | Value::Array => depth + 1,
            Value::End => depth.checked_sub(1).expect("an end without its beginning"),
            _ => depth,
        });
        assert_eq!(depth, 0, "an object or array of an event does not end");
    }
}

fn check_value(field: Field, value: FieldValue<'_>, source: &mut Source<'_>) {
    let name = field.name();
    match (field.kind(), value) {
        (FieldKind::Time, FieldValue::Text(stamp)) => {
            assert!(header::timestamp_nanos(stamp).is_some() && stamp.ends_with(b"Z"), "{name}: {stamp:?}");
        }
        (FieldKind::Ip, FieldValue::Text(address)) => {
            let text = std::str::from_utf8(address).expect("an address is ASCII");
            assert!(text.parse::<IpAddr>().is_ok(), "{name}: {text}");
            assert!(source.has(address), "{name}: {text} is not the record's");
        }
        (FieldKind::Text, FieldValue::Text(text)) => {
            assert!(!text.is_empty(), "{name} is empty");
            assert!(is_made(field, text, source), "{name} is not the record's: {:?}", text.escape_ascii().to_string());
        }
        (FieldKind::Integer, FieldValue::Integer(_)) => {}
        (FieldKind::Words, FieldValue::Words(words)) => assert!(!words.is_empty(), "{name} has no word"),
        (kind, value) => panic!("{name} is {kind:?}, but has {value:?}"),
    }
}

/// Whether `text` is the record's, a word of ours, or made of several parts of the record.
fn is_made(field: Field, text: &[u8], source: &mut Source<'_>) -> bool {
    let has_both = |separator: u8, source: &mut Source<'_>| {
        let mut places = text.iter().enumerate().filter(|(_, octet)| **octet == separator).map(|(place, _)| place);
        places.any(|place| source.has(&text[..place]) && source.has(&text[place + 1..]))
    };
    match field {
        Field::EventKind | Field::EventDataset | Field::EventOutcome | Field::ObjectType | Field::OrchestratorType => {
            true
        }
        // Methods of UCP's swarm API that its record does not name; streams and processes by other words.
        Field::HttpMethod | Field::Stream | Field::PlatformProcess => true,
        // A method and a path, an id and a stage.
        Field::EventAction => source.has(text) || has_both(b' ', source),
        Field::EventId => source.has(text) || has_both(b'/', source),
        _ => source.has(text),
    }
}
