//! What a configuration refers to: the file itself, certificates, secrets.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use gully_config::{Address, Config, Outcome, Protocol, Severity, load, load_with};
use tempfile::TempDir;

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMAo=\n-----END PRIVATE KEY-----\n";
const LISTENER: &str = "\
[listener.t]
address = '127.0.0.1:6514'
protocol = 'tls'
tls = { certificate = 'server.pem', key = 'server.key', client_ca = 'clients.pem' }
[sink.a]
path = 'records/{class}'
";

/// A directory with a certificate, its key and an authority.
fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in [("server.pem", CERTIFICATE), ("server.key", KEY), ("clients.pem", CERTIFICATE)] {
        fs::write(directory.path().join(name), text).unwrap();
    }
    fs::set_permissions(directory.path().join("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
    directory
}

fn load_in(directory: &TempDir, text: impl AsRef<[u8]>) -> Outcome {
    let path = directory.path().join("gully.toml");
    fs::write(&path, text).unwrap();
    load(Some(&path), &|name| (name == "HOSTNAME").then(|| "collector-1".to_owned()))
}

/// Checks the problems of `text` in `directory`, each given by a part of it; a `%` in them stands for the directory.
#[track_caller]
fn check(directory: &TempDir, text: impl AsRef<[u8]>, expected: &[&str]) {
    let problems = load_in(directory, text).problems;
    let shown = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
    let place = directory.path().display().to_string();
    let has = |(shown, expected): (&String, &&str)| shown.contains(&expected.replace('%', &place));
    assert!(shown.len() == expected.len() && shown.iter().zip(expected).all(has), "{shown:#?} not {expected:#?}");
}

#[test]
fn a_problem_names_its_file_line_column_and_key() {
    let directory = directory();
    let expected = "%/gully.toml:2:10: limits.memory: found \"1 GB\", expected a size such as \"256MiB\" (at least 1MiB); \
                    write \"1GB\" for 1000000000 bytes or \"1GiB\" for 1073741824";
    check(&directory, "[limits]\nmemory = '1 GB'\n", &[expected]);
}

#[test]
fn a_file_that_is_no_configuration_is_refused() {
    let directory = directory();
    let place = directory.path().display().to_string();
    let missing = load(Some(&directory.path().join("none.toml")), &|_| None);
    assert!(
        missing.problems[0]
            .to_string()
            .starts_with(&format!("{place}/none.toml: found {place}/none.toml (No such file"))
    );
    let of_directory = load(Some(directory.path()), &|_| None);
    assert!(of_directory.config.is_none() && of_directory.problems[0].found.contains("directory"));
    check(&directory, b"\x7fELF\0\x01", &["%/gully.toml: found a NUL octet at byte 4, expected a text file in UTF-8"]);
    check(&directory, b"a = '\xff'", &["found octets that are not UTF-8 at byte 5"]);
    check(&directory, vec![b'#'; 10 << 20], &["longer than 1048576 bytes, expected at most 1048576 bytes"]);
    check(&directory, vec![b'#'; 1 << 20], &[]);
    check(&directory, "", &[]);
}

/// The configuration that the documentation shows, but for the parts that are not there yet.
const SAMPLE: &str = r#"
data_dir = "/var/lib/gully"
instance = "${env:HOSTNAME}"

[listener.drain]                      # CF app and platform drains, TKGI, rsyslog
address = "0.0.0.0:6514"
protocol = "tls"                      # tcp | tls | udp | unix | relp | https
framing = "detect"                    # detect | octet-counting | newline | nul
proxy_protocol = { trusted = ["10.0.0.0/8"] }
tls = { certificate = "server.pem", key = "server.key", client_ca = "clients.pem", client_names = ["*.diego.internal"] }
frame_bytes_max = "256KiB"
connections_max = 20000

[journal]
kind = "disk"                         # disk | memory
quota = "20GiB"

[sink.siem]
kind = "kafka"
brokers = ["kafka-1:9093"]
topic = "audit.{class}"               # closed set: class, listener, instance, tenant
encoding = "json"
take = ["cf.*", "k8s.audit", "ucp.audit", "pks.*"]

[sink.evidence]
kind = "file"
path = "/var/log/gully/{class}/{date}.jsonl"
take = ["*"]
encoding = "json"
rotate = { size = "512MiB", every = "1d" }
compression = "zstd"

[admin]
address = "127.0.0.1:9514"

[limits]
memory = "256MiB"                     # the byte credit and every queue; `gully check` prints the whole bound

[drain]
pre = "0s"                            # not ready but still listening (deploy/ uses 5s)
timeout = "30s"                       # deploy/ uses 120s
"#;

#[test]
fn the_sample_is_refused_for_exactly_what_is_not_there_yet() {
    check(
        &directory(),
        SAMPLE,
        &[
            ":9:1: listener.drain.proxy_protocol: found a table, expected no such key: it is not there yet",
            ":15:8: journal.kind: found \"disk\", expected \"memory\"",
        ],
    );
}

#[test]
fn the_sample_without_what_is_not_there_yet_loads() {
    let directory = directory();
    let text = SAMPLE
        .replace("proxy_protocol", "# proxy_protocol")
        .replace("\"disk\"", "\"memory\"")
        .replace("quota", "# quota");
    let outcome = load_in(&directory, text);
    assert_eq!(outcome.problems, []);
    let config = outcome.config.unwrap();
    assert_eq!((config.instance.as_str(), config.data_dir.as_path()), ("collector-1", Path::new("/var/lib/gully")));
    let listener = &config.listeners[0];
    assert_eq!((listener.name.as_str(), listener.protocol), ("drain", Protocol::Tls));
    assert_eq!(listener.address, Address::Ip("0.0.0.0:6514".parse().unwrap()));
    let tls = listener.tls.as_ref().unwrap();
    assert_eq!(tls.certificate, directory.path().join("server.pem"));
    assert_eq!(tls.client_auth.word(), "required");
    let kafka = config.sinks[0].kafka().unwrap();
    assert_eq!(
        (kafka.brokers.as_slice(), kafka.topic.text.as_str()),
        (["kafka-1:9093".to_owned()].as_slice(), "audit.{class}")
    );
    let (sink, file) = (&config.sinks[1], config.sinks[1].file().unwrap());
    assert_eq!(
        (file.path.base.as_path(), file.path.pattern.as_str()),
        (Path::new("/var/log/gully"), "{class}/{date}.jsonl")
    );
    assert_eq!(file.rotate.size, Some(512 << 20));
    assert_eq!(sink.classes().count(), gully_config::CLASSES.len());
}

/// The directory of the first sink.
fn base(config: &Config) -> &Path {
    &config.sinks[0].file().unwrap().path.base
}

#[test]
fn relative_paths_start_at_the_file() {
    let directory = directory();
    let config = load_in(&directory, LISTENER).config.unwrap();
    assert_eq!(config.data_dir, directory.path().join("gully-data"));
    assert_eq!(base(&config), directory.path().join("records"));
    let config = load_in(&directory, "data_dir = './elsewhere'").config.unwrap();
    assert_eq!(base(&config), directory.path().join("elsewhere/records"), "the default sink is in the data directory");
    assert_eq!(base(&Config::embedded()), Path::new("./gully-data/records"));
}

#[test]
fn listeners_and_sinks_keep_the_order_of_the_file() {
    let text = "[listener.z]\naddress='127.0.0.1:1'\n[sink.z]\npath='/x'\n[listener.a]\naddress='127.0.0.1:2'\n[sink.a]\npath='/y'\n";
    let config = load_in(&directory(), text).config.unwrap();
    assert_eq!(config.listeners.iter().map(|listener| listener.name.as_str()).collect::<Vec<_>>(), ["z", "a"]);
    assert_eq!(config.sinks.iter().map(|sink| sink.name.as_str()).collect::<Vec<_>>(), ["z", "a"]);
}

#[test]
fn certificates_and_keys_are_what_they_should_be() {
    let cases = [
        ("server.pem", "", "listener.t.tls.certificate: found %/server.pem, which is empty"),
        ("server.pem", "hello", "listener.t.tls.certificate: found %/server.pem with no PEM block"),
        (
            "server.pem",
            KEY,
            "listener.t.tls.certificate: found %/server.pem with the blocks PRIVATE KEY, expected a PEM file with a CERTIFICATE",
        ),
        ("clients.pem", " \n", "listener.t.tls.client_ca: found %/clients.pem, which is empty"),
        (
            "server.key",
            CERTIFICATE,
            "listener.t.tls.key: found %/server.key with the blocks CERTIFICATE, expected a PEM file with a PRIVATE KEY",
        ),
        (
            "server.key",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "%/server.key, an encrypted private key",
        ),
        (
            "server.key",
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n-----END RSA PRIVATE KEY-----\n",
            "%/server.key, an encrypted private key",
        ),
    ];
    check(&directory(), LISTENER, &[]);
    for (name, content, expected) in cases {
        let directory = directory();
        fs::write(directory.path().join(name), content).unwrap();
        check(&directory, LISTENER, &[expected]);
    }
    let directory = directory();
    fs::remove_file(directory.path().join("server.pem")).unwrap();
    fs::remove_file(directory.path().join("server.key")).unwrap();
    check(
        &directory,
        LISTENER,
        &[
            ":4:23: listener.t.tls.certificate: found %/server.pem (No such file",
            ":4:43: listener.t.tls.key: found %/server.key (No such file",
        ],
    );
}

#[test]
fn a_private_key_that_others_can_read_is_a_warning() {
    let directory = directory();
    for mode in [0o640, 0o604, 0o666] {
        fs::set_permissions(directory.path().join("server.key"), fs::Permissions::from_mode(mode)).unwrap();
        let expected = format!("warning: listener.t.tls.key: found %/server.key with mode {mode:04o}");
        check(&directory, LISTENER, &[&expected]);
        assert!(load_in(&directory, LISTENER).config.is_some());
        assert!(load_in(&directory, format!("strict = true\n{LISTENER}")).config.is_none());
    }
}

const KAFKA: &str = "\
[listener.a]
address = '127.0.0.1:5514'
[sink.k]
kind = 'kafka'
brokers = ['kafka-1:9093']
topic = 'audit'
tls = { ca = 'clients.pem', certificate = 'server.pem', key = 'server.key' }
";

#[test]
fn the_files_of_a_kafka_sink_start_at_the_configuration() {
    let directory = directory();
    let config = load_in(&directory, KAFKA).config.unwrap();
    let tls = config.sinks[0].kafka().unwrap().tls.clone().unwrap();
    let given = [tls.ca, tls.certificate, tls.key].map(Option::unwrap);
    assert_eq!(given, ["clients.pem", "server.pem", "server.key"].map(|name| directory.path().join(name)));
}

#[test]
fn the_files_of_a_kafka_sink_are_what_they_should_be() {
    const ENCRYPTED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n-----END ENCRYPTED PRIVATE KEY-----\n";
    const TRADITIONAL: &str =
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n-----END RSA PRIVATE KEY-----\n";
    let without = "%/server.key, an encrypted private key, without key_password, expected key_password";
    let cases = [
        ("clients.pem", "hello", ":7:14: sink.k.tls.ca: found %/clients.pem with no PEM block"),
        ("clients.pem", "", ":7:14: sink.k.tls.ca: found %/clients.pem, which is empty"),
        (
            "server.pem",
            KEY,
            ":7:43: sink.k.tls.certificate: found %/server.pem with the blocks PRIVATE KEY, expected a PEM file with a CERTIFICATE",
        ),
        (
            "server.key",
            CERTIFICATE,
            ":7:63: sink.k.tls.key: found %/server.key with the blocks CERTIFICATE, expected a PEM file with a PRIVATE KEY",
        ),
        ("server.key", ENCRYPTED, without),
        ("server.key", TRADITIONAL, without),
    ];
    check(&directory(), KAFKA, &[]);
    for (name, content, expected) in cases {
        let directory = directory();
        fs::write(directory.path().join(name), content).unwrap();
        check(&directory, KAFKA, &[expected]);
    }
    let with_password = KAFKA.replace("'server.key'", "'server.key', key_password = '${env:HOSTNAME}'");
    for encrypted in [ENCRYPTED, TRADITIONAL] {
        let directory = directory();
        fs::write(directory.path().join("server.key"), encrypted).unwrap();
        check(&directory, &with_password, &[]);
    }
    let expected = "warning: sink.k.tls.key_password: found the value of ${env:HOSTNAME}, which is not shown, expected an encrypted key, or no password";
    check(&directory(), &with_password, &[expected]);
    let directory = directory();
    fs::set_permissions(directory.path().join("server.key"), fs::Permissions::from_mode(0o644)).unwrap();
    check(&directory, KAFKA, &["warning: sink.k.tls.key: found %/server.key with mode 0644"]);
}

#[test]
fn missing_files_of_a_kafka_sink_are_told_at_once() {
    let directory = directory();
    for name in ["clients.pem", "server.pem", "server.key"] {
        fs::remove_file(directory.path().join(name)).unwrap();
    }
    let expected = [
        ":7:14: sink.k.tls.ca: found %/clients.pem (No such file",
        ":7:43: sink.k.tls.certificate: found %/server.pem (No such file",
        ":7:63: sink.k.tls.key: found %/server.key (No such file",
    ];
    check(&directory, KAFKA, &expected);
}

#[test]
fn client_certificates_need_an_authority() {
    let with = |tls: &str| LISTENER.replace("client_ca = 'clients.pem'", tls);
    check(
        &directory(),
        with("client_auth = 'required'"),
        &["listener.t.tls.client_auth: found \"required\" without client_ca"],
    );
    check(
        &directory(),
        with("client_names = ['a.b']"),
        &["listener.t.tls.client_names: found names without client_ca"],
    );
    check(&directory(), with("client_auth = 'none'"), &[]);
    let optional = with("client_ca = 'clients.pem', client_auth = 'optional'");
    check(&directory(), optional, &["warning: listener.t.tls.client_auth: found \"optional\" with client_ca"]);
}

#[test]
fn a_value_from_a_file_is_never_shown() {
    let directory = directory();
    fs::write(directory.path().join("secret"), "hunter2 10 MB {x}\n").unwrap();
    for key in
        ["instance", "limits.memory", "drain.timeout", "log.level", "sink.a.path", "sink.a.owner", "listener.a.address"]
    {
        let outcome = load_in(&directory, format!("{key} = '${{file:secret}}'\n"));
        let shown = outcome.problems.iter().map(ToString::to_string).collect::<String>();
        assert!(outcome.config.is_none() && shown.contains("which is not shown"), "{key}: {shown}");
        assert!(!["hunter2", "10 MB", "{x}"].iter().any(|part| shown.contains(part)), "{key}: {shown}");
    }
    let key_in_the_file = LISTENER.replace("'server.key'", "'-----BEGIN PRIVATE KEY-----hunter2'");
    check(
        &directory,
        key_in_the_file,
        &["listener.t.tls.key: found the content of a PEM file, expected the path of the file"],
    );
}

#[test]
fn a_value_cannot_add_keys() {
    let directory = directory();
    fs::write(directory.path().join("value"), "x'\nstrict = true\n[log]\nlevel = 'trace").unwrap();
    check(&directory, "data_dir = '${file:value}'\n", &[]);
    let config = load_in(&directory, "data_dir = '${file:value}'\n").config.unwrap();
    assert!(!config.strict && config.log.level.word() == "info");
}

#[test]
fn further_checks_run_beside_the_others() {
    let directory = directory();
    let path = directory.path().join("gully.toml");
    fs::write(&path, LISTENER.replace("records/{class}", "{who}")).unwrap();
    let outcome = load_with(Some(&path), &|_| None, &mut |config, report| {
        assert_eq!((config.listeners.len(), config.sinks.len()), (1, 0), "what could be read");
        report.error("listener.t.tls.key", "a key of another certificate", "the key of server.pem");
        report.warning("", "the user root", "a user of its own");
    });
    let shown = outcome
        .problems
        .iter()
        .map(|problem| (problem.severity, problem.line, problem.key.as_str()))
        .collect::<Vec<_>>();
    assert_eq!(
        shown,
        [
            (Severity::Error, Some(4), "listener.t.tls.key"),
            (Severity::Error, Some(6), "sink.a.path"),
            (Severity::Warning, None, ""),
        ]
    );
    assert!(outcome.config.is_none());
}
