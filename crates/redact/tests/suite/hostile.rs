//! Texts made to erase what stands behind them, or to hide what is in them.

use gully_redact::{Detector, Redactor};
use record::Flags;

use crate::corpus::{fields, lines};
use crate::harness::{all, found, only, redacted};

const HEADER: &str = "<14>1 2026-01-20T04:56:26Z vm app 1 - - ";

/// All of these pretend that a secret begins.
const FORGED: &[&str] = &[
    r#""password":""#,
    r#"{"password":""#,
    r#""credentials":[""#,
    r#""password":"a, ip=198.51.100.1, other=""#,
    r#"password="x"#,
    r#"password\="x"#,
    r#"?Authorization:Digest a\=""#,
    r#"Authorization: Digest a=""#,
    "Authorization:Basic",
    "bob Bearer",
    r"Cookie:a\=b;",
    "Cookie:",
    "-----BEGIN PRIVATE KEY-----",
    "{\"a\":\"",
    "{",
    "tokenValue=\"",
    "https://a:b",
];

/// `line` after redaction with all detectors holds `kept` and not `secret`.
#[track_caller]
fn check(line: &str, secret: &str, kept: &str) {
    check_with(all(), line, secret, kept);
}

#[track_caller]
fn check_with(redactor: &Redactor, line: &str, secret: &str, kept: &str) {
    let redacted = redacted(redactor, line.as_bytes());
    let text = String::from_utf8_lossy(&redacted);
    assert!(secret.is_empty() || !text.contains(secret), "{line}\n{text}");
    assert!(text.contains(kept), "{line}\n{text}");
}

/// What a client sends as its name, its user agent or its query changes no other field.
#[test]
fn a_forged_beginning_erases_no_other_field() {
    let redactor = all();
    let mut checked = 0;
    for line in lines() {
        let line = String::from_utf8(line).unwrap();
        for forged in FORGED {
            checked += usize::from(takes_nothing(redactor, &line, "suser=", " ", forged));
            checked += usize::from(takes_nothing(redactor, &line, " request=", " ", forged));
            checked += usize::from(takes_nothing(redactor, &line, "USER_AGENT=", "&", forged));
            checked += usize::from(takes_nothing(redactor, &line, " ('", "'): principal=", forged));
        }
    }
    assert!(checked > 100, "{checked} lines had such a field");
}

/// Puts `forged` between `start` and `end` in `line`. False when there is no such place, or when the line is no longer read as it was.
fn takes_nothing(redactor: &Redactor, line: &str, start: &str, end: &str, forged: &str) -> bool {
    let Some(at) = line.find(start).map(|at| at + start.len()) else { return false };
    let Some(len) = line[at..].find(end) else { return false };
    let is_audit = !start.contains('(') || line.contains(" Audit: ");
    let frame = format!("{}{forged}{}", &line[..at], &line[at + len..]);
    let verdict = classify::classify(frame.as_bytes());
    let is_cef = matches!(verdict.class.name(), "cf.cloud_controller.cef" | "bosh.director.cef" | "cf.credhub.cef");
    if !is_audit || !(is_cef || verdict.class.name() == "cf.uaa.audit") || verdict.flags.contains(Flags::REDACTED) {
        return false;
    }
    let redacted = redacted(redactor, frame.as_bytes());
    let after = classify::classify(&redacted);
    let (before, after) = (fields(frame.as_bytes(), &verdict), fields(&redacted, &after));
    let shown = String::from_utf8_lossy(&redacted);
    assert_eq!(before.len(), after.len(), "{frame}\n{shown}");
    let sent = |value: &str| value.contains(&forged.replace("\\=", "=")) || value.contains(forged);
    for (before, after) in before.iter().zip(&after) {
        assert!(before == after || sent(&before.1), "{before:?} {after:?}\n{frame}\n{shown}");
    }
    true
}

#[test]
fn uaa_and_cef_keep_what_follows() {
    let uaa = |user: &str| {
        format!(
            "{HEADER}[2026-01-20T04:56:26.1Z] uaa - 11 [exec-1] - [,] ....  INFO --- Audit: UserAuthenticationFailure ('{user}'): principal=bob, origin=[remoteAddress=198.51.100.1, clientId=cf], identityZoneId=[uaa]"
        )
    };
    for forged in FORGED {
        check(
            &uaa(forged),
            "",
            "'): principal=bob, origin=[remoteAddress=198.51.100.1, clientId=cf], identityZoneId=[uaa]",
        );
    }
    let cef = |user: &str| {
        format!(
            "{HEADER}CEF:0|cloud_foundry|cloud_controller_ng|2.1|GET /x|GET /x|0|rt=1 suser={user} suid=0f5a31e3-0f5a-4e5a request=/v3?q\\=\" requestMethod=GET"
        )
    };
    for forged in FORGED {
        check(&cef(forged), "", " suid=0f5a31e3-0f5a-4e5a request=/v3?q\\=\" requestMethod=GET");
    }
}

/// What the extractor takes for a field of CEF is one here: `;` and odd keys are no way across.
#[test]
fn every_key_of_cef_begins_a_field() {
    let long = "k".repeat(70);
    for forged in FORGED.iter().copied().chain(["Cookie:;", "Cookie:a,", "Authorization:", r#"password\="x"#]) {
        for key in ["fname", "flexString1", "deviceCustomDate1", "a[0]", "ad.victim", &long] {
            let line = format!("{HEADER}CEF:0|Acme|FW|1|x|y|5|suser={forged} {key}=/etc/shadow suid=1");
            check(&line, "", &format!(" {key}=/etc/shadow suid=1"));
        }
    }
    let cookies = r"CEF:0|Acme|FW|1|x|y|5|msg=Cookie: a\=hunter2; b\=hunter2 suid=1";
    check(cookies, "hunter2", " suid=1");
}

#[test]
fn objects_that_contradict_themselves_are_secrets() {
    for line in [
        r#"{"kind":"Secret","data":{"pw":"aHVudGVyMg=="},"kind":"ConfigMap"}"#,
        r#"{"kind":"ConfigMap","data":{"pw":"aHVudGVyMg=="},"kind":"Secret"}"#,
        r#"{"kind":"Secret"]],"data":{"pw":"aHVudGVyMg=="}}"#,
    ] {
        check(&format!("{HEADER}{line}"), "aHVu", "hmac-sha256:");
    }
    for line in [
        r#"{"kind":"ConfigMap","data":{"pw":"aHVudGVyMg=="},"kind":"ConfigMap"}"#,
        r#"[{"kind":"Secret"},{"kind":"ConfigMap","data":{"pw":"aHVudGVyMg=="}}]"#,
        r#"x "licenseKey":["a"}, "aHVudGVyMg==""#,
    ] {
        check(&format!("{HEADER}{line}"), "", "aHVu");
    }
}

#[test]
fn passwords_in_urls_have_all_their_characters() {
    for line in [
        "https://user:hun&hunter2@h/",
        "https://user:hun'hunter2@h/",
        "https://user:hunter2&@h/",
        "https://user:!$&'()*+,;=hunter2@h/",
        r#"{"u":"https://user:hun\u0026hunter2@h/"}"#,
    ] {
        check(&format!("{HEADER}{line}"), "hunter2", "hmac-sha256:");
    }
    for line in [
        "GET /x?u=https://host:8080&email=bob@host",
        "GET /x?u=https://host&email=a:bob@host",
        "'https://host:8080','a:bob@host'",
        "x https://host:8080|a:bob@host",
        "<a href=https://host:8080>a:bob@host",
    ] {
        check(&format!("{HEADER}{line}"), "", line);
    }
}

/// JSON as the value of a pair in a text, as logfmt writes it.
#[test]
fn json_in_a_quoted_text_is_json() {
    let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASChunter2";
    for line in [
        r#"level=info body="{\"user\":\"bob\",\"password\":\"hunter2\"}" ip=198.51.100.1"#,
        r#"level=info body="{\"m\":\"{\\\"password\\\":\\\"hunter2\\\"}\"}" ip=198.51.100.1"#,
        r#"said "x" and "{\"Authorization\":\"token hunter2hunter2\"}" ip=198.51.100.1"#,
        &format!(r#"key="-----BEGIN PRIVATE KEY-----\\n{key}\\n-----END PRIVATE KEY-----" ip=198.51.100.1"#),
    ] {
        check(&format!("{HEADER}{line}"), "hunter2", " ip=198.51.100.1");
        let quoted = line.replace('\\', r"\\").replace('"', "\\\"");
        let docker = format!(r#"{{"log":"{quoted}\n","stream":"stdout","time":"2026-01-20T04:56:26Z"}}"#);
        check(&docker, "hunter2", " ip=198.51.100.1");
    }
    // A forged beginning ends where it would in a text.
    for forged in [r#"{\"password\":\""#, r#"\"password\":\""#, r#"{\"credentials\":[\""#, r#"{\"a\":\"password=\""#] {
        for line in [
            format!(r#"agent="x" {forged} ip=198.51.100.1 user="bob""#),
            format!(r#"agent="x" {forged}" ip=198.51.100.1 user="bob""#),
            format!(r#"agent="{forged}" ip=198.51.100.1 user="bob""#),
        ] {
            check(&format!("{HEADER}{line}"), "", r#" ip=198.51.100.1 user="bob""#);
        }
    }
}

#[test]
fn text_that_pretends_to_be_something_else_hides_nothing() {
    for line in [
        "agent '-----BEGIN PRIVATE KEY----- tokenValue=hunter2, sub=x",
        "-----BEGIN PRIVATE KEY-----|password=hunter2",
        r#"{"a" password="hunter2" x"#,
        r#"{"cmd": --password=hunter2 -u root}"#,
        r#"{"a" 1password=hunter2"#,
        r#"{"cmd": password=ab,hunter2 x"#,
        r#"{"a" https://user:ab,hunter2@h/ x"#,
        r#"{"password"=>"hunter2"}"#,
        r#"{"password" => "hunter2"}"#,
        r#"{"auths":{"https://user:hunter2@reg.example":{"x":1}}}"#,
        r#"said {"https://u:hunter2@h/":1} end"#,
        r#"tokenValue="hunter2"#,
        r#"password="hunter2"#,
        r#"password="hunter2"x"#,
        "Cookie: foo; s=hunter2",
        "Cookie: a[b]=1; s=hunter2",
        "Cookie: a=\"b c\"; s=hunter2",
        r#"Cookie: consent={"a":true}; s=hunter2"#,
        r"Cookie: a=x\y; s=hunter2",
        r#"Cookie: a=x"y; s=hunter2"#,
        "Cookie: a|b=1; s=hunter2",
        "Cookie: a#b=hunter2",
        r#"{"Cookie":"a=x hunter2; b=1"}"#,
        r#"{"log":"{\"uri\":\"https:\\/\\/user:hunter2@h\\/\"}\n","stream":"stdout"}"#,
    ] {
        check(&format!("{HEADER}{line}"), "hunter2", "hmac-sha256:");
    }
    check(r#"{"sessions":{"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl":1}}"#, "c2lnbmF0dXJl", "hmac-sha256:");
    let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
    check(&format!(r#"{{"a" -----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----"#), key, "hmac-sha256:");
}

#[test]
fn what_was_cut_before_its_kind_is_taken_for_a_secret() {
    for line in [
        r#"{"apiVersion":"v1","data":{"pw":"aHVudGVyMg=="},"x":"q","metad"#,
        r#"{"apiVersion":"v1","items":[{"data":{"pw":"aHVudGVyMg=="}},{"metad"#,
        r#"{"apiVersion":"v1","items":[{"data":{"pw":"aHVudGVyMg=="}}"#,
        r#"{"apiVersion":"v1","items":[{"data":{"pw":"aHVudGVyMg=="}}]"#,
        r#"{"apiVersion":"v1","data":{"pw":"aHVudGVyMg=="}"#,
        r#"{"apiVersion":"authentication.k8s.io/v1","spec":{"token":"aHVudGVyMg=="},"metad"#,
        r#"{"log":"{\"apiVersion\":\"v1\",\"data\":{\"pw\":\"aHVudGVyMg==\"},\"metad","stream":"stdout"}"#,
    ] {
        check(&format!("{HEADER}{line}"), "aHVudGVyMg", "hmac-sha256:");
    }
    let whole = r#"{"apiVersion":"v1","data":{"pw":"aHVudGVyMg=="}}"#;
    assert!(found(all(), whole.as_bytes()).is_empty());
}

/// Any character of a JSON string may be escaped: the search that comes first sees it as well.
#[test]
fn an_escape_hides_nothing() {
    for line in [
        r#"{"u":"https://user:hunter2@h"}"#,
        r#"{"u":"GET /x?user[password]=hunter2&a=b"}"#,
        r#"{"u":"GET /x?user%5Bpassword%5D=hunter2&a=b"}"#,
        r#"{"u":"GET /x?api-key=hunter2&a=b"}"#,
        r#"{"u":"Bearer 0hunter2hunter2hunter2"}"#,
        r#"{"u":"Authorization: token hunter2hunter2"}"#,
        r#"{"u":"Cookie: a=hunter2"}"#,
        r#"{"u":"sessionId=hunter2"}"#,
        r#"{"private-key":"hunter2"}"#,
        r#"{"license_key":["hunter2"]}"#,
        r#"{"kind":"Secret","data":{"pw":"hunter2"}}"#,
        r#"{"u":"-----BEGIN PRIVATE KEY-----hunter2-----END PRIVATE KEY-----"}"#,
        r#"{"u":"eyJhbGciOiJ9.eyJzdWIiOiJ9.hunter2"}"#,
    ] {
        check(line, "hunter2", "hmac-sha256:");
        let secret = line.find("hunter2").unwrap();
        for (at, octet) in line.bytes().enumerate() {
            let in_string = line[..at].matches('"').count() % 2 == 1 && octet != b'"';
            if in_string && !(secret..secret + 7).contains(&at) {
                check(&format!("{}\\u00{octet:02x}{}", &line[..at], &line[at + 1..]), "hunter2", "hmac-sha256:");
            }
        }
    }
}

/// Wherever a record ends, and be it within the word that decides.
#[test]
fn a_cut_anywhere_shows_no_secret_and_takes_no_other_value() {
    // Alone, as a needle of another detector would help it.
    let redactor = only(Detector::K8sSecret);
    let event = |resource: &str, object: &str, objects: [&str; 2]| {
        let [before, after] = objects.map(|place| match place {
            "objectRef" => format!(r#","objectRef":{{"resource":"{resource}","namespace":"d","name":"n"}}"#),
            _ => String::new(),
        });
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"ResponseComplete","requestURI":"/","verb":"patch"{before},"requestObject":{object}{after}}}"#
        )
    };
    let orders = [["objectRef", ""], ["", "objectRef"]];
    let objects = [
        r#"{"apiVersion":"v1","data":{"pw":"aHVudGVyMg=="},"kind":"KIND"}"#,
        r#"[{"value":"aHVudGVyMg==","op":"replace","path":"/data/pw"}]"#,
        r#"[{"op":"replace","path":"/data/pw","value":"aHVudGVyMg=="}]"#,
        r#"{"data":{"pw":"aHVudGVyMg=="}}"#,
    ];
    for (order, object) in orders.iter().flat_map(|order| objects.map(|object| (*order, object))) {
        let secret = event("secrets", &object.replace("KIND", "Secret"), order);
        let from = secret.find("aHVu").unwrap() + 4;
        for end in from..=secret.len() {
            check_with(&redactor, &format!("{HEADER}{}", &secret[..end]), "aHVu", "hmac-sha256:");
        }
        // What is known not to be a Secret stays.
        let other = event("configmaps", &object.replace("KIND", "ConfigMap"), order);
        let known = other.find("configmaps\"").unwrap() + 11;
        for end in known.max(other.find("aHVu").unwrap() + 4)..=other.len() {
            check_with(&redactor, &format!("{HEADER}{}", &other[..end]), "", "aHVu");
        }
    }
    for review in ["TokenReview", "TokenRequest"] {
        let whole = format!(
            r#"{HEADER}{{"apiVersion":"authentication.k8s.io/v1","spec":{{"token":"aHVudGVyMg=="}},"kind":"{review}"}}"#
        );
        for end in whole.find("aHVu").unwrap() + 4..=whole.len() {
            check_with(&redactor, &whole[..end], "aHVu", "hmac-sha256:");
        }
    }
}

/// Without its `apiVersion`, too: a word that was cut may have been the one that decides.
#[test]
fn a_cut_within_its_kind_shows_no_secret() {
    let redactor = only(Detector::K8sSecret);
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    for (object, kind) in [
        (r#"{"data":{"p":"hunTER2secret9"},"kind":""#, "Secret"),
        (r#"{"data":{"p":"hunTER2secret9"},"kind":"ConfigMap","kind":""#, "Secret"),
        (r#"{"items":[{"data":{"p":"hunTER2secret9"}}],"kind":""#, "SecretList"),
        (r#"{"spec":{"token":"hunTER2secret9"},"kind":""#, "TokenReview"),
        (r#"{"status":{"token":"hunTER2secret9"},"kind":""#, "TokenRequest"),
        (r#"{"kind":"Event","requestObject":{"spec":{"token":"hunTER2secret9"},"kind":""#, "TokenReview"),
    ] {
        for len in 0..=kind.len() {
            let cut = format!("{object}{}", &kind[..len]);
            for line in [
                cut.clone(),
                format!("x {cut}"),
                format!("obj={cut}"),
                format!("[{cut}"),
                format!(r#"{{"log":"{}"#, quoted(&cut)),
                format!(r#"{{"log":"{}\"#, quoted(&cut)),
                format!(r#"{{"log":"{}\n","stream":"stdout"}}"#, quoted(&cut)),
            ] {
                check_with(&redactor, &format!("{HEADER}{line}"), "hunTER2secret9", "hmac-sha256:");
            }
        }
        for other in ["Con", "Secrex", "secret", "Tokens"] {
            check_with(&redactor, &format!("{HEADER}{object}{other}"), "", "hunTER2secret9");
        }
    }
}

/// What comes after a first document is searched as deep as that one is.
#[test]
fn what_stands_behind_json_is_searched_as_deep() {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    for secret in
        [r#"{"password":"hunTER2secret9"}"#, "Authorization: Bearer hunTER2secret9", "?password=hunTER2secret9"]
    {
        for first in [r#"{"k":"v"}"#, r#"{"a":}"#, r#"{"a":]}"#, r#"["k"]"#] {
            for depth in 1..=5 {
                let text = (0..depth).fold(secret.to_owned(), |text, _| format!(r#"{{"m":"{}"}}"#, quoted(&text)));
                check(&format!("{HEADER}{first} {text}"), "hunTER2secret9", "hmac-sha256:");
            }
        }
    }
    // A value that begins before the end of broken JSON goes on behind it.
    check(&format!(r#"{HEADER}{{"a" password=ab}}hunter2 x"#), "hunter2", "hmac-sha256:");
}

#[test]
fn a_frame_of_short_secrets_becomes_twice_as_long_at_most() {
    let frame = format!("x?{}", "pwd=a&".repeat(10_000));
    let found = found(all(), frame.as_bytes());
    assert!(found.len() == 10_000 && found.iter().all(|(name, _)| *name == Detector::QuerySecret.name()));
    let redacted = String::from_utf8(redacted(all(), frame.as_bytes())).unwrap();
    assert!(redacted.len() <= 2 * frame.len() + 4096, "{}", redacted.len());
    assert!(!redacted.contains("=a&") && redacted.ends_with("pwd=*&"));
    assert_eq!(redacted.matches("pwd=").count(), 10_000);
}
