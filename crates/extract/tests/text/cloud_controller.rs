//! Cloud Controller's CEF.

use serde_json::{Value, json};

use crate::check::{self, extract, holds, is_truncated};
use crate::support::Found;

const CLASS: &str = "cf.cloud_controller.cef";

fn line(header: &str, extension: &str) -> String {
    format!("CEF:0|cloud_foundry|cloud_controller_ng|2.268.0|{header}|0|{extension}")
}

#[track_caller]
fn record(header: &str, extension: &str) -> Found {
    extract(&line(header, extension), CLASS)
}

#[track_caller]
fn request(method: &str, path: &str, status: u16, user: &str) -> Found {
    extract(&request_line(method, path, status, user), CLASS)
}

/// A request for `path`, with a user's name as it is sent.
fn request_line(method: &str, path: &str, status: u16, user: &str) -> String {
    let result = if status < 400 { "success" } else { "clientError" };
    line(
        &format!("{method} {path}|{method} {path}"),
        &format!(
            "rt=1715252490851 suser={user} suid=u-1 request={path} requestMethod={method} src=203.0.113.9 dst=10.0.16.8 \
             cs1Label=userAuthenticationMechanism cs1=oauth-access-token cs2Label=vcapRequestId cs2=r-1::cc-1 \
             cs3Label=result cs3={result} cs4Label=httpStatusCode cs4={status} cs5Label=xForwardedFor cs5=203.0.113.9, 10.0.48.101"
        ),
    )
}

#[test]
fn escapes_are_undone_in_header_and_extension() {
    let found = request("GET", "/v3/apps", 200, r"CN\=Alice\\,OU\=Ops");
    holds(&found.native["cef.ext"], &json!({ "suser": r"CN=Alice\,OU=Ops" }));
    let found = record(r"GET /a\|b\\|GET /a\|b\\", "rt=1");
    holds(&found.native, &json!({ "cef.signature_id": r"GET /a|b\", "cef.name": r"GET /a|b\", "cef.severity": "0" }));
}

#[test]
fn a_value_does_not_forge_another() {
    let found =
        request("GET", "/v3/apps", 200, r"eve suid\=0 cs1\=basic-auth src=1.2.3.4 cs4Label=httpStatusCode cs4=500");
    holds(
        &found.ecs,
        &json!({
            "user.name": "eve suid=0 cs1=basic-auth src=1.2.3.4 cs4Label=httpStatusCode cs4=500",
            "user.id": "u-1",
            "source.ip": "203.0.113.9",
            "http.response.status_code": 200,
        }),
    );
    assert!(!is_truncated(&found));
}

#[test]
fn empty_values_are_kept_and_say_nothing() {
    let found = record(
        "GET /v2/info|GET /v2/info",
        "rt=1460690037402 suser= suid= request=/v2/info requestMethod=GET src=unknown dst=cc \
         cs1Label=userAuthenticationMechanism cs1=no-auth cs2Label=vcapRequestId cs2= cs3Label=result cs3=info \
         cs4Label=httpStatusCode cs4= cs5Label=xForwardedFor cs5=",
    );
    holds(&found.native["cef.ext"], &json!({ "suser": "", "suid": "", "cs2": "", "cs5": "" }));
    holds(&found.native["cef.labels"], &json!({ "vcapRequestId": "", "xForwardedFor": "" }));
    holds(
        &found.ecs,
        &json!({
            "@timestamp": "2016-04-15T03:13:57.402Z",
            "event.outcome": "unknown",
            "user.name": null,
            "user.id": null,
            "source.ip": null,
            "destination.ip": null,
            "trace.id": null,
            "http.response.status_code": null,
        }),
    );
    assert!(!is_truncated(&found));
}

#[test]
fn labels_bind_by_their_text() {
    let found = record(
        "GET /x|GET /x",
        "rt=1 suser= suid= request=/x requestMethod=GET src= dst= cs1Label=a cs1=1 cs2Label=httpStatusCode cs2=403 \
         cs3Label=vcapRequestId cs3=id cs4Label=result cs4=clientError cs5Label=xForwardedFor cs5=5",
    );
    holds(
        &found.native["cef.labels"],
        &json!({ "a": "1", "httpStatusCode": "403", "vcapRequestId": "id", "result": "clientError", "xForwardedFor": "5" }),
    );
    holds(&found.ecs, &json!({ "http.response.status_code": 403, "event.outcome": "failure", "trace.id": "id" }));
}

#[test]
fn the_path_names_the_object() {
    #[track_caller]
    fn check(path: &str, sort: Value, id: Value) {
        holds(&request("GET", path, 200, "a").ecs, &json!({ "object.type": sort, "object.id": id }));
    }
    check("/v3/apps/GUID-1/env", json!("apps"), json!("GUID-1"));
    check("/v3/apps/GUID-1?include=space", json!("apps"), json!("GUID-1"));
    check("/v3/apps", json!("apps"), json!(null));
    check("/v2/spaces/GUID-2", json!("spaces"), json!("GUID-2"));
    check("/internal/v4/tasks/GUID-3/completed", json!("tasks"), json!("GUID-3"));
    check("/v3/admin/actions/clear_buildpack_cache", json!("admin"), json!(null));
    check("/v3", json!(null), json!(null));
    check("/oauth/authorize", json!(null), json!(null));
    check("/v3/apps?names=/v3/spaces/1", json!("apps"), json!(null));
}

#[test]
fn the_method_says_what_it_means() {
    for (method, path, status, kind, activity) in [
        ("GET", "/v3/apps", 200, json!(["access"]), 2),
        ("OPTIONS", "/v3/apps", 200, json!(["access"]), 2),
        ("POST", "/v3/apps", 201, json!(["creation"]), 1),
        ("POST", "/v3/apps/1/actions/start", 200, json!(["creation"]), 99),
        ("GET", "/v3/apps/1/actions/start", 200, json!(["access"]), 2),
        ("PATCH", "/v3/apps/1", 401, json!(["change", "denied"]), 3),
        ("DELETE", "/v3/apps/1", 403, json!(["deletion", "denied"]), 4),
        ("DELETE", "/v3/apps/1", 404, json!(["deletion"]), 4),
        ("BREW", "/v3/apps/1", 200, json!(null), 99),
    ] {
        let line = request_line(method, path, status, "a");
        holds(&extract(&line, CLASS).ecs, &json!({ "event.category": ["api", "web"], "event.type": kind }));
        assert_eq!(check::ocsf(&line), (6003, activity), "{method} {path}");
    }
}

#[test]
fn a_line_end_in_a_users_name_cuts_the_line() {
    let found = record("GET /|GET /", "rt=1715252490851 suser=eve");
    holds(&found.native, &json!({ "cef.ext": { "rt": "1715252490851" }, "cef.labels": {} }));
    holds(&found.ecs, &json!({ "@timestamp": "2024-05-09T11:01:30.851Z", "event.action": "GET /", "user.name": null }));
    assert!(is_truncated(&found));
}

#[test]
fn a_header_that_was_cut_gives_its_whole_fields() {
    let found = extract("CEF:0|cloud_foundry|cloud_controller_ng|2.268.0|GET /v3/apps|GET /v3", CLASS);
    holds(
        &found.native,
        &json!({
            "cef.version": "0",
            "cef.device_vendor": "cloud_foundry",
            "cef.device_product": "cloud_controller_ng",
            "cef.device_version": "2.268.0",
            "cef.signature_id": "GET /v3/apps",
            "cef.name": null,
            "cef.ext": null,
            "truncated": true,
        }),
    );
    holds(&found.ecs, &json!({ "event.action": "GET /v3/apps" }));
}

#[test]
fn a_cut_within_an_escape_shows() {
    let whole = [
        "rt=1 suser= suid= request=/ requestMethod=GET src= dst= cs1Label=userAuthenticationMechanism cs1=no-auth",
        "cs2Label=vcapRequestId cs2= cs3Label=result cs3=info cs4Label=httpStatusCode cs4=100 cs5Label=xForwardedFor",
        r"cs5=a\\\=b",
    ]
    .join(" ");
    for (cut, is_cut) in [(0, false), (1, false), (2, true), (3, false), (4, true), (5, false), (6, false), (7, true)] {
        let extension = &whole[..whole.len() - cut];
        assert_eq!(is_truncated(&record("GET /|GET /", extension)), is_cut, "{extension}");
    }
}

#[test]
fn times_out_of_range_are_no_times() {
    for rt in ["", "x", "99999999999999999999", "9223372036854775807", "1.5"] {
        let found = record("GET /|GET /", &format!("rt={rt} suser=a suid="));
        holds(&found.ecs, &json!({ "@timestamp": null }));
        holds(&found.native["cef.ext"], &json!({ "rt": rt }));
    }
}

#[test]
fn what_the_logger_wrote_is_said() {
    let found = extract(
        "I, [2026-01-20T04:56:26.384189 #19]  INFO -- : CEF:0|cloud_foundry|cloud_controller_ng|2.268.0|GET /|GET /|0|rt=1",
        CLASS,
    );
    holds(
        &found.native,
        &json!({ "log.timestamp": "2026-01-20T04:56:26.384189", "log.pid": 19, "log.level": "INFO", "log.logger": null }),
    );
    holds(&found.ecs, &json!({ "process.pid": 19, "log.level": "INFO" }));
}

#[test]
fn a_line_of_the_job_without_the_prefix_is_doubtful() {
    const PREFIX: &str = "I, [2026-01-20T04:56:26.384189 #19]  INFO -- : ";
    let flags = |header: &str, prefix: &str| {
        let text = format!("{header}{prefix}{}", request_line("GET", "/v3/apps", 200, "x"));
        extract_sent(&text).flags.contains(record::Flags::CEF_AMBIGUOUS)
    };
    let header = |name: &str| format!("<14>1 2026-01-20T04:56:26.384Z 10.0.0.1 {name} rs2 - - ");
    assert!(flags(&header("cloud_controller_ng"), ""));
    assert!(!flags(&header("cloud_controller_ng"), PREFIX));
    assert!(!flags(&header("relay"), ""));
    assert!(!flags("", ""));
}

#[track_caller]
fn extract_sent(text: &str) -> Found {
    let found = crate::support::extract(text.as_bytes(), "auto");
    assert_eq!(found.class, CLASS, "{text}");
    found
}

#[test]
fn a_header_that_nothing_follows_is_no_action() {
    let found = record("GET /v3/apps|GET /v3/apps", "");
    holds(&found.ecs, &json!({ "event.action": null }));
    assert!(is_truncated(&found));
}

#[test]
fn a_path_that_means_another_names_its_object_only_where_that_can_be_told() {
    for path in ["/v3//apps/a-1", "//v3/apps/a-1", "/v3/apps//a-1/env", "/v3/apps/a-1//", "/internal//v4/apps/a-1"] {
        let found = request("DELETE", path, 202, "bob");
        holds(&found.ecs, &json!({ "object.type": "apps", "object.id": "a-1", "url.original": path }));
    }
    for path in [
        "/v3/%61pps/a-1",
        "/v3/apps/%61-1",
        "/v3/./apps/a-1",
        "/v3/apps/a-1/..",
        "/v3/apps/a-1/../b-2",
        "/v3/apps/a-1/%2e%2e/b-2",
    ] {
        let found = request("DELETE", path, 202, "bob");
        holds(&found.ecs, &json!({ "object.type": null, "object.id": null, "url.original": path }));
    }
    let found = request("GET", "/v2/apps/a-1/instances/0/files/my%20app/log", 200, "bob");
    holds(&found.ecs, &json!({ "object.type": "apps", "object.id": "a-1" }));
    let found = request("GET", "/v3/apps?names=a%20b/../c", 200, "bob");
    holds(&found.ecs, &json!({ "object.type": "apps", "object.id": null }));
}
