//! Secrets are read, compared, and never shown: whatever is wrong around them.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

use std::fs;
use std::path::Path;

use gully_config::{Config, Outcome, Sasl, load_with};
use tempfile::TempDir;

/// What must not be seen.
const MARKER: &str = "hunter2";

/// A Kafka sink with client credentials and an encrypted key; `SECRET` stands for a secret.
const OAUTH: &str = "\
[listener.a]
address = '127.0.0.1:5514'
[sink.a]
kind = 'kafka'
brokers = ['kafka-1:9093']
topic = 'audit'
tls = { certificate = 'client.pem', key = 'client.key', key_password = SECRET }
sasl = { mechanism = 'oauthbearer', token_url = 'https://login.example/t', client_id = 'c', client_secret = SECRET }
";

/// The same with a password.
const PASSWORD: &str = "\
[listener.a]
address = '127.0.0.1:5514'
[sink.a]
kind = 'kafka'
brokers = ['kafka-1:9093']
topic = 'audit'
tls = {}
sasl = { mechanism = 'scram-sha-512', username = 'gully', password = SECRET }
";

/// A directory with the marker in a file, and a certificate with an encrypted key.
fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let block = |label: &str| format!("-----BEGIN {label}-----\nMAo=\n-----END {label}-----\n");
    for (name, text) in [
        ("secret", format!("{MARKER}\n")),
        ("client.pem", block("CERTIFICATE")),
        ("client.key", block("ENCRYPTED PRIVATE KEY")),
    ] {
        write(directory.path(), name, text);
    }
    directory
}

/// Writes a file that nobody else can read.
fn write(directory: &Path, name: &str, content: impl AsRef<[u8]>) {
    use std::os::unix::fs::PermissionsExt;
    let path = directory.join(name);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Loads `text`, with a further check that has something to say about every key that may hold a secret.
fn load_in(directory: &TempDir, text: &str, further: bool) -> Outcome {
    let path = directory.path().join("gully.toml");
    fs::write(&path, text).unwrap();
    let environment = |name: &str| match name {
        "SECRET" => Some(MARKER.to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    };
    load_with(Some(&path), &environment, &mut |_, report| {
        for key in ["sasl.password", "sasl.client_secret", "tls.key_password"].iter().filter(|_| further) {
            report.error(&format!("sink.a.{key}"), format!("{MARKER:?}"), "another");
        }
    })
}

/// Everything that can be printed of `outcome`.
fn printed(outcome: &Outcome) -> String {
    let problems = outcome.problems.iter().map(|problem| format!("{problem}\n")).collect::<String>();
    format!("{problems}{outcome:?}{outcome:#?}")
}

#[track_caller]
fn config(directory: &TempDir, text: &str) -> Config {
    let outcome = load_in(directory, text, false);
    assert_eq!(outcome.problems, [], "{text}");
    let shown = printed(&outcome);
    assert!(shown.contains("Secret(not shown)") && !shown.contains(MARKER), "{shown}");
    outcome.config.unwrap()
}

/// Checks that `text` has a problem, and that nothing printed of it shows the marker.
#[track_caller]
fn refused(directory: &TempDir, text: &str) -> String {
    let outcome = load_in(directory, text, false);
    let shown = printed(&outcome);
    assert!(outcome.config.is_none(), "{text} is right");
    assert!(!shown.contains(MARKER), "{text}\n gave {shown}");
    outcome.problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn a_secret_comes_from_a_variable_or_a_file() {
    let directory = directory();
    for reference in ["'${env:SECRET}'", "'${file:secret}'"] {
        let config = config(&directory, &OAUTH.replace("SECRET }", &format!("{reference} }}")));
        let kafka = config.sinks[0].kafka().unwrap();
        assert_eq!(kafka.tls.as_ref().unwrap().key_password.as_ref().unwrap().reveal(), MARKER);
        let Some(Sasl::OauthBearer(client)) = &kafka.sasl else { panic!("{:?}", kafka.sasl) };
        assert_eq!(client.client_secret.reveal(), MARKER);
    }
}

#[test]
fn a_secret_knows_its_file() {
    let directory = directory();
    let elsewhere = tempfile::tempdir().unwrap();
    write(elsewhere.path(), "absolute", MARKER);
    let absolute = elsewhere.path().join("absolute");
    let cases = [
        ("${env:SECRET}".to_owned(), None),
        ("${file:secret}".to_owned(), Some(directory.path().join("secret"))),
        (format!("${{file:{}}}", absolute.display()), Some(absolute)),
    ];
    for (reference, expected) in cases {
        let config = config(&directory, &PASSWORD.replace("SECRET }", &format!("'{reference}' }}")));
        let Some(Sasl::ScramSha512(login)) = &config.sinks[0].kafka().unwrap().sasl else { panic!("{config:?}") };
        assert_eq!(login.password.file(), expected.as_deref(), "{reference}");
    }
}

#[test]
fn a_changed_secret_is_a_changed_configuration() {
    let directory = directory();
    let text = PASSWORD.replace("SECRET }", "'${file:secret}' }");
    let before = config(&directory, &text);
    assert_eq!(before, config(&directory, &text));
    write(directory.path(), "secret", format!("{MARKER}{MARKER}\n"));
    let after = config(&directory, &text);
    assert!(before != after, "the password is another");
}

#[test]
fn a_secret_in_the_configuration_itself_is_refused_unseen() {
    let directory = directory();
    let values = [
        format!("'{MARKER}'"),
        format!("''' {MARKER} '''"),
        format!("'{MARKER}${{env:SECRET}}'"),
        format!("'${{env:SECRET}}{MARKER}'"),
        format!("'${{env:SECRET}}${{env:SECRET}}{MARKER}'"),
        format!("'$${{{MARKER}'"),
        format!("'${{{MARKER}}}'"),
        format!("'${{{MARKER}'"),
        format!("'{MARKER}}}'"),
        format!("['{MARKER}']"),
        format!("{{ value = '{MARKER}' }}"),
        "'${env:SECRET}${env:SECRET}'".to_owned(),
        "'$${env:SECRET}'".to_owned(),
        "''".to_owned(),
        "5".to_owned(),
        "true".to_owned(),
        "2026-01-01".to_owned(),
    ];
    for value in values {
        for text in [OAUTH, PASSWORD] {
            let told = refused(&directory, &text.replace("SECRET }", &format!("{value} }}")));
            let all = "found a secret in the configuration itself, which is not shown, expected \"${env:NAME}\" or \"${file:/path}\" alone";
            assert!(told.lines().all(|line| line.contains(all)), "{value}: {told}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_by_its_name() {
    let directory = directory();
    write(directory.path(), "long", MARKER.repeat(10_000));
    write(directory.path(), "octets", [MARKER.as_bytes(), &[0xff]].concat());
    write(directory.path(), "nul", format!("{MARKER}\0"));
    write(directory.path(), "empty", "\n");
    let cases = [
        ("${env:NO_SUCH}", "found ${env:NO_SUCH}, but the environment variable NO_SUCH is not set"),
        ("${env:EMPTY}", "found ${env:EMPTY}, which is empty, expected a value that is not empty"),
        ("${file:no-such}", "found \"${file:no-such}\": "),
        ("${file:long}", "longer than 65536 bytes"),
        ("${file:octets}", "octets that are not UTF-8 at byte 7"),
        ("${file:nul}", "a NUL octet at byte 7"),
        ("${file:empty}", "an empty file"),
        ("${file:.}", "directory"),
    ];
    for (reference, expected) in cases {
        let told = refused(&directory, &PASSWORD.replace("SECRET }", &format!("'{reference}' }}")));
        assert!(told.contains("sink.a.sasl.password: ") && told.contains(expected), "{reference}: {told}");
    }
}

#[test]
fn mistakes_around_a_secret_do_not_show_it() {
    let directory = directory();
    let literal = format!("'{MARKER}'");
    let given = [OAUTH, PASSWORD].map(|text| text.replace("SECRET }", &format!("{literal} }}")));
    let mistakes = [
        // The key is another one, or stands elsewhere.
        ("password = ", "pasword = "),
        ("password = ", "key = "),
        ("client_secret = ", "secret = "),
        ("key_password = ", "keypassword = "),
        ("kind = 'kafka'", "kind = 'file'\npath = '/x'"),
        ("kind = 'kafka'", "kind = 'rabbit'"),
        ("[sink.a]", "[listener.b]"),
        ("[sink.a]", "[sink]"),
        ("[sink.a]", "[[sink.a]]"),
        ("mechanism = 'oauthbearer'", "mechanism = 'plain'"),
        ("mechanism = 'scram-sha-512'", "mechanism = 'oauthbearer'"),
        ("mechanism = 'scram-sha-512'", "mechanism = 'none'"),
        ("mechanism = 'scram-sha-512', ", ""),
        ("sasl = {", "sasl = 5\nsasl = {"),
        ("topic = 'audit'", "topic = 'a b'"),
        // The syntax is broken near it.
        (literal.as_str(), MARKER),
        (literal.as_str(), "'hunter2"),
        (literal.as_str(), "\"hunter2"),
        (literal.as_str(), "\"hunter2\\q\""),
        (literal.as_str(), "'hunter2' 'hunter2'"),
        (literal.as_str(), "hunter2 = 5"),
        (" }\n", "\n"),
        (" = 'hunter2'", " 'hunter2'"),
    ];
    for (right, wrong) in mistakes {
        let mut is_used = false;
        for text in given.iter().filter(|text| text.contains(right)) {
            is_used = true;
            refused(&directory, &text.replace(right, wrong));
        }
        assert!(is_used, "{right}");
    }
}

#[test]
fn secrets_in_places_of_the_wrong_form_are_not_shown() {
    let directory = directory();
    let with = |lines: &str| {
        format!(
            "[listener.a]\naddress = '127.0.0.1:5514'\n[sink.a]\nkind = 'kafka'\nbrokers = ['k:1']\ntopic = 't'\n{lines}\n"
        )
    };
    for line in [
        "sasl = 'plain gully hunter2'",
        "sasl = ['hunter2']",
        "tls = 'hunter2'",
        "tls = { key = '-----BEGIN PRIVATE KEY-----hunter2' , certificate = 'client.pem' }",
        "properties = 'sasl.password=hunter2'",
        "properties = { 'sasl.password' = 'hunter2' }",
        "properties = { 'ssl.key.password' = 'hunter2', 'ssl.key.pem' = 'hunter2' }",
        "properties = { sasl.password = 'hunter2' }",
        "properties = { 'batch.size' = '${file:secret}', debug = '${file:secret}' }",
        "sasl = { mechanism = 'oauthbearer', token_url = 'https://gully:hunter2@a/t', client_id = 'c', client_secret = '${env:SECRET}' }",
        "sasl = { mechanism = '${file:secret}', username = '${env:NO_SUCH}', password = '${env:SECRET}' }",
    ] {
        if !line.contains("batch.size") {
            refused(&directory, &with(line));
            continue;
        }
        write(directory.path(), "secret", "9999999999 hunter2");
        refused(&directory, &with(line));
        write(directory.path(), "secret", MARKER);
    }
    refused(&directory, &with("").replace("'k:1'", "'gully:hunter2@k:1'"));
}

#[test]
fn later_checks_cannot_show_a_secret_either() {
    let directory = directory();
    for reference in ["'${env:SECRET}'", "'${file:secret}'"] {
        for text in [OAUTH, PASSWORD] {
            let outcome = load_in(&directory, &text.replace("SECRET }", &format!("{reference} }}")), true);
            let of_secrets = |problem: &&gully_config::Problem| {
                problem.found == format!("the value of {}, which is not shown", reference.trim_matches('\''))
            };
            let expected = if text == OAUTH { 2 } else { 1 };
            assert_eq!(outcome.problems.iter().filter(of_secrets).count(), expected, "{outcome:?}");
        }
    }
}
