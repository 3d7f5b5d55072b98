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

/// A line of the corpus, with other words in it.
fn line(id: &str, changes: &[(&str, &str)]) -> Sample {
    let line = LINES.iter().find(|line| line.id == id).unwrap();
    let changed = changes.iter().fold(line.message.clone(), |message, (old, new)| {
        assert!(message.contains(old), "{id} has no {old}");
        message.replace(old, new)
    });
    corpus::located(changed.as_bytes(), &line.transport)
}

#[test]
fn class_activity_status_and_severity_follow_from_what_happened() {
    let check = |sample: Sample, expected: [u64; 3]| {
        let [document] = documents(sample).try_into().unwrap();
        let found = ["type_uid", "status_id", "severity_id"].map(|name| document[name].as_u64().unwrap());
        assert_eq!(found, expected, "{document}");
    };
    let audit_event = |action: &str| line("m-audit_event-005", &[("audit.app.create", action)]);
    check(audit_event("audit.app.create"), [600_301, 1, 1]);
    check(line("m-audit_event-008", &[]), [300_399, 2, 1]);
    check(line("m-audit_event-027", &[]), [600_204, 2, 1]);
    let organization =
        [("audit.app.create", "audit.organization.delete-request"), (r#""type":"app""#, r#""type":"organization""#)];
    check(line("m-audit_event-005", &organization), [600_304, 1, 4]);

    // Reads of Kubernetes' secrets, whatever came of them; a refusal counts more where it would have changed something.
    check(line("m-k8s-003", &[]), [600_302, 1, 3]);
    check(line("m-k8s-020", &[]), [600_302, 2, 3]);
    check(line("m-k8s-020", &[("secrets", "nodes")]), [600_302, 2, 2]);
    check(line("m-k8s-020", &[("secrets", "nodes"), (r#""list""#, r#""create""#)]), [600_301, 2, 3]);
    check(line("m-k8s-003", &[("secrets", "nodes")]), [600_302, 1, 1]);
    check(line("m-k8s-004", &[]), [600_302, 2, 4]);
    // A stage at which the outcome is not known yet, unless it was refused.
    check(line("m-k8s-003", &[("secrets", "nodes"), ("ResponseComplete", "ResponseStarted")]), [600_302, 0, 1]);
    check(line("m-k8s-020", &[("secrets", "nodes"), ("ResponseComplete", "ResponseStarted")]), [600_302, 2, 2]);
    check(line("m-k8s-017", &[]), [300_501, 1, 1]);
    check(line("m-k8s-017", &[("oops", "cluster-admin-for-all")]), [300_501, 1, 3]);

    check(line("m-seeds-012", &[]), [300_204, 1, 1]);
    check(line("m-seeds-013", &[]), [300_201, 2, 2]);
    check(line("m-seeds-013", &[("UserAuthenticationFailure", "UserAuthenticationSuccess")]), [300_201, 1, 1]);
    check(line("m-uaa-004", &[]), [300_103, 1, 1]);
    check(line("m-uaa-011", &[]), [300_401, 1, 1]);
    check(line("m-uaa-033", &[]), [300_404, 1, 4]);
    check(line("m-uaa-033", &[("IdentityZone", "Trifle")]), [300_404, 1, 1]);

    let cef = |severity: &str| Sample::plain(format!("CEF:0|a|b|c|d|e|{severity}|src=192.0.2.1")).of_class(Class::Cef);
    let severities =
        [("10", 5), ("7", 4), ("4", 3), ("1", 2), ("0", 1), ("very-high", 5), ("Medium", 3), ("11", 0), ("", 0)];
    severities.into_iter().for_each(|(severity, expected)| check(cef(severity), [0, 0, expected]));
    for (pri, expected) in [(8, 6), (9, 5), (10, 5), (11, 4), (12, 3), (13, 2), (14, 1), (15, 1)] {
        check(Sample::rfc5424(&format!("<{pri}>1 - - - - - - text")), [0, 0, expected]);
    }
    check(Sample::plain("text"), [0, 0, 0]);
}

#[test]
fn a_failed_login_by_hand() {
    let mut sample = line("m-seeds-013", &[("[email protected]", "alice")]);
    sample.flags = Flags::NONE;
    let raw_data = String::from_utf8(sample.frame.clone()).unwrap();
    let [document] = documents(sample).try_into().unwrap();
    let expected = serde_json::json!({
        "activity_id": 1,
        "actor": {"app_uid": "cf"},
        "category_uid": 3,
        "class_uid": 3002,
        "is_remote": true,
        "metadata": {
            "event_code": "UserAuthenticationFailure",
            "log_name": "cf.uaa.audit",
            "logged_time": 1_768_884_986_360_u64,
            "product": {"name": "uaa", "vendor_name": "cloud_foundry"},
            "uid": "0123456789abcdef-000000000000002a",
            "version": "1.8.0",
        },
        "raw_data": raw_data,
        "service": {"name": "uaa"},
        "severity_id": 2,
        "src_endpoint": {"ip": "198.51.100.1"},
        "status_id": 2,
        "time": 1_768_884_986_360_u64,
        "type_uid": 300_201,
        "user": {"name": "alice", "type_id": 1, "uid": "61965469-c821-46b7-825f-630e12a51d6c"},
        "observables": [
            {"name": "src_endpoint.ip", "type_id": 2, "value": "198.51.100.1"},
            {"name": "user.name", "type_id": 4, "value": "alice"},
        ],
        "unmapped": {
            "gully.listener": "drain",
            "gully.peer": "192.0.2.7:40001",
            "gully.transport": "tcp",
            "syslog": {"dialect": "unknown"},
        },
    });
    assert_eq!(document, expected);
}
