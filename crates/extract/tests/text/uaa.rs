//! UAA's audit lines.

use record::Flags;
use serde_json::{Value, json};

use crate::check::{self, extract, holds, is_truncated};
use crate::support::Found;

const CLASS: &str = "cf.uaa.audit";

fn line(event: &str, data: &str, principal: &str, origin: &str) -> String {
    format!("Audit: {event} ('{data}'): principal={principal}, origin=[{origin}], identityZoneId=[uaa]")
}

#[track_caller]
fn record(event: &str, data: &str, principal: &str, origin: &str) -> Found {
    extract(&line(event, data, principal, origin), CLASS)
}

#[track_caller]
fn tailed(tail: &str) -> Found {
    extract(
        &format!("Audit: UserAuthenticationSuccess ('alice'): principal=u-1, origin=[remoteAddress=10.0.0.6]{tail}"),
        CLASS,
    )
}

/// Event type; outcome, category and type of the event; OCSF class and activity.
type Kind = (&'static str, &'static str, &'static [&'static str], &'static [&'static str], (u16, u8));

#[rustfmt::skip]
const KINDS: [Kind; 43] = [
    ("UserAuthenticationSuccess", "success", &["authentication"], &["start", "allowed"], (3002, 1)),
    ("UserAuthenticationFailure", "failure", &["authentication"], &["start", "denied"], (3002, 1)),
    ("UserNotFound", "failure", &["authentication"], &["start", "denied"], (3002, 1)),
    ("PasswordChangeSuccess", "success", &["iam"], &["user", "change"], (3001, 3)),
    ("PrincipalAuthenticationSuccess", "success", &["authentication"], &["start", "allowed"], (3002, 1)),
    ("PrincipalAuthenticationFailure", "failure", &["authentication"], &["start", "denied"], (3002, 1)),
    ("PrincipalNotFound", "failure", &["authentication"], &["start", "denied"], (3002, 1)),
    ("PasswordChangeFailure", "failure", &["iam"], &["user", "change"], (3001, 3)),
    ("SecretChangeSuccess", "success", &["iam"], &["admin", "change"], (3004, 3)),
    ("SecretChangeFailure", "failure", &["iam"], &["admin", "change"], (3004, 3)),
    ("ClientCreateSuccess", "success", &["iam"], &["admin", "creation"], (3004, 1)),
    ("ClientUpdateSuccess", "success", &["iam"], &["admin", "change"], (3004, 3)),
    ("ClientDeleteSuccess", "success", &["iam"], &["admin", "deletion"], (3004, 4)),
    ("ClientApprovalsDeleted", "success", &["iam"], &["admin", "change"], (3004, 3)),
    ("ClientAuthenticationSuccess", "success", &["authentication"], &["start", "allowed"], (3002, 1)),
    ("ClientAuthenticationFailure", "failure", &["authentication"], &["start", "denied"], (3002, 1)),
    ("ApprovalModifiedEvent", "success", &["iam"], &["user", "change"], (3005, 99)),
    ("TokenIssuedEvent", "success", &["authentication", "session"], &["start"], (3002, 4)),
    ("UserCreatedEvent", "success", &["iam"], &["user", "creation"], (3001, 1)),
    ("UserModifiedEvent", "success", &["iam"], &["user", "change"], (3001, 99)),
    ("UserDeletedEvent", "success", &["iam"], &["user", "deletion"], (3001, 6)),
    ("UserVerifiedEvent", "success", &["iam"], &["user", "change"], (3001, 99)),
    ("PasswordResetRequest", "success", &["iam"], &["user", "change"], (3001, 4)),
    ("GroupCreatedEvent", "success", &["iam"], &["group", "creation"], (3006, 6)),
    ("GroupModifiedEvent", "success", &["iam"], &["group", "change"], (3006, 99)),
    ("GroupDeletedEvent", "success", &["iam"], &["group", "deletion"], (3006, 5)),
    ("EmailChangedEvent", "success", &["iam"], &["user", "change"], (3001, 99)),
    ("UnverifiedUserAuthentication", "failure", &["authentication"], &["start", "denied"], (3002, 1)),
    ("IdentityProviderCreatedEvent", "success", &["iam", "configuration"], &["admin", "creation"], (3004, 1)),
    ("IdentityProviderModifiedEvent", "success", &["iam", "configuration"], &["admin", "change"], (3004, 3)),
    ("IdentityZoneCreatedEvent", "success", &["iam", "configuration"], &["admin", "creation"], (3004, 1)),
    ("IdentityZoneModifiedEvent", "success", &["iam", "configuration"], &["admin", "change"], (3004, 3)),
    ("EntityDeletedEvent", "success", &["iam", "configuration"], &["admin", "deletion"], (3004, 4)),
    ("ServiceProviderCreatedEvent", "success", &["iam", "configuration"], &["admin", "creation"], (3004, 1)),
    ("ServiceProviderModifiedEvent", "success", &["iam", "configuration"], &["admin", "change"], (3004, 3)),
    ("UserAccountUnlockedEvent", "success", &["iam"], &["user", "change"], (3001, 12)),
    ("TokenRevocationEvent", "success", &["authentication", "session"], &["end"], (3002, 2)),
    ("IdentityProviderAuthenticationSuccess", "success", &["authentication"], &["start", "allowed"], (3002, 1)),
    ("IdentityProviderAuthenticationFailure", "failure", &["authentication"], &["start", "denied"], (3002, 1)),
    ("MfaAuthenticationSuccess", "success", &["authentication"], &["start", "allowed"], (3002, 1)),
    ("MfaAuthenticationFailure", "failure", &["authentication"], &["start", "denied"], (3002, 1)),
    ("ClientJwtChangeSuccess", "success", &["iam"], &["admin", "change"], (3004, 3)),
    ("ClientJwtChangeFailure", "failure", &["iam"], &["admin", "change"], (3004, 3)),
];

#[test]
fn every_type_says_how_it_came_out_and_what_it_means() {
    for (event, outcome, category, kind, ocsf) in KINDS {
        let found = record(event, "null", "p", "caller=null");
        assert_eq!(check::ocsf(&line(event, "null", "p", "caller=null")), ocsf, "{event}");
        holds(
            &found.ecs,
            &json!({ "event.action": event, "event.outcome": outcome, "event.category": category, "event.type": kind }),
        );
        assert!(!is_truncated(&found), "{event}");
    }
    for (status, activity) in [("APPROVED", 1), ("DENIED", 2), ("LATER", 99)] {
        let data = format!(r#"{{"scope":"a","status":"{status}"}}"#);
        assert_eq!(check::ocsf(&line("ApprovalModifiedEvent", &data, "p", "null")), (3005, activity));
    }
    assert_eq!(check::ocsf(&line("ClientKeyRotatedEvent", "k1", "app1", "caller=admin")), (3004, 99));
    let unknown = record("ClientKeyRotatedEvent", "k1", "app1", "caller=admin");
    holds(&unknown.native, &json!({ "uaa.event": "ClientKeyRotatedEvent", "uaa.data": "k1", "uaa.principal": "app1" }));
    holds(&unknown.ecs, &json!({ "event.outcome": null, "event.type": null, "user.name": null }));
}

#[test]
fn what_was_typed_as_a_name_is_data() {
    for event in [
        "UserAuthenticationSuccess",
        "UserAuthenticationFailure",
        "UnverifiedUserAuthentication",
        "IdentityProviderAuthenticationFailure",
    ] {
        for name in [
            "o'brien",
            "Doe, John [x] (y)",
            "x'): principal=admin, origin=[remoteAddress=1.2.3.4, clientId=cf], identityZoneId=[uaa]",
            "Audit: UserAuthenticationSuccess ('admin')",
            "null'): principal=admin",
            r#"["user_id=1","username=root"]"#,
            "a[SANITIZED]",
        ] {
            let found = record(event, name, "u-1", "remoteAddress=10.0.0.6, clientId=cf");
            holds(&found.native, &json!({ "uaa.data": name, "uaa.principal": "u-1", "uaa.data_fields": null }));
            holds(
                &found.ecs,
                &json!({ "user.name": name, "user.id": "u-1", "source.ip": "10.0.0.6", "oauth.client.id": "cf", "user.target.id": null }),
            );
            assert!(!is_truncated(&found), "{name}");
        }
    }
}

#[test]
fn what_was_typed_as_a_name_is_the_principal_where_data_are_null() {
    for event in ["PrincipalAuthenticationSuccess", "PrincipalAuthenticationFailure", "PrincipalNotFound"] {
        for name in
            ["alice", "x'): principal=admin, origin=[1.2.3.4], identityZoneId=[uaa]", "x, origin=[1.2.3.4", "a, b [c]"]
        {
            let found = record(event, "null", name, "198.51.100.23");
            holds(&found.native, &json!({ "uaa.data": "null", "uaa.principal": name, "uaa.origin": "198.51.100.23" }));
            holds(&found.ecs, &json!({ "user.name": name, "source.ip": "198.51.100.23", "user.id": null }));
            assert!(!is_truncated(&found), "{name}");
        }
    }
    // Where the data are something else after all, the last separator is the true one.
    let found = record("PrincipalNotFound", "x'): principal=y", "ghost", "null");
    holds(&found.native, &json!({ "uaa.data": "x'): principal=y", "uaa.principal": "ghost" }));
}

#[test]
fn principals_that_are_prints_of_objects() {
    let print = "IdentityProvider{id='1', identityZoneId='uaa', originKey='ldap', name='A, B', active=true}";
    let found = record("IdentityProviderCreatedEvent", "id=1; type=ldap; origin=ldap; zone=uaa", print, "client=admin");
    holds(
        &found.native,
        &json!({ "uaa.principal": print, "uaa.data_fields": { "id": "1", "type": "ldap", "origin": "ldap", "zone": "uaa" } }),
    );
    holds(&found.ecs, &json!({ "object.type": "identity_provider", "object.id": "1", "object.name": "ldap" }));
}

#[test]
fn forms_of_the_origin() {
    #[track_caller]
    fn check(origin: &str, fields: Value, ecs: Value) {
        let found = record("UserModifiedEvent", "[]", "u-1", origin);
        assert_eq!(found.native["uaa.origin"], origin);
        assert_eq!(found.native["uaa.origin_fields"], fields, "{origin}");
        holds(&found.ecs, &ecs);
    }
    let nothing = json!({ "source.ip": null, "user.name": null, "oauth.client.id": null });
    for origin in ["", "null", "unknown", "uaa", "x=y"] {
        check(origin, json!(null), nothing.clone());
    }
    check("2001:db8::9", json!(null), json!({ "source.ip": "2001:db8::9" }));
    check(
        "remoteAddress=10.0.0.6, clientId=cf, sessionId=<SESSION>",
        json!({ "remoteAddress": "10.0.0.6", "clientId": "cf", "sessionId": "<SESSION>" }),
        json!({ "source.ip": "10.0.0.6", "oauth.client.id": "cf" }),
    );
    check("sessionId=<SESSION>", json!({ "sessionId": "<SESSION>" }), nothing.clone());
    check("caller=null", json!({ "caller": "null" }), nothing.clone());
    check("client=null, user=null", json!({ "client": "null", "user": "null" }), nothing.clone());
    check(
        "client=cf, user=Doe, John, details=(x)",
        json!({ "client": "cf", "user": "Doe, John", "details": {} }),
        json!({ "user.name": "Doe, John", "oauth.client.id": "cf" }),
    );
    check(
        "client=cf, user=eve, details=(remoteAddress=6.6.6.6), details=(remoteAddress=10.0.0.6, type=String)",
        json!({ "client": "cf", "user": "eve, details=(remoteAddress=6.6.6.6)", "details": { "remoteAddress": "10.0.0.6", "type": "String" } }),
        json!({ "source.ip": "10.0.0.6" }),
    );
    check(
        "client=cf, user=x, remoteAddress=6.6.6.6",
        json!({ "client": "cf", "user": "x, remoteAddress=6.6.6.6" }),
        json!({ "source.ip": null }),
    );
    check(
        "caller=app, details=({remoteAddress=10.0.0.6, clientId=app})",
        json!({ "caller": "app" }),
        json!({ "source.ip": null }),
    );
    check(
        "caller=app, details=(type=UaaAuthenticationDetails)",
        json!({ "caller": "app", "details": { "type": "UaaAuthenticationDetails" } }),
        nothing,
    );
}

#[test]
fn details_of_tokens() {
    #[track_caller]
    fn check(details: &str, fields: Value, address: Value) {
        let found = record("UserModifiedEvent", "[]", "u-1", &format!("client=admin, details=({details})"));
        assert_eq!(found.native["uaa.origin_fields"]["details"], fields, "{details}");
        holds(&found.ecs, &json!({ "source.ip": address }));
    }
    let token = json!({ "remoteAddress": "10.0.0.6", "tokenType": "bearer", "tokenValue": "<TOKEN>", "sub": "s", "iss": "https://u/t" });
    for between in ["", ", "] {
        check(
            &format!("remoteAddress=10.0.0.6, tokenType=bearer{between}tokenValue=<TOKEN>, sub=s, iss=https://u/t"),
            token.clone(),
            json!("10.0.0.6"),
        );
    }
    check(
        "tokenType=bearertokenValue=, sub=s",
        json!({ "tokenType": "bearer", "tokenValue": "", "sub": "s" }),
        json!(null),
    );
    check(
        "tokenType=bearer, tokenValue=<TOKEN>, <token extraction failed>",
        json!({ "tokenType": "bearer", "tokenValue": "<TOKEN>" }),
        json!(null),
    );
    check(
        "tokenType=b, tokenValue=<TOKEN>, opaque-token=present",
        json!({ "tokenType": "b", "tokenValue": "<TOKEN>", "opaque-token": "present" }),
        json!(null),
    );
    check("198.51.100.1, clientId=cf", json!({ "clientId": "cf" }), json!("198.51.100.1"));
}

#[test]
fn an_identity_provider_is_no_address() {
    let found = record("UserAccountUnlockedEvent", "null", "u-1", "10.0.0.6");
    holds(&found.ecs, &json!({ "source.ip": null, "user.target.id": "u-1" }));
}

#[test]
fn data_with_a_form_of_their_own() {
    #[track_caller]
    fn check(event: &str, data: &str, fields: Value, ecs: Value) {
        let found = record(event, data, "p-1", "null");
        assert_eq!(found.native["uaa.data"], data);
        assert_eq!(found.native["uaa.data_fields"], fields, "{data}");
        holds(&found.ecs, &ecs);
    }
    check("TokenIssuedEvent", r#"["a","b\"c",1]"#, json!({ "scopes": ["a", "b\"c"] }), json!({}));
    check("TokenIssuedEvent", "[]", json!({ "scopes": [] }), json!({}));
    check("TokenIssuedEvent", "null", json!(null), json!({}));
    check(
        "UserCreatedEvent",
        r#"["user_id=u-1","username=a\"b\\c=d","[email protected]","username=second","other=x"]"#,
        json!({ "user_id": "u-1", "username": "a\"b\\c=d" }),
        json!({ "user.target.id": "u-1", "user.target.name": "a\"b\\c=d", "object.type": "user", "object.id": "u-1" }),
    );
    check("UserCreatedEvent", "[]", json!({}), json!({ "user.target.id": "p-1" }));
    check(
        "GroupModifiedEvent",
        r#"{"group_name":"cloud_controller.admin","members":["u-1"],"group_name":"x","other":{"members":[]}}"#,
        json!({ "group_name": "cloud_controller.admin", "members": ["u-1"] }),
        json!({ "group.id": "p-1", "group.name": "cloud_controller.admin", "object.type": "group", "object.name": "cloud_controller.admin" }),
    );
    check(
        "ClientCreateSuccess",
        r#"{"scopes":[],"authorities":["a"]}"#,
        json!({ "scopes": [], "authorities": ["a"] }),
        json!({ "object.type": "client", "object.id": "p-1" }),
    );
    check(
        "TokenRevocationEvent",
        r#"{"UserID":"u-1","ClientID":"cf"}"#,
        json!({ "UserID": "u-1", "ClientID": "cf" }),
        json!({ "user.target.id": "u-1", "object.type": "token" }),
    );
    check(
        "EntityDeletedEvent",
        "Class:org.cloudfoundry.identity.uaa.zone.IdentityZone; ID:z-1",
        json!({ "Class": "org.cloudfoundry.identity.uaa.zone.IdentityZone", "ID": "z-1" }),
        json!({ "object.type": "IdentityZone", "object.id": "z-1" }),
    );
    check(
        "IdentityZoneCreatedEvent",
        "id=z; subdomain=s",
        json!({ "id": "z", "subdomain": "s" }),
        json!({ "object.name": "s" }),
    );
    // Broken JSON gives what stands before the place where it breaks.
    check(
        "GroupCreatedEvent",
        r#"{"group_name":"g","members":["a","b"#,
        json!({ "group_name": "g", "members": ["a"] }),
        json!({}),
    );
}

#[test]
fn people_and_clients() {
    for (event, origin, expected) in [
        (
            "TokenIssuedEvent",
            "client=cf, user=bob",
            json!({ "user.id": "p", "user.name": "bob", "oauth.client.id": "cf" }),
        ),
        ("TokenIssuedEvent", "caller=p", json!({ "user.id": null, "user.name": null })),
        ("UserNotFound", "null", json!({ "user.hash": "p", "user.id": null })),
        (
            "ClientAuthenticationFailure",
            "remoteAddress=10.0.0.6, clientId=x",
            json!({ "oauth.client.id": "p", "event.reason": "d", "user.name": null }),
        ),
        (
            "PasswordChangeFailure",
            "client=cf, user=bob",
            json!({ "event.reason": "d", "user.name": "bob", "user.target.name": "p" }),
        ),
        ("PasswordResetRequest", "caller=login", json!({ "user.target.name": "p", "user.name": null })),
        (
            "PasswordChangeSuccess",
            "client=cf, user=bob",
            json!({ "user.target.id": "p", "user.name": "bob", "user.id": null }),
        ),
        ("IdentityProviderAuthenticationSuccess", "null", json!({ "user.name": "d", "user.id": "p" })),
    ] {
        holds(&record(event, "d", "p", origin).ecs, &expected);
    }
    holds(
        &record("IdentityProviderAuthenticationFailure", "d", "null", "").ecs,
        &json!({ "user.name": "d", "user.id": null }),
    );
}

#[test]
fn optional_tails() {
    #[track_caller]
    fn check(tail: &str, expected: Value) {
        let found = tailed(tail);
        holds(&found.native, &expected);
        assert!(!is_truncated(&found), "{tail}");
        assert_eq!(found.native["uaa.origin"], "remoteAddress=10.0.0.6");
    }
    check(
        ", identityZoneId=[z], authenticationType=[ldap], detailedDescription=[d [e]]",
        json!({ "uaa.identity_zone": "z", "uaa.authentication_type": "ldap", "uaa.detailed_description": "d [e]", "uaa.sanitized": null }),
    );
    check(
        ", identityZoneId=[z], detailedDescription=[d]",
        json!({ "uaa.identity_zone": "z", "uaa.authentication_type": null, "uaa.detailed_description": "d" }),
    );
    check(
        ", identityZoneId=[z], authenticationType=[]",
        json!({ "uaa.identity_zone": "z", "uaa.authentication_type": "" }),
    );
    check(
        ", identityZoneId=[malicious-zone|||][SANITIZED]",
        json!({ "uaa.identity_zone": "malicious-zone|||", "uaa.sanitized": true }),
    );
    check(", identityZoneId=[]", json!({ "uaa.identity_zone": "" }));
    check(", identityZoneId=[uaa] ", json!({ "uaa.identity_zone": "uaa" }));
    holds(&tailed(", identityZoneId=[z], detailedDescription=[why]").ecs, &json!({ "event.reason": "why" }));
}

#[test]
fn a_record_that_was_cut_gives_what_is_whole() {
    const PREFIX: &str = "[2021-06-01T08:00:00.000001Z] uaa - 11 [t] ....  INFO --- Audit: ";
    #[track_caller]
    fn check(record: &str, expected: Value) {
        let found = extract(&format!("{PREFIX}{record}"), CLASS);
        holds(&found.native, &expected);
        assert!(is_truncated(&found), "{record}");
    }
    let nothing = json!({ "uaa.data": null, "uaa.principal": null, "uaa.origin": null, "uaa.identity_zone": null });
    check("UserAuthenticationFailure ('password=<redacted>", nothing.clone());
    check("UserAuthenticationFailure ('alice'): princ", nothing);
    check("UserNotFound (''): principal=abc, orig", json!({ "uaa.data": "", "uaa.principal": null }));
    check(
        "UserNotFound (''): principal=abc, origin=[remoteAddress=10.0.0",
        json!({ "uaa.principal": "abc", "uaa.origin": null, "uaa.origin_fields": {} }),
    );
    check(
        "UserNotFound (''): principal=abc, origin=[remoteAddress=10.0.0.6, cl",
        json!({ "uaa.origin": null, "uaa.origin_fields": { "remoteAddress": "10.0.0.6" } }),
    );
    check(
        "UserNotFound (''): principal=abc, origin=[remoteAddress=10.0.0.6], id",
        json!({ "uaa.origin": "remoteAddress=10.0.0.6", "uaa.origin_fields": { "remoteAddress": "10.0.0.6" } }),
    );
    check(
        "UserNotFound (''): principal=abc, origin=[a], identityZoneId=[ua",
        json!({ "uaa.origin": "a", "uaa.identity_zone": null }),
    );
    check(
        "UserNotFound (''): principal=abc, origin=[a], identityZoneId=[uaa], auth",
        json!({ "uaa.identity_zone": "uaa" }),
    );
    check(
        "UserNotFound (''): principal=abc, origin=[client=cf, user=bob, details=(remoteAddress=10.0.0.6, tokenType=bea",
        json!({ "uaa.origin_fields": { "client": "cf", "user": "bob", "details": { "remoteAddress": "10.0.0.6" } } }),
    );
}

#[test]
fn stamps_with_a_zone_are_points_in_time() {
    for (stamp, expected) in [
        ("2019-05-16 17:12:48.833", json!(null)),
        ("2021-05-01T10:02:00.308Z", json!("2021-05-01T10:02:00.308Z")),
        ("2021-02-03T04:05:06.789+01:00", json!("2021-02-03T03:05:06.789Z")),
        ("2026-01-20T04:56:26.322731Z", json!("2026-01-20T04:56:26.322731Z")),
        ("2026-02-30T04:56:26Z", json!(null)),
    ] {
        let line = format!(
            "[UAA_AUDIT] [{stamp}] uaa - 11 [https-1] - [t1,s1] ....  INFO --- Audit: UserNotFound (''): principal=a, origin=[b], identityZoneId=[c]"
        );
        let found = extract(&line, CLASS);
        holds(
            &found.native,
            &json!({
                "log.timestamp": stamp, "log.pid": 11, "log.thread": "https-1", "log.level": "INFO", "log.logger": "Audit",
                "log.trace_id": "t1", "log.span_id": "s1",
            }),
        );
        holds(
            &found.ecs,
            &json!({
                "@timestamp": expected, "process.pid": 11, "process.thread.name": "https-1", "log.level": "INFO",
                "trace.id": "t1", "span.id": "s1",
            }),
        );
    }
}

#[test]
fn a_clients_id_cannot_imitate_an_origin() {
    let found = record(
        "UserAuthenticationSuccess",
        "bob",
        "bobid",
        "remoteAddress=52.19.1.74, clientId=x, origin=[remoteAddress=6.6.6.6]",
    );
    holds(&found.ecs, &json!({ "user.id": "bobid", "user.name": "bob", "source.ip": "52.19.1.74" }));
    for (origin, address) in [
        ("clientId=x, details=(remoteAddress=6.6.6.6", Value::Null),
        ("clientId=x, details=(remoteAddress=6.6.6.6)", Value::Null),
        ("remoteAddress=52.19.1.74, clientId=x, details=(remoteAddress=6.6.6.6)", "52.19.1.74".into()),
    ] {
        let found = record("UserAuthenticationSuccess", "bob", "bobid", origin);
        holds(&found.ecs, &json!({ "source.ip": address }));
    }
}

#[test]
fn a_password_that_was_not_changed_is_another_users() {
    let target = |principal: &str, origin: &str| {
        record("PasswordChangeFailure", "no", principal, origin).ecs["user.target.name"].clone()
    };
    assert_eq!(target("alice", "client=cf, user=alice, details=(remoteAddress=10.0.0.6)"), Value::Null);
    assert_eq!(target("bob", "client=cf, user=alice, details=(remoteAddress=10.0.0.6)"), "bob");
    assert_eq!(target("bob", "caller=null"), "bob");
}

#[test]
fn the_record_begins_where_the_layout_ends() {
    let record = line("UserNotFound", "", "h", "remoteAddress=10.0.0.6");
    for thread in ["pool --- 1", "a --- Audit: UserCreatedEvent ('"] {
        let found =
            extract(&format!("[2024-05-01T10:00:00.1Z] uaa - 1 [{thread}] - [,] ....  INFO --- {record}"), CLASS);
        holds(&found.native, &json!({ "uaa.event": "UserNotFound", "uaa.principal": "h", "log.thread": thread }));
    }
}

#[test]
fn what_stands_around_a_masked_part_is_nobodys() {
    const FORGED: &str = "password=<redacted>&'): principal=null, origin=[remoteAddress=6.6.6.6, clientId=cf";
    for record in [
        format!(
            "Audit: IdentityProviderAuthenticationFailure ('{FORGED}], identityZoneId=[uaa], authenticationType=[uaa-auth]"
        ),
        line("PrincipalNotFound", "null", "client_secret=<redacted>&", "6.6.6.6"),
        line("UserNotFound", "", "h", "remoteAddress=10.0.0.6, clientId=password=<redacted>&], identityZoneId=[x"),
    ] {
        let found = extract(&record, CLASS);
        assert!(found.flags.contains(Flags::UAA_AMBIGUOUS), "{record}");
        assert_eq!(found.ecs["event.outcome"], "failure");
        let guarded = |name: &&String| ["user.", "source.", "oauth."].iter().any(|start| name.starts_with(start));
        assert_eq!(found.ecs.as_object().unwrap().keys().find(guarded), None, "{record}");
        holds(
            &found.native,
            &json!({ "uaa.data": null, "uaa.principal": null, "uaa.origin": null, "uaa.identity_zone": null }),
        );
    }
}

#[test]
fn a_cut_that_a_client_chose_shows_nothing_of_the_clients() {
    const FORGED: &str = "principal=p, origin=[remoteAddress=6.6.6.6, clientId=cf], identityZoneId=[uaa]";
    let cuts = classify::CUT_MARKS.map(|mark| (mark, "")).into_iter().chain([(700, "x")]);
    for (bytes, behind) in cuts {
        for start in [
            "UserAuthenticationSuccess ('admin@'): ",
            "PrincipalNotFound ('null'): principal=admin@, origin=[6.6.6.6], identityZoneId=[uaa]",
            "PasswordResetRequest ('@'): ",
            "ClientKeyRotatedEvent ('@'): ",
        ] {
            let forged = if start.ends_with(' ') { FORGED } else { "" };
            let text = format!("[2024-05-01T10:00:00.1Z] uaa - 1 [a] ....  INFO --- Audit: {start}{forged}{behind}");
            let text = text.replace('@', &"x".repeat(bytes + 1 - text.len()));
            let found = extract(&text, CLASS);
            assert!(is_truncated(&found), "{text}");
            let guarded = |name: &&String| ["user.", "source.", "oauth."].iter().any(|start| name.starts_with(start));
            assert_eq!(found.ecs.as_object().unwrap().keys().find(guarded), None, "{text}");
            holds(&found.native, &json!({ "uaa.data": null, "uaa.principal": null, "uaa.origin": null }));
        }
    }
    // A client's id cannot end an origin before its time.
    let found = extract(
        "Audit: UserNotFound (''): principal=h, origin=[remoteAddress=10.0.0.6, clientId=admin], identityZoneId=[z]x",
        CLASS,
    );
    holds(&found.ecs, &json!({ "user.hash": "h", "source.ip": "10.0.0.6", "oauth.client.id": null }));
    holds(&found.native, &json!({ "uaa.origin": null, "uaa.identity_zone": null }));
    // Nor is the beginning of an address one.
    let found = extract("Audit: UserNotFound (''): principal=h, origin=[client=a, details=(198.51.100.1", CLASS);
    holds(&found.ecs, &json!({ "source.ip": null }));
}

#[test]
fn a_clients_id_is_no_user_and_no_session() {
    for details in ["", ", details=(remoteAddress=10.0.0.6)"] {
        let found = record("TokenIssuedEvent", "[]", "x, user=admin", &format!("client=x, user=admin{details}"));
        holds(&found.ecs, &json!({ "user.name": null, "user.id": null, "oauth.client.id": "x, user=admin" }));
    }
    let client = |origin: &str| record("UserAuthenticationFailure", "bob", "b-1", origin);
    for id in ["admin, sessionId=<SESSION>x", "admin, sessionId=1", "admin,sessionId=<SESSION>"] {
        for session in ["", ", sessionId=<SESSION>"] {
            let found = client(&format!("remoteAddress=10.0.0.6, clientId={id}{session}"));
            holds(&found.ecs, &json!({ "oauth.client.id": id, "source.ip": "10.0.0.6" }));
        }
    }
    assert_eq!(
        client("remoteAddress=10.0.0.6, sessionId=<SESSION>").native["uaa.origin_fields"]["sessionId"],
        "<SESSION>"
    );
}
