//! `platform.*`: who sent a record, source by source.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::damage::records;
use super::extract;

/// All of `platform.*`; of a batch, that of its first event.
fn platform(line: &str) -> Value {
    let found = extract(line).ecs;
    let event = found["events"].get(0).unwrap_or(&found);
    let fields = event.as_object().unwrap().clone().into_iter();
    Value::Object(fields.filter(|(name, _)| name.starts_with("platform.")).collect())
}

#[track_caller]
fn check(line: &str, expected: &Value) {
    assert_eq!(&platform(line), expected, "{line}");
}

const APP: &str = "83d2297d-ac52-4387-9217-4302fb6a5d7f";
const CELL: &str = "9a89821d-18b2-4e33-bd5c-0d661cf45317";

#[test]
fn a_job_of_a_deployment_has_an_instance_element() {
    let element = format!(
        r#"[instance@47450 director="d-1" environment="prod" deployment="cf-0a1b" group="control" az="az1" id="{CELL}"]"#
    );
    let expected = json!({
        "platform.director": "d-1",
        "platform.environment": "prod",
        "platform.deployment": "cf-0a1b",
        "platform.job": "control",
        "platform.az": "az1",
        "platform.instance.id": CELL,
    });
    check(&format!("<14>1 2026-01-20T04:56:26Z 10.0.0.1 uaa rs2 - {element} plain text"), &expected);
    let audit = "Audit: UserNotFound (''): principal=x, origin=[uaa], identityZoneId=[uaa]";
    check(&format!("<14>1 2026-01-20T04:56:26Z 10.0.0.1 uaa rs2 - {element} {audit}"), &expected);
}

#[test]
fn an_empty_director_is_none() {
    check(
        r#"<14>1 - h uaa rs2 - [instance@47450 director="" deployment="cf" group="uaa" az="" id="-"] x"#,
        &json!({ "platform.deployment": "cf", "platform.job": "uaa" }),
    );
}

#[test]
fn of_two_elements_the_first_is_the_senders() {
    check(
        r#"<14>1 - h uaa rs2 - [instance@47450 director="" deployment="a"][instance@47450 group="router" id="q"] x"#,
        &json!({ "platform.deployment": "a" }),
    );
}

#[test]
fn a_job_with_a_guid_for_a_name_is_no_application() {
    let job = json!({ "platform.deployment": "cf", "platform.job": "g" });
    check(&format!(r#"<14>1 - h {APP} rs2 - [instance@47450 deployment="cf" group="g"] x"#), &job);
    // A name with a quote damages the element, which is a job's all the same.
    let damaged = r#"[instance@47450 deployment="c"f" group="g" az="z" id="i"]"#;
    let of_damaged = json!({
        "platform.az": "z",
        "platform.deployment": "c\"f",
        "platform.instance.id": "i",
        "platform.job": "g",
    });
    check(&format!("<14>1 - h {APP} rs2 - {damaged} x"), &of_damaged);
    check(&format!("<14>1 - h {APP} rs2 - - x"), &json!({ "platform.app.id": APP }));
}

#[test]
fn of_a_damaged_element_what_is_certain_is_taken() {
    // A quote or a bracket in a value: only that makes the element unreadable, and every value is bounded all the same.
    check(
        r#"<14>1 - h uaa rs2 - [instance@47450 director="d" environment="my "prod"" deployment="c]f" group="g" az="z" id="i"] x"#,
        &json!({
            "platform.director": "d",
            "platform.environment": "my \"prod\"",
            "platform.deployment": "c]f",
            "platform.job": "g",
            "platform.az": "z",
            "platform.instance.id": "i",
        }),
    );
    // A value that holds another parameter: where it ends nobody knows, nor where that one begins.
    check(
        r#"<14>1 - h uaa rs2 - [instance@47450 director="d" deployment="cf" group="g" az="x" z" az="y" id="i"] x"#,
        &json!({ "platform.director": "d", "platform.deployment": "cf", "platform.instance.id": "i" }),
    );
    // The locator ends the element at its first bracket and blank.
    check(
        r#"<14>1 - h uaa rs2 - [instance@47450 director="d" deployment="cf" group="a] b" az="z" id="i"] x"#,
        &json!({ "platform.director": "d", "platform.deployment": "cf" }),
    );
    // Cut within.
    check(
        r#"<14>1 - h uaa rs2 - [instance@47450 director="d" deployment="cf" gro"#,
        &json!({ "platform.director": "d" }),
    );
    // Out of order: no forwarder's.
    check(r#"<14>1 - h uaa rs2 - [instance@47450 id="i" az="z" x"] x"#, &json!({}));
}

#[test]
fn an_element_in_the_message_is_no_element() {
    let element = r#"[instance@47450 director="d" deployment="evil" group="g" az="z" id="i"]"#;
    check(&format!("<14>1 - h app rs2 - - {element} x"), &json!({}));
    check(&format!("<14>Jan 20 04:56:26 h app: {element} x"), &json!({}));
    check(element, &json!({}));
    check(
        &format!("<14>1 - o {APP} [APP/PROC/WEB/0] - {element}x\"] x"),
        &json!({
            "platform.app.id": APP,
            "platform.instance.index": "0",
            "platform.process": "web",
        }),
    );
}

#[test]
fn older_platforms_wrote_job_and_index_behind_the_tag() {
    check(
        "<14>2015-08-26T04:57:46.033329+00:00 10.0.16.19 vcap.uaa [job=uaa-partition-0a1b index=0]  [2015-08-26] x",
        &json!({ "platform.job": "uaa-partition-0a1b", "platform.instance.index": "0" }),
    );
    check("<14>Jan 20 04:56:26 10.0.16.19 vcap.nats: text", &json!({ "platform.job": "nats" }));
    check("<14>1 - 10.0.16.19 vcap.bosh.director - - - text", &json!({ "platform.job": "bosh.director" }));
    // Not the header's.
    check("<14>Jan 20 04:56:26 h app: [job=a index=0] x", &json!({}));
    // metron writes no colon; behind one, anybody's line begins.
    check("<14>Jan 20 04:56:26 h vcap.uaa: [job=evil index=9]  x", &json!({ "platform.job": "uaa" }));
    check(r#"<14>1 - h vcap.a - - [x@1 note="[job=b index=0]"] x"#, &json!({ "platform.job": "a" }));
}

fn tags(more: &str) -> String {
    format!(
        r#"[tags@47450 app_id="{APP}" app_name="web" deployment="cf-0a1b2c" index="{CELL}" instance_id="3" job="diego-cell" organization_id="o-1" organization_name="acme corp" process_type="web"{more} space_id="s-1" space_name="pr\"o\]d"]"#
    )
}

#[test]
fn a_drain_has_tags() {
    let expected = json!({
        "platform.app.id": APP,
        "platform.app.name": "web",
        "platform.deployment": "cf-0a1b2c",
        "platform.instance.id": CELL,
        "platform.instance.index": "3",
        "platform.job": "diego-cell",
        "platform.org.id": "o-1",
        "platform.org.name": "acme corp",
        "platform.process": "web",
        "platform.space.id": "s-1",
        "platform.space.name": "pr\"o]d",
    });
    let line = format!("<14>1 - acme-corp.prod.web {APP} [APP/PROC/WEB/3] - {} hello\n", tags(""));
    check(&line, &expected);
    // Metrics of an application, too.
    let line = format!(
        "<14>1 - acme-corp.prod.web {APP} [3] - [gauge@47450 name=\"cpu\" value=\"1\" unit=\"p\"]{} \n",
        tags("")
    );
    check(&line, &expected);
}

#[test]
fn an_application_and_its_relay_are_not_mixed() {
    let relay = r#"[instance@47450 director="d" deployment="relay" group="g" az="z" id="i"]"#;
    let line = format!(r#"<14>1 - h {APP} [APP/PROC/WEB/3] - {relay}[tags@47450 app_name="web"] hello"#);
    check(
        &line,
        &json!({
            "platform.app.id": APP,
            "platform.app.name": "web",
            "platform.instance.index": "3",
            "platform.process": "web",
        }),
    );
}

#[test]
fn a_drain_without_tags_has_its_header() {
    check(
        &format!("<14>1 - acme-corp.prod.web {APP} [APP/TASK/NIGHTLY/0] - - hello\n"),
        &json!({
            "platform.app.id": APP,
            "platform.app.name": "web",
            "platform.instance.index": "0",
            "platform.org.name": "acme-corp",
            "platform.process": "task/nightly",
            "platform.space.name": "prod",
        }),
    );
    // A machine's name, and a job's.
    check("<14>1 - cell.vm.internal gorouter [RTR/1] - - hello\n", &json!({ "platform.instance.index": "1" }));
    check(
        &format!("<14>1 - 10.0.4.9 {APP} [CELL/0] - - hello\n"),
        &json!({
            "platform.app.id": APP,
            "platform.instance.index": "0",
        }),
    );
    // A relay that writes RFC 3164 has cut the tag: an id that is not whole is none.
    check(
        &format!("<14>Nov 22 05:00:00 acme.prod.web {}: hello", &APP[..32]),
        &json!({
            "platform.app.name": "web",
            "platform.org.name": "acme",
            "platform.space.name": "prod",
        }),
    );
}

#[test]
fn a_source_type_names_process_or_task() {
    for (source_type, process) in [
        ("APP/PROC/WEB", json!("web")),
        ("APP/PROC/WEB/SIDECAR/PROXY", json!("web")),
        ("APP/PROC/", Value::Null),
        ("APP/TASK/NIGHTLY", json!("task/nightly")),
        ("APP/TASK/A/B", json!("task/a/b")),
        ("APP", Value::Null),
        ("RTR", Value::Null),
    ] {
        let line = format!("<14>1 - h {APP} [{source_type}/0] - - x");
        super::check(&line, &extract(&line).ecs, &json!({ "platform.process": process }));
    }
    // The tag has a task's name as it was given.
    let line = format!(
        r#"<14>1 - h {APP} [APP/TASK/NIGHTLY/0] - [tags@47450 process_type="web" source_type="APP/TASK/Nightly"] x"#
    );
    super::check(&line, &extract(&line).ecs, &json!({ "platform.process": "task/Nightly" }));
}

#[test]
fn a_container_has_a_kubernetes_element() {
    let line = r#"<14>1 - prod-cluster pod.log/shop/web-0/web - - [kubernetes@47450 app="shop" namespace_name="shop" object_name="web-0" container_name="web" vm_id="vm-1"] x"#;
    check(
        line,
        &json!({
            "platform.cluster": "prod-cluster",
            "platform.container": "web",
            "platform.instance.id": "vm-1",
            "platform.namespace": "shop",
            "platform.pod": "web-0",
        }),
    );
}

#[test]
fn a_host_name_that_is_the_machines_is_no_cluster() {
    for (host, vm) in [("vm-1", "vm-1"), ("vm-1", "VM_1"), ("ip-10-0-8-8.internal", "ip-10-0-8-8.internal")] {
        let line = format!(r#"<14>1 - {host} pod.log/a/b/c - - [kubernetes@47450 namespace_name="a" vm_id="{vm}"] x"#);
        check(&line, &json!({ "platform.namespace": "a", "platform.instance.id": vm }));
    }
}

#[test]
fn labels_of_a_pod_are_not_the_sinks_words() {
    // Whoever deploys a pod names its labels; the sink's own parameters follow them.
    let line = r#"<14>1 - vm-1 pod.log/shop/web-0/web - - [kubernetes@47450 namespace_name="kube-system" object_name="etcd" vm_id="evil" namespace_name="shop" object_name="web-0" container_name="web"] x"#;
    let found = extract(line).ecs;
    super::check(
        line,
        &found,
        &json!({
            "platform.container": "web",
            "platform.instance.id": null,
            "platform.namespace": "shop",
            "platform.pod": "web-0",
        }),
    );
}

#[test]
fn a_container_without_its_element_has_its_name() {
    check(
        "<14>1 - vm-1 pod.log/shop/web-0/web - - - x",
        &json!({
            "platform.container": "web",
            "platform.namespace": "shop",
            "platform.pod": "web-0",
        }),
    );
    // 48 octets: the last part may be cut.
    check(
        "<14>1 - vm-1 pod.log/payments/api-7d9f8c6b5-abcde/a-container - - - x",
        &json!({
            "platform.namespace": "payments",
            "platform.pod": "api-7d9f8c6b5-abcde",
        }),
    );
}

#[test]
fn the_object_of_an_event_is_no_pod() {
    check(
        r#"<14>1 - c1 k8s.event/shop/web/ - - [kubernetes@47450 namespace_name="shop" object_name="web" container_name="" vm_id="vm-1"] x"#,
        &json!({ "platform.cluster": "c1", "platform.instance.id": "vm-1", "platform.namespace": "shop" }),
    );
}

#[test]
fn a_firehose_envelope_names_its_sender_unless_the_header_does() {
    let envelope = format!(
        r#"{{"cf_app_id":"{APP}","cf_app_name":"web","cf_org_id":"o-1","cf_org_name":"acme","cf_space_id":"s-1","cf_space_name":"prod","deployment":"cf-0a1b2c","event_type":"LogMessage","ip":"10.0.4.9","job":"diego_cell","job_index":"{CELL}","msg":"x","source_instance":"2","source_type":"APP/TASK/Nightly"}}"#
    );
    let expected = json!({
        "platform.app.id": APP,
        "platform.app.name": "web",
        "platform.deployment": "cf-0a1b2c",
        "platform.instance.id": CELL,
        "platform.instance.index": "2",
        "platform.job": "diego_cell",
        "platform.org.id": "o-1",
        "platform.org.name": "acme",
        "platform.process": "task/Nightly",
        "platform.space.id": "s-1",
        "platform.space.name": "prod",
    });
    check(&envelope, &expected);
    check(&format!("<6>May  1 10:00:00 nozzle doppler[11]: @cee: {envelope}"), &expected);
    let nozzle = r#"[instance@47450 director="d" deployment="nozzle" group="n" az="z" id="i"]"#;
    let of_header = json!({
        "platform.az": "z",
        "platform.deployment": "nozzle",
        "platform.director": "d",
        "platform.instance.id": "i",
        "platform.job": "n",
    });
    let line = format!("<6>1 - h doppler 11 - {nozzle} {envelope}");
    check(&line, &of_header);
    let found = extract(&line).ecs;
    assert_eq!(found["cloudfoundry.envelope.deployment"], "cf-0a1b2c");
    assert_eq!(found["cloudfoundry.envelope.job"], "diego_cell");
    // The same text, printed by an application: not a word of it counts.
    let printed = json!({
        "platform.app.id": APP,
        "platform.instance.index": "0",
        "platform.process": "web",
    });
    check(&format!("<14>1 - h {APP} [APP/PROC/WEB/0] - - {envelope}"), &printed);
    let damaged = r#"[instance@47450 az="z"][tags@47450 a"b] "#;
    check(&format!("<14>1 - h app 1 - {damaged}{envelope}"), &json!({}));
}

proptest! {
    #[test]
    fn a_message_changes_nothing(
        header in 0..6_usize,
        record in 0..records().len(),
        start in any::<prop::sample::Index>(),
        before in r#"[\[\]{}"= a-z@\\-]{0,12}"#,
    ) {
        let headers = [
            format!("<14>1 - acme.prod.web {APP} [APP/PROC/WEB/0] - - "),
            format!(r#"<14>1 - acme.prod.web {APP} [APP/PROC/WEB/0] - [tags@47450 app_name="web"] "#),
            "<14>1 - prod pod.log/shop/web-0/web - - - ".to_owned(),
            r#"<14>1 - prod pod.log/a/b/c - - [kubernetes@47450 namespace_name="shop" vm_id="vm-1"] "#.to_owned(),
            r#"<14>1 - h uaa rs2 - [instance@47450 director="d" deployment="cf" group="g" az="z" id="i"] "#.to_owned(),
            r#"<14>1 - h uaa rs2 - [instance@47450 director="d" deployment="c"f" group="g" az="z" id="i"] "#.to_owned(),
        ];
        let record = &records()[record];
        let starts: Vec<_> = record.char_indices().map(|(at, _)| at).collect();
        let message = format!("{before}{}", &record[starts[start.index(starts.len())]..]);
        let line = format!("{}{message}", headers[header]);
        prop_assert_eq!(platform(&line), platform(&format!("{}x", headers[header])), "{}", line);
    }
}
