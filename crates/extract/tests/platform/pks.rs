//! PKS / TKGI.

use serde_json::{Value, json};

use super::{check, extract, is_cut};

const SPRING: &str =
    "2019-05-16 14:59:34.897  INFO 7594 --- [nio-9021-exec-7] io.pivotal.pks.cluster.ClusterService    : ";

fn action(action: &str, details: &str) -> String {
    format!("{SPRING}Action '{action}' by user 'admin', cluster name: 'logs', plan name: 'small'. Details: {details}")
}

#[test]
fn a_request_in_all_its_layouts_has_the_same_details() {
    let expected = json!({
        "host": "a.example.org",
        "size": { "workers": "3", "note": "null" },
        "zone": "null",
    });
    let lines = "class A {\n    host: a.example.org\n    size: class B {\n        workers: 3\n        note: null\n    }\n    zone: null\n}";
    for details in [
        lines.to_owned(),
        lines.replace('\n', "\r\n"),
        lines.replace('\n', "#012"),
        lines.replace('\n', "#012").replace("    ", "#011"),
        "class A { host: a.example.org size: class B { workers: 3 note: null } zone: null }".to_owned(),
    ] {
        let line = action("create-cluster", &details);
        let found = extract(&line);
        assert_eq!(found.native["pks.details"], expected, "{line}");
        assert!(!is_cut(&found), "{line}");
    }
}

#[test]
fn what_looks_like_an_escape_stays_where_nothing_proves_it() {
    let found = extract(&action("create-cluster", "class A { host: a#012b: c other: d#011 }"));
    assert_eq!(found.native["pks.details"], json!({ "host": "a#012b: c", "other": "d#011" }));
    let found = extract(&action("create-cluster", "class A {\n    host: a#012    other: d\n}"));
    assert_eq!(found.native["pks.details"], json!({ "host": "a#012    other: d" }));
}

#[test]
fn a_value_may_hold_blanks_and_colons() {
    let details = "class Plan { name: small description: Example: do it. Not: that, or: this workers: 3 }";
    let found = extract(&action("create-cluster", details));
    // Keys begin with a lower-case letter: of two readings of `or: this` the layout does not tell which is meant.
    assert_eq!(
        found.native["pks.details"],
        json!({ "name": "small", "description": "Example: do it. Not: that,", "or": "this", "workers": "3" })
    );
    let found = extract(&action("create-cluster", "class A {\n    a: b: c or: d\n      and more\n    e: f\n}"));
    assert_eq!(found.native["pks.details"], json!({ "a": "b: c or: d\n      and more", "e": "f" }));
}

#[test]
fn of_members_that_are_there_twice_the_first_counts() {
    let details = "class A { a: 1 b: class B { x: 1 } a: 2 b: class C { x: 2 y: class D { z: 3 } } c: 4 }";
    let found = extract(&action("create-cluster", details));
    assert_eq!(found.native["pks.details"], json!({ "a": "1", "b": { "x": "1" }, "c": "4" }));
    assert!(!is_cut(&found));
}

#[test]
fn objects_deeper_than_anybody_prints_stay_text() {
    let details = format!("class A {{{} z: 1{}", " a: class B {".repeat(20), " }".repeat(21));
    let found = extract(&action("create-cluster", &details));
    let mut inner = &found.native["pks.details"];
    while inner["a"].is_object() {
        inner = &inner["a"];
    }
    assert!(inner["a"].as_str().unwrap().starts_with("class B {"), "{inner}");
}

#[test]
fn the_first_line_alone_has_everything_but_the_details() {
    let line = action("create-cluster", "class ClusterParameters {");
    let found = extract(&line);
    check(&line, &found.native, &json!({ "pks.user": "admin", "pks.cluster": "logs", "pks.plan": "small" }));
    assert!(is_cut(&found));
    let found = extract(&action("create-cluster", "class A { a: 1 b: 2"));
    assert_eq!(found.native["pks.details"], json!({ "a": "1" }), "what nothing follows may be cut");
    assert!(is_cut(&found));
}

#[test]
fn details_that_are_no_object_are_no_damage() {
    for details in ["null", "", "{}", "classes of their own"] {
        let found = extract(&action("delete-cluster", details));
        check("", &found.native, &json!({ "pks.cluster": "logs", "pks.plan": "small" }));
        assert_eq!(is_cut(&found), details.is_empty(), "{details}");
    }
    for details in ["cl", "class ", "class Cluster", "class Cluster ", "class Cluster {"] {
        assert!(is_cut(&extract(&action("create-cluster", details))), "{details}");
    }
}

#[test]
fn actions_and_what_they_mean() {
    for (name, kind) in [
        ("create-cluster", json!(["creation"])),
        ("delete-cluster", json!(["deletion"])),
        ("resize", json!(["change"])),
        ("update-cluster", json!(["change"])),
        ("get-credentials", json!(["access"])),
        ("x", Value::Null),
    ] {
        let line = action(name, "class A { }");
        let found = extract(&line);
        assert_eq!(found.class, "pks.api");
        check(
            &line,
            &found.ecs,
            &json!({
                "event.action": name,
                "event.category": ["configuration"],
                "event.type": kind,
                "event.outcome": null,
                "user.name": "admin",
                "object.type": "cluster",
                "object.name": "logs",
                "orchestrator.cluster.name": "logs",
                "@timestamp": null,
            }),
        );
    }
}

fn task(state: &str, operation: &str, result: &str) -> String {
    format!(
        "[on-demand-service-broker] [2f71a161] 2019/06/04 20:16:52.493286 BOSH task ID 132 status: {state} {operation} \
         deployment for instance 67f77801: Description: {operation} deployment service-instance_67f77801 Result: {result}"
    )
}

#[test]
fn states_of_a_task_and_their_outcomes() {
    for (state, outcome) in [
        ("queued", "unknown"),
        ("processing", "unknown"),
        ("cancelling", "unknown"),
        ("done", "success"),
        ("error", "failure"),
        ("timeout", "failure"),
        ("cancelled", "failure"),
        ("hibernating", "unknown"),
    ] {
        let line = task(state, "create", "");
        check(&line, &extract(&line).ecs, &json!({ "event.outcome": outcome, "event.action": "create" }));
    }
}

#[test]
fn operations_of_the_broker_and_what_they_mean() {
    for (operation, kind) in [
        ("create", json!(["creation"])),
        ("update", json!(["change"])),
        ("upgrade", json!(["change"])),
        ("recreate", json!(["change"])),
        ("delete", json!(["deletion"])),
        ("force-delete", json!(["deletion"])),
        ("bind", json!(["creation"])),
        ("unbind", json!(["deletion"])),
        ("frobnicate", Value::Null),
    ] {
        let line = task("done", operation, "x");
        check(
            &line,
            &extract(&line).ecs,
            &json!({
                "@timestamp": "2019-06-04T20:16:52.493286Z",
                "event.action": operation,
                "event.category": ["configuration"],
                "event.type": kind,
                "object.type": "service_instance",
                "object.id": "67f77801",
                "orchestrator.resource.id": "67f77801",
            }),
        );
    }
}

#[test]
fn a_result_is_text_up_to_the_end() {
    let result = "1 of 2 failed: Description: x Result: y";
    let line = task("error", "create", result);
    let found = extract(&line);
    check(&line, &found.native, &json!({ "bosh.task_result": result, "bosh.task_id": 132 }));
    check(&line, &found.ecs, &json!({ "event.reason": result }));
    let line = task("done", "create", "/deployments/x");
    check(&line, &extract(&line).ecs, &json!({ "event.reason": null }));
}

#[test]
fn a_stamp_that_is_no_point_in_time_is_left_out() {
    let line = task("done", "create", "").replace("2019/06/04", "2019/06/31");
    let found = extract(&line);
    check(&line, &found.ecs, &json!({ "@timestamp": null, "event.outcome": "success" }));
    check(&line, &found.native, &json!({ "log.timestamp": "2019/06/31 20:16:52.493286" }));
}

const TELEMETRY: &str = "2019-05-16 14:59:34.911 INFO 7594 --- [t] io.pivotal.pks.telemetry.Agent : Telemetry - addCluster: \
    cluster request: class ClusterRequest { name: logs parameters: class P { port: 8443 } }, cluster entity: \
    ClusterEntity{name='l'ogs', uuid='f4e2', owner='ad, min', brokerOperationId='{\"a\":[{\"b\":\"c\"}], name=1}', \
    parameters=io.pivotal.P@6efbedb6', networkProfileUuid=null', taskStartedAt=2019-05-16T14:59:34.804}, plan: \
    class Plan { id: 8A0E name: small }";

#[test]
fn telemetry_of_a_new_cluster() {
    let found = extract(TELEMETRY);
    assert!(!is_cut(&found));
    check(
        TELEMETRY,
        &found.native,
        &json!({
            "telemetry.action": "addCluster",
            "telemetry.request": { "name": "logs", "parameters": { "port": "8443" } },
            "telemetry.cluster.name": "l'ogs",
            "telemetry.cluster.uuid": "f4e2",
            "telemetry.cluster.owner": "ad, min",
            "telemetry.cluster.brokerOperationId": "{\"a\":[{\"b\":\"c\"}], name=1}",
            // The producer forgot the first quote.
            "telemetry.cluster.parameters": "io.pivotal.P@6efbedb6",
            "telemetry.cluster.networkProfileUuid": "null",
            "telemetry.cluster.taskStartedAt": "2019-05-16T14:59:34.804",
            "telemetry.plan": { "id": "8A0E", "name": "small" },
        }),
    );
    check(
        TELEMETRY,
        &found.ecs,
        &json!({
            "event.action": "addCluster",
            "orchestrator.cluster.name": "l'ogs",
            "orchestrator.cluster.id": "f4e2",
            "object.id": "f4e2",
            "user.name": null,
        }),
    );
    assert!(is_cut(&extract(&TELEMETRY[..TELEMETRY.len() - 1])));
}

#[test]
fn other_telemetry_is_a_message() {
    let line = |text: &str| format!("{} {text}", TELEMETRY.split_once(" Telemetry").unwrap().0);
    let found = extract(&line("Telemetry - nothing to send"));
    assert!(!is_cut(&found));
    check("", &found.native, &json!({ "telemetry.message": "nothing to send", "telemetry.action": null }));
    let found = extract(&line("Telemetry - deleteCluster: logs"));
    assert!(!is_cut(&found));
    check("", &found.native, &json!({ "telemetry.message": "logs", "telemetry.action": "deleteCluster" }));
    check("", &found.ecs, &json!({ "event.action": "deleteCluster" }));
    assert!(is_cut(&extract(&line("Telemetry - addCluster: cluster requ"))));
    assert!(!is_cut(&extract(&line("Telemetry - addCluster: another shape"))));
}

#[test]
fn the_servers_log() {
    let line = |text: &str| format!("<14>1 - h telemetry-server rs2 - - 2020-02-01 08:00:03 {text}");
    let connection = line("+0130 [debug]: #0 connection established address=\"2001:db8::22\" port=40001");
    let found = extract(&connection);
    check(
        &connection,
        &found.ecs,
        &json!({
            "@timestamp": "2020-02-01T06:30:03Z",
            "event.category": ["network"],
            "event.type": ["info", "connection"],
            "log.level": "debug",
            "source.ip": "2001:db8::22",
            "source.port": 40001,
        }),
    );
    let other = line("+0000 [warn]: #1 no address here");
    let found = extract(&other);
    check(&other, &found.ecs, &json!({ "event.type": ["info"], "source.ip": null }));
    check(&other, &found.native, &json!({ "fluentd.worker": "1", "telemetry.message": "no address here" }));
}

#[test]
fn a_user_who_is_called_like_a_record_forges_nothing() {
    const TRUE: &str = "', cluster name: 'logs', plan name: 'small'. Details: class B { b: 1 }";
    for user in [
        "bob'. Details: class A { }",
        "bob', cluster name: 'x",
        "bob', plan name: 'x",
        "bob', cluster name: 'x', plan name: 'y",
        "bob', cluster name: 'x', plan name: 'y'. Details: class A { a: 1 }",
        "bob', plan name: 'y', cluster name: 'x",
    ] {
        for end in [TRUE, TRUE.split(". Details").next().unwrap()] {
            let line = format!("{SPRING}Action 'delete-cluster' by user '{user}{end}");
            let found = extract(&line);
            check(
                &line,
                &found.ecs,
                &json!({
                    "event.action": "delete-cluster", "event.type": ["deletion"], "user.name": null,
                    "orchestrator.cluster.name": null, "object.name": null,
                }),
            );
            check(
                &line,
                &found.native,
                &json!({ "pks.user": null, "pks.cluster": null, "pks.plan": null, "pks.details": null }),
            );
            assert!(found.flags.contains(record::Flags::CEF_AMBIGUOUS), "{line}");
        }
    }
    let found = extract(&action("create-cluster", "class A { a: 1 }"));
    assert!(!found.flags.contains(record::Flags::CEF_AMBIGUOUS));
}

#[test]
fn an_action_without_its_details_was_cut() {
    let whole =
        action("update-cluster", "class A { a: 1 }").replace("'admin'", "'o'brien'").replace("'logs'", "'it's'");
    for (end, user, cluster) in [
        ("by user 'o'", Value::Null, Value::Null),
        ("by user 'o'brien'", Value::Null, Value::Null),
        ("name: 'it'", "o'brien".into(), Value::Null),
        ("name: 'it's'", "o'brien".into(), Value::Null),
        ("plan name: 'small'", "o'brien".into(), "it's".into()),
        ("plan name: 'small'.", "o'brien".into(), "it's".into()),
        ("plan name: 'small'. Details: ", "o'brien".into(), "it's".into()),
    ] {
        let line = &whole[..whole.find(end).unwrap() + end.len()];
        let found = extract(line);
        check(
            line,
            &found.ecs,
            &json!({ "user.name": user, "orchestrator.cluster.name": cluster, "object.name": cluster }),
        );
        assert!(is_cut(&found), "{line}");
    }
}
