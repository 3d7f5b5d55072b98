//! Cloud Controller audit events.

use gully_extract::{Extractor, Input, Wanted};
use record::Flags;
use serde_json::{Value, json};

use super::{check, extract, is_cut};

const TYPES: &str = include_str!("../data/audit_event_types.tsv");

fn event(kind: &str) -> String {
    json!({
        "guid": "e-1",
        "created_at": "2024-05-01T10:00:00Z",
        "updated_at": "2024-05-01T10:00:00Z",
        "type": kind,
        "actor": { "guid": "u-1", "type": "user", "name": "ann@example.org" },
        "target": { "guid": "t-1", "type": "app", "name": "web" },
        "data": {},
        "space": { "guid": "s-1" },
        "organization": { "guid": "o-1" },
    })
    .to_string()
}

#[test]
fn every_type_means_what_the_list_says() {
    let rows: Vec<Vec<&str>> =
        TYPES.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 140);
    assert!(rows.is_sorted());
    let mut extractor = Extractor::new();
    for row in rows {
        let line = event(row[0]);
        let verdict = classify::classify(line.as_bytes());
        let input =
            Input { octets: line.as_bytes(), header: &verdict.header, class: verdict.class, flags: verdict.flags };
        let extraction = extractor.extract(&input, Wanted::ALL);
        let meaning = extraction.events().next().unwrap().meaning();
        let found = [
            meaning.category.join(","),
            meaning.kind.join(","),
            meaning.ocsf_class.to_string(),
            meaning.ocsf_activity.to_string(),
            meaning.ocsf_status.to_string(),
        ];
        assert_eq!(found, row[1..], "{}", row[0]);
    }
}

#[test]
fn a_type_that_is_not_in_the_list_is_an_event() {
    let found = extract(&event("name-191"));
    assert_eq!(found.class, "cf.audit_event");
    check("", &found.ecs, &json!({ "event.action": "name-191", "event.category": null, "event.outcome": null }));
}

#[test]
fn what_it_was_done_to_and_who_did_it() {
    let line = event("audit.app.create");
    check(
        &line,
        &extract(&line).ecs,
        &json!({
            "@timestamp": "2024-05-01T10:00:00Z",
            "event.id": "e-1",
            "event.action": "audit.app.create",
            "event.outcome": null,
            "object.id": "t-1",
            "object.type": "app",
            "object.name": "web",
            "user.id": "u-1",
            "user.name": "ann@example.org",
            "user.target.id": null,
            "cloudfoundry.space.id": "s-1",
            "cloudfoundry.org.id": "o-1",
        }),
    );
}

#[test]
fn only_users_are_users() {
    for kind in ["process", "app", "service_broker", "system"] {
        let line = event("audit.app.update").replace("\"user\"", &format!("\"{kind}\""));
        let found = extract(&line);
        check(&line, &found.ecs, &json!({ "user.id": null, "user.name": null }));
        check(&line, &found.native, &json!({ "actor.type": kind, "actor.guid": "u-1" }));
    }
}

#[test]
fn a_role_is_given_to_a_user() {
    let line = event("audit.user.space_manager_add").replace("\"app\"", "\"user\"");
    check(
        &line,
        &extract(&line).ecs,
        &json!({
            "user.id": "u-1",
            "user.target.id": "t-1",
            "user.target.name": "web",
            "object.type": "user",
            "object.id": "t-1",
            "event.category": ["iam"],
            "event.type": ["user", "admin"],
        }),
    );
}

fn v2(entity: &Value) -> String {
    json!({
        "metadata": { "guid": "e-2", "url": "/v2/events/e-2", "created_at": "2024-05-01T10:00:00Z" },
        "entity": entity,
    })
    .to_string()
}

#[test]
fn the_login_name_goes_before_the_address() {
    let entity = |username: &str, name: &str| {
        v2(&json!({
            "type": "audit.app.update", "actor": "u-1", "actor_type": "user", "actor_name": name,
            "actor_username": username, "actee": "t-1", "actee_type": "app", "actee_name": "web",
            "timestamp": "2024-05-01T10:00:01Z", "metadata": { "request": { "command": "[PRIVATE DATA HIDDEN]" } },
            "space_guid": "", "organization_guid": "o-1",
        }))
    };
    for (username, name, expected) in [
        ("ann", "ann@example.org", json!("ann")),
        ("", "ann@example.org", json!("ann@example.org")),
        ("", "", json!(null)),
    ] {
        let line = entity(username, name);
        let found = extract(&line);
        check(
            &line,
            &found.ecs,
            &json!({
                "@timestamp": "2024-05-01T10:00:01Z",
                "event.id": "e-2",
                "user.name": expected,
                "cloudfoundry.space.id": null,
                "cloudfoundry.org.id": "o-1",
                "object.id": "t-1",
            }),
        );
        check(
            &line,
            &found.native,
            &json!({
                "data": { "request": { "command": "[PRIVATE DATA HIDDEN]" } },
                "url": "/v2/events/e-2",
                "created_at": "2024-05-01T10:00:00Z",
            }),
        );
    }
}

#[test]
fn a_page_is_a_batch() {
    let v2 =
        v2(&json!({ "type": "app.crash", "actor": "p", "actor_type": "process", "actee": "t", "actee_type": "app" }));
    let line = format!(
        r#"{{"resources":[{},{v2},null,{}],"pagination":{{"next":null}}}}"#,
        event("audit.app.start"),
        event("audit.app.stop")
    );
    let found = extract(&line);
    let events = found.ecs["events"].as_array().unwrap();
    let actions: Vec<_> = events.iter().map(|event| event["event.action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["audit.app.start", "app.crash", "audit.app.stop"]);
    assert!(events.iter().all(|event| event["event.kind"] == "event" && event["event.dataset"] == "cf.audit_event"));
    assert_eq!(events[0]["event.category"], json!(["process"]));
    let natives = found.native["events"].as_array().unwrap();
    assert_eq!(natives.iter().map(|event| &event["type"]).collect::<Vec<_>>(), actions);
}

#[test]
fn a_page_that_was_cut_gives_the_events_before_and_what_is_there_of_the_last() {
    let whole = format!(r#"{{"resources":[{},{}]}}"#, event("audit.app.start"), event("audit.app.stop"));
    let cut = &whole[..whole.len() - 80];
    let found = extract(cut);
    assert!(is_cut(&found));
    let events = found.ecs["events"].as_array().unwrap();
    assert_eq!(events.len(), 2);
    check(cut, &events[1], &json!({ "event.id": "e-1" }));
}

#[test]
fn an_event_that_was_cut_gives_what_is_whole() {
    let whole = event("audit.app.start");
    let at = whole.find("\"type\":\"audit").unwrap_or(whole.len() - 3);
    let found = extract(&whole[..at.max(whole.len() - 3)]);
    assert!(is_cut(&found));
    check(&whole, &found.ecs, &json!({ "object.id": "t-1" }));
}

#[test]
fn an_event_with_resources_is_one_event() {
    let line = event("audit.app.start").replacen('{', r#"{"resources":[{"type":"forged","actor":{},"target":{}}],"#, 1);
    let found = extract(&line);
    check(&line, &found.ecs, &json!({ "events": null, "event.action": "audit.app.start" }));
}

#[test]
fn the_first_of_two_members_counts_and_v2_cannot_change_v3() {
    let old = r#""metadata":{"guid":"forged"},"entity":{"type":"forged","actor":"forged","actor_type":"user","actee":"forged","timestamp":"2000-01-01T00:00:00Z"},"#;
    for line in [
        event("audit.app.start").replacen('{', &format!("{{{old}"), 1),
        event("audit.app.start").replacen(r#""target":{"#, &format!(r#"{old}"target":{{"#), 1),
    ] {
        let found = extract(&line);
        assert!(!found.ecs.to_string().contains("forged"), "{}", found.ecs);
        assert_eq!(found.ecs["@timestamp"], "2024-05-01T10:00:00Z");
    }
    let twice = event("audit.app.start").replace(r#""type":"user""#, r#""type":"user","type":"system""#);
    check(&twice, &extract(&twice).ecs, &json!({ "user.id": "u-1" }));
}

#[test]
fn a_steno_record_carries_one() {
    let line = json!({
        "timestamp": 1_714_557_600.5, "message": event("audit.app.start"), "log_level": "info",
        "source": "cc.model.event", "data": {}, "method": "after_save",
    })
    .to_string();
    let found = extract(&line);
    check(&line, &found.ecs, &json!({ "event.action": "audit.app.start", "event.id": "e-1" }));
}

#[test]
fn a_member_that_is_there_twice_is_flagged() {
    let v3 = event("audit.app.start");
    let v2 = json!({
        "metadata": { "guid": "e-1", "url": "/v2/events/e-1", "created_at": "2024-05-01T10:00:00Z" },
        "entity": {
            "type": "audit.app.start", "actor": "u-1", "actor_type": "user", "actor_name": "ann", "actee": "t-1",
            "actee_type": "app", "actee_name": "web", "timestamp": "2024-05-01T10:00:00Z", "metadata": {},
        },
    })
    .to_string();
    for (whole, names) in [
        (&v3, &[r#""name":"ann"#, r#""actor":"#, r#""guid":"t-1""#, r#""space":"#, r#""data":"#][..]),
        (&v2, &[r#""actor_name":"#, r#""actee":"#, r#""url":"#, r#""timestamp":"#]),
    ] {
        assert!(!extract(whole).flags.contains(Flags::JSON_DUP));
        for name in names {
            let twice = whole.replacen(name, &format!("{}:{{}},{name}", name.split_once(':').unwrap().0), 1);
            assert_ne!(twice, *whole, "{name}");
            assert!(extract(&twice).flags.contains(Flags::JSON_DUP), "{twice}");
            let page = format!(r#"{{"resources":[{whole},{twice}]}}"#);
            assert!(extract(&page).flags.contains(Flags::JSON_DUP), "{page}");
        }
    }
}
