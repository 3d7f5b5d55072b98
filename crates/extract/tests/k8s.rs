//! Kubernetes audit records beyond the labels of the corpus: what they mean, what is left of them when they are cut, and
//! what two readers could see differently.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

mod support;

use gully_extract::{Extractor, Input, Wanted};
use record::{Class, Flags, HeaderSpans};
use serde_json::{Value, json};

/// An event as the API server writes it, with `members` in place of its own of the same name, and without those that
/// are `null`.
fn event(members: Value) -> Value {
    let mut event = json!({
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": "dc2bb4e9-4b85-42da-82a3-5ee47091207d",
        "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/web/pods/p1",
        "verb": "get",
        "user": {"username": "jane", "uid": "u-1", "groups": ["dev"], "extra": {"scopes": ["a", "b"]}},
        "sourceIPs": ["192.0.2.7", "198.51.100.1"],
        "userAgent": "kubectl/v1.30.1",
        "objectRef": {"resource": "pods", "namespace": "web", "name": "p1", "uid": "o-1", "apiVersion": "v1"},
        "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": "2024-05-01T10:00:00.000001Z",
        "stageTimestamp": "2024-05-01T10:00:00.000900Z",
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "RBAC: allowed"},
    });
    for (name, value) in members.as_object().unwrap() {
        event[name] = value.clone();
    }
    event.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    event
}

fn extract(message: &str) -> support::Found {
    let found = support::extract(message.as_bytes(), "raw");
    assert_eq!(found.class, "k8s.audit", "{message}");
    found
}

/// Members of `expected` must be found so; `null` stands for a field that is not there.
fn check(members: Value, expected: Value) {
    let message = event(members).to_string();
    let found = extract(&message);
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&found.ecs[name], value, "{name} of {message}");
    }
}

#[test]
fn who_did_what_to_which_object_and_why() {
    check(
        json!({}),
        json!({
            "@timestamp": "2024-05-01T10:00:00.000900Z",
            "event.kind": "event",
            "event.dataset": "k8s.audit",
            "event.action": "get",
            "event.id": "dc2bb4e9-4b85-42da-82a3-5ee47091207d/ResponseComplete",
            "event.category": ["api"],
            "event.type": ["access", "allowed"],
            "event.outcome": "success",
            "event.reason": "RBAC: allowed",
            "user.name": "jane",
            "user.id": "u-1",
            "user.effective.name": null,
            "source.ip": "192.0.2.7",
            "source.port": null,
            "user_agent.original": "kubectl/v1.30.1",
            "url.original": "/api/v1/namespaces/web/pods/p1",
            "http.request.method": null,
            "http.response.status_code": 200,
            "orchestrator.type": "kubernetes",
            "orchestrator.namespace": "web",
            "orchestrator.resource.type": "pods",
            "orchestrator.resource.name": "p1",
            "orchestrator.resource.id": "o-1",
            "orchestrator.api_version": "v1",
            "object.type": "pods",
            "object.name": "p1",
            "object.id": "o-1",
            // The object is not the sender.
            "platform.namespace": null,
            "platform.pod": null,
        }),
    );
    check(
        json!({"impersonatedUser": {"groups": ["ops"], "username": "root"}}),
        json!({"user.name": "jane", "user.effective.name": "root"}),
    );
}

#[test]
fn a_refusal_says_so() {
    let status = json!({"metadata": {}, "status": "Failure", "message": "secrets is forbidden", "reason": "Forbidden", "code": 403});
    check(
        json!({"responseStatus": status, "annotations": {"authorization.k8s.io/decision": "forbid"}}),
        json!({"event.outcome": "failure", "event.type": ["access", "denied"], "event.reason": "Forbidden"}),
    );
    // Authorised, and then refused by an admission controller.
    check(
        json!({"responseStatus": {"code": 403}}),
        json!({"event.outcome": "failure", "event.type": ["access", "denied"]}),
    );
    check(
        json!({"responseStatus": {"code": 404, "message": "pods \"p1\" not found"}}),
        json!({"event.outcome": "failure", "event.type": ["access", "allowed"], "event.reason": "pods \"p1\" not found"}),
    );
    check(
        json!({"responseStatus": null, "annotations": {"authorization.k8s.io/decision": "forbid"}}),
        json!({"event.outcome": "failure", "event.type": ["access", "denied"], "event.reason": null}),
    );
    let status = json!({"metadata": {}, "status": "Failure", "reason": "Forbidden"});
    check(
        json!({"responseStatus": status, "annotations": null}),
        json!({"event.outcome": "failure", "event.reason": "Forbidden", "http.response.status_code": null}),
    );
    check(
        json!({"responseStatus": {"status": "Failure", "code": 200}}),
        json!({"event.outcome": "failure", "http.response.status_code": 200}),
    );
    check(json!({"responseStatus": {"status": "Success"}, "annotations": null}), json!({"event.outcome": "unknown"}));
    check(
        json!({"responseStatus": null, "annotations": null}),
        json!({"event.outcome": "unknown", "event.type": ["access"]}),
    );
}

#[test]
fn calls_mean_what_they_do_to_their_object() {
    let meaning = |verb: &str, resource: &str| {
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let reference = json!({"resource": resource, "subresource": subresource, "name": "x"});
        let message = event(json!({"verb": verb, "objectRef": reference, "annotations": null})).to_string();
        let found = extract(&message);
        let words =
            |name: &str| found.ecs[name].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned());
        let schema = with_extraction(message.as_bytes(), |extraction| {
            let meaning = extraction.events().next().unwrap().meaning();
            format!("{}/{}", meaning.ocsf_class, meaning.ocsf_activity)
        });
        let category: Vec<_> = words("event.category").collect();
        let kind: Vec<_> = words("event.type").collect();
        format!("{} | {} | {schema}", category.join(" "), kind.join(" "))
    };
    assert_eq!(meaning("list", "secrets"), "api iam | access | 6003/2");
    assert_eq!(meaning("create", "secrets"), "api | creation | 6003/1");
    assert_eq!(meaning("create", "pods/exec"), "api | access | 6003/99");
    assert_eq!(meaning("create", "serviceaccounts/token"), "api iam | access | 6003/99");
    assert_eq!(meaning("create", "pods/eviction"), "api | deletion | 6003/99");
    assert_eq!(meaning("create", "clusterrolebindings"), "api iam | admin creation | 3005/1");
    assert_eq!(meaning("deletecollection", "pods"), "api | deletion | 6003/4");
    assert_eq!(meaning("patch", "deployments"), "api | change | 6003/3");
}

fn with_extraction<T>(message: &[u8], read: impl FnOnce(gully_extract::Extraction<'_>) -> T) -> T {
    let verdict = classify::classify_located(message, classify::header::locate_raw(message));
    let input = Input { octets: message, header: &verdict.header, class: verdict.class, flags: verdict.flags };
    read(Extractor::new().extract(&input, Wanted::ALL))
}

#[test]
fn without_object_ref_the_path_tells_what_was_called() {
    check(
        json!({"objectRef": null, "verb": "create", "requestURI": "/api/v1/namespaces/web/pods/p1/exec?command=sh"}),
        json!({
            "orchestrator.namespace": "web",
            "orchestrator.resource.type": "pods",
            "object.name": "p1",
            "event.type": ["access", "allowed"],
        }),
    );
    check(
        json!({"objectRef": null, "requestURI": "/readyz?verbose"}),
        json!({"orchestrator.namespace": null, "object.type": null, "event.type": ["access", "allowed"]}),
    );
}

#[test]
fn members_that_nobody_knows_are_given_as_they_are() {
    let found =
        extract(&event(json!({"future": {"a": [1]}, "text": "t", "number": 1.50, "nothing": null})).to_string());
    assert_eq!(found.native["future"], json!({"a": [1]}));
    assert_eq!(found.native["text"], "t");
    assert_eq!(found.native["number"], 1.5);
    let found = extract(&event(json!({"authenticationMetadata": {"impersonationConstraint": "x"}})).to_string());
    assert_eq!(found.native["authenticationMetadata"], json!({"impersonationConstraint": "x"}));
}

#[test]
fn no_member_passes_for_another() {
    let forged = event(json!({})).to_string().replacen(
        r#""user":{"#,
        r#""user.username":"forged","user":{"username.x":"forged","#,
        1,
    );
    let found = extract(&forged);
    assert_eq!(found.native["user.username"], "jane");
    assert!(!found.native.to_string().contains("forged"), "{}", found.native);

    // Of two members the first counts, also when it is written with escapes.
    let twice = event(json!({})).to_string().replacen(r#""verb":"get""#, r#""v\u0065rb":"get","verb":"delete""#, 1);
    let found = extract(&twice);
    assert_eq!((&found.native["verb"], &found.ecs["event.action"]), (&json!("get"), &json!("get")));
    let twice = event(json!({})).to_string().replacen(r#""name":"p1""#, r#""name":"p1","name":"p2""#, 1);
    assert_eq!(extract(&twice).ecs["object.name"], "p1");
}

#[test]
fn a_member_that_is_there_twice_is_flagged() {
    let whole = event(json!({
        "impersonatedUser": {"username": "root"},
        "objectRef": {"resource": "pods", "namespace": "web", "name": "p1", "uid": "o-1", "apiVersion": "v1",
            "apiGroup": "apps", "subresource": "status"},
        "responseStatus": {"metadata": {}, "status": "Success", "message": "m", "reason": "r", "code": 200},
    }))
    .to_string();
    assert!(!extract(&whole).flags.contains(Flags::JSON_DUP));
    let ways = [
        (r#""auditID":"#, 1),
        (r#""stage":"#, 1),
        (r#""requestURI":"#, 1),
        (r#""verb":"#, 1),
        (r#""user":"#, 1),
        (r#""sourceIPs":"#, 1),
        (r#""objectRef":"#, 1),
        (r#""responseStatus":"#, 1),
        (r#""annotations":"#, 1),
        (r#""username":"#, 2),
        (r#""uid":"#, 2),
        (r#""groups":"#, 1),
        (r#""resource":"#, 1),
        (r#""namespace":"#, 1),
        (r#""name":"#, 1),
        (r#""apiGroup":"#, 1),
        (r#""apiVersion":"v1""#, 1),
        (r#""subresource":"#, 1),
        (r#""code":"#, 1),
        (r#""reason":"#, 1),
        (r#""authorization.k8s.io/decision":"#, 1),
    ];
    for (name, times) in ways {
        assert_eq!(whole.matches(name).count(), times, "{name}");
        for (at, _) in whole.match_indices(name) {
            let (before, after) = whole.split_at(at);
            let other = name.split_once(':').unwrap().0;
            let found = extract_as(Class::K8sAudit, &format!("{before}{other}:null,{after}"));
            assert!(found.flags.contains(Flags::JSON_DUP), "{name} at {at}");
        }
    }
    let escaped = whole.replacen(r#""code":"#, r#""c\u006fde":403,"code":"#, 1);
    let found = extract(&escaped);
    assert!(found.flags.contains(Flags::JSON_DUP));
    assert_eq!(found.ecs["http.response.status_code"], 403);
}

#[test]
fn repeats_show_in_the_events_of_a_list_and_before_a_cut() {
    let item = event(json!({"kind": null, "apiVersion": null})).to_string();
    let twice = item.replacen(r#""username":"#, r#""username":"eve","username":"#, 1);
    let list = |items: &str| format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{items}]}}"#);
    assert!(!extract(&list(&format!("{item},{item}"))).flags.contains(Flags::JSON_DUP));
    let found = extract(&list(&format!("{item},{twice},{item}")));
    assert!(found.flags.contains(Flags::JSON_DUP));
    assert_eq!(found.ecs["events"][1]["user.name"], "eve");
    let cut = &twice[..twice.len() - 20];
    assert!(extract_as(Class::K8sAudit, cut).flags.contains(Flags::JSON_DUP));
}

#[test]
fn what_is_no_object_among_events_is_an_event_of_which_nothing_is_known() {
    let item = event(json!({"kind": null, "apiVersion": null})).to_string();
    let text = format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{item},[{item}],"x"]}}"#);
    let found = extract(&text);
    let events = found.ecs["events"].as_array().unwrap();
    assert_eq!(events.len(), 3);
    for event in &events[1..] {
        assert_eq!((&event["event.dataset"], &event["event.action"]), (&json!("k8s.audit"), &Value::Null));
    }
}

#[test]
fn members_of_another_type_are_no_reason_to_stop() {
    for (name, value) in [
        ("user", json!("jane")),
        ("user", json!({"username": 1, "groups": "dev", "extra": []})),
        ("sourceIPs", json!("192.0.2.7")),
        ("sourceIPs", json!([{"ip": "192.0.2.7"}, null, 1])),
        ("objectRef", json!([1])),
        ("responseStatus", json!({"code": "200", "reason": {}, "details": {"causes": []}})),
        ("annotations", json!(["authorization.k8s.io/decision"])),
        ("impersonatedUser", json!(true)),
        ("stageTimestamp", json!(1)),
        ("level", json!({"a": "b"})),
    ] {
        let found = extract(&event(json!({name: value})).to_string());
        assert_eq!(found.ecs["event.action"], "get", "{name}: {value}");
        assert_eq!(found.native["requestReceivedTimestamp"], "2024-05-01T10:00:00.000001Z", "{name}: {value}");
        assert!(!found.flags.contains(Flags::TRUNCATED_UPSTREAM), "{name}: {value}");
    }
}

/// What is found in `text` when its class is known, for instance from before it was cut.
fn extract_as(class: Class, text: &str) -> support::Found {
    let header = HeaderSpans::default();
    let input = Input { octets: text.as_bytes(), header: &header, class, flags: Flags::NONE };
    let mut extractor = Extractor::new();
    let extraction = extractor.extract(&input, Wanted::ALL);
    support::Found {
        class: class.name(),
        native: support::native(&extraction),
        ecs: support::ecs(&extraction),
        flags: extraction.flags(),
    }
}

/// Whether each member of `some` is in `all`, be it as a member of an object there.
fn is_part(some: &Value, all: &Value) -> bool {
    let all = all.as_object().unwrap();
    some.as_object().unwrap().iter().all(|(name, value)| {
        let mut inner = all.iter().filter_map(|(object, members)| {
            let member = name.strip_prefix(object.as_str())?.strip_prefix('.')?;
            Some(&members[member])
        });
        match (value, all.get(name)) {
            _ if name == "truncated" => true,
            (Value::Array(some), Some(Value::Array(all))) => all.starts_with(some),
            (value, found) => found == Some(value) || inner.any(|found| found == value),
        }
    })
}

#[test]
fn an_event_that_was_cut_gives_what_stands_before_the_cut() {
    for pretty in [false, true] {
        let event = event(json!({"impersonatedUser": {"username": "root"}, "requestObject": {"data": {"a": "b]}"}}}));
        let text = if pretty { format!("{event:#}") } else { event.to_string() };
        let whole = extract_as(Class::K8sAudit, &text);
        assert!(!whole.flags.contains(Flags::TRUNCATED_UPSTREAM) && whole.native["truncated"].is_null());
        let mut members = 0;
        for cut in 1..text.len() {
            let found = extract_as(Class::K8sAudit, &text[..cut]);
            assert_eq!(found.native["truncated"], true, "{}", &text[..cut]);
            assert!(found.flags.contains(Flags::TRUNCATED_UPSTREAM));
            assert!(is_part(&found.native, &whole.native), "{} of {}", found.native, &text[..cut]);
            let count = found.ecs.as_object().unwrap().len();
            assert!(count >= members.min(4), "a longer text has fewer fields: {}", &text[..cut]);
            members = count;
        }
    }
}

#[test]
fn a_session_that_was_cut_in_its_object_is_no_creation() {
    let uri = "/api/v1/namespaces/web/pods/p1/exec?command=sh";
    let reference =
        json!({"resource": "pods", "namespace": "web", "name": "p1", "apiVersion": "v1", "subresource": "exec"});
    let exec = event(json!({"verb": "create", "requestURI": uri, "objectRef": reference})).to_string();
    let (start, end) = (exec.find(r#","objectRef""#).unwrap(), exec.find(r#","responseStatus""#).unwrap());
    for cut in start..=end {
        let found = extract_as(Class::K8sAudit, &exec[..cut]);
        assert_eq!(found.ecs["event.type"], json!(["access"]), "{}", &exec[..cut]);
        assert_eq!(found.ecs["object.name"], "p1", "{}", &exec[..cut]);
    }
    // Whole, it is what it says; of another resource the path says nothing.
    let pod = exec.replacen(r#","subresource":"exec""#, "", 1);
    assert_eq!(extract(&pod).ecs["event.type"], json!(["creation", "allowed"]));
    let other = exec.replacen(r#""resource":"pods""#, r#""resource":"nodes""#, 1);
    let found = extract_as(Class::K8sAudit, &other[..other.find(r#","subresource""#).unwrap()]);
    assert_eq!((&found.ecs["event.type"], &found.ecs["object.type"]), (&json!(["creation"]), &json!("nodes")));
}

#[test]
fn a_list_that_was_cut_gives_whole_events_and_a_part_of_the_last() {
    let items = ["a", "b", "c"].map(|id| event(json!({"kind": null, "apiVersion": null, "auditID": id})));
    let list = json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": items});
    let text = list.to_string();
    let whole = extract(&text);
    assert_eq!(whole.native["events"].as_array().unwrap().len(), 3);
    for event in whole.ecs["events"].as_array().unwrap() {
        assert_eq!((&event["event.kind"], &event["event.dataset"]), (&json!("event"), &json!("k8s.audit")));
    }
    let start = text.find("items").unwrap() + "items\":[".len();
    for cut in start..text.len() {
        let found = extract_as(Class::K8sAudit, &text[..cut]);
        assert_eq!(found.native["truncated"], true, "{}", &text[..cut]);
        let events = found.native["events"].as_array().unwrap();
        assert_eq!(found.ecs["events"].as_array().unwrap().len(), events.len());
        let begun = text[start..cut].matches(r#"{"level""#).count();
        assert_eq!(events.len(), begun, "{}", &text[..cut]);
        for (some, all) in events.iter().zip(whole.native["events"].as_array().unwrap()) {
            assert!(is_part(some, all), "{some} of {}", &text[..cut]);
        }
    }
}

#[test]
fn a_list_may_have_its_kind_behind_its_items() {
    let item = event(json!({"kind": null, "apiVersion": null})).to_string();
    let text = format!(r#"{{"apiVersion":"audit.k8s.io/v1","items":[{item},{{}},null,{item}],"kind":"EventList"}}"#);
    let found = extract(&text);
    assert_eq!(found.native["kind"], "EventList");
    assert_eq!(found.native["events"].as_array().unwrap().len(), 2, "an empty object is no event");
    assert_eq!(found.ecs["events"][1]["user.name"], "jane");
    assert!(!found.flags.contains(Flags::TRUNCATED_UPSTREAM));
}

#[test]
fn broken_json_is_not_called_cut() {
    let text = event(json!({})).to_string().replacen(r#","userAgent""#, r#" "userAgent""#, 1);
    let found = extract(&text);
    assert!(found.flags.contains(Flags::JSON_SYNTAX) && !found.flags.contains(Flags::TRUNCATED_UPSTREAM));
    assert_eq!(found.ecs["source.ip"], "192.0.2.7");
    assert_eq!(found.ecs["user_agent.original"], Value::Null);
}

const LEGACY: &str = concat!(
    r#"2024-05-01T12:00:00.5+02:00 AUDIT: id="1" stage="ResponseComplete" ip="2001:db8::1" method="create" user="jane\n" "#,
    r#"groups="dev","o\"ps" as="root" asgroups=<lookup> user-agent="curl \"x\"" namespace="prod" "#,
    r#"uri="/api/v1/namespaces/prod/pods/x/exec" response="403""#
);

#[test]
fn a_legacy_line_is_read_like_an_event() {
    let found = extract(LEGACY);
    assert_eq!(found.native["requestReceivedTimestamp"], "2024-05-01T12:00:00.5+02:00");
    assert_eq!(found.native["user.username"], "jane\n");
    assert_eq!(found.native["user.groups"], json!(["dev", "o\"ps"]));
    assert_eq!(found.native["impersonatedUser.username"], "root");
    assert_eq!(found.native["impersonatedUser.groups"], Value::Null);
    assert_eq!(found.native["truncated"], Value::Null);
    for (name, value) in [
        ("@timestamp", json!("2024-05-01T10:00:00.5Z")),
        ("event.id", json!("1/ResponseComplete")),
        ("event.outcome", json!("failure")),
        ("event.type", json!(["access", "denied"])),
        ("object.type", json!("pods")),
        ("object.name", json!("x")),
        ("source.ip", json!("2001:db8::1")),
    ] {
        assert_eq!(found.ecs[name], value, "{name}");
    }
}

#[test]
fn a_legacy_line_that_was_cut_gives_what_stands_before_the_cut() {
    let whole = extract_as(Class::K8sAudit, LEGACY);
    for cut in LEGACY.find("ip=").unwrap()..LEGACY.len() {
        let found = extract_as(Class::K8sAudit, &LEGACY[..cut]);
        assert_eq!(found.native["truncated"], true, "{}", &LEGACY[..cut]);
        assert!(is_part(&found.native, &whole.native), "{} of {}", found.native, &LEGACY[..cut]);
    }
}

#[test]
fn the_oldest_lines_have_no_response_and_are_whole() {
    let line = r#"2017-03-21T03:57:09.1Z AUDIT: id="1" ip="127.0.0.1" method="GET" user="admin" groups="\"a\"" as="<self>" asgroups="<lookup>" namespace="default" uri="/api/v1/namespaces/default/pods""#;
    let found = extract(line);
    assert_eq!(found.native["truncated"], Value::Null);
    assert_eq!(found.native["user.groups"], json!(["a"]));
    assert_eq!(found.ecs["event.action"], "GET");
}

#[test]
fn a_code_that_is_no_status_tells_nothing() {
    for code in [0, -1] {
        let found = extract(&EVENT_WITHOUT_STATUS.replace("CODE", &format!("{code}")));
        assert_eq!(found.ecs["event.outcome"], "unknown");
        assert_eq!(found.ecs["http.response.status_code"], Value::Null);
        assert_eq!(found.native["responseStatus.code"], code);
    }
}

const EVENT_WITHOUT_STATUS: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1","stage":"ResponseComplete","requestURI":"/api","verb":"get","responseStatus":{"code":CODE}}"#;
