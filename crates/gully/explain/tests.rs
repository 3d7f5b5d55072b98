use serde_json::Value;

use super::*;

fn explain(message: &str, header: Header, json: bool, configuration: Option<&str>) -> String {
    let directory = tempfile::tempdir().unwrap();
    let config = configuration.map(|text| {
        let file = directory.path().join("gully.toml");
        std::fs::write(&file, text).unwrap();
        file
    });
    let configuration = crate::cli::ConfigFile { config };
    let arguments = Explain { input: Input::Lines, transport: header, json, configuration, file: None };
    let explainer = Explainer::new(&arguments).unwrap_or_else(|failure| panic!("{:?}", failure.cause));
    let message = Message { octets: message.as_bytes().to_vec(), header };
    String::from_utf8(explainer.explain(1, &message, &mut Extractor::new())).unwrap()
}

fn check(message: &str, header: Header, expected: &[&str]) {
    let text = explain(message, header, false, None);
    for part in expected {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

const UAA: &str = "<14>1 - host uaa rs2 - - Audit: UserAuthenticationFailure ('a'): principal=b, origin=[remoteAddress=10.0.0.1], identityZoneId=[uaa]";

#[test]
fn people_see_class_rule_header_fields_and_what_flags_mean() {
    check(
        UAA,
        Header::Auto,
        &[
            "1: cf.uaa.audit",
            "pri=14 (user.info)",
            "app_name=uaa",
            "no_provenance: Nothing",
            "uaa.principal = b",
            "source.ip = 10.0.0.1",
            "event.outcome = failure",
            "^^^^",
        ],
    );
}

#[test]
fn people_see_what_came_near_and_why_it_lost() {
    let quoted = UAA.replace("Audit: ", "I saw Audit: ");
    check(&quoted, Header::Auto, &["1: other", "cf.uaa.audit for `Audit: `", "stood at the start"]);
}

#[test]
fn people_see_which_setting_to_change_for_what_was_cut() {
    let body = "x".repeat(8_000);
    let cut = format!(
        "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"auditID\":\"1\",\"stage\":\"RequestReceived\",\"requestURI\":\"/{body}"
    );
    check(&cut, Header::Raw, &["1: k8s.audit", "truncated_upstream", "$MaxMessageSize"]);
}

#[test]
fn people_see_which_setting_to_change_for_text_that_ends_where_it_is_cut() {
    for (bytes, setting) in [(1_024, "local_transport"), (8_192, "$MaxMessageSize"), (16_384, "Docker")] {
        let whole = UAA.replace("('a')", &format!("('{}')", "a".repeat(bytes + 1 - UAA.len())));
        check(&whole, Header::Auto, &["1: cf.uaa.audit", "truncated_upstream", setting]);
        assert!(!explain(&whole.replacen('a', "", 1), Header::Auto, false, None).contains("truncated_upstream"));
    }
}

#[test]
fn octets_that_could_steer_a_terminal_are_escaped() {
    check("\x1b[2Jhello", Header::Raw, &["\\x1b[2Jhello"]);
}

#[test]
fn json_has_the_members_of_the_contract() {
    let line = explain(UAA, Header::Auto, true, None);
    let object: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(object["class"], "cf.uaa.audit");
    assert_eq!(object["syslog"]["pri"], 14);
    assert_eq!(object["flags"][0], "no_provenance");
    assert_eq!(object["native"]["uaa.principal"], "b");
    assert_eq!(object["ecs"]["source.ip"], "10.0.0.1");
    assert_eq!(object["rule"], "uaa.audit");
    assert!(object["sinks"].is_null() && line.ends_with("}\n"));
}

const CONFIGURATION: &str = r#"
[listener.tcp]
address = "127.0.0.1:0"
protocol = "tcp"

[sink.failures]
kind = "file"
path = "failures.jsonl"
where = 'event.outcome == "failure"'

[sink.local]
kind = "file"
path = "local.jsonl"
where = 'source.ip in_cidr ["192.168.0.0/16"]'

[sink.kubernetes]
kind = "file"
path = "kubernetes.jsonl"
take = ["k8s.audit"]
"#;

#[test]
fn sinks_of_a_configuration_say_whether_they_take_it() {
    let line = explain(UAA, Header::Auto, true, Some(CONFIGURATION));
    let object: Value = serde_json::from_str(&line).unwrap();
    let sinks = serde_json::json!({"failures": "taken", "local": "where", "kubernetes": "class"});
    assert_eq!(object["sinks"], sinks);
    let text = explain(UAA, Header::Auto, false, Some(CONFIGURATION));
    assert!(text.contains("failures takes it") && text.contains("local does not: its condition"), "{text}");
}

#[test]
fn redactions_are_shown_and_done() {
    let key = key_file();
    let message = "<14>1 - h app - - - see https://bob:hunter2hunter2@example.org/";
    let line = explain(message, Header::Auto, true, Some(&redacting(&key)));
    let object: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(object["redactions"][0]["detector"], "url-password", "{line}");
    assert!(line.contains("hmac-sha256:") && !line.contains("hunter2"), "{line}");
}

#[test]
fn people_do_not_see_what_is_redacted() {
    let key = key_file();
    for before in ["", "I saw "] {
        let message = format!(
            "{before}Audit: UserNotFound ('https://bob:hunter2hunter2@example.org/'): principal=x, origin=[remoteAddress=1.1.1.1], identityZoneId=[uaa]"
        );
        let text = explain(&message, Header::Raw, false, Some(&redacting(&key)));
        assert!(text.contains("url-password at octets") && text.contains("hmac-sha256:"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

fn key_file() -> tempfile::NamedTempFile {
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), "0123456789abcdef0123456789abcdef").unwrap();
    key
}

fn redacting(key: &tempfile::NamedTempFile) -> String {
    let redaction = format!("[redaction]\nredact = [\"url-password\"]\nkey = \"${{file:{}}}\"\n", key.path().display());
    format!("{CONFIGURATION}{redaction}")
}
