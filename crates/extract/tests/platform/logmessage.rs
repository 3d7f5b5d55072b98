//! What applications print.

use record::Flags;
use serde_json::json;

use super::{check, extract, is_cut};

const APP: &str = "83d2297d-ac52-4387-9217-4302fb6a5d7f";

#[test]
fn one_line_feed_is_the_senders() {
    for (message, payload) in [
        ("hello\n", "hello"),
        ("hello", "hello"),
        ("hello\n\n", "hello\n"),
        ("  hello \n", "  hello "),
        ("\n", ""),
        ("", ""),
        ("null\n", "null"),
        ("-\n", "-"),
    ] {
        let line = format!("<14>1 - o.s.a {APP} [APP/PROC/WEB/0] - - {message}");
        let found = extract(&line);
        check(&line, &found.native, &json!({ "payload": payload }));
        let message = if payload.is_empty() { json!(null) } else { json!(payload) };
        check(&line, &found.ecs, &json!({ "message": message }));
    }
}

#[test]
fn pri_tells_the_stream() {
    for (pri, native, stream) in [
        ("<14>", json!("OUT"), json!("stdout")),
        ("<11>", json!("ERR"), json!("stderr")),
        ("<-1>", json!(null), json!(null)),
        ("<13>", json!(null), json!(null)),
    ] {
        let line = format!("{pri}1 - o.s.a {APP} [APP/PROC/WEB/0] - - x");
        let found = extract(&line);
        check(&line, &found.native, &json!({ "log.stream": native }));
        check(&line, &found.ecs, &json!({ "stream": stream }));
    }
}

#[test]
fn a_relays_rfc_3164_is_a_drain_as_well() {
    let line = format!("<14>Jan 20 04:56:26 o.s.a {APP}[[APP/PROC/WEB/2]]: hello");
    let found = extract(&line);
    check(&line, &found.native, &json!({ "log.source_type": "APP/PROC/WEB", "log.instance": "2", "payload": "hello" }));
    check(&line, &found.ecs, &json!({ "cloudfoundry.app.id": APP, "stream": "stdout" }));
}

#[test]
fn a_source_type_that_was_cut_is_left_out() {
    let line = format!("<14>1 - o.s.a {APP} [APP/TASK/my job/0] - x");
    let found = extract(&line);
    assert_eq!(found.class, "cf.logmessage");
    check(&line, &found.native, &json!({ "log.source_type": null, "log.instance": null }));
}

#[test]
fn of_tags_that_are_there_twice_the_first_counts() {
    let line = format!(r#"<14>1 - h {APP} [APP/0] - [tags@47450 app_name="a" x="1" app_name="b" x="2"] x"#);
    let found = extract(&line);
    assert_eq!(found.native["tags"], json!({ "app_name": "a", "x": "1" }));
    check(&line, &found.ecs, &json!({ "cloudfoundry.app.name": "a", "platform.app.name": "a" }));
}

#[test]
fn what_kind_of_event_a_line_is() {
    for (source_type, category, kind) in [
        ("APP/PROC/WEB", json!(null), json!(["info"])),
        ("RTR", json!(["web"]), json!(["access"])),
        ("CELL", json!(["process"]), json!(["info"])),
        ("STG", json!(null), json!(["info"])),
    ] {
        let line = format!("<14>1 - o.s.a {APP} [{source_type}/0] - - x");
        check(&line, &extract(&line).ecs, &json!({ "event.category": category, "event.type": kind }));
    }
}

#[test]
fn an_envelope_keeps_all_its_members() {
    let line = r#"@cee: {"cf_app_id":"","event_type":"LogMessage","message_type":"ERR","msg":"a\nb \u017e","timestamp":1714557600123456789,"site":"north","n":{"a":[1]},"ok":false,"site":"south"}"#;
    let found = extract(line);
    check(
        line,
        &found.native,
        &json!({
            "cf_app_id": "",
            "msg": "a\nb ž",
            "site": "north",
            "n": { "a": [1] },
            "ok": false,
            "timestamp": 1_714_557_600_123_456_789_i64,
        }),
    );
    check(
        line,
        &found.ecs,
        &json!({
            "@timestamp": "2024-05-01T10:00:00.123456789Z",
            "message": "a\nb ž",
            "stream": "stderr",
            "cloudfoundry.app.id": null,
        }),
    );
}

#[test]
fn an_envelope_that_was_cut_gives_what_is_whole() {
    let line = r#"{"cf_app_name":"web","event_type":"LogMessage","msg":"hello","source_type":"APP/PRO"#;
    let found = extract(line);
    assert!(is_cut(&found));
    check(line, &found.ecs, &json!({ "message": "hello", "cloudfoundry.log.source.type": null }));
    assert!(!is_cut(&extract(r#"{"event_type":"LogMessage","msg":"hello" "source_type":"APP"}"#)), "broken, not cut");
}

#[test]
fn a_pasted_envelope_splits_at_the_first_colon_and_keeps_what_was_printed() {
    let line = r"{ \\n cf_app_name: web: 2\\n event_type: LogMessage\\n message_type: OUT\\n msg: a\\n b: c\\n origin: forged\\n and so on\\n origin: rep\\n source_instance: 4\\n source_type: APP/TASK/t\\n timestamp: 1616773073118017800\\n}";
    let found = extract(line);
    check(
        line,
        &found.native,
        &json!({
            "cf_app_name": "web: 2",
            "msg": r"a\\n b: c\\n origin: forged\\n and so on",
            "origin": "rep",
            "source_type": "APP/TASK/t",
        }),
    );
    check(
        line,
        &found.ecs,
        &json!({
            "@timestamp": "2021-03-26T15:37:53.118017800Z",
            "cloudfoundry.envelope.origin": "rep",
            "stream": "stdout",
        }),
    );
    assert!(!is_cut(&found));
    let cut = extract(&line[..line.len() - 10]);
    assert!(is_cut(&cut));
    assert_eq!(cut.native["timestamp"], json!(null));
}

#[test]
fn what_an_application_prints_is_not_looked_into() {
    for printed in [
        r#"{"event_type":"LogMessage","cf_app_name":"forged","msg":"x"}"#,
        r"{ \\n cf_app_name: forged\\n event_type: LogMessage\\n msg: x\\n}",
        r#"{"type":"audit.app.create","actor":{"guid":"forged","type":"user"},"target":{}}"#,
        "CEF:0|cloud_foundry|credhub|2.0|GET /x|GET /x|0|rt=1 suser=forged",
        "Audit: UserNotFound (''): principal=forged, origin=[forged], identityZoneId=[uaa]",
        "[b] 2020/02/01 08:00:00.1 BOSH task ID 1 status: done create deployment for instance forged: Description: x Result: y",
    ] {
        let line = format!("<14>1 - h {APP} [APP/PROC/WEB/0] - - {printed}\n");
        let found = extract(&line);
        assert_eq!(found.class, "cf.logmessage");
        let mut ecs = found.ecs;
        assert_eq!(ecs.as_object_mut().unwrap().remove("message").unwrap(), json!(printed));
        assert!(!ecs.to_string().contains("forged"), "{ecs}");
    }
}

#[test]
fn a_member_of_an_envelope_that_is_there_twice_is_flagged() {
    let envelope = r#"{"event_type":"LogMessage","cf_app_id":"A","msg":"x","message_type":"OUT","ip":"192.0.2.7"}"#;
    assert!(!extract(envelope).flags.contains(Flags::JSON_DUP));
    let twice = envelope.replacen(r#""cf_app_id":"#, r#""cf_app_id":"B","cf_app_id":"#, 1);
    let found = extract(&twice);
    assert!(found.flags.contains(Flags::JSON_DUP));
    assert_eq!(found.native["cf_app_id"], "B");
}
