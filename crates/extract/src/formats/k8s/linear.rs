//! Records of Kubernetes and UCP, and what carries them, that somebody made to take long.

use record::Class;

use crate::linear::check;

const EVENT: &str =
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"s","requestURI":"/","verb":"get""#;
const AUDIT: &str = r#"{"audit":{"kind":"docker-swarm","auditID":"a","stage":"s","requestURI":"/","verb":"GET""#;
const LIST: &str = r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"verb":"get"}"#;
const LINE: &str = r#"2024-05-01T10:00:00Z AUDIT: id="a" "#;

/// What follows the identity of an event: start, what is repeated, and end.
const MEMBERS: &[(&str, &str, &str)] = &[
    // Brackets.
    (r#","requestObject":"#, "[", ""),
    (r#","requestObject":"#, r#"{"":"#, ""),
    (r#","requestObject":["#, "[],", "[]]}"),
    (r#","annotations":"#, r#"{"":"#, ""),
    (r#","user":{"extra":"#, r#"{"username":["#, ""),
    // Quotes and backslashes.
    (",", r#"""#, ""),
    (r#","userAgent":"#, r#""""#, ""),
    (r#","userAgent":""#, r"\\", r#""}"#),
    (r#","userAgent":""#, r"\", ""),
    (r#","userAgent":""#, r"\u0061", r#""}"#),
    (r#","userAgent":""#, r#"\""#, ""),
    // Members: many, many of one name, long names.
    ("", r#","a":0"#, "}"),
    ("", r#","a\u0062":"""#, "}"),
    ("", r#","verb":"x""#, "}"),
    ("", r#","a.b":{}"#, "}"),
    (",\"", "x", "\":0}"),
    (",\"", r"\u0061", "\":0}"),
    (",\"", r"\u0061", ""),
    // Objects and lists that are looked into, and again when they were cut.
    (r#","annotations":{"a":"b""#, r#","authorization.k8s.io/decision":"allow""#, "}}"),
    (r#","annotations":{"a":"b""#, r#","authorization.k8s.io/decision":"allow""#, ""),
    (r#","objectRef":{"a":"b""#, r#","name":"x""#, ""),
    (r#","user":{"extra":{"username":[""#, r#"x",""#, r#"y"]}}}"#),
    (r#","user":{"extra":{"username":[""#, r#"x",""#, ""),
    (r#","user":{"groups":["a""#, r#","\u0061""#, "]}}"),
    (r#","sourceIPs":["a""#, ",0", ""),
    (r#","sourceIPs":[""#, ":", r#""]}"#),
    (r#","responseStatus":{"code":"#, "1", "}}"),
    (r#","responseStatus":{"code":"#, "[", ""),
    (r#","responseStatus":{"code":200"#, r#","details":{}"#, "}}"),
    // White space.
    (",", "\n ", "\"a\":0}"),
];

fn check_members(class: Class, identity: &str) {
    for (start, middle, end) in MEMBERS {
        check(class, &[(&[identity, *start].concat(), middle, end)]);
    }
}

#[test]
fn events() {
    check_members(Class::K8sAudit, EVENT);
    // Without a kind, an event could still turn out to be a list.
    check_members(Class::K8sAudit, r#"{"auditID":"a","stage":"s","requestURI":"/","verb":"get""#);
    for middle in ["/", "a/", "namespaces/", "?"] {
        let start = r#"{"auditID":"a","stage":"s","verb":"get","requestURI":"/api/v1/"#;
        check(Class::K8sAudit, &[(start, middle, r#""}"#)]);
    }
}

#[test]
fn ucp_records() {
    let closed: Vec<_> = MEMBERS.iter().map(|(start, middle, end)| (*start, *middle, format!("{end}}}"))).collect();
    for (start, middle, end) in &closed {
        check(Class::UcpAudit, &[(&[AUDIT, *start].concat(), middle, end)]);
    }
    check(
        Class::UcpAudit,
        &[(&[AUDIT, "}"].concat(), r#","level":"info""#, "}"), (&[AUDIT, "}"].concat(), r#","x":[]"#, "}")],
    );
}

#[test]
fn lists() {
    let sorted = LIST.replacen(r#""kind":"EventList","#, "", 1);
    for middle in [",{}", ",null", r#",{"":0}"#, r#",{"verb":"x"}"#, r#",{"user":{"extra":{}}}"#] {
        check(
            Class::K8sAudit,
            &[(LIST, middle, "]}"), (LIST, middle, ""), (&sorted, middle, r#"],"kind":"EventList"}"#)],
        );
    }
    check(Class::K8sAudit, &[(&[LIST, ",{\""].concat(), "x", ""), (&[LIST, ",{\""].concat(), r"\u0061", "\":0}]}")]);
}

#[test]
fn legacy_lines() {
    for start in ["", "groups=", r#"groups=""#, r#"user=""#, "asgroups=", r#"uri="/api/"#] {
        for middle in [
            r#"\"a\","#,
            r#"\""#,
            r#"""#,
            r#""a","#,
            r#"","#,
            r"\",
            r"\\",
            r"\u0061",
            r#"a="b" "#,
            "=",
            " ",
            "/",
            "<none>",
        ] {
            check(
                Class::K8sAudit,
                &[(&[LINE, start].concat(), middle, ""), (&[LINE, start].concat(), middle, r#"" response="200""#)],
            );
        }
    }
}

#[test]
fn carriers() {
    const LOG: &str = r#"{"stream":"stdout","time":"","#;
    let event = EVENT.replace('"', r#"\""#);
    let log = [LOG, r#""log":""#, &event].concat();
    // The classifier looks at the first 17 KiB of a carried text only, so that its end may be anything.
    for (middle, end) in
        [(r#",\"a\":0"#, r#"}"}"#), (r#",\"\\\"\":\"\\u0061\""#, r#"}"}"#), ("\\u005b", "\"}"), ("\\\\", "\"}")]
    {
        check(Class::K8sAudit, &[(&log, middle, end)]);
    }
    // Mixtures.
    let outer = [EVENT, r#","log":"","stream":"stdout","time":"""#].concat();
    check(
        Class::K8sAudit,
        &[(&outer, r#","log":"""#, "}"), (&outer, r#","l\u006fg":"""#, "}"), (&outer, ",\"a\":[]", "}")],
    );
    let mixed = [r#"{"auditID":"","#, &log[1..], r#"}""#].concat();
    check(Class::K8sAudit, &[(&mixed, r#","log":"""#, "}"), (&mixed, ",\"a\":{}", "}")]);
}
