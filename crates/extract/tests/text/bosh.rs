//! BOSH's CEF: director, agent, blobstore.

use serde_json::{Value, json};

use crate::check::{extract, holds, is_truncated};
use crate::support::Found;

const CLASS: &str = "bosh.director.cef";

#[track_caller]
fn director(path: &str, severity: u8, agent: &str, tail: &str) -> Found {
    extract(
        &format!(
            "CEF:0|CloudFoundry|BOSH|280.1.5 (00000000)|director_api|{path}|{severity}|duser=admin \
             requestClientApplication=bosh_cli requestMethod=GET src=10.0.0.6 spt=25556 shost=d-1 cs1=192.168.1.11 cs1Label=ips \
             cs2=HOST=192.168.1.11&X_REAL_IP=10.0.0.6&USER_AGENT={agent} cs2Label=httpHeaders cs3=uaa cs3Label=authType {tail}"
        ),
        CLASS,
    )
}

const OK: &str = "cs4=200 cs4Label=responseStatus";

#[test]
fn a_user_agent_cannot_imitate_what_the_server_says() {
    for agent in [
        "curl/8.5 (x86_64; key=value) foo=bar",
        "a|b",
        "x cs4=500 cs4Label=responseStatus",
        "x cs2Label=httpHeaders cs3=none cs3Label=authType cs4=500 cs4Label=responseStatus",
    ] {
        let found = director("/info", 1, agent, OK);
        holds(
            &found.ecs,
            &json!({ "user_agent.original": agent, "http.response.status_code": 200, "event.outcome": "success" }),
        );
        holds(&found.native["cef.labels"], &json!({ "authType": "uaa" }));
        assert!(!is_truncated(&found), "{agent}");
    }
}

#[test]
fn a_reason_cannot_imitate_what_stands_before_it() {
    for reason in [
        "Not authorized: '/tasks'",
        r#"{"code":600000,"description":"a=b, src=1.2.3.4"}"#,
        "x cs2Label=httpHeaders cs3=none cs3Label=authType cs4=200 cs4Label=responseStatus",
        "x cs5Label=other",
        "",
    ] {
        let tail = format!("cs4=403 cs4Label=responseStatus cs5={reason} cs5Label=statusReason");
        let found = director("/tasks", 7, "bosh/7", &tail);
        holds(
            &found.native["cef.labels"],
            &json!({ "authType": "uaa", "responseStatus": "403", "statusReason": reason }),
        );
        let expected = if reason.is_empty() { Value::Null } else { reason.into() };
        holds(
            &found.ecs,
            &json!({ "event.reason": expected, "source.ip": "10.0.0.6", "event.type": ["access", "denied"] }),
        );
        assert!(!is_truncated(&found), "{reason}");
    }
}

#[test]
fn a_pipe_in_the_path_does_not_move_the_fields() {
    for path in ["/a|b", "/x|1|duser=root", "/x|7|requestMethod=DELETE|", "|"] {
        let found = director(path, 1, "bosh/7", OK);
        holds(&found.native, &json!({ "cef.name": path, "cef.severity": "1" }));
        holds(
            &found.ecs,
            &json!({ "url.original": path, "event.action": format!("GET {path}"), "user.name": "admin" }),
        );
    }
}

#[test]
fn a_record_without_its_status_was_cut() {
    for tail in [
        "",
        "cs4=200",
        "cs4=200 cs4Label=response",
        "cs4=403 cs4Label=responseStatus cs5=Not",
        "cs4=403 cs4Label=responseStatus cs5=a cs5Label=status",
    ] {
        assert!(is_truncated(&director("/info", 7, "a", tail)), "{tail}");
    }
    let found =
        extract("CEF:0|CloudFoundry|BOSH|1|director_api|/a|b|1|duser=admin requestMethod=GET src=10.0.0.6", CLASS);
    holds(&found.native["cef.ext"], &json!({ "duser": "admin", "requestMethod": "GET", "src": null }));
    assert!(is_truncated(&found));
    assert!(is_truncated(&extract("CEF:0|CloudFoundry|BOSH|1|director_api|/deploy", CLASS)));
}

#[test]
fn paths_of_the_director_name_objects() {
    for (path, sort, id, name) in [
        ("/deployments", json!("deployments"), json!(null), json!(null)),
        ("/deployments/cf/vms", json!("deployments"), json!(null), json!("cf")),
        ("/tasks/12", json!("tasks"), json!("12"), json!(null)),
        ("/", json!(null), json!(null), json!(null)),
    ] {
        let found = director(path, 1, "a", OK);
        holds(
            &found.ecs,
            &json!({ "object.type": sort, "object.id": id, "object.name": name, "oauth.client.id": "bosh_cli" }),
        );
    }
}

#[test]
fn the_user_agent_ends_where_another_header_begins() {
    let found = director("/info", 1, "a&b=c&X_BOSH_UPLOAD_REQUEST_TIME=0.1", OK);
    holds(&found.ecs, &json!({ "user_agent.original": "a&b=c" }));
}

const AGENT_HTTP: &str = "CEF:0|CloudFoundry|BOSH|1|agent_api|/blobs|7|duser=user name requestMethod=GET src=192.0.2.1 \
    spt=1234 shost=agent cs1=HOST=h&USER_AGENT=my.agent cs1Label=httpHeaders cs2=basic cs2Label=authType cs3=400 cs3Label=responseStatus";

#[test]
fn the_agent_numbers_its_keys_in_its_own_way() {
    let found = extract(&format!("{AGENT_HTTP} "), CLASS);
    holds(
        &found.ecs,
        &json!({
            "user.name": "user name",
            "http.response.status_code": 400,
            "event.action": "GET /blobs",
            "user_agent.original": "my.agent",
            "oauth.client.id": null,
        }),
    );
    assert!(!is_truncated(&found));
}

#[test]
fn an_older_agent_forgot_a_blank() {
    for between in ["", " "] {
        let found =
            extract(&format!("{AGENT_HTTP}{between}cs4={{\"reason\": \"no reason\"}} cs4Label=statusReason"), CLASS);
        holds(
            &found.native["cef.labels"],
            &json!({ "responseStatus": "400", "statusReason": "{\"reason\": \"no reason\"}" }),
        );
        assert!(!is_truncated(&found));
    }
}

#[test]
fn methods_over_nats() {
    let method = |method: &str, severity: u8, tail: &str| {
        extract(
            &format!(
                "CEF:0|CloudFoundry|BOSH|1|agent_api|{method}|{severity}|duser=reply to me! src=127.0.0.1 spt=1234 shost=agent{tail}"
            ),
            CLASS,
        )
    };
    let found = method("get_task", 1, " ");
    holds(
        &found.ecs,
        &json!({ "event.action": "get_task", "event.outcome": "success", "event.type": ["access"], "object.type": "agent", "object.id": "agent" }),
    );
    assert!(!is_truncated(&found));
    let found = method("apply", 7, " cs1=invalid character 'b' cs1Label=statusReason");
    holds(
        &found.ecs,
        &json!({ "event.outcome": "failure", "event.type": ["change"], "event.reason": "invalid character 'b'", "user.name": "reply to me!" }),
    );
    assert!(is_truncated(&method("apply", 7, " cs1=invalid")));
}

#[test]
fn the_blobstore() {
    let found = extract(
        "CEF:0|CloudFoundry|BOSH|-|blobstore_api|/58/4523-5890|7|requestClientApplication=- requestMethod=PUT \
         src=192.168.1.20 spt=50312 cs1=Basic cs1Label=authType cs2=401 cs2Label=responseStatus",
        CLASS,
    );
    holds(
        &found.ecs,
        &json!({
            "event.action": "PUT /58/4523-5890",
            "event.type": ["change", "denied"],
            "object.type": "blob",
            "object.id": "4523-5890",
            "http.response.status_code": 401,
        }),
    );
    assert!(!is_truncated(&found));
}
