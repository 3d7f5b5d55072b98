//! UCP / MKE audit records beyond the labels of the corpus.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

mod support;

use record::Flags;
use serde_json::{Value, json};

/// A Swarm record as the controller logs it, with `members` in place of those of its event, and without those that are
/// `null`.
fn record(members: Value) -> String {
    let mut audit = json!({
        "auditID": "7559d301-fa6b-4ad6-901c-b587fab75277",
        "kind": "docker-swarm",
        "level": "metadata",
        "metadata": {"creationTimestamp": null},
        "requestReceivedTimestamp": "2019-01-30T17:21:45.316157Z",
        "requestURI": "/v1.40/services/create",
        "sourceIPs": ["192.0.2.7:48516"],
        "stage": "RequestReceived",
        "user": {"extra": {"licenseKey": ["KEY"], "username": ["admin"]}, "uid": "u-1", "username": "u-1"},
        "verb": "POST",
    });
    for (name, value) in members.as_object().unwrap() {
        audit[name] = value.clone();
    }
    audit.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    json!({"audit": audit, "level": "info", "msg": "audit", "time": "2019-01-30T17:21:45Z"}).to_string()
}

fn extract(message: &str) -> support::Found {
    let found = support::extract(message.as_bytes(), "raw");
    assert_eq!(found.class, "ucp.audit", "{message}");
    found
}

fn check(members: Value, expected: Value) {
    let message = record(members);
    let found = extract(&message);
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&found.ecs[name], value, "{name} of {message}");
    }
}

#[test]
fn swarm_calls_are_known_by_method_and_path() {
    check(
        json!({}),
        json!({
            "event.id": "7559d301-fa6b-4ad6-901c-b587fab75277",
            "event.category": ["api", "web"],
            "event.type": ["creation"],
            "event.outcome": "unknown",
            "log.level": "info",
            "object.type": "services",
            "object.id": null,
            "orchestrator.type": "docker-swarm",
            "orchestrator.resource.type": null,
            "source.ip": "192.0.2.7",
            "source.port": 48516,
        }),
    );
    for (verb, uri, kind, object) in [
        ("GET", "/v1.40/secrets/s1", "access", ("secrets", "object.id", "s1")),
        ("HEAD", "/containers/c1/archive?path=%2F", "access", ("containers", "object.id", "c1")),
        ("post", "/v1.30/services/x/update?version=11", "creation", ("services", "object.id", "x")),
        ("PUT", "/v1.40/volumes/data", "change", ("volumes", "object.name", "data")),
        (
            "PATCH",
            "/accounts/docker-datacenter/members/jane",
            "change",
            ("accounts", "object.name", "docker-datacenter"),
        ),
        ("delete", "/nodes/n1", "deletion", ("nodes", "object.id", "n1")),
    ] {
        check(
            json!({"verb": verb, "requestURI": uri}),
            json!({
                "event.action": verb,
                "http.request.method": verb.to_uppercase(),
                "event.type": [kind],
                "object.type": object.0,
                object.1: object.2,
            }),
        );
    }
    check(
        json!({"verb": "GET", "requestURI": "/containers/json?all=1"}),
        json!({"object.type": "containers", "object.id": null}),
    );
    check(json!({"verb": "GET", "requestURI": "/metricsservice/query"}), json!({"object.type": null}));
    check(
        json!({"verb": "JUGGLE"}),
        json!({"http.request.method": null, "event.category": null, "event.action": "JUGGLE"}),
    );
}

#[test]
fn a_refusal_says_so() {
    check(
        json!({"verb": "DELETE", "stage": "ResponseComplete", "responseStatus": {"code": 403, "reason": "Forbidden"}}),
        json!({"event.outcome": "failure", "event.type": ["deletion", "denied"], "event.reason": "Forbidden"}),
    );
}

#[test]
fn kubernetes_calls_are_known_by_verb_and_path() {
    for (verb, uri, kind, object) in [
        ("list", "/api/v1/namespaces/kube-system/pods", "access", ("pods", Value::Null)),
        ("delete", "/apis/apps/v1/namespaces/kube-system/deployments/d1", "deletion", ("deployments", json!("d1"))),
        ("create", "/api/v1/namespaces/kube-system/pods", "creation", ("pods", Value::Null)),
    ] {
        check(
            json!({"kind": null, "verb": verb, "requestURI": uri}),
            json!({
                "orchestrator.type": "kubernetes",
                "orchestrator.namespace": "kube-system",
                "orchestrator.resource.type": object.0,
                "object.name": object.1,
                "http.request.method": null,
                "event.category": ["api"],
                "event.type": [kind],
            }),
        );
    }
    // Without a kind, what both have in common is Swarm's unless the path is Kubernetes'.
    check(
        json!({"kind": null, "verb": "get", "requestURI": "/v1.40/nodes"}),
        json!({"orchestrator.type": "docker-swarm"}),
    );
    check(json!({"kind": null, "verb": "watch", "requestURI": "/x"}), json!({"orchestrator.type": "kubernetes"}));
    check(json!({"kind": null, "verb": "juggle", "requestURI": "/x"}), json!({"orchestrator.type": null}));
}

#[test]
fn the_user_is_who_logged_in() {
    let name = |user: Value| extract(&record(json!({"user": user}))).ecs["user.name"].clone();
    assert_eq!(name(json!({"extra": {"username": ["admin", "other"]}, "uid": "u", "username": "u"})), "admin");
    assert_eq!(name(json!({"extra": {"username": []}, "uid": "u", "username": "u"})), Value::Null);
    assert_eq!(name(json!({"extra": {"username": "x"}, "uid": "u", "username": "jane"})), "jane");
    assert_eq!(name(json!({"username": "jane"})), "jane");
}

#[test]
fn addresses_have_ports_or_none() {
    let source = |address: &str| {
        let found = extract(&record(json!({"sourceIPs": [address]})));
        (found.ecs["source.ip"].clone(), found.ecs["source.port"].clone())
    };
    assert_eq!(source("192.0.2.7:1"), (json!("192.0.2.7"), json!(1)));
    assert_eq!(source("192.0.2.7"), (json!("192.0.2.7"), Value::Null));
    assert_eq!(source("[2001:db8::7]:65535"), (json!("2001:db8::7"), json!(65535)));
    assert_eq!(source("2001:db8::7"), (json!("2001:db8::7"), Value::Null));
    for nothing in ["", ":", "[]:1", "[:1", "]:1", "host:1", "192.0.2.7:65536", "192.0.2.7:-1", "192.0.2.7:x", "@:1"] {
        assert_eq!(source(nothing), (Value::Null, Value::Null), "{nothing}");
    }
}

#[test]
fn what_the_record_has_beside_its_event_is_the_log_s() {
    let found = extract(&record(json!({})).replacen(r#""msg""#, r#""container":"c1","a.b":1,"audit":{},"msg""#, 1));
    assert_eq!(found.native["log.container"], "c1");
    assert_eq!(found.native["log.msg"], "audit");
    assert_eq!(found.native["log.a.b"], Value::Null, "it could pass for a member of a");
    assert_eq!(found.native["audit.user.extra"]["licenseKey"], json!(["KEY"]));
    assert_eq!(found.native["audit.metadata"], json!({"creationTimestamp": null}));
}

#[test]
fn a_record_that_was_cut_keeps_its_first_fields() {
    let text = record(json!({"requestURI": format!("/v1.40/{}", "x".repeat(20_000))}));
    let found = extract(&text[..16 * 1024]);
    assert_eq!(found.native["truncated"], true);
    assert_eq!(found.native["audit.kind"], "docker-swarm");
    assert_eq!(found.ecs["@timestamp"], "2019-01-30T17:21:45.316157Z");
    assert_eq!(found.ecs["orchestrator.type"], "docker-swarm");
}

#[test]
fn a_member_that_is_there_twice_is_flagged() {
    let whole = record(json!({"responseStatus": {"code": 200}}));
    assert!(!extract(&whole).flags.contains(Flags::JSON_DUP));
    for (name, other) in [
        (r#""requestURI":"#, r#""/containers/x/exec""#),
        (r#""verb":"#, r#""DELETE""#),
        (r#""user":"#, "{}"),
        (r#""code":"#, "403"),
        (r#""username":["#, r#"["eve"]"#),
    ] {
        let twice = whole.replacen(name, &format!("{}:{other},{name}", name.split_once(':').unwrap().0), 1);
        assert_ne!(twice, whole, "{name}");
        assert!(extract(&twice).flags.contains(Flags::JSON_DUP), "{twice}");
    }
}
