//! Every field that the labelled lines name, by class.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;

/// Members of `expected` that `found` does not have, or has with another value. Others in `found` are not looked at.
fn differences(place: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    let Some(expected) = expected.as_object() else { return };
    for (name, value) in expected {
        match (name.as_str(), value, &found[name]) {
            // Batches: event by event.
            ("events", Value::Array(events), Value::Array(found)) if events.len() == found.len() => {
                for (index, (event, found)) in events.iter().zip(found).enumerate() {
                    self::differences(&format!("{place}.events[{index}]"), event, found, differences);
                }
            }
            (_, value, found) if value == found => {}
            (_, value, found) => differences.push(format!("{place}.{name}: expected {value}, found {found}")),
        }
    }
}

fn check(class: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut lines = 0;
    let mut wrong = Vec::new();
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "jsonl")) {
        for line in fs::read_to_string(file).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            if line["class"] != class {
                continue;
            }
            lines += 1;
            let found =
                support::extract(line["message"].as_str().unwrap().as_bytes(), line["transport"].as_str().unwrap());
            let mut different = Vec::new();
            differences("native", &line["fields"]["native"], &found.native, &mut different);
            differences("ecs", &line["fields"]["ecs"], &found.ecs, &mut different);
            if found.class != class {
                different.push(format!("class: found {}", found.class));
            }
            if !different.is_empty() {
                wrong.push(format!("{}\n    {}", line["id"].as_str().unwrap(), different.join("\n    ")));
            }
        }
    }
    assert!(lines > 0, "no line of class {class} in the corpus");
    assert!(wrong.is_empty(), "{} of {lines} lines differ:\n{}", wrong.len(), wrong.join("\n"));
}

macro_rules! classes {
    ($($test:ident $class:literal)*) => { $(#[test] fn $test() { check($class); })* };
}

classes! {
    cloud_controller "cf.cloud_controller.cef"
    credhub "cf.credhub.cef"
    uaa "cf.uaa.audit"
    audit_event "cf.audit_event"
    logmessage "cf.logmessage"
    bosh "bosh.director.cef"
    pks_api "pks.api"
    pks_broker "pks.broker"
    pks_telemetry "pks.telemetry"
    k8s "k8s.audit"
    ucp "ucp.audit"
    cef "cef"
    other "other"
}
