//! Documents against the facts of the published schema.

use std::net::IpAddr;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;

use super::corpus::{LINES, damaged};
use super::*;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(include_str!("../../../schema/ocsf/schema.json")).unwrap();
    assert_eq!(schema["version"], OCSF_VERSION);
    schema
});

/// Checks the members of an event or object: names, types, what is required, constraints.
fn check_members(place: &str, members: &Value, rules: &Value) {
    let members = members.as_object().unwrap_or_else(|| panic!("{place} is to be an object, found {members}"));
    let attributes = rules["attributes"].as_object().unwrap();
    for (name, value) in members {
        let place = format!("{place}.{name}");
        let rule = attributes.get(name).unwrap_or_else(|| panic!("{place} is not in the schema"));
        assert!(rule.get("deprecated").is_none(), "{place} is deprecated");
        if rule.get("is_array").is_some() {
            let values = value.as_array().unwrap_or_else(|| panic!("{place} is to be an array, found {value}"));
            assert!(!values.is_empty(), "{place} is empty");
            values.iter().for_each(|value| check_value(&place, value, rule));
        } else {
            check_value(&place, value, rule);
        }
    }
    for (name, rule) in attributes {
        assert!(rule.get("required").is_none() || members.contains_key(name), "{place}.{name} is required");
    }
    for (kind, names) in rules["constraints"].as_object().into_iter().flatten() {
        let count =
            names.as_array().unwrap().iter().filter(|name| members.contains_key(name.as_str().unwrap())).count();
        let holds = match kind.as_str() {
            "at_least_one" => count >= 1,
            "just_one" => count == 1,
            unknown => panic!("the test does not know the constraint {unknown}"),
        };
        assert!(holds, "{place} has {count} of {names}, to be {kind}");
    }
}

fn check_value(place: &str, value: &Value, rule: &Value) {
    let name = rule["type"].as_str().unwrap();
    if let Some(object) = SCHEMA["objects"].get(name) {
        // The only object without attributes is the one whose names are free.
        if name != "object" {
            check_members(place, value, object);
        }
        assert!(value.as_object().is_some_and(|members| !members.is_empty()), "{place} is empty: {value}");
        return;
    }
    let kind = SCHEMA["types"].get(name).unwrap_or_else(|| panic!("{place}: the type {name} is not in the facts"));
    let text = value.as_str();
    let holds = match (name, kind["type"].as_str().unwrap_or(name)) {
        ("ip_t", _) => text.is_some_and(|text| text.parse::<IpAddr>().is_ok()),
        ("port_t", _) => value.as_u64().is_some_and(|port| port <= kind["range"][1].as_u64().unwrap()),
        // Of the types with a pattern no other occurs.
        (_, "string_t") => text.is_some() && kind.get("regex").is_none(),
        (_, "integer_t") => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        (_, "long_t") => value.is_i64(),
        (_, "boolean_t") => value.is_boolean(),
        (_, unknown) => panic!("the test does not know the type {unknown}"),
    };
    assert!(holds, "{place} is to be {name}, found {value}");
    if let Some(allowed) = rule.get("enum").and_then(Value::as_array) {
        let found = text.map_or_else(|| value.to_string(), str::to_owned);
        assert!(allowed.iter().any(|allowed| *allowed == found), "{place} is to be one of {allowed:?}, found {found}");
    }
}

/// The documents of a record, after all checks.
fn documents(sample: Sample) -> Vec<Value> {
    let text = String::from_utf8(sample.encoded(Encoding::Ocsf)).unwrap();
    let documents = text.lines().map(|line| {
        let document: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let number = |name: &str| document[name].as_u64().unwrap();
        let class = &SCHEMA["classes"][number("class_uid").to_string()];
        assert!(class.is_object() && class.get("deprecated").is_none(), "{line}");
        check_members("event", &document, class);
        assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"));
        assert_eq!(document["metadata"]["version"], OCSF_VERSION);
        document
    });
    documents.collect()
}

#[test]
fn every_line_of_the_corpus_gives_valid_events_that_keep_every_field() {
    /// All strings and numbers that stand anywhere in a value, as text.
    fn leaves(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => members.values().for_each(|value| leaves(value, found)),
            Value::Array(values) => values.iter().for_each(|value| leaves(value, found)),
            Value::String(text) => found.push(text.clone()),
            value => found.push(value.to_string()),
        }
    }
    for line in LINES.iter() {
        let documents = documents(line.sample());
        let expected = &line.fields["ecs"];
        let events = expected["events"].as_array().cloned().unwrap_or_else(|| vec![expected.clone()]);
        assert_eq!(documents.len(), events.len().max(1), "{}", line.id);
        for (document, event) in documents.iter().zip(events) {
            let mut found = Vec::new();
            leaves(document, &mut found);
            for (name, value) in event.as_object().into_iter().flatten() {
                let is_there = match (name.as_str(), value) {
                    // In the schema's own terms.
                    ("event.kind" | "event.category" | "event.type" | "event.outcome", _) => true,
                    ("url.original", Value::String(url)) => {
                        url.split('?').take(1).all(|part| found.iter().any(|text| text == part))
                    }
                    (_, Value::String(text)) => found.contains(text),
                    (_, value) => found.contains(&value.to_string()),
                };
                assert!(is_there, "{}: {name} {value} is lost in {document}", line.id);
            }
        }
    }
}

proptest! {
    #[test]
    fn damaged_lines_give_valid_events(sample in damaged()) {
        documents(sample);
    }

    #[test]
    fn any_octets_in_any_class_give_valid_events(sample in properties::sample()) {
        documents(sample);
    }
}
