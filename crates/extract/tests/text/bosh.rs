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
    for path in ["/a|b", "/x|1|duser|", "/x|7|requestMethod=DELETE|", "|"] {
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
    let found = extract(&format!("{AGENT_HTTP} cs4=no cs4Label=statusReason"), CLASS);
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

/// What a failed call of somebody without a name can look like, with this user agent and reason.
fn refused(agent: &str, reason: &str) -> String {
    format!(
        "CEF:0|CloudFoundry|BOSH|1.0|director_api|/deployments/cf|7|requestMethod=DELETE src=10.0.0.9 spt=1 shost=h \
         cs1=10.0.0.9 cs1Label=ips cs2=HOST=x&USER_AGENT={agent} cs2Label=httpHeaders cs3=none cs3Label=authType cs4=401 \
         cs4Label=responseStatus cs5={reason} cs5Label=statusReason"
    )
}

fn is_ambiguous(found: &Found) -> bool {
    found.flags.contains(record::Flags::CEF_AMBIGUOUS)
}

#[test]
fn a_failure_never_has_the_status_of_a_success() {
    const FORGED: &str = "x cs2Label=httpHeaders cs3=uaa cs3Label=authType cs4=200 cs4Label=responseStatus";
    for agent in [FORGED.to_owned(), format!("{FORGED} cs5=y"), format!("{FORGED} cs5=y cs5Label=statusReason")] {
        let found = extract(&refused(&agent, "Not authorized"), CLASS);
        holds(
            &found.ecs,
            &json!({
                "http.response.status_code": 401,
                "event.outcome": "failure",
                "event.reason": "Not authorized",
                "user_agent.original": agent,
                "source.ip": "10.0.0.9",
            }),
        );
        holds(&found.native["cef.labels"], &json!({ "authType": "none", "responseStatus": "401" }));
        assert!(!is_truncated(&found) && !is_ambiguous(&found), "{agent}");
    }
}

#[test]
fn a_failure_with_two_statuses_keeps_what_they_agree_in() {
    const FORGED: &str = "x cs2Label=httpHeaders cs3=uaa cs3Label=authType cs4=STATUS cs4Label=responseStatus cs5=y";
    for (forged, status) in [("404", Value::Null), ("401", 401.into())] {
        let forged = FORGED.replace("STATUS", forged);
        for line in [refused(&forged, "no"), refused("x", &forged)] {
            let found = extract(&line, CLASS);
            holds(
                &found.ecs,
                &json!({
                    "http.response.status_code": status,
                    "event.outcome": "failure",
                    "event.action": "DELETE /deployments/cf",
                    "source.ip": "10.0.0.9",
                    "user_agent.original": null,
                    "event.reason": null,
                }),
            );
            assert!(is_ambiguous(&found) && !is_truncated(&found), "{line}");
        }
    }
}

#[test]
fn a_client_of_the_blobstore_says_nothing_but_its_name() {
    const FORGED: &str =
        "x requestMethod=PUT src=6.6.6.6 spt=2 cs1=Basic cs1Label=authType cs2=200 cs2Label=responseStatus";
    let line = format!(
        "CEF:0|CloudFoundry|BOSH|-|blobstore_api|/a/b|7|requestClientApplication={FORGED} requestMethod=GET src=10.0.0.9 \
         spt=1 cs1=Basic cs1Label=authType cs2=401 cs2Label=responseStatus"
    );
    let found = extract(&line, CLASS);
    holds(
        &found.ecs,
        &json!({
            "http.request.method": "GET",
            "event.action": "GET /a/b",
            "source.ip": "10.0.0.9",
            "source.port": 1,
            "http.response.status_code": 401,
            "event.outcome": "failure",
        }),
    );
    holds(&found.native["cef.ext"], &json!({ "requestClientApplication": FORGED }));
    assert!(!is_ambiguous(&found) && !is_truncated(&found));
    let cut = extract(&line[..line.len() - 20], CLASS);
    holds(&cut.ecs, &json!({ "http.request.method": null, "source.ip": null, "event.outcome": "failure" }));
    assert!(is_ambiguous(&cut));
}

#[test]
fn a_name_that_holds_a_whole_head_leaves_the_caller_open() {
    const AGENT: &str = "CEF:0|CloudFoundry|BOSH|1|agent_api|/agent|7|duser=x requestMethod=GET src=6.6.6.6 spt=2 shost=z \
        cs1=HOST=q cs1Label=httpHeaders cs2=basic cs2Label=authType cs3=200 cs3Label=responseStatus cs4=k \
        requestMethod=POST src=10.0.0.1 spt=1 shost=h cs1=HOST=x cs1Label=httpHeaders cs2=basic cs2Label=authType cs3=401 \
        cs3Label=responseStatus cs4=no cs4Label=statusReason";
    const DIRECTOR: &str = "CEF:0|CloudFoundry|BOSH|1|director_api|/tasks|7|duser=x requestMethod=GET src=6.6.6.6 spt=2 \
        shost=z cs1=1 cs1Label=ips cs2=HOST=q requestMethod=POST src=10.0.0.1 spt=1 shost=h cs1=1 cs1Label=ips cs2=HOST=x \
        cs2Label=httpHeaders cs3=none cs3Label=authType cs4=401 cs4Label=responseStatus cs5=no cs5Label=statusReason";
    for line in [AGENT, DIRECTOR] {
        let found = extract(line, CLASS);
        holds(
            &found.ecs,
            &json!({
                "http.request.method": null,
                "source.ip": null,
                "source.port": null,
                "user.name": null,
                "event.action": null,
                "http.response.status_code": 401,
                "event.outcome": "failure",
            }),
        );
        assert!(is_ambiguous(&found) && !is_truncated(&found), "{line}");
    }
}

#[test]
fn a_path_that_could_end_twice_is_left_out() {
    const TAIL: &str = "src=10.0.0.1 spt=1 shost=h cs1=1 cs1Label=ips cs2=HOST=x cs2Label=httpHeaders cs3=none \
        cs3Label=authType cs4=401 cs4Label=responseStatus cs5=no cs5Label=statusReason";
    let start = "CEF:0|CloudFoundry|BOSH|1|director_api|/tasks/1|7|duser=x|1|requestMethod=GET";
    let found = extract(&format!("{start} requestMethod=DELETE {TAIL}"), CLASS);
    holds(
        &found.ecs,
        &json!({
            "user.name": "x|1|requestMethod=GET",
            "url.original": "/tasks/1",
            "event.action": "DELETE /tasks/1",
            "source.ip": "10.0.0.1",
            "http.response.status_code": 401,
            "event.outcome": "failure",
        }),
    );
    assert!(!is_ambiguous(&found));
    let found = director("/x|1|duser=root", 1, "bosh/7", OK);
    holds(
        &found.ecs,
        &json!({ "user.name": null, "url.original": null, "event.action": null, "source.ip": "10.0.0.6" }),
    );
    assert!(is_ambiguous(&found) && !is_truncated(&found));
}

#[test]
fn a_user_who_is_called_like_a_client_leaves_both_open() {
    let line =
        refused("x", "no").replace("|7|", "|7|duser=x requestClientApplication=admin requestClientApplication=cli ");
    let found = extract(&line, CLASS);
    holds(
        &found.ecs,
        &json!({ "user.name": null, "oauth.client.id": null, "http.request.method": "DELETE", "source.ip": "10.0.0.9" }),
    );
    assert!(is_ambiguous(&found));
}

#[test]
fn numbers_out_of_range_are_left_out() {
    let line = refused("x", "no");
    for (from, to, field) in [
        ("spt=1 ", "spt=0 ", "source.port"),
        ("spt=1 ", "spt=65536 ", "source.port"),
        ("cs4=401", "cs4=999", "http.response.status_code"),
        ("cs4=401", "cs4=-1", "http.response.status_code"),
    ] {
        let found = extract(&line.replace(from, to), CLASS);
        assert_eq!(found.ecs[field], Value::Null, "{to}");
        assert_eq!(found.ecs["event.outcome"], "failure");
    }
    holds(&extract(&line.replace("spt=1 ", "spt=65535 "), CLASS).ecs, &json!({ "source.port": 65_535 }));
}

#[test]
fn a_header_before_it_cannot_imitate_the_user_agent() {
    let found = extract(&refused("bosh/7", "no").replace("HOST=x", "HOST=x&USER_AGENT=x"), CLASS);
    holds(&found.ecs, &json!({ "user_agent.original": "bosh/7" }));
}

/// A call of the agent's HTTP API. Its path was decoded and can hold anything.
fn agent_call(path: &str, severity: u8, user: &str, tail: &str) -> String {
    format!(
        "CEF:0|CloudFoundry|BOSH|1|agent_api|{path}|{severity}|duser={user} requestMethod=POST src=10.0.0.1 spt=1 shost=h \
         cs1=HOST=&USER_AGENT=x cs1Label=httpHeaders cs2=basic cs2Label=authType {tail}"
    )
}

const REFUSED: &str = "cs3=401 cs3Label=responseStatus cs4=no cs4Label=statusReason";

#[test]
fn a_path_of_the_agents_may_hold_blanks() {
    for path in ["/agent x", "/ ", "/agent x=y|1|", "/a |7|requestMethod=GET src=6.6.6.6 spt=1 shost=h cs1="] {
        let found = extract(&agent_call(path, 7, "eve", REFUSED), CLASS);
        holds(
            &found.ecs,
            &json!({
                "url.original": path,
                "event.action": format!("POST {path}"),
                "user.name": "eve",
                "source.ip": "10.0.0.1",
                "http.response.status_code": 401,
                "event.outcome": "failure",
                "event.reason": "no",
            }),
        );
        assert!(!is_ambiguous(&found) && !is_truncated(&found), "{path}");
    }
}

#[test]
fn a_path_that_holds_a_whole_record_forges_nothing() {
    const HEAD: &str = "duser=admin requestMethod=POST src=6.6.6.6 spt=1 shost=h cs1=HOST=&USER_AGENT=";
    const TAIL: &str = " cs1Label=httpHeaders cs2=basic cs2Label=authType cs3=200 cs3Label=responseStatus ";
    for path in [
        format!("/agent|1|{HEAD}{TAIL}"),
        format!("/agent|1|{HEAD}{TAIL}cs4=y"),
        format!("/agent|1|{HEAD}"),
        "/agent|1|duser=admin ".to_owned(),
        "/agent|1|duser=admin src=6.6.6.6".to_owned(),
        "ping|1|duser=director.x src=6.6.6.6 spt=4222 shost=h".to_owned(),
    ] {
        let line = agent_call(&path, 7, "eve", REFUSED);
        // Wherever it is cut behind the second place, too.
        let second = line.rfind("|7|duser=").unwrap() + "|7|duser=".len();
        for end in [line.len(), line.len() - 20, second + 40, second] {
            let found = extract(&line[..end], CLASS);
            assert!(is_ambiguous(&found), "{}", &line[..end]);
            for (field, value) in found.ecs.as_object().unwrap() {
                // The server's own status, which stands at the end, is told.
                let is_certain = match field.as_str() {
                    "event.dataset" | "event.kind" | "event.category" | "event.type" => true,
                    "event.outcome" => end == line.len() && value == "failure",
                    "http.response.status_code" => end == line.len() && value == 401,
                    _ => false,
                };
                assert!(is_certain, "{field} in {}", &line[..end]);
            }
            assert_eq!(found.native["cef.ext"], Value::Null);
        }
    }
}

#[test]
fn a_path_of_the_blobstore_that_holds_a_whole_record_forges_nothing() {
    let path = "/a|1|requestClientApplication=admin requestMethod=PUT src=6.6.6.6 spt=2 cs1=Basic cs1Label=authType cs2=200 \
        cs2Label=responseStatus";
    let line = format!(
        "CEF:0|CloudFoundry|BOSH|-|blobstore_api|{path}|7|requestClientApplication=- requestMethod=GET src=10.0.0.9 spt=1 \
         cs1=Basic cs1Label=authType cs2=401 cs2Label=responseStatus"
    );
    let found = extract(&line, CLASS);
    holds(
        &found.ecs,
        &json!({
            "url.original": null, "event.action": null, "object.id": null, "source.ip": "10.0.0.9",
            "http.request.method": "GET", "http.response.status_code": 401, "event.outcome": "failure",
        }),
    );
    assert!(is_ambiguous(&found) && !is_truncated(&found));
}

#[test]
fn a_method_may_be_any_token() {
    const HEAD: &str = " requestMethod=GET src=6.6.6.6 spt=2 shost=z";
    let director = refused(&format!("x{HEAD} cs1=1 cs1Label=ips cs2=HOST=q"), "no");
    let agent = agent_call("/agent", 7, "eve", REFUSED).replace("AGENT=x", &format!("AGENT=x{HEAD} cs1=HOST=q"));
    let user = agent_call("/agent", 7, &format!("admin{HEAD} cs1=HOST=q"), REFUSED);
    for method in ["M-SEARCH", "post", "x!#$%&'*+-.^_`~9"] {
        let method = format!("requestMethod={method} ");
        let found = extract(&director.replace("requestMethod=DELETE ", &method), CLASS);
        // The director's record begins with its own.
        assert_eq!(found.ecs["source.ip"], "10.0.0.9", "{method}");
        for line in [&agent, &user] {
            let found = extract(&line.replace("requestMethod=POST ", &method), CLASS);
            holds(&found.ecs, &json!({ "source.ip": null, "http.request.method": null, "user.name": null }));
            assert!(is_ambiguous(&found), "{method}");
        }
        let named = director.replace("|requestMethod=", "|duser=eve requestMethod=");
        let found = extract(&named.replace("requestMethod=DELETE ", &method), CLASS);
        holds(&found.ecs, &json!({ "source.ip": null, "http.request.method": null, "user.name": null }));
        assert!(is_ambiguous(&found), "{method}");
    }
    let honest = agent_call("/agent", 7, "eve", REFUSED).replace("=POST ", "=post ");
    let found = extract(&honest, CLASS);
    holds(&found.ecs, &json!({ "http.request.method": "post", "source.ip": "10.0.0.1", "user.name": "eve" }));
    assert!(!is_ambiguous(&found));
}

#[test]
fn a_name_that_moves_the_header_leaves_the_caller_open() {
    let line = refused("x", "no").replace(
        "|7|requestMethod",
        "|7|duser=|1|requestMethod=GET src=6.6.6.6 spt=2 shost=z cs1=1 cs1Label=ips cs2=HOST=q requestMethod",
    );
    let found = extract(&line, CLASS);
    holds(
        &found.ecs,
        &json!({
            "http.request.method": null, "source.ip": null, "source.port": null, "user.name": null, "url.original": null,
            "event.action": null,
        }),
    );
    assert!(is_ambiguous(&found) && !is_truncated(&found));
}

#[test]
fn a_failure_ends_with_its_reason() {
    let director = refused("x", "no");
    let agent = agent_call("/agent", 7, "eve", REFUSED);
    for whole in [director, agent] {
        let status = whole.find("=responseStatus").unwrap() + "=responseStatus".len();
        for end in [status, status + 1] {
            let found = extract(&whole[..end], CLASS);
            holds(&found.ecs, &json!({ "http.response.status_code": 401, "event.outcome": "failure" }));
            assert!(is_truncated(&found), "{}", &whole[..end]);
        }
    }
    for (severity, host, is_cut) in [(7, Value::Null, true), (1, "ag".into(), false)] {
        let found = extract(
            &format!(
                "CEF:0|CloudFoundry|BOSH|1|agent_api|ping|{severity}|duser=director.x src=10.0.0.9 spt=4222 shost=ag"
            ),
            CLASS,
        );
        assert_eq!((&found.ecs["object.id"], is_truncated(&found)), (&host, is_cut), "{severity}");
    }
}

#[test]
fn a_local_user_has_no_client() {
    let line = "CEF:0|CloudFoundry|BOSH|1|director_api|/info|1|duser=admin requestClientApplication=c requestMethod=GET \
        src=10.0.0.9 spt=1 shost=h cs1=10.0.0.9 cs1Label=ips cs2=HOST=x cs2Label=httpHeaders cs3=uaa cs3Label=authType \
        cs4=200 cs4Label=responseStatus";
    holds(&extract(line, CLASS).ecs, &json!({ "user.name": "admin", "oauth.client.id": "c" }));
    let found = extract(&line.replace("cs3=uaa", "cs3=basic"), CLASS);
    holds(
        &found.ecs,
        &json!({ "user.name": null, "oauth.client.id": null, "source.ip": "10.0.0.9", "http.request.method": "GET" }),
    );
    assert!(is_ambiguous(&found) && !is_truncated(&found));
    let found = extract(&line.replace("cs3=uaa", "cs3=basic").replace(" requestClientApplication=c", ""), CLASS);
    holds(&found.ecs, &json!({ "user.name": "admin", "oauth.client.id": null }));
    assert!(!is_ambiguous(&found));
}

#[test]
fn a_reason_may_hold_its_own_label() {
    for reason in ["x cs5Label=statusReason", "x cs5Label=statusReason y", " cs5Label=statusReason cs5Label="] {
        let found = extract(&refused("x", reason), CLASS);
        holds(&found.ecs, &json!({ "event.reason": reason, "http.response.status_code": 401 }));
        assert!(!is_truncated(&found) && !is_ambiguous(&found), "{reason}");
    }
    let tail = REFUSED.replace("=no ", "=x cs4Label=statusReason y ");
    let found = extract(&agent_call("/agent", 7, "eve", &tail), CLASS);
    holds(&found.ecs, &json!({ "event.reason": "x cs4Label=statusReason y" }));
    assert!(!is_truncated(&found));
}

/// Whoever is refused must not hide that by what he calls himself.
#[test]
fn a_user_agent_with_a_severity_leaves_the_status() {
    let line = format!("{AGENT_HTTP} cs4=no cs4Label=statusReason").replace("my.agent", "x|7|duser=");
    let found = extract(&line, CLASS);
    holds(
        &found.ecs,
        &json!({
            "user.name": null, "source.ip": null, "http.request.method": null,
            "http.response.status_code": 400, "event.outcome": "failure",
        }),
    );
    // A status that another hides is none.
    let forged = "x|1|duser= cs1Label=httpHeaders cs2=basic cs2Label=authType cs3=200 cs3Label=responseStatus";
    let found = extract(&line.replace("x|7|duser=", forged), CLASS);
    assert_ne!(found.ecs["event.outcome"], "success", "{}", found.ecs);
    let cut = line.replace("x|7|duser=", forged);
    let cut = &cut[..cut.find(" cs3=400").unwrap()];
    holds(&extract(cut, CLASS).ecs, &json!({ "event.outcome": null }));
}
