//! What the drop lists take, of the labelled lines and of lines beside them.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

mod support;

use extract::Extractor;
use gully_select::{DROP_LISTS, DropList, Filter, Judgement};
use record::Flags;
use support::{batch, batch_flagged, corpus};

/// The labelled lines that a list takes, by id; no others.
const TAKEN: &[(&str, &[&str])] = &[
    ("kubernetes-leases", &[]),
    ("kubernetes-watches", &["m-k8s-002", "m-seeds-058", "m-seeds-059", "m-seeds-060"]),
    ("kubernetes-health", &["m-k8s-007", "m-k8s-018"]),
    ("kubernetes-system-reads", &["m-k8s-002", "m-seeds-058", "m-seeds-059", "m-seeds-060"]),
    (
        "health-probes",
        &[
            "m-bosh-005",
            "m-bosh-011",
            "m-cloud_controller-020",
            "m-cloud_controller-021",
            "m-cloud_controller-028",
            "m-credhub-019",
            "m-credhub-026",
            "m-credhub-027",
            "m-credhub-028",
            "m-seeds-001",
            "m-syslog-025",
        ],
    ),
    ("uaa-client-logins", &["m-uaa-015"]),
    (
        "pks-broker-polls",
        &["m-pks-006", "m-pks-007", "m-pks-010", "m-pks-014", "m-pks-018", "m-seeds-041", "m-seeds-042"],
    ),
    (
        "pks-telemetry-pings",
        &[
            "m-pks-019",
            "m-pks-020",
            "m-pks-021",
            "m-pks-022",
            "m-pks-023",
            "m-pks-024",
            "m-seeds-054",
            "m-seeds-055",
            "m-seeds-056",
        ],
    ),
    ("ucp-metrics", &["m-seeds-027"]),
];

fn filter(list: &str) -> Filter {
    Filter::new(None, [DropList::named(list).unwrap()])
}

#[test]
fn each_list_takes_its_lines_of_the_corpus_and_no_others() {
    assert!(TAKEN.iter().map(|(name, _)| *name).eq(DROP_LISTS.iter().map(|list| list.name)));
    let mut extractor = Extractor::new();
    for (list, expected) in TAKEN {
        let filter = filter(list);
        let mut taken = Vec::new();
        for line in corpus() {
            let batch = batch(line.message.as_bytes(), &line.transport);
            match filter.judge(&batch.record(0), &mut extractor) {
                Judgement::Selected => {}
                judgement => {
                    assert_eq!(judgement, Judgement::Dropped(list), "{}", line.id);
                    taken.push(line.id);
                }
            }
        }
        taken.sort_unstable();
        assert_eq!(taken, *expected, "{list}");
    }
}

/// Whether the list drops the line.
fn check(list: &str, line: &str, is_dropped: bool) {
    let batch = batch(line.as_bytes(), "auto");
    let expected =
        if is_dropped { Judgement::Dropped(DropList::named(list).unwrap().name) } else { Judgement::Selected };
    assert_eq!(filter(list).judge(&batch.record(0), &mut Extractor::new()), expected, "{list}: {line}");
}

/// An event of a request to the API server; `more` follows the user.
fn request(user: &str, verb: &str, uri: &str, more: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1b5bd5a0","stage":"ResponseComplete","requestURI":"{uri}","verb":"{verb}","user":{{"username":"{user}"}},"sourceIPs":["10.0.11.10"],"userAgent":"kube-probe/1.30"{more},"requestReceivedTimestamp":"2024-05-01T10:00:00.000001Z","stageTimestamp":"2024-05-01T10:00:00.000900Z"}}"#
    )
}

fn of_object(resource: &str, more: &str, code: u16) -> String {
    format!(
        r#","objectRef":{{"resource":"{resource}","namespace":"kube-system","name":"x"{more}}},"responseStatus":{{"code":{code}}}"#
    )
}

const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-1";
const COORDINATION: &str = r#","apiGroup":"coordination.k8s.io""#;
const NODE: &str = "system:node:node-1";

fn lease(user: &str, verb: &str, code: u16) -> String {
    request(user, verb, LEASE, &of_object("leases", COORDINATION, code))
}

#[test]
fn leases_are_renewed_by_components_and_not_by_people() {
    let list = "kubernetes-leases";
    for user in [NODE, "system:kube-scheduler", "system:apiserver", "system:serviceaccount:cert-manager:cainjector"] {
        check(list, &lease(user, "update", 200), true);
        check(list, &lease(user, "get", 200), true);
        check(list, &lease(user, "create", 201), false);
        check(list, &lease(user, "delete", 200), false);
        check(list, &lease(user, "update", 409), false);
    }
    check(list, &lease("alice", "update", 200), false);
    check(list, &lease("system:anonymous", "get", 200), false);
    check(list, &request(NODE, "update", LEASE, &of_object("leases", r#","apiGroup":"example.org""#, 200)), false);
    let impersonated =
        format!("{},\"impersonatedUser\":{{\"username\":\"eve\"}}", of_object("leases", COORDINATION, 200));
    check(list, &request(NODE, "update", LEASE, &impersonated), false);
}

#[test]
fn watches_and_reads_of_secrets_and_by_people_are_kept() {
    for list in ["kubernetes-watches", "kubernetes-system-reads"] {
        let watch = |user: &str, resource: &str, code: u16| {
            request(user, "watch", "/api/v1/x?watch=true", &of_object(resource, "", code))
        };
        check(list, &watch("system:kube-controller-manager", "pods", 200), true);
        check(list, &watch("system:serviceaccount:kube-system:coredns", "endpoints", 200), true);
        check(list, &watch("system:kube-controller-manager", "secrets", 200), false);
        check(list, &watch("system:kube-controller-manager", "pods", 403), false);
        check(list, &watch("alice", "pods", 200), false);
        check(list, &watch("system:anonymous", "pods", 200), false);
        check(list, &watch("system:unauthenticated", "pods", 200), false);
    }
}

#[test]
fn reads_by_way_of_a_subresource_are_kept() {
    let list = "kubernetes-system-reads";
    let get = |subresource: &str| {
        let of = of_object("pods", &format!(r#","subresource":"{subresource}""#), 200);
        request(NODE, "get", "/api/v1/namespaces/kube-system/pods/x/y", &of)
    };
    check(list, &get("status"), true);
    for subresource in ["exec", "attach", "portforward", "proxy", "log", "token"] {
        check(list, &get(subresource), false);
    }
    check(list, &request(NODE, "get", "/api/v1/nodes/node-1", &of_object("nodes", "", 200)), true);
    check(list, &request(NODE, "create", "/api/v1/nodes", &of_object("nodes", "", 201)), false);
    check(list, &request("system:serviceaccount:shop:web", "get", "/api/v1/pods", &of_object("pods", "", 200)), false);
}

#[test]
fn what_only_a_path_tells_is_kept() {
    let legacy = |verb: &str, uri: &str| {
        format!(
            r#"2017-03-21T03:57:09.1-04:00 AUDIT: id="c939d2a7" stage="ResponseComplete" ip="127.0.0.1" method="{verb}" user="system:serviceaccount:kube-system:x" groups="\"dev\"" as="<self>" asgroups="<lookup>" user-agent="x" namespace="default" uri="{uri}" response="200""#
        )
    };
    for uri in [
        "/api/v1/namespaces/default/pods/p/exec?command=sh&stdin=true",
        "/api/v1/nodes/n1/proxy/runningpods/",
        "/api/v1/namespaces/default/pods/p/log",
        "/api/v1/proxy/namespaces/default/pods/p/x",
        "/api/v1/namespaces/default/%73ecrets/x",
    ] {
        for verb in ["get", "watch"] {
            for list in ["kubernetes-system-reads", "kubernetes-watches"] {
                check(list, &legacy(verb, uri), false);
                for of in ["", r#","objectRef":null"#, r#","objectRef":{"namespace":"default"}"#] {
                    let of = format!(r#"{of},"responseStatus":{{"code":200}}"#);
                    check(list, &request("system:serviceaccount:kube-system:x", verb, uri, &of), false);
                }
            }
        }
    }
}

#[test]
fn a_subresource_in_bad_company_is_kept() {
    for (subresource, is_read) in [
        (r#""status""#, true),
        (r#""scale""#, true),
        (r#"["status","exec"]"#, false),
        (r#"["log","scale"]"#, false),
        (r#"{"a":"status"}"#, false),
        ("5", false),
    ] {
        let of = |verb: &str| {
            let of = of_object("pods", &format!(r#","subresource":{subresource}"#), 200);
            request(NODE, verb, "/api/v1/namespaces/kube-system/pods/x/y", &of)
        };
        check("kubernetes-system-reads", &of("get"), is_read);
        check("kubernetes-watches", &of("watch"), false);
    }
}

#[test]
fn only_the_api_servers_own_pages_are_its_health() {
    let list = "kubernetes-health";
    let get = |uri: &str, code: u16| {
        request("system:anonymous", "get", uri, &format!(r#","responseStatus":{{"code":{code}}}"#))
    };
    for uri in ["/healthz", "/livez?verbose", "/readyz/etcd", "/version", "/metrics"] {
        check(list, &get(uri, 200), true);
        check(list, &get(uri, 403), false);
        check(list, &get(uri, 500), false);
    }
    for uri in ["/healthzz", "/api", "/metricsservice", "/x/healthz", "/logs/version"] {
        check(list, &get(uri, 200), false);
    }
    check(list, &request("alice", "post", "/healthz", ""), false);
    for uri in ["/metrics/../api/v1/secrets", "/metrics/%2e%2e/api", "/version//api", "/healthz?a=%2e", "/livez/.."] {
        check(list, &get(uri, 200), false);
    }
}

#[test]
fn a_status_that_is_none_is_kept() {
    let get = |code: &str| {
        let status = format!(r#","responseStatus":{{"code":{code}}}"#);
        request("alice", "get", "/healthz", &status)
    };
    check("kubernetes-health", &get("200"), true);
    for code in [r#""403""#, "40300000000000000000000", "403.0"] {
        check("kubernetes-health", &get(code), false);
    }
}

#[test]
fn a_status_without_a_number_may_be_a_failure() {
    let get = |status: &str| request("alice", "get", "/healthz", &format!(r#","responseStatus":{status}"#));
    for status in [r#"{"metadata":{},"code":200}"#, r#"{"metadata":{}}"#, "null"] {
        check("kubernetes-health", &get(status), true);
    }
    for status in [
        r#"{"metadata":{},"status":"Failure","reason":"Forbidden"}"#,
        r#"{"status":"Failure","code":200}"#,
        r#""403""#,
        "403",
        r#"[{"code":403}]"#,
    ] {
        check("kubernetes-health", &get(status), false);
    }
}

#[test]
fn only_queries_of_metrics_are_the_dashboards() {
    let query = |uri: &str, more: &str| {
        format!(
            r#"{{"audit":{{"auditID":"f","kind":"docker-swarm","level":"metadata","requestReceivedTimestamp":"2019-01-30T17:21:45.316542Z","requestURI":"{uri}","sourceIPs":["172.31.25.212:64708"],"stage":"RequestReceived","user":{{"uid":"12","username":"12"}},"verb":"GET"{more}}},"level":"info","msg":"audit","time":"2019-01-30T17:21:45Z"}}"#
        )
    };
    let list = "ucp-metrics";
    for uri in ["/metricsservice/query", "/metricsservice/query?query=%20sum//a/../b"] {
        check(list, &query(uri, ""), true);
        check(list, &query(uri, r#","responseStatus":{"code":200}"#), true);
    }
    for uri in [
        "/metricsservice/query/../../secrets/create",
        "/metricsservice/query/%2e%2e/%2e%2e/containers/x/archive?path=/etc/shadow",
        "/metricsservice/query//containers/x/archive",
        "/metricsservice/query/x",
        "/metricsservice/queryx",
    ] {
        check(list, &query(uri, ""), false);
    }
    for status in [r#"{"code":403}"#, r#"{"code":"403"}"#, r#"{"status":"Failure"}"#, r#""403""#, "[403]"] {
        check(list, &query("/metricsservice/query", &format!(r#","responseStatus":{status}"#)), false);
    }
}

#[test]
fn a_batch_is_noise_only_if_all_of_it_is() {
    let batch = |events: &[String]| {
        format!(
            r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{{}},"items":[{}]}}"#,
            events.join(",")
        )
    };
    let (noise, failure, person) =
        (lease(NODE, "update", 200), lease(NODE, "update", 403), lease("alice", "update", 200));
    let list = "kubernetes-leases";
    check(list, &batch(std::slice::from_ref(&noise)), true);
    check(list, &batch(&[noise.clone(), lease("system:apiserver", "get", 200)]), true);
    check(list, &batch(&[noise.clone(), failure.clone()]), false);
    check(list, &batch(&[failure, noise.clone()]), false);
    check(list, &batch(&[noise.clone(), person, noise.clone()]), false);
    check(list, &batch(&[]), false);
    check(list, &batch(&[noise.clone(), format!("[{}]", lease("alice", "delete", 200))]), false);
    let cut = batch(&[noise.clone(), noise]);
    check(list, &cut[..cut.len() - 200], false);
}

#[test]
fn a_record_that_two_readers_read_differently_is_kept() {
    let list = "kubernetes-leases";
    let noise = lease(NODE, "update", 200);
    check(list, &noise, true);
    for (name, other) in [
        (r#""username":"#, r#""eve""#),
        (r#""user":"#, r#"{"username":"eve"}"#),
        (r#""objectRef":"#, r#"{"resource":"secrets"}"#),
        (r#""resource":"#, r#""secrets""#),
        (r#""apiGroup":"#, r#""""#),
        (r#""responseStatus":"#, r#"{"code":403}"#),
        (r#""code":"#, "403"),
    ] {
        // Before the value that the noise has, and behind it.
        let (before, after) = noise.split_once(name).unwrap();
        let is_object = after.starts_with('{');
        let end = after.find(if is_object { '}' } else { ',' }).unwrap() + usize::from(is_object);
        let end = after[..end].rfind('}').filter(|_| !is_object).unwrap_or(end);
        let (value, after) = after.split_at(end);
        check(list, &format!("{before}{name}{other},{name}{value}{after}"), false);
        check(list, &format!("{before}{name}{value},{name}{other}{after}"), false);
    }
    let decided = noise.replacen(
        r#","requestReceived"#,
        r#","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/decision":"forbid"},"requestReceived"#,
        1,
    );
    check(list, &decided, false);
}

/// An entry of docker's json-file log.
fn json_file(log: &str) -> String {
    serde_json::json!({"log": format!("{log}\n"), "stream": "stdout", "time": "2026-01-20T04:56:26.1Z"}).to_string()
}

#[test]
fn nothing_hides_far_behind_the_noise_in_a_carrier() {
    let list = "kubernetes-leases";
    let (noise, person) = (lease(NODE, "update", 200), lease("alice", "delete", 200));
    let noise = vec![noise; 60].join(",");
    let batch =
        |end: &str| json_file(&format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{noise}{end}"#));
    check(list, &batch("]}"), true);
    for end in [
        format!(",{person}]}}"),
        format!(", x,{person}]}}"),
        format!("]}}{person}"),
        format!(r#"],"items":[{person}]}}"#),
    ] {
        check(list, &batch(&end), false);
    }
}

#[test]
fn logins_of_the_admin_client_are_kept() {
    let login = |client: &str, event: &str| {
        format!(
            "Audit: {event} ('Client authentication success'): principal={client}, origin=[remoteAddress=10.0.0.6, \
             clientId={client}], identityZoneId=[uaa]"
        )
    };
    check("uaa-client-logins", &login("doppler", "ClientAuthenticationSuccess"), true);
    check("uaa-client-logins", &login("admin", "ClientAuthenticationSuccess"), false);
    check("uaa-client-logins", &login("doppler", "ClientAuthenticationFailure"), false);
}

#[test]
fn who_logs_in_to_ask_for_health_is_kept() {
    let cloud_controller = |path: &str, user: &str, status: u16| {
        format!(
            "CEF:0|cloud_foundry|cloud_controller_ng|2.54.0|GET {path}|GET {path}|0|rt=1460690037402 suser={user} suid= \
             request={path} requestMethod=GET src=127.0.0.1 dst=192.0.2.1 cs1Label=userAuthenticationMechanism cs1=no-auth \
             cs2Label=vcapRequestId cs2=c4bac383 cs3Label=result cs3={} cs4Label=httpStatusCode cs4={status} \
             cs5Label=xForwardedFor cs5=198.51.100.1",
            if status < 400 { "success" } else { "serverError" }
        )
    };
    for path in ["/", "/healthz", "/v2/info", "/v3/info"] {
        check("health-probes", &cloud_controller(path, "", 200), true);
        check("health-probes", &cloud_controller(path, "alice", 200), false);
        check("health-probes", &cloud_controller(path, "", 500), false);
    }
    check("health-probes", &cloud_controller("/v2/info?x=1", "", 200), false);
    check("health-probes", &cloud_controller("/v3/apps", "", 200), false);
}

#[test]
fn a_record_that_is_damaged_or_ambiguous_is_never_noise() {
    let kept = [
        Flags::TRUNCATED,
        Flags::TRUNCATED_UPSTREAM,
        Flags::UNTERMINATED,
        Flags::INVALID_UTF8,
        Flags::JSON_SYNTAX,
        Flags::JSON_DEPTH,
        Flags::JSON_DUP,
        Flags::EVENTS_LIMIT,
        Flags::CEF_AMBIGUOUS,
        Flags::CEF_SHORT,
        Flags::CEF_VERSION,
        Flags::CEF_SEVERITY,
        Flags::UAA_AMBIGUOUS,
        Flags::BROKEN_FRAMING,
    ];
    let mut extractor = Extractor::new();
    for (list, lines) in TAKEN {
        let filter = filter(list);
        for line in corpus().iter().filter(|line| lines.contains(&line.id.as_str())) {
            for (flag, name) in Flags::ALL {
                let batch = batch_flagged(line.message.as_bytes(), &line.transport, *flag);
                let judgement = filter.judge(&batch.record(0), &mut extractor);
                assert_eq!(judgement == Judgement::Selected, kept.contains(flag), "{list}, {name}: {}", line.id);
            }
        }
    }
}
