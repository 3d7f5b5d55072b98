//! Documents against the facts of the published schema.

use std::collections::HashMap;
use std::net::IpAddr;

use extract::Field;
use proptest::prelude::*;
use serde_json::Value;

use super::corpus::{LINES, damaged};
use super::*;

/// Roots beside the schema, as `EVENTS.md` lists them.
const OWN_ROOTS: &[&str] = &["cloudfoundry", "gully", "oauth", "object", "platform", "stream"];

struct FieldRule {
    kind: &'static str,
    is_array: bool,
    allowed: Vec<&'static str>,
}

fn schema() -> HashMap<&'static str, FieldRule> {
    let facts = include_str!("../../../schema/ecs/fields.tsv");
    let (version, rows) = facts.split_once('\n').unwrap();
    assert_eq!(version, format!("# elastic/ecs v{ECS_VERSION}"));
    let rule = |row: &'static str| {
        let [name, kind, array, allowed] = row.split('\t').collect::<Vec<_>>().try_into().unwrap();
        (name, FieldRule { kind, is_array: array == "array", allowed: allowed.split_whitespace().collect() })
    };
    rows.lines().map(rule).collect()
}

/// Checks that names are known, types right, and values allowed.
fn check_value(place: &str, value: &Value, schema: &HashMap<&str, FieldRule>) {
    let root = place.split('.').next().unwrap();
    if OWN_ROOTS.contains(&root) {
        return check_own(place, value);
    }
    match (schema.get(place), value) {
        (Some(rule), Value::Array(values)) => {
            assert!(rule.is_array && !values.is_empty(), "{place} is no array, or an empty one: {value}");
            values.iter().for_each(|value| check_scalar(place, value, rule));
        }
        (Some(rule), value) => {
            assert!(!rule.is_array, "{place} is to be an array, found {value}");
            check_scalar(place, value, rule);
        }
        (None, Value::Object(members)) => {
            assert!(!members.is_empty(), "{place} is empty");
            members.iter().for_each(|(name, value)| check_value(&format!("{place}.{name}"), value, schema));
        }
        (None, _) => panic!("{place} is not in the schema"),
    }
}

fn check_scalar(place: &str, value: &Value, rule: &FieldRule) {
    let text = value.as_str();
    let holds = match rule.kind {
        "keyword" | "match_only_text" | "wildcard" => text.is_some(),
        "long" => value.is_i64(),
        "ip" => text.is_some_and(|text| text.parse::<IpAddr>().is_ok()),
        "date" => text.is_some_and(|text| text.ends_with('Z') && header::timestamp_nanos(text.as_bytes()).is_some()),
        "flattened" => value.is_object(),
        kind => panic!("the test does not know the type {kind} of {place}"),
    };
    assert!(holds, "{place} is to be {}, found {value}", rule.kind);
    let allowed = &rule.allowed;
    assert!(
        allowed.is_empty() || allowed.contains(&text.unwrap()),
        "{place} is to be one of {allowed:?}, found {value}"
    );
}

pub(super) fn is_address(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<IpAddr>().is_ok())
}

/// Members of ours are text and numbers, or objects of them.
fn check_own(place: &str, value: &Value) {
    // The one with a type of its own in Elastic's module.
    assert!(place != "cloudfoundry.envelope.ip" || is_address(value), "{value}");
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| check_own(&format!("{place}.{name}"), value));
        }
        value => assert!(value.is_string() || value.is_i64(), "{place}: {value}"),
    }
}

/// The documents of a record, after all checks.
fn documents(sample: Sample) -> Vec<Value> {
    let text = String::from_utf8(sample.encoded(Encoding::Ecs)).unwrap();
    let schema = schema();
    let documents = text.lines().map(|line| {
        let document: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for (name, value) in document.as_object().unwrap() {
            check_value(name, value, &schema);
        }
        assert_eq!(document["ecs"]["version"], ECS_VERSION);
        for required in ["/@timestamp", "/message", "/event/kind", "/event/created", "/event/dataset", "/gully/id"] {
            assert!(document.pointer(required).is_some(), "{required} is missing in {document}");
        }
        document
    });
    documents.collect()
}

fn document(sample: Sample) -> Value {
    let [document] = documents(sample).try_into().unwrap();
    document
}

#[test]
fn every_line_of_the_corpus_gives_valid_documents_with_its_fields() {
    for line in LINES.iter() {
        let documents = documents(line.sample());
        let expected = &line.fields["ecs"];
        let events = expected["events"].as_array().cloned().unwrap_or_else(|| vec![expected.clone()]);
        assert_eq!(documents.len(), events.len().max(1), "{}", line.id);
        for (document, event) in documents.iter().zip(events) {
            for (name, value) in event.as_object().into_iter().flatten() {
                let found = document.pointer(&format!("/{}", name.replace('.', "/"))).unwrap_or(&Value::Null);
                match name.as_str() {
                    "@timestamp" => {
                        let nanos =
                            |value: &Value| header::timestamp_nanos(value.as_str().unwrap().as_bytes()).unwrap();
                        assert_eq!(nanos(found), nanos(value), "{}: {name}", line.id);
                    }
                    "cloudfoundry.envelope.ip" if !is_address(value) => assert_eq!(found, &Value::Null, "{}", line.id),
                    _ => assert_eq!(found, value, "{}: {name}", line.id),
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn damaged_lines_give_valid_documents(sample in damaged()) {
        documents(sample);
    }

    #[test]
    fn any_octets_in_any_class_give_valid_documents(sample in properties::sample()) {
        documents(sample);
    }
}

#[test]
fn every_field_has_its_place() {
    let names = crate::encode::ecs::names().collect::<Vec<_>>();
    let segments = names.iter().map(|name| name.split('.').collect::<Vec<_>>()).collect::<Vec<_>>();
    assert!(segments.is_sorted_by(|a, b| a < b), "names are out of order: {names:?}");
    for field in Field::ALL {
        // Its time is a member of every document, whether or not the event tells it.
        assert!(names.contains(&field.name()), "{} has no place", field.name());
    }
}

#[test]
fn a_record_of_no_known_class_gives_a_document_too() {
    let frame = r#"<86>1 2026-01-20T05:56:26.36+01:00 10.0.0.5 sshd 812 ID1 [a@1 b="c"] session opened"#;
    let mut sample = Sample::rfc5424(frame).flagged(Flags::NO_PROVENANCE);
    sample.origin.authenticated = Some("CN=a".into());
    let expected = serde_json::json!({
        "@timestamp": "2026-01-20T04:56:26.36Z",
        "ecs": {"version": "9.4.0"},
        "event": {
            "created": "2026-01-20T04:56:26.360194999Z", "dataset": "other", "kind": "event", "provider": "sshd",
        },
        "gully": {
            "authenticated": "CN=a", "id": "0123456789abcdef-000000000000002a", "listener": "drain",
            "peer": "192.0.2.7:40001", "transport": "tcp",
        },
        "host": {"ip": ["10.0.0.5"], "name": "10.0.0.5"},
        "log": {"syslog": {
            "appname": "sshd", "facility": {"code": 10, "name": "authpriv"}, "hostname": "10.0.0.5", "msgid": "ID1",
            "priority": 86, "procid": "812", "severity": {"code": 6, "name": "info"},
            "structured_data": {"a@1": {"b": "c"}}, "version": "1",
        }},
        "message": "session opened",
        "observer": {"product": "gully", "type": "forwarder", "version": env!("CARGO_PKG_VERSION")},
        "related": {"ip": ["10.0.0.5"]},
        "tags": ["no_provenance"],
    });
    assert_eq!(document(sample), expected);
}

#[test]
fn an_envelope_whose_address_is_none_gives_a_document_without_it() {
    for (address, expected) in [("10.0.0.5", true), ("fd00::5", true), ("n/a", false), ("<<SOME_IP>>", false)] {
        let tags =
            format!(r#"<14>1 2026-01-20T04:56:26Z h app [APP/0] - [tags@47450 deployment="cf" ip="{address}"] x"#);
        let envelope = format!(r#"{{"event_type":"LogMessage","deployment":"cf","ip":"{address}","msg":"x"}}"#);
        for line in [&tags, &envelope] {
            let sample = || corpus::located(line.as_bytes(), "auto");
            let record: Value = serde_json::from_slice(&sample().encoded(FIELDS)).unwrap();
            let flat = &record["ecs"]["cloudfoundry.envelope.ip"];
            let document = document(sample());
            let found = &document["cloudfoundry"]["envelope"];
            assert_eq!(found["deployment"], "cf", "{document}");
            assert_eq!(found["ip"].as_str(), expected.then_some(address), "{document}");
            // The flat member of `json` has no types that a reader could insist on.
            assert_eq!(flat.as_str(), Some(address));
        }
    }
}

#[test]
fn without_a_header_the_time_is_that_of_receipt_and_the_host_is_the_peer() {
    let document = document(Sample::plain(b"a\xff"));
    assert_eq!(document["@timestamp"], "2026-01-20T04:56:26.360194999Z");
    assert_eq!(document["host"], serde_json::json!({"ip": ["192.0.2.7"]}));
    assert_eq!(document["message"], "a\u{fffd}");
    assert_eq!(document["gully"]["raw_base64"], "Yf8=");
}
