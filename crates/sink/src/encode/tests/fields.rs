//! The members `native` and `ecs`: every field comes back, octet by octet.

use extract::{Event, Extraction, Extractor, FieldValue, Input, Item, Value as Native, Wanted};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::corpus::{LINES, damaged};
use super::*;
use crate::encode::fields::{Names, write_native};

fn text(octets: &[u8]) -> Value {
    String::from_utf8_lossy(octets).into()
}

/// The value that begins with this item, its contents taken from those that follow.
fn native_value<'a>(item: Item<'a>, items: &mut impl Iterator<Item = Item<'a>>) -> Value {
    match item.value {
        Native::Text(octets) => text(octets),
        Native::Json(octets) => {
            let mut copy = Vec::new();
            let is_sound = embedded::write_embedded_value(octets, &mut copy);
            if is_sound { serde_json::from_slice(octets).unwrap() } else { text(octets) }
        }
        Native::Integer(number) => number.into(),
        Native::Boolean(mark) => mark.into(),
        Native::Object => native_object(items),
        Native::Array => {
            let mut values = Vec::new();
            while let Some(item) = items.next().filter(|item| item.value != Native::End) {
                values.push(native_value(item, items));
            }
            Value::Array(values)
        }
        Native::End => panic!("an end without a beginning"),
    }
}

fn native_object<'a>(items: &mut impl Iterator<Item = Item<'a>>) -> Value {
    let mut members = Map::new();
    while let Some(item) = items.next().filter(|item| item.value != Native::End) {
        let Value::String(name) = text(item.name.unwrap()) else { unreachable!() };
        let value = native_value(item, items);
        members.entry(name).or_insert(value);
    }
    Value::Object(members)
}

fn ecs_object(extraction: &Extraction<'_>) -> Value {
    let flat = |event: Event<'_>| {
        let members = event.fields().map(|(field, value)| {
            let value = match value {
                FieldValue::Text(octets) => text(octets),
                FieldValue::Integer(number) => number.into(),
                FieldValue::Words(words) => json!(words),
            };
            (field.name().to_owned(), value)
        });
        Value::Object(members.collect())
    };
    let mut events = extraction.events().map(flat).collect::<Vec<_>>();
    if extraction.is_batch() { json!({ "events": events }) } else { events.remove(0) }
}

/// The record as a reader gets it, which has what the extractor found.
fn check(sample: Sample) -> Value {
    let mut extractor = Extractor::new();
    let frame = sample.frame.clone();
    let header = sample.header;
    let input = Input { octets: &frame, header: &header, class: sample.class, flags: sample.flags };
    let extraction = extractor.extract(&input, Wanted::ALL);
    let record = serde_json::from_slice::<Value>(&sample.encoded(FIELDS)).unwrap();
    schema::check(&record);
    assert_eq!(record["native"], native_object(&mut extraction.native()));
    assert_eq!(record["ecs"], ecs_object(&extraction));
    assert_eq!(record["flags"], json!(extraction.flags().names().collect::<Vec<_>>()));
    record
}

#[test]
fn every_field_of_the_corpus_comes_back() {
    for line in LINES.iter() {
        let record = check(line.sample());
        for set in ["native", "ecs"] {
            compare(&format!("{}: {set}", line.id), &line.fields[set], &record[set]);
        }
    }
}

/// Members that are expected are there and equal; there may be others.
fn compare(place: &str, expected: &Value, found: &Value) {
    for (name, value) in expected.as_object().into_iter().flatten() {
        match (name.as_str(), value.as_array(), found[name].as_array()) {
            ("events", Some(events), Some(found)) => {
                assert_eq!(events.len(), found.len(), "{place}");
                let pairs = events.iter().zip(found).enumerate();
                pairs.for_each(|(index, (event, found))| compare(&format!("{place}[{index}]"), event, found));
            }
            _ => assert_eq!(&found[name], value, "{place}.{name}"),
        }
    }
}

proptest! {
    #[test]
    fn damaged_lines_come_back(sample in damaged()) {
        check(sample);
    }

    #[test]
    fn any_octets_in_any_class_come_back(sample in properties::sample()) {
        check(sample);
    }
}

#[test]
fn members_are_there_on_request_only() {
    let line = LINES.iter().find(|line| line.fields["native"]["cef.version"].is_string()).unwrap();
    let record = |native, ecs| {
        let encoding = Encoding::Json(JsonOptions { native, ecs, ..PLAIN });
        serde_json::from_slice::<Value>(&line.sample().encoded(encoding)).unwrap()
    };
    let (neither, both) = (record(false, false), record(true, true));
    for (native, ecs) in [(false, false), (true, false), (false, true)] {
        let found = record(native, ecs);
        assert_eq!(found.get("native"), both.get("native").filter(|_| native));
        assert_eq!(found.get("ecs"), both.get("ecs").filter(|_| ecs));
        assert_eq!(found["message"], neither["message"]);
    }
}

fn write(items: &[(Option<&str>, Native<'static>)]) -> String {
    let mut out = Vec::new();
    let items = items.iter().map(|(name, value)| Item { name: name.map(str::as_bytes), value: *value });
    write_native(items, &mut Names::default(), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn of_two_members_with_one_name_the_first_is_written() {
    let one = Native::Integer(1);
    let found = write(&[
        (Some("a"), one),
        (Some("a"), Native::Object),
        (Some("b"), Native::Array),
        (None, Native::End),
        (None, Native::End),
        (Some("b"), Native::Object),
        (Some("a"), Native::Integer(2)),
        (Some("a"), Native::Integer(3)),
        (None, Native::End),
        (Some("b"), Native::Integer(4)),
        (Some("c"), Native::Array),
        (None, Native::Object),
        (Some("a"), one),
        (None, Native::End),
        (None, Native::Object),
        (Some("a"), one),
        (Some("a"), one),
        (None, Native::End),
        (None, one),
        (None, Native::End),
    ]);
    assert_eq!(found, r#"{"a":1,"b":{"a":2},"c":[{"a":1},{"a":1},1]}"#);
}

#[test]
fn names_that_look_alike_when_written_are_one() {
    let mut out = Vec::new();
    let names: [&[u8]; 4] = [b"a\xff", b"a\xfe", "a\u{fffd}".as_bytes(), b"a"];
    let items = names.iter().enumerate();
    let items = items.map(|(place, name)| Item { name: Some(name), value: Native::Integer(place as i64) });
    write_native(items, &mut Names::default(), &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), "{\"a\u{fffd}\":0,\"a\":3}");
}

#[test]
fn what_is_left_open_is_closed_and_json_that_is_not_sound_is_text() {
    let found = write(&[
        (Some("a"), Native::Json(br#"{"b": [1,"x"]}"#)),
        (Some("b"), Native::Json(br#"{"b":01}"#)),
        (Some("c"), Native::Object),
        (Some("d"), Native::Array),
        (None, Native::Boolean(true)),
    ]);
    assert_eq!(found, r#"{"a":{"b": [1,"x"]},"b":"{\"b\":01}","c":{"d":[true]}}"#);
    assert_eq!(write(&[(None, Native::End), (None, Native::End)]), "{}");
}
