//! CredHub's CEF.

use serde_json::{Value, json};

use crate::check::{self, extract, holds, is_truncated};
use crate::support::Found;

const CLASS: &str = "cf.credhub.cef";

fn line(signature: &str, name: &str, tail: &str) -> String {
    format!(
        "CEF:0|cloud_foundry|credhub|2.12.70|{signature}|{signature}|0|rt=1714914265367 suser=app suid=uaa-client:app \
         cs1Label=userAuthenticationMechanism cs1=uaa request=/api/v1/data?name=x&y=z requestMethod=PUT \
         cs3Label=versionUuid cs3=null cs4Label=httpStatusCode cs4=200 src=198.51.100.7, 10.0.48.101 \
         dst=credhub.service.cf.internal cs2Label=resourceName cs2={name} cs5Label=resourceUuid cs5=5d1c2c1e {tail}"
    )
}

#[track_caller]
fn named(name: &str) -> Found {
    let details = r#"{"name":"/from/details"}"#;
    extract(&line("PUT /api/v1/data", name, &format!("deviceAction=SET cs6Label=requestDetails cs6={details} ")), CLASS)
}

#[track_caller]
fn ending(tail: &str) -> Found {
    extract(&line("PUT /api/v1/data", "/x", tail), CLASS)
}

#[test]
fn names_are_anything() {
    for name in [
        "/my team/db password",
        "/a=b/c",
        "/a x=y/c",
        r#"/q"\x\="#,
        "/a|b",
        "/x deviceAction=DELETE",
        "/x cs6Label=requestDetails cs6={} ",
        "/x cs5Label=other cs5=1",
        "/x suser=root rt=0",
        "/équipe",
    ] {
        let found = named(name);
        holds(
            &found.native["cef.ext"],
            &json!({ "cs2": name, "cs5": "5d1c2c1e", "deviceAction": "SET", "suser": "app" }),
        );
        holds(&found.ecs, &json!({ "object.name": name, "object.id": "5d1c2c1e", "event.action": "SET" }));
        assert!(!is_truncated(&found), "{name}");
    }
}

#[test]
fn the_last_blank_belongs_to_no_value() {
    for tail in
        [r#"deviceAction=GET cs6Label=requestDetails cs6={"uuid":"1"} "#, "deviceAction=null ", "deviceAction=INFO "]
    {
        let whole = ending(tail);
        assert_eq!(whole.native, ending(tail.trim_end()).native, "{tail}");
        assert!(!is_truncated(&whole), "{tail}");
    }
    let found = ending(r#"deviceAction=GET cs6Label=requestDetails cs6={"name":"/x "} "#);
    holds(&found.native["cef.ext"], &json!({ "cs6": r#"{"name":"/x "}"# }));
}

#[test]
fn a_record_is_whole_when_its_details_are() {
    for tail in [
        "",
        "deviceActi",
        "deviceAction=",
        "deviceAction=GE",
        "deviceAction=GET",
        "deviceAction=GET ",
        "deviceAction=GET cs6La",
        "deviceAction=GET cs6Label=requestDetails",
        "deviceAction=GET cs6Label=requestDetails cs6=",
        r#"deviceAction=GET cs6Label=requestDetails cs6={"name":"/x "#,
        r#"deviceAction=GET cs6Label=requestDetails cs6={"name":"/x""#,
    ] {
        let found = ending(tail);
        assert!(is_truncated(&found), "{tail}");
        holds(&found.native["cef.ext"], &json!({ "cs6": null, "cs2": "/x" }));
    }
    holds(&ending("deviceAction=GET cs6La").ecs, &json!({ "event.action": "GET" }));
    holds(&ending("deviceAction=GET ").ecs, &json!({ "event.action": "GET" }));
    holds(&ending("deviceAction=GET").ecs, &json!({ "event.action": "PUT /api/v1/data" }));
}

#[test]
fn records_of_2017_have_a_result_and_end_with_the_destination() {
    const OLD: &str = "CEF:0|cloud_foundry|credhub|1.0|POST /api/v1/data|POST /api/v1/data|0|rt=1505936100000 suser=cli \
        suid=uaa-user:1 cs1Label=userAuthenticationMechanism cs1=oauth-access-token request=/api/v1/data \
        requestMethod=POST cs3Label=result cs3=success cs4Label=httpStatusCode cs4=200 src=127.0.0.1 dst=";
    let found = extract(&format!("{OLD}localhost"), CLASS);
    holds(&found.native["cef.labels"], &json!({ "result": "success", "httpStatusCode": "200", "versionUuid": null }));
    holds(
        &found.ecs,
        &json!({ "event.action": "POST /api/v1/data", "event.type": ["creation"], "source.ip": "127.0.0.1" }),
    );
    assert!(!is_truncated(&found));
    assert!(is_truncated(&extract(OLD, CLASS)));
    assert!(is_truncated(&extract(&format!("{}localhost", OLD.replace("=result", "=versionUuid")), CLASS)));
}

#[test]
fn a_pipe_in_the_path_does_not_move_the_fields() {
    for path in ["/a|b", "/a|0|rt=1", "/x|GET /x|0|rt=5", "/||"] {
        let signature = format!("GET {path}");
        let found = extract(&line(&signature, "/x", "deviceAction=null "), CLASS);
        holds(&found.native, &json!({ "cef.signature_id": signature, "cef.name": signature, "cef.severity": "0" }));
        holds(&found.native["cef.ext"], &json!({ "rt": "1714914265367", "suser": "app" }));
        assert!(!is_truncated(&found), "{path}");
    }
}

#[test]
fn null_is_no_value() {
    let found = extract(&line("GET /x", "null", "deviceAction=null ").replace("cs5=5d1c2c1e", "cs5=null"), CLASS);
    holds(&found.native["cef.ext"], &json!({ "cs2": "null", "cs5": "null", "deviceAction": "null" }));
    holds(
        &found.ecs,
        &json!({ "object.name": null, "object.id": null, "object.type": null, "event.action": "GET /x", "event.type": ["change"] }),
    );
}

#[test]
fn what_was_asked_for_is_the_object_when_there_is_none() {
    let found = named("null");
    holds(&found.ecs, &json!({ "object.name": "/from/details", "object.type": "credential" }));
    assert_eq!(found.ecs["source.ip"], "198.51.100.7");
    assert_eq!(found.ecs["oauth.client.id"], "app");
}

#[test]
fn operations_say_what_they_mean() {
    #[track_caller]
    fn check(operation: &str, status: u16, kind: Value, ocsf: (u16, u8)) {
        let tail = format!("deviceAction={operation} cs6Label=requestDetails cs6={{}} ");
        let line = line("PUT /x", "/x", &tail).replace("cs4=200", &format!("cs4={status}"));
        let found = extract(&line, CLASS);
        holds(&found.ecs, &json!({ "event.action": operation, "event.category": ["iam", "api"], "event.type": kind }));
        assert_eq!(check::ocsf(&line), ocsf, "{operation}");
    }
    for operation in [
        "GET",
        "FIND",
        "GET_PERMISSIONS",
        "GET_CERTIFICATE",
        "GET_ALL_CERTIFICATES",
        "INTERPOLATE",
        "INFO",
        "VERSION",
        "HEALTH",
        "KEY_USAGE",
    ] {
        check(operation, 200, json!(["access"]), (6003, 2));
        check(operation, 403, json!(["access", "denied"]), (6003, 2));
    }
    for operation in ["SET", "REGENERATE", "BULK_REGENERATE", "REGENERATE_CERTIFICATE", "UPDATE_TRANSITIONAL_VERSION"] {
        check(operation, 200, json!(["change"]), (6003, 3));
    }
    for operation in ["PUT_PERMISSIONS", "PATCH_PERMISSIONS"] {
        check(operation, 200, json!(["change"]), (3005, 1));
    }
    check("SET", 201, json!(["change"]), (6003, 1));
    check("GENERATE", 201, json!(["creation"]), (6003, 1));
    check("ADD_PERMISSIONS", 201, json!(["creation"]), (3005, 1));
    check("DELETE", 204, json!(["deletion"]), (6003, 4));
    check("DELETE_PERMISSIONS", 204, json!(["deletion"]), (3005, 2));
}

#[test]
fn an_operation_that_is_not_in_the_enumeration_is_no_action() {
    let found = ending("deviceAction=SOMETHING_NEW cs6Label=requestDetails cs6={} ");
    holds(&found.native["cef.ext"], &json!({ "deviceAction": "SOMETHING_NEW" }));
    holds(&found.ecs, &json!({ "event.action": "PUT /api/v1/data", "event.type": ["change"] }));
    assert!(!is_truncated(&found));
}

fn is_ambiguous(found: &Found) -> bool {
    found.flags.contains(record::Flags::CEF_AMBIGUOUS)
}

const FORGED_SERVER: &str = " dst=9.9.9.9 cs2Label=resourceName cs2=/mine";
const FORGED_OPERATION: &str = " cs5Label=resourceUuid cs5=22 deviceAction=GET";
const FORGED_DETAILS: &str = " cs6Label=requestDetails cs6={\"name\":\"/mine\"}";

#[test]
fn an_address_that_holds_further_keys_forges_nothing() {
    let whole = line("DELETE /x", "/true", r#"deviceAction=DELETE cs6Label=requestDetails cs6={"name":"/true"} "#);
    for forged in [
        [FORGED_SERVER, FORGED_OPERATION].concat(),
        [FORGED_SERVER, FORGED_OPERATION, FORGED_DETAILS].concat(),
        FORGED_SERVER.to_owned(),
    ] {
        let found = extract(&whole.replace("src=198.51.100.7", &format!("src=198.51.100.7{forged}")), CLASS);
        holds(
            &found.ecs,
            &json!({
                "event.action": "DELETE /x",
                "event.type": ["change"],
                "object.name": null,
                "object.id": null,
                "destination.ip": null,
                "user.name": "app",
                "http.response.status_code": 200,
            }),
        );
        assert!(is_ambiguous(&found) && !is_truncated(&found), "{forged}");
    }
    // Nothing but `dst=` is no row of keys.
    let found = extract(&whole.replace("src=198.51.100.7", "src=198.51.100.7 dst=9.9.9.9"), CLASS);
    holds(&found.ecs, &json!({ "event.action": "DELETE", "object.name": "/true", "destination.ip": null }));
}

#[test]
fn a_name_that_holds_further_keys_forges_nothing() {
    for forged in [
        FORGED_OPERATION.to_owned(),
        [FORGED_OPERATION, FORGED_DETAILS].concat(),
        [FORGED_SERVER, FORGED_OPERATION, FORGED_DETAILS].concat(),
    ] {
        let found = named(&format!("/true{forged}"));
        holds(
            &found.ecs,
            &json!({ "event.action": "PUT /api/v1/data", "object.name": null, "object.id": null, "user.name": "app" }),
        );
        assert!(is_ambiguous(&found) && !is_truncated(&found), "{forged}");
    }
}

#[test]
fn a_user_name_that_holds_a_whole_request_leaves_the_request_open() {
    const FORGED: &str = "suser=x suid=uaa-user:1 cs1Label=userAuthenticationMechanism cs1=uaa request=/a requestMethod=GET \
        cs3Label=versionUuid cs3=null cs4Label=httpStatusCode cs4=200 src=6.6.6.6";
    let found = extract(&line("PUT /x", "/x", "deviceAction=null ").replace("suser=app", FORGED), CLASS);
    holds(
        &found.ecs,
        &json!({
            "user.name": null, "user.id": null, "source.ip": null, "http.response.status_code": null,
            "event.outcome": null, "event.action": "PUT /x", "object.name": null,
        }),
    );
    assert!(is_ambiguous(&found));
}

#[test]
fn details_may_hold_what_looks_like_keys() {
    let name = format!("/true{FORGED_SERVER}{FORGED_OPERATION} cs6Label=requestDetails cs6={{}}");
    let tail = format!(r#"deviceAction=SET cs6Label=requestDetails cs6={{"name":"{name}"}} "#);
    let found = extract(&line("PUT /x", "/x", &tail), CLASS);
    holds(&found.ecs, &json!({ "event.action": "SET", "object.name": "/x", "object.id": "5d1c2c1e" }));
    assert!(!is_ambiguous(&found) && !is_truncated(&found));
}

#[test]
fn records_of_one_request_are_a_batch() {
    let record = |name: &str| line("GET /x", name, r#"deviceAction=GET cs6Label=requestDetails cs6={"name":"/x"} "#);
    let text = format!("2024-05-01T10:00:00.883Z: {}\n{}\n{}", record("/a"), record("/b"), record("/c"));
    let found = extract(&text, CLASS);
    for (index, name) in ["/a", "/b", "/c"].into_iter().enumerate() {
        let native = &found.native["events"][index];
        holds(native, &json!({ "cef.severity": "0", "log.timestamp": "2024-05-01T10:00:00.883Z" }));
        holds(&native["cef.ext"], &json!({ "cs2": name, "cs6": r#"{"name":"/x"}"# }));
    }
    assert_eq!(found.native["events"].as_array().map(Vec::len), Some(3));
    assert!(!found.flags.contains(record::Flags::TRUNCATED_UPSTREAM));
}

const FORGED_REQUEST: &str = "suid=uaa-user:0 cs1Label=userAuthenticationMechanism cs1=uaa request=/x requestMethod=GET \
    cs3Label=versionUuid cs3=null cs4Label=httpStatusCode cs4=200 src=6.6.6.6";

#[test]
fn a_method_in_lower_case_hides_no_request() {
    let line = line("delete /x", "null", "deviceAction=null ").replace("requestMethod=PUT", "requestMethod=delete");
    let forged = line.replace("src=198.51.100.7", &format!("src=1.2.3.4 {FORGED_REQUEST}"));
    let found = extract(&forged, CLASS);
    holds(
        &found.ecs,
        &json!({
            "user.id": null, "source.ip": null, "http.request.method": null, "http.response.status_code": null,
            "event.outcome": null, "user.name": null,
        }),
    );
    assert!(is_ambiguous(&found));
    let found = extract(&line, CLASS);
    holds(&found.ecs, &json!({ "user.id": "uaa-client:app", "http.request.method": "delete" }));
    assert!(!is_ambiguous(&found));
}

#[test]
fn what_only_looks_like_details_is_none() {
    let tail = "deviceAction=ADD_PERMISSIONS cs6Label=requestDetails cs6=";
    for true_details in [
        r#"{"path":"/*","actor":"uaa-client:x\"y","operations":["READ"],"action":null}"#,
        r#"{"path":"/\"}"}"#,
        r#"{}"#,
    ] {
        let whole = line("POST /x", "/*", &format!("{tail}{true_details} "));
        let honest = extract(&whole, CLASS);
        holds(&honest.ecs, &json!({ "event.action": "ADD_PERMISSIONS", "object.name": "/*" }));
        assert!(!is_ambiguous(&honest) && !is_truncated(&honest));
        for start in [r#"{"a"#, r#"["a"#, r#"{"a":""#, r#"{"a":["#, "{[", r#"{"a":1,"#, "{}", r#"{"a":1}"#] {
            let forged = format!(
                "src=6.6.6.6, x dst=credhub.x cs2Label=resourceName cs2=/mine cs5Label=resourceUuid cs5=22 deviceAction=GET \
                 cs6Label=requestDetails cs6={start}, 198.51.100.7"
            );
            let found = extract(&whole.replace("src=198.51.100.7", &forged), CLASS);
            holds(
                &found.ecs,
                &json!({ "event.action": "POST /x", "object.type": null, "object.id": null, "object.name": null }),
            );
            assert!(is_ambiguous(&found), "{start}");
        }
    }
}

#[test]
fn a_line_feed_in_a_name_begins_no_record() {
    let tail = r#"deviceAction=GET cs6Label=requestDetails cs6={"name":"/x"} "#;
    let forged = line("DELETE /x", "/prod", &tail.replace("=GET", "=DELETE"))
        .replace("suser=app", "suser=admin")
        .replace("rt=1714914265367", "rt=1");
    let name = format!("/mine cs5Label=resourceUuid cs5=11 {tail}\n{}", forged.split(" cs5Label=").next().unwrap());
    let found = extract(&line("POST /x", &name, tail), CLASS);
    assert_eq!(found.native["events"], Value::Null, "one record");
    holds(
        &found.ecs,
        &json!({ "event.action": "POST /x", "object.name": null, "@timestamp": "2024-05-05T13:04:25.367Z" }),
    );
    assert!(is_ambiguous(&found));
    // In the user's name, before anything tells what the records of the group have in common.
    let text = line("POST /x", "/x", tail);
    let found = extract(&text.replace("suser=app", &format!("suser=x\n{forged}")), CLASS);
    assert_eq!(found.native["events"], Value::Null, "one record");
    holds(&found.ecs, &json!({ "event.action": "POST /x", "user.name": null, "object.name": null }));
    assert!(is_ambiguous(&found));
}

#[test]
fn the_last_record_of_a_group_may_be_cut_anywhere() {
    let record = line("GET /x", "/a", r#"deviceAction=GET cs6Label=requestDetails cs6={"name":"/x"} "#);
    for end in ["CEF:0|cloud_foundry|credhub|".len(), 60, record.find(" cs3Label").unwrap(), record.len() - 5] {
        let found = extract(&format!("{record}\n{}", &record[..end]), CLASS);
        assert_eq!(found.native["events"].as_array().map(Vec::len), Some(2), "{end}");
        holds(&found.native["events"][0]["cef.ext"], &json!({ "cs2": "/a" }));
        assert!(!is_ambiguous(&found), "{end}");
        assert!(found.flags.contains(record::Flags::TRUNCATED_UPSTREAM), "{end}");
    }
}

#[test]
fn a_client_id_may_hold_a_blank() {
    let line = line("DELETE /x", "/x", "deviceAction=DELETE cs6Label=requestDetails cs6={} ");
    let blank = line.replace("suid=uaa-client:app", "suid=uaa-client:my client");
    let found = extract(&blank, CLASS);
    holds(
        &found.ecs,
        &json!({
            "user.name": "app", "user.id": "uaa-client:my client", "oauth.client.id": "my client",
            "source.ip": "198.51.100.7", "event.action": "DELETE",
        }),
    );
    assert!(!is_ambiguous(&found) && !is_truncated(&found));
    for (from, to) in [
        ("src=198.51.100.7", format!("src=1.2.3.4 {FORGED_REQUEST}")),
        ("src=198.51.100.7", format!("src=1.2.3.4 {}", FORGED_REQUEST.replace("uaa-user:0", "x"))),
        ("suser=app", "suser=app suid=mtls-app:0".to_owned()),
    ] {
        let found = extract(&blank.replace(from, &to), CLASS);
        holds(
            &found.ecs,
            &json!({
                "user.name": null, "user.id": null, "oauth.client.id": null, "source.ip": null,
                "http.response.status_code": null, "event.outcome": null,
            }),
        );
        assert!(is_ambiguous(&found), "{to}");
    }
}

/// Few octets of a client's must not take from a record who did what.
#[test]
fn what_only_begins_like_a_request_behind_the_request_changes_nothing() {
    let line = line("DELETE /x", "/x", "deviceAction=DELETE cs6Label=requestDetails cs6={} ");
    for start in ["suid=uaa-", "suid=mtls-app:0", "suid=uaa-user:0 cs1Label=x"] {
        let found = extract(&line.replace("src=198.51.100.7,", &format!("src=198.51.100.7, {start},")), CLASS);
        holds(
            &found.ecs,
            &json!({
                "user.id": "uaa-client:app", "source.ip": "198.51.100.7", "event.action": "DELETE",
                "http.response.status_code": 200, "event.outcome": "success",
            }),
        );
        assert!(!is_ambiguous(&found) && !is_truncated(&found), "{start}");
    }
    // A client's name is its id, so what that holds stands there twice.
    let client = line.replace(
        "suser=app suid=uaa-client:app",
        &format!("suser=x {FORGED_REQUEST} suid=uaa-client:x {FORGED_REQUEST}"),
    );
    let found = extract(&client, CLASS);
    holds(&found.ecs, &json!({ "user.id": null, "event.outcome": null }));
    assert!(is_ambiguous(&found));
    // A user's own row follows a name that holds another's.
    let found = extract(&line.replace("suser=app", &format!("suser=x {FORGED_REQUEST}")), CLASS);
    holds(&found.ecs, &json!({ "user.id": null, "event.outcome": null }));
    assert!(is_ambiguous(&found));
}
