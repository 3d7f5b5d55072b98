//! What looks like an audit record and is none, or is one although it does not look so.

use gully_classify::{CUT_MARKS, Verdict, classify_located, header, naive};
use record::{Class, Flags};

fn verdict(message: &str) -> Verdict {
    let located = header::locate_raw(message.as_bytes());
    let verdict = classify_located(message.as_bytes(), located);
    assert_eq!(verdict, naive::class_of(message.as_bytes(), &located), "{message}");
    verdict
}

/// The class, and the names of the flags that are not the header's.
#[track_caller]
fn check(message: &str, class: Class, flags: &[&str]) {
    let verdict = verdict(message);
    let of_header: Vec<&str> = (Flags::NO_PRI | Flags::NO_PROVENANCE).names().collect();
    let seen: Vec<&str> = verdict.flags.names().filter(|name| !of_header.contains(name)).collect();
    assert_eq!((verdict.class, seen.as_slice()), (class, flags), "{message} by {:?}", verdict.rule);
}

const CREDHUB: &str = "CEF:0|cloud_foundry|credhub|2.0|GET /x|GET /x|0|rt=1 suser=x deviceAction=null ";
const UAA: &str = "Audit: UserNotFound ('bob'): principal=x, origin=[remoteAddress=1.2.3.4], identityZoneId=[uaa]";
const LAYOUT: &str = "[2024-05-01T10:00:00.1Z] uaa - 11 [exec-1] - [,] ....  INFO --- ";

#[test]
fn cef_that_is_not_at_the_start() {
    for before in [
        "x",
        "got ",
        "\"",
        "I, ",
        "I, [2024-05-01T10:00:00.1 #7]  WARN -- : ",
        "2024-05-01T10:00:00.1Z ",
        "2024/05/01 10:00 ",
    ] {
        check(&format!("{before}{CREDHUB}"), Class::Other, &[]);
    }
    check(&format!("{}{CREDHUB}", "# ".repeat(200)), Class::Other, &[]);
}

#[test]
fn cef_after_the_four_prefixes() {
    let prefixes = [
        "",
        "I, [2024-05-01T10:00:00.123456 #7]  INFO -- : ",
        "I, [2024-05-01T10:00:00.123456 #7] []  INFO -- DirectorAudit: ",
        "I, [2024-05-01T10:00:00.123456 #7] [task:132] INFO -- : ",
        "2024-05-01T10:00:00.883Z: ",
        "2024/05/01 10:00:00 ",
    ];
    for before in prefixes {
        check(&format!("{before}{CREDHUB}"), Class::CredhubCef, &[]);
        let vendor = format!("{before}CEF:0|Vendor|Product|1|sig|name|5|x=y");
        check(&vendor, if before.is_empty() { Class::Cef } else { Class::Other }, &[]);
    }
}

#[test]
fn cef_of_all_lengths() {
    check("CEF:", Class::Other, &["cef_short"]);
    check("CEF:0", Class::Other, &["cef_short"]);
    check("CEF:0|a|b|c|d|e", Class::Other, &["cef_short"]);
    check("CEF:0|a|b|c|d|e|6", Class::Other, &["cef_short"]);
    check("CEF:0|a|b|c|d|e|6|", Class::Cef, &[]);
    check("CEF:0|cloud_foundry|credhub", Class::Other, &["cef_short"]);
    check("CEF:0|cloud_foundry|credhub|2.0", Class::Other, &["cef_short"]);
    check("CEF:0|cloud_foundry|credhub|2.0|", Class::CredhubCef, &["cef_short", "truncated_upstream"]);
    check("CEF:0|cloud_foundry|credhub|2.0|GET /x|GET /x|0", Class::CredhubCef, &["cef_short", "truncated_upstream"]);
    check("CEF:0|cloud_foundry|credhub|2.0|GET /x|GET /x|0|", Class::CredhubCef, &["truncated_upstream"]);
}

#[test]
fn cef_versions_and_severities() {
    check("CEF:x|a|b|c|d|e|5|", Class::Other, &["cef_version"]);
    check("CEF:-1|a|b|c|d|e|5|", Class::Other, &["cef_version"]);
    check("CEF:|cloud_foundry|credhub|2|a|a|0|", Class::Other, &["cef_version"]);
    check("CEF:99|a|b|c|d|e|5|", Class::Cef, &["cef_version"]);
    check("CEF:1|a|b|c|d|e|5|", Class::Cef, &[]);
    for severity in ["0", "10", "Unknown", "Low", "Medium", "High", "Very-High"] {
        check(&format!("CEF:0|a|b|c|d|e|{severity}|"), Class::Cef, &[]);
    }
    for severity in ["11", "-1", "", "5.5", "high", "010"] {
        check(&format!("CEF:0|a|b|c|d|e|{severity}|"), Class::Cef, &["cef_severity"]);
    }
}

#[test]
fn cef_with_pipes_in_its_fields() {
    check(r"CEF:0|a\|b|c|d|e|f\\|5|", Class::Cef, &[]);
    check(r"CEF:0|a\|b|c|d|e|f\\\|5|", Class::Other, &["cef_short"]);
    check("CEF:0|CloudFoundry|BOSH|1|director_api|/a|b|1|src=x", Class::BoshCef, &["cef_severity"]);
    // CredHub and BOSH escape nothing, so their backslash is one.
    check(r"CEF:0|cloud_foundry|credhub|2|GET /a\|GET /a\|0|deviceAction=x deviceAction=y", Class::CredhubCef, &[]);
    check(
        r"CEF:0|cloud_foundry|cloud_controller_ng|2|GET /a\|b|GET /a\|b|0|rt=1 cs5Label=xForwardedFor cs5=",
        Class::CloudControllerCef,
        &[],
    );
}

#[test]
fn cef_without_its_last_keys_was_cut() {
    let controller = |extension: &str, flags: &[&str]| {
        let record = format!("CEF:0|cloud_foundry|cloud_controller_ng|2|GET /a|GET /a|0|{extension}");
        check(&record, Class::CloudControllerCef, flags);
    };
    controller("rt=1 cs4=200 cs5Label=xForwardedFor cs5=10.0.0.6", &[]);
    controller(r"rt=1 cs5Label=xForwardedFor cs5=a\=b\\, c\=d", &[]);
    controller("rt=1 cs5Label=xForwardedFor cs5", &["truncated_upstream"]);
    controller("rt=1 cs5Label=xForwardedFor", &["truncated_upstream"]);
    controller("rt=1 request=/x?a", &["truncated_upstream"]);
    controller("", &["truncated_upstream"]);
    // What a client sends is escaped, and does not pass for the last key.
    controller(r"rt=1 suser=x cs5Label\=xForwardedFor cs5\=a suid", &["truncated_upstream"]);

    let credhub = |extension: &str, flags: &[&str]| {
        let record = format!("CEF:0|cloud_foundry|credhub|2|GET /a|GET /a|0|{extension}");
        check(&record, Class::CredhubCef, flags);
    };
    credhub("rt=1 src=1.2.3.4 dst=h cs2Label=resourceName cs2=null deviceAction=null ", &[]);
    credhub("rt=1 cs3Label=result cs3=success cs4Label=httpStatusCode cs4=200 src=1.2.3.4 dst=h", &[]);
    credhub("rt=1 cs3Label=versionUuid cs3=null src=1.2.3.4 dst=h", &["truncated_upstream"]);
    credhub("rt=1 cs3Label=result cs3=success", &["truncated_upstream"]);
    // BOSH's components end in many ways.
    check("CEF:0|CloudFoundry|BOSH|1|agent_api|ping|1|duser=x src=1.2.3.4 spt=1 shost=h ", Class::BoshCef, &[]);
}

/// `text` with `x` in place of `@`, so often that it has `bytes` octets.
fn filled(text: &str, bytes: usize) -> String {
    text.replace('@', &"x".repeat(bytes + 1 - text.len()))
}

#[test]
fn text_that_ends_where_senders_cut_was_cut() {
    let texts = [
        ("CEF:0|a|b|c|d|e|5|request=@", Class::Cef),
        (
            "CEF:0|cloud_foundry|cloud_controller_ng|2|GET /a|GET /a|0|rt=1 cs5Label=xForwardedFor cs5=@",
            Class::CloudControllerCef,
        ),
        ("CEF:0|cloud_foundry|credhub|2.0|GET /x|GET /x|0|rt=1 suser=@ deviceAction=null ", Class::CredhubCef),
        ("CEF:0|CloudFoundry|BOSH|1|agent_api|ping|1|duser=x src=1.2.3.4 spt=1 shost=@", Class::BoshCef),
        ("Audit: UserNotFound ('@'): principal=x, origin=[y], identityZoneId=[uaa]", Class::UaaAudit),
        ("2019-05-16 14:59:34.897  INFO 7 --- [t] a.B : Action 'a' by user '@'", Class::PksApi),
        ("2024-05-01T10:00:00Z AUDIT: id=\"a\" uri=\"/@\"", Class::K8sAudit),
        ("2024-05-01T10:00:00Z stdout F CEF:0|a|b|c|d|e|5|request=@", Class::Cef),
    ];
    for mark in CUT_MARKS {
        for (text, class) in texts {
            for (bytes, flags) in [(mark - 1, &[][..]), (mark, &["truncated_upstream"]), (mark + 1, &[])] {
                check(&filled(text, bytes), class, flags);
            }
            check(&format!("{}\r\n", filled(text, mark)), class, &["truncated_upstream"]);
            // The header counts, or does not.
            const HEADER: &str = "<14>1 - h app - - - ";
            for bytes in [mark, mark + HEADER.len()] {
                let frame = format!("{HEADER}{}", filled(text, bytes - HEADER.len()));
                assert!(
                    gully_classify::classify(frame.as_bytes()).flags.contains(Flags::TRUNCATED_UPSTREAM),
                    "{frame}"
                );
            }
        }
        check(&filled("no record @", mark), Class::Other, &[]);
        check(&filled(r#"{"auditID":"@","stage":"s","requestURI":"/","verb":"get"}"#, mark), Class::K8sAudit, &[]);
        // A piece that Docker cut, in a carrier that is whole; a line feed in it tells that it is the last, however long it is.
        let carrier = |line: &str| format!(r#"{{"log":"{line}","stream":"stdout","time":"t"}}"#);
        let flags: &[_] = if mark == 16_384 { &["truncated_upstream"] } else { &[] };
        check(&carrier(&filled("CEF:0|a|b|c|d|e|5|request=@", mark)), Class::Cef, flags);
        for bytes in [mark - 1, mark] {
            check(&carrier(&format!("{}\\n", filled("CEF:0|a|b|c|d|e|5|request=@", bytes))), Class::Cef, &[]);
        }
    }
}

#[test]
fn legacy_lines_of_kubernetes_whole_and_cut() {
    let stamp = "2024-05-01T10:00:00.123456789Z";
    let whole = format!("{stamp} AUDIT: id=\"a\" stage=\"ResponseComplete\" as=<self> uri=\"/x\" response=\"200\"");
    check(&whole, Class::K8sAudit, &[]);
    check(&format!("{stamp} AUDIT: id=\"a\" ip=\"::1\" method=\"GET\" uri=\"/x\""), Class::K8sAudit, &[]);
    for missing in [1, 5, 14, 20] {
        check(&whole[..whole.len() - missing], Class::K8sAudit, &["truncated_upstream"]);
    }
    let forged = format!("{stamp} AUDIT: id=\"a\" stage=\"x\" user=\"\\\" response=\\\"\" uri=\"/x\"");
    check(&forged, Class::K8sAudit, &["truncated_upstream"]);
}

#[test]
fn case_matters() {
    check(&CREDHUB.to_lowercase(), Class::Other, &[]);
    check(&UAA.to_lowercase(), Class::Other, &[]);
    check(r#"{"Event_Type":"LogMessage"}"#, Class::Other, &[]);
    check(r#"{"auditid":"a","stage":"s","requestURI":"/","verb":"get"}"#, Class::Other, &[]);
}

#[test]
fn uaa_text_that_is_no_event() {
    check(&format!("{LAYOUT}Audit: Some message"), Class::Other, &[]);
    check(&format!("{LAYOUT}Audit: someEvent ('x'): principal=x"), Class::Other, &[]);
    check(&format!("{LAYOUT}AuditListener: UserNotFound ('x')"), Class::Other, &[]);
    check("Audit: Approved ('order 17') by bob", Class::Other, &[]);
    check("2024-05-01 10:00:00.000  INFO 1 --- [main] a.Audit : Audit: X ('y'): principal=z", Class::Other, &[]);
    check(&format!("line: {LAYOUT}{UAA}"), Class::Other, &[]);
    check(&format!("The {UAA}"), Class::Other, &[]);
    check(&format!("[x] shop --- {UAA}"), Class::Other, &[]);
}

#[test]
fn what_other_loggers_of_uaa_print_is_no_record() {
    const REQUEST: &str =
        "UaaAuthorizationEndpoint: Handling ClientRegistrationException error: No client with requested id: ";
    for typed in
        ["", "--- ", "  INFO --- ", "x --- Audit: x --- ", "[2024-05-01T10:00:00.1Z] uaa - 1 [a] ....  INFO --- "]
    {
        check(&format!("{LAYOUT}{REQUEST}{typed}{UAA}"), Class::Other, &[]);
        check(&format!("{LAYOUT}Audit: {typed} {UAA}"), Class::Other, &[]);
        check(&format!("[2024-05-01T10:00:00.1Z] shop - 1 [a] ....  INFO --- x] uaa {typed}{UAA}"), Class::Other, &[]);
    }
    // The threads of a server have names of its own.
    for thread in ["a---b", "pool --- 1", "a --- Audit: b"] {
        check(&format!("{}{UAA}", LAYOUT.replace("exec-1", thread)), Class::UaaAudit, &[]);
    }
}

#[test]
fn uaa_records_whole_and_cut() {
    for before in ["", LAYOUT, "[UAA_AUDIT] [2020-08-18 05:20:27.851] uaa - 1 [exec-4] ....  INFO --- "] {
        check(&format!("{before}{UAA}"), Class::UaaAudit, &[]);
        check(&format!("{before}{UAA}[SANITIZED]"), Class::UaaAudit, &[]);
        check(&format!("{before}{}", &UAA[..UAA.len() - 3]), Class::UaaAudit, &["truncated_upstream"]);
        check(&format!("{before}{}", &UAA[..60]), Class::UaaAudit, &["truncated_upstream"]);
    }
    check(
        &format!("{LAYOUT}Audit: UserAuthenticationFailure ('password=<redacted>"),
        Class::UaaAudit,
        &["truncated_upstream"],
    );
    check(&format!("{LAYOUT}Audit: UnknownEvent7 ('"), Class::UaaAudit, &["truncated_upstream"]);
}

#[test]
fn uaa_records_that_can_be_split_in_several_ways() {
    let data =
        "Audit: X ('a'): principal=b, origin=[c], identityZoneId=[d]'): principal=e, origin=[f], identityZoneId=[g]";
    check(data, Class::UaaAudit, &["uaa_ambiguous"]);
    let principal = "Audit: X ('null'): principal=b, origin=[c], identityZoneId=[d], origin=[e], identityZoneId=[f]";
    check(principal, Class::UaaAudit, &["uaa_ambiguous"]);
    check("Audit: X (', origin=[, origin=[ ')'): principal=b, origin=[c], identityZoneId=[d]", Class::UaaAudit, &[]);
}

#[test]
fn what_uaa_masked_may_be_the_middle_of_a_record() {
    for name in ["password", "client_secret"] {
        let masked = UAA.replace("bob", &format!("{name}=<redacted>&x"));
        check(&masked, Class::UaaAudit, &["uaa_ambiguous"]);
        check(&format!("{LAYOUT}{masked}"), Class::UaaAudit, &["uaa_ambiguous"]);
    }
    check(&UAA.replace("bob", "password=<redacted>, <redacted>&"), Class::UaaAudit, &[]);
}

#[test]
fn pks_words_without_their_layout() {
    check("kubectl plugin: Action 'create-cluster' by user 'x'", Class::Other, &[]);
    check("2019-05-16 14:59:34.897  INFO 7 --- [t] a.B : He said: Action 'a' by user 'x'", Class::Other, &[]);
    check("2019-05-16 14:59:34.897  INFO 7 --- [t] a.B : Action 'A1' by user 'x'", Class::Other, &[]);
    check("2019-05-16 14:59:34.897  INFO 7 --- [t] a.B : Telemetry - addCluster", Class::Other, &[]);
    check(
        "2019-05-16 14:59:34.897  INFO 7 --- [t] a.telemetry.Agent : Telemetry - addCluster",
        Class::PksTelemetry,
        &[],
    );
    check("BOSH task ID 1 status: done delete deployment for instance x", Class::Other, &[]);
    check("[b] 2019/06/04 20:16:52.4 BOSH task ID 1 status: done delete deployment of x", Class::Other, &[]);
    check("2019-06-04 21:41:05 +0000 [debug]: #0 generating pong", Class::Other, &[]);
}

#[test]
fn fluentd_lines_count_only_from_the_telemetry_server() {
    let line = "2019-06-04 21:41:05 +0000 [debug]: #0 generating pong";
    for (app_name, class) in
        [("telemetry-server", Class::PksTelemetry), ("telemetry-servers", Class::Other), ("fluentd", Class::Other)]
    {
        let frame = format!("<14>1 - - {app_name} - - - {line}");
        assert_eq!(classify_located(frame.as_bytes(), header::locate(frame.as_bytes())).class, class, "{app_name}");
    }
}

#[test]
fn cri_parts_carry_nothing() {
    for (mark, class) in [
        ("stdout F", Class::CredhubCef),
        ("stderr F", Class::CredhubCef),
        ("stdout P", Class::Other),
        ("stdin F", Class::Other),
    ] {
        check(&format!("2024-05-01T10:00:00.001234567Z {mark} {CREDHUB}"), class, &[]);
    }
}

#[test]
fn a_carrier_is_unwrapped_once() {
    let docker =
        |line: &str| format!(r#"{{"log":{},"stream":"stdout","time":"t"}}"#, serde_json::to_string(line).unwrap());
    let event = r#"{"actor":{},"target":{},"type":"t"}"#;
    let steno = format!(r#"{{"message":{},"source":"cc.model.event"}}"#, serde_json::to_string(event).unwrap());
    check(&docker(&format!("{CREDHUB}\n")), Class::CredhubCef, &[]);
    check(&docker(&format!("{LAYOUT}{UAA}\n")), Class::UaaAudit, &[]);
    check(&docker(event), Class::AuditEvent, &[]);
    check(&steno, Class::AuditEvent, &[]);
    check(&format!("2024-05-01T10:00:00Z stdout F {event}"), Class::AuditEvent, &[]);
    check(&docker(&docker(CREDHUB)), Class::Other, &[]);
    check(&docker(&steno), Class::Other, &[]);
    check(&docker(&format!("2024-05-01T10:00:00Z stdout F {CREDHUB}")), Class::Other, &[]);
    check(&format!("2024-05-01T10:00:00Z stdout F {}", docker(CREDHUB)), Class::Other, &[]);
    check(&steno.replace("cc.model.event", "cc.api"), Class::Other, &[]);
    check(r#"{"log":"x","stream":"stdout"}"#, Class::Other, &[]);
}

#[test]
fn a_carrier_that_was_cut_gives_a_record_that_is_certain() {
    let start_of = |text: &str, carrier: &str| {
        let text = serde_json::to_string(text).unwrap();
        format!("{carrier}{}", &text[..text.len() - 1])
    };
    let docker = |line: &str| start_of(line, r#"{"log":"#);
    let steno = |line: &str| start_of(line, r#"{"timestamp":1714557600.123456,"message":"#);
    let event = r#"{"guid":"1","type":"audit.app.start","actor":{"guid":"2"},"target":{"guid":"3"},"data":{"x":"y"#;
    let kubernetes = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","#;
    for (message, class) in [
        (docker(&format!("{CREDHUB}\n")), Class::CredhubCef),
        (docker(&format!("{LAYOUT}{UAA}")), Class::UaaAudit),
        (docker(kubernetes), Class::K8sAudit),
        (docker(event), Class::AuditEvent),
        (docker(r#"{"event_type":"LogMessage","msg":"Audit: "#), Class::LogMessage),
        (steno(event), Class::AuditEvent),
        (steno(event).replace("1714557600.123456", r#""2024-05-01T10:00:00.123456789Z""#), Class::AuditEvent),
    ] {
        check(&message, class, &["truncated_upstream"]);
        // The beginning of an escape is no octet of the record.
        check(&format!("{message}\\u00"), class, &["truncated_upstream"]);
    }
    // Certain neither by the carrier nor by what it carries.
    for message in [
        docker("I saw Audit: x"),
        docker(&format!("2024-05-01T10:00:00Z stdout F {CREDHUB}")),
        steno(CREDHUB),
        steno(kubernetes),
        steno(r#"{"guid":"1","type":"t","actor":{}"#),
        steno(&event.replace(r#""guid":"1","#, "")),
        format!(r#"{{"log":{},"stream":"std"#, serde_json::to_string(CREDHUB).unwrap()),
    ] {
        check(&message, Class::Other, &["json_syntax", "truncated_upstream"]);
    }
    // Other objects that end too early are no carriers.
    for message in [
        docker(event).replacen(r#""log""#, r#""level":"info","log""#, 1),
        docker(event).replacen(r#""log""#, r#""msg""#, 1),
        steno(event).replacen(r#""message""#, r#""level":"info","message""#, 1),
        format!("{} ]", r#"{"log":"x""#),
    ] {
        check(&message, Class::Other, &["json_syntax"]);
    }
}

#[test]
fn a_guid_for_a_name_gives_way_to_the_element_of_a_job() {
    const GUID: &str = "83d2297d-ac52-4387-9217-4302fb6a5d7f";
    let class = |rest: &str| gully_classify::classify(format!("<14>1 - h {GUID} {rest} {UAA}").as_bytes()).class;
    assert_eq!(class("- - -"), Class::LogMessage);
    assert_eq!(class(r#"rs2 - [instance@47450 group="uaa"]"#), Class::UaaAudit);
    assert_eq!(class(r#"[APP/0] - [instance@47450 group="uaa"]"#), Class::LogMessage);
    assert_eq!(class(r#"- - [instance@47450 group="uaa"][tags@47450 a="b"]"#), Class::LogMessage);
}

#[test]
fn application_output_stays_application_output() {
    let forged = serde_json::to_string(CREDHUB).unwrap();
    check(&format!(r#"{{"event_type":"LogMessage","msg":{forged}}}"#), Class::LogMessage, &[]);
    check(
        r#"{"auditID":"a","stage":"s","requestURI":"/","verb":"get","event_type":"LogMessage"}"#,
        Class::LogMessage,
        &[],
    );
    check(&format!("@cee: {{\"event_type\":\"LogMessage\",\"msg\":{forged}}}"), Class::LogMessage, &[]);
    for (header, class) in [
        ("<14>1 - h a [APP/PROC/WEB/0] - - ", Class::LogMessage),
        ("<14>1 - h a - - [tags@47450 x=\"y\"] ", Class::LogMessage),
        ("<14>1 - h a - - [kubernetes@47450 x=\"y\"] ", Class::Other),
        ("<14>1 - h pod.log/a/b - - - ", Class::Other),
        ("<14>1 - h a - - [gauge@47450 x=\"y\"] ", Class::Other),
        ("<14>1 - h a - - [instance@47450 x=\"y\"] ", Class::CredhubCef),
        ("<14>1 - h a - - [x@1 note=\"tags@47450\"] ", Class::CredhubCef),
    ] {
        let frame = format!("{header}{CREDHUB}");
        let located = header::locate(frame.as_bytes());
        let verdict = classify_located(frame.as_bytes(), located);
        assert_eq!(verdict.class, class, "{frame}");
        assert_eq!(verdict, naive::class_of(frame.as_bytes(), &located));
    }
}

#[test]
fn the_rule_points_at_what_it_saw() {
    let seen = |message: &str| {
        let rule = verdict(message).rule;
        (rule.name(), message[rule.matched.start as usize..rule.matched.end as usize].to_owned())
    };
    assert_eq!(seen(&format!("\u{FEFF}{CREDHUB}")), ("cef.credhub", "CEF:0|cloud_foundry|credhub|".to_owned()));
    assert_eq!(seen(&format!("{LAYOUT}{UAA}")), ("uaa.audit", "Audit: UserNotFound ('".to_owned()));
    assert_eq!(seen(r#" {"x":1,"event_type":"LogMessage"}"#), ("logmessage.json", "\"event_type\"".to_owned()));
    assert_eq!(
        seen(r#"{"audit":{"auditID":"a","stage":"s","requestURI":"/","verb":"get"}}"#),
        ("ucp.audit", "\"audit\"".to_owned())
    );
    assert_eq!(seen("hello"), ("none", String::new()));
}

/// Metron's old form, in the message where a relay wrote the header anew.
#[test]
fn uaa_behind_metrons_block() {
    const RECORD: &str = "[2016-06-17 15:08:52.123] uaa - 9 [http-bio-8080-exec-1] ....  INFO --- Audit: \
        UserAuthenticationSuccess ('alice'): principal=1-2, origin=[remoteAddress=10.0.0.1], identityZoneId=[uaa]";
    for block in ["[job=uaa-partition-1 index=0]  ", "[job=uaa index=0] "] {
        check(&format!("{block}{RECORD}"), Class::UaaAudit, &[]);
    }
    check(&format!("[job=uaa index=0] x {RECORD}"), Class::Other, &[]);
}
