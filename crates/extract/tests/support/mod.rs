//! Extractions as JSON values, for comparison with the labels of the corpus.

use gully_extract::{Event, Extraction, Extractor, FieldValue, Input, Item, Value as Native, Wanted};
use record::Flags;
use serde_json::{Map, Value, json};

/// What was found in a message.
#[allow(dead_code, reason = "no test asks for all of it")]
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) class: &'static str,
    pub(crate) native: Value,
    pub(crate) ecs: Value,
    pub(crate) flags: Flags,
}

/// Classifies a message as its `transport` demands, and takes it apart.
pub(crate) fn extract(message: &[u8], transport: &str) -> Found {
    let located = match transport {
        "raw" => classify::header::locate_raw(message),
        "rfc5424" => classify::header::locate_rfc5424(message),
        "rfc3164" => classify::header::locate_rfc3164(message),
        _ => classify::header::locate(message),
    };
    let verdict = classify::classify_located(message, located);
    let mut extractor = Extractor::new();
    let input = Input { octets: message, header: &verdict.header, class: verdict.class, flags: verdict.flags };
    let extraction = extractor.extract(&input, Wanted::ALL);
    Found { class: verdict.class.name(), native: native(&extraction), ecs: ecs(&extraction), flags: extraction.flags() }
}

/// The producer's fields as one object.
pub(crate) fn native(extraction: &Extraction<'_>) -> Value {
    let mut items = extraction.native();
    object(&mut items)
}

fn object<'a>(items: &mut impl Iterator<Item = Item<'a>>) -> Value {
    let mut members = Map::new();
    while let Some(item) = items.next() {
        if item.value == Native::End {
            break;
        }
        let name = text(item.name.expect("a member has a name"));
        let value = value(item, items);
        assert!(members.insert(name.clone(), value).is_none(), "the member {name} twice");
    }
    Value::Object(members)
}

fn array<'a>(items: &mut impl Iterator<Item = Item<'a>>) -> Value {
    let mut elements = Vec::new();
    while let Some(item) = items.next() {
        if item.value == Native::End {
            break;
        }
        assert_eq!(item.name, None, "an element has no name");
        elements.push(value(item, items));
    }
    Value::Array(elements)
}

fn value<'a>(item: Item<'a>, items: &mut impl Iterator<Item = Item<'a>>) -> Value {
    match item.value {
        Native::Text(octets) => text(octets).into(),
        Native::Json(octets) => {
            serde_json::from_slice(octets).unwrap_or_else(|error| panic!("{error}: {:?}", text(octets)))
        }
        Native::Integer(number) => number.into(),
        Native::Boolean(mark) => mark.into(),
        Native::Object => object(items),
        Native::Array => array(items),
        Native::End => unreachable!("the caller has seen it"),
    }
}

/// The normalised event, or `events`, by flat dotted names.
pub(crate) fn ecs(extraction: &Extraction<'_>) -> Value {
    let mut events: Vec<Value> = extraction.events().map(|event| flat(&event)).collect();
    if extraction.is_batch() { json!({ "events": events }) } else { events.remove(0) }
}

fn flat(event: &Event<'_>) -> Value {
    let members = event.fields().map(|(field, value)| {
        let value = match value {
            FieldValue::Text(octets) => text(octets).into(),
            FieldValue::Integer(number) => number.into(),
            FieldValue::Words(words) => json!(words),
        };
        (field.name().to_owned(), value)
    });
    Value::Object(members.collect())
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}
