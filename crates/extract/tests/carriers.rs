//! Records inside docker's json-file log, Cloud Controller's log and CRI lines: unwrapped where the classifier does.

mod support;

use gully_extract::{Extractor, Input, Wanted};
use record::{Class, Flags};
use serde_json::{Value, json};

const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"inner","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/pods?x=1\u0026y=2","verb":"list","user":{"username":"jane"},"sourceIPs":["192.0.2.7"],"responseStatus":{"code":200}}"#;

#[test]
fn a_record_of_any_class_is_the_same_in_a_carrier() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut messages = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "jsonl") {
            let text = std::fs::read_to_string(file).unwrap();
            let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            messages.extend(lines.filter_map(|line| line["message"].as_str().map(str::to_owned)));
        }
    }
    let mut classes = std::collections::BTreeSet::new();
    for line in messages {
        let bare = support::extract(line.as_bytes(), "raw");
        // A header or a second line would be text in an entry of a log; nothing is carried in a carrier.
        let is_header = classify::classify(line.as_bytes()).header.msg != 0;
        let is_carrier = line.contains("cc.model.event")
            || line.starts_with("@cee:")
            || line.starts_with("{\"log\":")
            || classify::cri_line(line.as_bytes()).is_some();
        if is_header || is_carrier || line.contains('\n') || bare.class == "other" {
            continue;
        }
        for frame in [json_file(&format!("{line}\n"), ""), format!("2024-05-01T10:00:00.123456789Z stdout F {line}")] {
            let carried = support::extract(frame.as_bytes(), "raw");
            assert_eq!((carried.class, &carried.native), (bare.class, &bare.native), "{frame}");
            assert_eq!(carried.ecs, bare.ecs, "{frame}");
        }
        classes.insert(bare.class);
    }
    for class in ["cf.logmessage", "k8s.audit", "ucp.audit", "cf.audit_event", "cf.uaa.audit", "pks.api"] {
        assert!(classes.contains(class), "{class} is not in {classes:?}");
    }
}

#[test]
fn what_an_application_printed_is_no_carrier() {
    let entry = json_file(r#"{"event_type":"LogMessage","cf_app_id":"A","msg":"x"}"#, "");
    let found = support::extract(entry.as_bytes(), "raw");
    assert_eq!((found.class, &found.native["cf_app_id"]), ("cf.logmessage", &json!("A")));
    let printed = support::extract(format!("<14>1 - h app [APP/0] - - {entry}").as_bytes(), "auto");
    assert_eq!(printed.native["payload"], entry);
}

#[test]
fn a_carrier_that_was_cut_gives_what_is_whole() {
    let event = r#"{"guid":"1","type":"audit.app.start","actor":{"guid":"2","type":"user","name":"ann"},"target":{"guid":"3","type":"app","name":"web"},"data":{"x":"y"}}"#;
    let steno = format!(r#"{{"timestamp":1714557600.123456,"message":{}"#, Value::from(event));
    for (frame, name) in [(&steno[..steno.len() - 8], "audit_event"), (&json_file(EVENT, "")[..300], "k8s.audit")] {
        let found = support::extract(frame.as_bytes(), "raw");
        assert!(found.class.ends_with(name), "{} for {frame}", found.class);
        assert!(found.flags.contains(Flags::TRUNCATED_UPSTREAM));
        let given = found.native.as_object().unwrap().len();
        assert!(given > 2, "{} of {frame}", found.native);
    }
    let found = support::extract(&steno.as_bytes()[..steno.len() - 8], "raw");
    assert_eq!((&found.ecs["user.name"], &found.ecs["object.id"]), (&json!("ann"), &json!("3")));
}

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

/// Flags of what is carried, with as much before its end as the classifier does not look at.
fn flags_of(event: &str, end: &str) -> Flags {
    let long = event.replacen(r#""responseStatus""#, &format!(r#""p":"{}","responseStatus""#, "y".repeat(20_000)), 1);
    let long = long.strip_suffix('}').expect("an object");
    let entry = json_file(&format!("{long}{end}\n"), "");
    let verdict = classify::classify_located(entry.as_bytes(), classify::header::locate_raw(entry.as_bytes()));
    assert_eq!(verdict.class, Class::K8sAudit);
    let input = Input { octets: entry.as_bytes(), header: &verdict.header, class: verdict.class, flags: verdict.flags };
    Extractor::new().extract(&input, Wanted::ALL).flags()
}

#[test]
fn what_breaks_a_long_carried_text_is_flagged_wherever_it_is() {
    const ODD: [Flags; 4] = [Flags::JSON_SYNTAX, Flags::JSON_DEPTH, Flags::JSON_DUP, Flags::TRUNCATED_UPSTREAM];
    let deep = format!(r#","d":{}{}}}"#, "[".repeat(100), "]".repeat(100));
    for (end, expected) in [
        ("}", None),
        ("} \r\n", None),
        (",x}", Some(Flags::JSON_SYNTAX)),
        (r#"}{"verb":"delete"}"#, Some(Flags::JSON_SYNTAX)),
        ("}x", Some(Flags::JSON_SYNTAX)),
        (r#","d":[{]}}"#, Some(Flags::JSON_SYNTAX)),
        (",\"d\":\"\u{1}\"}", Some(Flags::JSON_SYNTAX)),
        (deep.as_str(), Some(Flags::JSON_DEPTH)),
        (r#","verb":"delete"}"#, Some(Flags::JSON_DUP)),
        (",", Some(Flags::TRUNCATED_UPSTREAM)),
    ] {
        let flags = flags_of(EVENT, end);
        let found: Vec<Flags> = ODD.into_iter().filter(|flag| flags.contains(*flag)).collect();
        assert_eq!(found, Vec::from_iter(expected), "{end}");
    }
}

#[test]
fn a_long_carried_list_with_more_behind_its_events_is_flagged() {
    let noise = vec![EVENT; 80].join(",");
    let list = |end: &str| {
        let list = format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{noise}{end}"#);
        support::extract(json_file(&list, "").as_bytes(), "raw")
    };
    let whole = list("]}");
    assert_eq!(whole.ecs["events"].as_array().map(Vec::len), Some(80));
    assert!(!whole.flags.contains(Flags::JSON_SYNTAX) && !whole.flags.contains(Flags::JSON_DUP));
    for end in [format!(", x,{EVENT}]}}"), format!("]}}{EVENT}"), format!("]}}\n{EVENT}")] {
        assert!(list(&end).flags.contains(Flags::JSON_SYNTAX), "{end}");
    }
    assert!(list(&format!(r#"],"items":[{EVENT}]}}"#)).flags.contains(Flags::JSON_DUP));
}

#[test]
fn a_long_print_of_an_envelope_is_no_broken_json() {
    let print = format!(
        r"{{ \\n cf_app_id: A\\n event_type: LogMessage\\n message_type: OUT\\n msg: {}\\n origin: rep\\n}}",
        "y".repeat(20_000)
    );
    let found = support::extract(json_file(&print, "").as_bytes(), "raw");
    assert_eq!(found.class, "cf.logmessage");
    assert!(!found.flags.contains(Flags::JSON_SYNTAX));
}
