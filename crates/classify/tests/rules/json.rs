//! Which JSON is an audit record, and what is said about JSON that is none.

use gully_classify::{DEPTH_MAX, Verdict, classify_located, header, naive};
use record::Flags;

fn verdict(message: &str) -> Verdict {
    let located = header::locate_raw(message.as_bytes());
    let verdict = classify_located(message.as_bytes(), located);
    assert_eq!(verdict, naive::class_of(message.as_bytes(), &located), "{message}");
    verdict
}

/// The rule's name, and the names of the flags that are not the header's.
#[track_caller]
fn check(message: &str, rule: &str, flags: &[&str]) {
    let verdict = verdict(message);
    let of_header: Vec<&str> = (Flags::NO_PRI | Flags::NO_PROVENANCE).names().collect();
    let seen: Vec<&str> = verdict.flags.names().filter(|name| !of_header.contains(name)).collect();
    assert_eq!((verdict.rule.name(), seen.as_slice()), (rule, flags), "{message}");
}

const EVENT: &str = r#""auditID":"a","stage":"s","requestURI":"/","verb":"get""#;

#[test]
fn a_kubernetes_event_needs_its_four_members() {
    check(&format!("{{{EVENT}}}"), "k8s.event", &[]);
    for missing in ["auditID", "stage", "requestURI", "verb"] {
        check(&format!("{{{}}}", EVENT.replace(missing, "x")), "none", &[]);
    }
    check(&format!("{{{}}}", EVENT.replace("\"a\"", "7")), "none", &[]);
    check(&format!("{{{}}}", EVENT.replace("\"s\"", "null")), "none", &[]);
}

#[test]
fn a_kubernetes_event_is_of_no_other_kind() {
    for (members, rule) in [
        (r#""kind":"Event""#, "k8s.event"),
        (r#""apiVersion":"audit.k8s.io/v1""#, "k8s.event"),
        (r#""apiVersion":"audit.k8s.io\/v1beta1""#, "k8s.event"),
        (r#""kind":"\u0045vent","apiVersion":"\u0061udit.k8s.io/v1""#, "k8s.event"),
        (r#""kind":"Policy""#, "none"),
        (r#""kind":null"#, "none"),
        (r#""apiVersion":"v1""#, "none"),
        (r#""apiVersion":["audit.k8s.io/v1"]"#, "none"),
        (r#""apiVersion":"audit.k8s.io""#, "none"),
    ] {
        check(&format!("{{{EVENT},{members}}}"), rule, &[]);
        check(&format!("{{ {members} , {EVENT} }}"), rule, &[]);
    }
    check(r#"{"\u0061uditID":"a","st\u0061ge":"s","requestURI":"\/","verb":"get"}"#, "k8s.event", &[]);
}

#[test]
fn what_is_inside_of_something_else_does_not_count() {
    check(&format!(r#"{{"requestObject":{{{EVENT}}}}}"#), "none", &[]);
    check(r#"{"auditID":"a","x":{"stage":"s","requestURI":"/","verb":"get"}}"#, "none", &[]);
    check(&format!(r#"{{"body":{}}}"#, serde_json::to_string(&format!("{{{EVENT}}}")).unwrap()), "none", &[]);
    check(&format!(r#"{{"x":{{"audit":{{{EVENT}}}}}}}"#), "none", &[]);
    check(r#"{"x":{"event_type":"LogMessage"}}"#, "none", &[]);
    check(
        &format!(r#"{{{EVENT},"requestObject":{{"audit":{{{EVENT}}},"event_type":"LogMessage"}}}}"#),
        "k8s.event",
        &[],
    );
}

#[test]
fn lists_need_an_item() {
    let list = |items: &str| format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":{items}}}"#);
    check(&list(r#"[{"level":"Metadata"}]"#), "k8s.list", &[]);
    check(&list("[]"), "none", &[]);
    check(&list("[1,{}]"), "none", &[]);
    check(&list("{}"), "none", &[]);
    check(&list("[{}]").replace("audit.k8s.io/v1", "v1"), "none", &[]);
}

#[test]
fn ucp_records_hold_an_event_in_audit() {
    check(&format!(r#"{{"audit":{{{EVENT},"kind":"docker-swarm"}},"level":"info"}}"#), "ucp.audit", &[]);
    check(&format!(r#"{{"audit":[{{{EVENT}}}]}}"#), "none", &[]);
    check(r#"{"audit":{"result":"ok"},"msg":"audit"}"#, "none", &[]);
    check(r#"{"audit":"auditID","msg":"audit"}"#, "none", &[]);
}

#[test]
fn audit_events_are_told_by_their_shape() {
    let v3 = r#"{"type":"any","actor":{},"target":{}}"#;
    let v2 = r#"{"entity":{"actor":"a","actee":"b"}}"#;
    check(v3, "audit_event.v3", &[]);
    check(v2, "audit_event.v2", &[]);
    check(&v3.replace("{}", "\"\""), "none", &[]);
    check(&v2.replace("\"a\"", "{}"), "none", &[]);
    for event in [v3, v2] {
        check(&format!(r#"{{"resources":[{event}]}}"#), "audit_event.page", &[]);
        check(&format!(r#"{{"resources":[{event},7]}}"#), "audit_event.page", &[]);
        check(&format!(r#"{{"resources":[7,{event}]}}"#), "none", &[]);
        check(&format!(r#"{{"resources":[{event}, ...]}}"#), "none", &["json_syntax"]);
        check(&format!(r#"{{"resources":[{event}, "#), "audit_event.page", &["truncated_upstream"]);
    }
    check(r#"{"resources":[]}"#, "none", &[]);
}

#[test]
fn of_duplicate_members_the_first_counts() {
    check(r#"{"event_type":"LogMessage","event_type":"x"}"#, "logmessage.json", &["json_dup"]);
    check(r#"{"event_type":"x","event_typ\u0065":"LogMessage"}"#, "none", &["json_dup"]);
    check(&format!(r#"{{{EVENT},"auditID":7}}"#), "k8s.event", &["json_dup"]);
    check(&format!(r#"{{"verb":null,{EVENT}}}"#), "none", &["json_dup"]);
    check(&format!(r#"{{"audit":1,"audit":{{{EVENT}}}}}"#), "none", &["json_dup"]);
    check(&format!(r#"{{{EVENT},"user":1,"user":2,"x":{{"verb":1,"verb":2}}}}"#), "k8s.event", &[]);
}

#[test]
fn what_begins_like_json_and_is_none() {
    for message in [
        "{",
        "{\"a\":",
        "{\"a\":1,}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":1}x",
        "{} {}",
        "{\"a\":NaN}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":-}",
        "{\"a\":+1}",
        "{\"a\":tru}",
        "{\"a\":truex}",
        "{\"a\":[1,]}",
        "{\"a\":[1}",
        "{\"a\" 1}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{,}",
        "{\"a\":\"\u{1}\"}",
        "{\"a\":\"",
        "{\"a\":1e}",
        "{\"a\":1\0}",
    ] {
        check(message, "none", &["json_syntax"]);
    }
    for message in [
        "{}",
        " { } ",
        "{\"a\":[]}",
        "{\"a\":[{},[],\"\\ud83d\",-0.5e+9,true,false,null]}",
        "{\"a\":1e999999}",
        "{}\r\n\0",
    ] {
        check(message, "none", &[]);
    }
}

#[test]
fn a_fault_after_what_identifies_a_record_does_not_hide_it() {
    check(&format!("{{{EVENT},}}"), "k8s.event", &["json_syntax"]);
    check(&format!("{{{EVENT}}} x"), "k8s.event", &["json_syntax"]);
    check(&format!("{{{EVENT},\"requestObject\":{{\"a\":nope"), "k8s.event", &["json_syntax"]);
    check(&format!("{{{EVENT},\"requestObject\":{{\"a\":\"yyy"), "k8s.event", &["truncated_upstream"]);
    check(&format!(r#"{{"userAgent":"\x{}",{EVENT}}}"#, '\u{7}'), "k8s.event", &["json_syntax"]);
}

#[test]
fn a_cut_event_is_known_by_kind_and_api() {
    let start = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","st"#;
    check(start, "k8s.event", &["truncated_upstream"]);
    check(&start[..52], "k8s.event", &["truncated_upstream"]);
    check(&start[..40], "none", &["json_syntax"]);
    check(&format!("{start}\"}}"), "none", &["json_syntax"]);
    check(&start.replace("audit.k8s.io/", "batch/"), "none", &["json_syntax"]);
}

#[test]
fn nesting_has_an_end_and_hides_nothing() {
    let nested = |levels: u32| "[".repeat(levels as usize) + &"]".repeat(levels as usize);
    check(&format!("{{\"a\":{}}}", nested(DEPTH_MAX - 1)), "none", &[]);
    check(&format!("{{\"a\":{}}}", nested(DEPTH_MAX)), "none", &["json_depth"]);
    check(&format!("{{\"a\":{},{EVENT}}}", nested(DEPTH_MAX + 7)), "k8s.event", &["json_depth"]);
    check(
        &format!("{{\"a\":{},{EVENT}}}", nested(DEPTH_MAX).replace("[]", "[{\"]\":\"}\"}]")),
        "k8s.event",
        &["json_depth"],
    );
    check(&format!("{{\"a\":{}", "[".repeat(100_000)), "none", &["json_syntax", "json_depth"]);
    check(&"[".repeat(100_000), "none", &[]);
    check(&"{\"a\":".repeat(100_000), "none", &["json_syntax", "json_depth"]);
}

#[test]
fn large_and_odd_things_take_their_time_only_once() {
    check(&format!("{{\"a\":{}}}", "9".repeat(1 << 20)), "none", &[]);
    check(&format!("{{\"a\":\"{}\"}}", "\\\\".repeat(1 << 19)), "none", &[]);
    check(&format!("{{\"{}\":1}}", "k".repeat(1 << 20)), "none", &[]);
    let keys: Vec<String> = (0..100_000).map(|n| format!("\"k{n}\":{n}")).collect();
    let message = format!("{{{}}}", keys.join(","));
    assert_eq!(classify_located(message.as_bytes(), header::locate_raw(message.as_bytes())).rule.name(), "none");
}
