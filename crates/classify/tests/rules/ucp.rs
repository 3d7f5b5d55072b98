//! A UCP record that was cut, as Docker cuts long lines: it keeps its class from the member on that makes it certain.

use crate::lines::{self, Line};
use gully_classify::{Verdict, classify, header, naive};
use record::{Class, Flags};

const SWARM: &str = r#"{"audit":{"auditID":"a","kind":"docker-swarm","level":"request","metadata":{}"#;
const KUBERNETES: &str = r#"{"audit":{"metadata":{},"level":"Metadata","timestamp":"t","auditID":"a""#;

/// What `frame` is, by both.
#[track_caller]
fn verdict(frame: &[u8]) -> Verdict {
    let verdict = classify(frame);
    assert_eq!(verdict, naive::class_of(frame, &header::locate(frame)), "{}", frame.escape_ascii());
    verdict
}

#[track_caller]
fn check(frame: &[u8], class: Class, flags: Flags) {
    let verdict = verdict(frame);
    assert_eq!(verdict.class, class, "{} by {:?}", frame.escape_ascii(), verdict.rule);
    for flag in [Flags::TRUNCATED_UPSTREAM, Flags::JSON_SYNTAX] {
        assert_eq!(verdict.flags.contains(flag), flags.contains(flag), "{flag:?}: {}", frame.escape_ascii());
    }
}

/// The line as the docker daemon wraps it.
fn carried(line: &str) -> Vec<u8> {
    let log = serde_json::Value::from(line);
    format!(r#"{{"log":{log},"stream":"stdout","time":"t"}}"#).into_bytes()
}

/// All UCP records of the corpus as text; of those inside docker's json-file only what is in it.
fn records() -> Vec<String> {
    let text = |line: Line| {
        let message = String::from_utf8(line.message).expect("the corpus is UTF-8");
        let object = serde_json::from_str(&message).unwrap_or(serde_json::Value::Null);
        object["log"].as_str().map_or(message, |log| log.trim_end().to_owned())
    };
    lines::all().into_iter().filter(|line| line.class == Class::UcpAudit).map(text).collect()
}

/// The first length at which `record` is certain: after the kind of a swarm's event, or after the last of the three members
/// that Kubernetes' has.
fn certain_from(record: &str) -> usize {
    let after = |needle: &str| record.find(needle).map(|at| at + needle.len());
    let id = after("\"auditID\"").expect("every record has an id");
    let end_of_id = id + record[id..].match_indices('"').nth(1).expect("the id is a string").0 + 1;
    after("\"docker-swarm\"").unwrap_or(end_of_id)
}

#[test]
fn every_record_keeps_its_class_when_it_is_cut_after_the_deciding_member() {
    let records = records();
    assert!(records.len() >= 34, "only {} records", records.len());
    for record in &records {
        let certain = certain_from(record);
        assert!(certain < record.find("\"requestURI\"").unwrap(), "what a client can make long comes later: {record}");
        for len in certain..record.len() {
            check(&record.as_bytes()[..len], Class::UcpAudit, Flags::TRUNCATED_UPSTREAM);
        }
        check(record.as_bytes(), Class::UcpAudit, Flags::NONE);
    }
}

#[test]
fn no_record_has_a_class_when_it_is_cut_before_the_deciding_member() {
    for record in records() {
        (0..certain_from(&record)).for_each(|len| assert_eq!(verdict(&record.as_bytes()[..len]).class, Class::Other));
    }
}

#[test]
fn what_docker_carries_may_be_cut_too() {
    for record in records().iter().filter(|record| record.starts_with('{')) {
        let certain = certain_from(record);
        for len in (0..record.len()).filter(|len| record.is_char_boundary(*len)) {
            let class = if len < certain { Class::Other } else { Class::UcpAudit };
            let verdict = verdict(&carried(&record[..len]));
            assert_eq!(verdict.class, class, "{}", &record[..len]);
            assert_eq!(verdict.flags.contains(Flags::TRUNCATED_UPSTREAM), len >= certain, "{}", &record[..len]);
        }
    }
}

#[test]
fn a_long_request_hides_nothing() {
    let long = "y".repeat(16 * 1024);
    for start in [SWARM, KUBERNETES] {
        for request in [
            format!(r#"{start},"requestURI":"/{long}"#),
            format!(r#"{start},"requestObject":{{"Data":"{long}"#),
            format!(r#"{start},"requestObject":{{"a":{}"#, "[".repeat(16 * 1024)),
        ] {
            let line = &request[..16 * 1024];
            check(line.as_bytes(), Class::UcpAudit, Flags::TRUNCATED_UPSTREAM);
            check(&carried(line), Class::UcpAudit, Flags::TRUNCATED_UPSTREAM);
            for header in ["<30>1 2019-01-30T17:21:45Z h ucp 1 ucp - ", "<30>Jan 30 17:21:45 h ucp[1]: "] {
                check(format!("{header}{line}").as_bytes(), Class::UcpAudit, Flags::TRUNCATED_UPSTREAM);
            }
        }
    }
}

#[test]
fn a_cut_record_with_a_fault_in_a_string_has_both_flags() {
    check(
        format!("{SWARM},\"requestURI\":\"\\x\",\"us").as_bytes(),
        Class::UcpAudit,
        Flags::TRUNCATED_UPSTREAM | Flags::JSON_SYNTAX,
    );
}

#[test]
fn only_the_cut_excuses_the_missing_members() {
    for start in [SWARM, KUBERNETES] {
        check(format!("{start}}}}}").as_bytes(), Class::Other, Flags::NONE);
        check(format!("{start}}}").as_bytes(), Class::Other, Flags::JSON_SYNTAX);
        check(format!("{start}}},\"msg\":\"au").as_bytes(), Class::Other, Flags::JSON_SYNTAX);
        check(format!("{start}}},\"audit\":{{\"auditID\":\"a").as_bytes(), Class::Other, Flags::JSON_SYNTAX);
        check(format!("{start},nope").as_bytes(), Class::Other, Flags::JSON_SYNTAX);
    }
}

#[test]
fn what_is_no_audit_event_is_none_when_it_is_cut() {
    for whole in [
        r#"{"audit":{"result":"ok","count":3},"level":"info","msg":"nightly"}"#,
        r#"{"audit":"auditID 7559d301","level":"info","msg":"audit"}"#,
        r#"{"audit":{"result":{"auditID":"a","kind":"docker-swarm","level":"x","metadata":{}}},"level":"info"}"#,
        r#"{"audit":{"auditID":"a","level":"info","metadata":"none","requestReceivedTimestamp":"t"}}"#,
        r#"{"audit":{"auditID":7,"kind":"docker-swarm","level":"x","metadata":{}}}"#,
        r#"{"audit":{"auditID":"a","kind":"docker-swarms","metadata":{}},"level":"info"}"#,
        r#"{"audit":[{"auditID":"a","kind":"docker-swarm","level":"x","metadata":{}}]}"#,
        r#"{"x":{"audit":{"auditID":"a","kind":"docker-swarm","level":"x","metadata":{}}}}"#,
        r#"{"auditID":"a","kind":"docker-swarm","level":"x","metadata":{},"audit":{"a":1}}"#,
        r#"{"audit":1,"audit":{"auditID":"a","kind":"docker-swarm","level":"x","metadata":{}}}"#,
    ] {
        for len in 0..=whole.len() {
            assert_eq!(verdict(&whole.as_bytes()[..len]).class, Class::Other, "{}", &whole[..len]);
        }
    }
}
