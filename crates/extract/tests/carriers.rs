//! Records inside docker's json-file log, Cloud Controller's log and CRI lines: unwrapped where the classifier does.

mod support;

use record::Flags;
use serde_json::{Value, json};

const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"inner","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/pods?x=1\u0026y=2","verb":"list","user":{"username":"jane"},"sourceIPs":["192.0.2.7"],"responseStatus":{"code":200}}"#;

fn audit_id(message: &str) -> (&'static str, Value) {
    let found = support::extract(message.as_bytes(), "raw");
    (found.class, found.native["auditID"].clone())
}

#[track_caller]
fn check(message: &str, expected: &str) {
    assert_eq!(audit_id(message), ("k8s.audit", expected.into()), "{message}");
}

/// An entry of docker's json-file log, with `more` between its members.
fn json_file(log: &str, more: &str) -> String {
    format!(r#"{{"log":{},"stream":"stdout",{more}"time":"2024-05-01T10:00:00Z"}}"#, Value::from(log))
}

#[test]
fn carriers_are_unwrapped_once() {
    check(EVENT, "inner");
    check(&json_file(&format!("{EVENT}\n"), ""), "inner");
    check(&json_file(EVENT, r#""attrs":{"tag":"x"},"#), "inner");
    check(&format!("2024-05-01T10:00:00.001Z stdout F {EVENT}"), "inner");
    check(&format!("@cee: {EVENT}"), "inner");
    check(&format!("@cee:{}", json_file(EVENT, "")), "inner");
    let twice = json_file(&json_file(EVENT, ""), "");
    assert_eq!(support::extract(twice.as_bytes(), "raw").class, "other");
    // The escapes that a decoder must undo.
    let escaped: String = EVENT.chars().map(|character| format!("\\u{:04x}", u32::from(character))).collect();
    check(&json_file("", "").replacen(r#""log":"""#, &format!(r#""l\u006fg":"{escaped}""#), 1), "inner");
}

#[test]
fn a_mixture_of_record_and_carrier_is_read_as_it_was_classified() {
    let outer = |members: &str| EVENT.replacen("inner", "outer", 1).replacen('}', &format!("}},{members}"), 1);
    let carrier = json_file(EVENT, "");
    let carrier = &carrier[1..carrier.len() - 1];
    // A whole event that has the members of a carrier, too.
    check(&outer(carrier), "outer");
    // A carrier with some members of an event.
    check(&json_file(EVENT, r#""auditID":"outer","#), "inner");
    check(&format!(r#"{{"auditID":"outer",{carrier}}}"#), "inner");
    check(&format!(r#"{{"kind":"Event","stage":"s",{}}}"#, carrier.replacen("log", r"\u006cog", 1)), "inner");
    // Not quite a carrier: the text in it is no record of the platform.
    for (from, to) in
        [("stdout", "stdin"), (r#""stream":"#, r#""stream":1,"stream":"#), (r#""time":""#, r#""time":1,"t":""#)]
    {
        let message = format!("{{{}}}", carrier.replacen(from, to, 1));
        assert_eq!(support::extract(message.as_bytes(), "raw").class, "other", "{message}");
    }
    check(&outer(r#""log":"x""#), "outer");
}

#[test]
fn a_carried_text_that_was_cut_gives_its_first_fields() {
    let long = EVENT.replacen(r#""responseStatus""#, &format!(r#""requestObject":"{}","x""#, "y".repeat(17_000)), 1);
    let found = support::extract(json_file(&long[..16 * 1024], "").as_bytes(), "raw");
    assert_eq!((found.class, &found.native["auditID"]), ("k8s.audit", &json!("inner")));
    assert_eq!(found.ecs["url.original"], "/api/v1/namespaces/a/pods?x=1&y=2");
    assert_eq!(found.ecs["source.ip"], "192.0.2.7");
    assert_eq!(found.native["truncated"], true);
    assert!(found.flags.contains(Flags::TRUNCATED_UPSTREAM));
}

#[test]
fn a_carried_text_longer_than_the_classifier_looks_is_read_to_its_end() {
    let long = EVENT.replacen(
        r#""responseStatus""#,
        &format!(r#""requestObject":"{}","responseStatus""#, "y".repeat(40_000)),
        1,
    );
    let found = support::extract(json_file(&long, "").as_bytes(), "raw");
    assert_eq!(found.ecs["http.response.status_code"], 200);
    assert!(!found.flags.contains(Flags::TRUNCATED_UPSTREAM));
}
