//! A wrong configuration is refused with code 78, and all of its mistakes are told at once.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::gully::run_once;

/// A configuration with a mistake, the key that must be named, and a word that the message must hold.
struct Mistake {
    text: &'static str,
    key: &'static str,
    says: &'static str,
}

const LISTENER: &str = "[listener.l]\naddress = \"127.0.0.1:12345\"\n";
const SINK: &str = "[sink.s]\nkind = \"file\"\npath = \"out/{class}.jsonl\"\n";

const MISTAKES: &[Mistake] = &[
    Mistake { text: "[listener.l]\nadress = \"127.0.0.1:1\"\n", key: "adress", says: "address" },
    Mistake { text: "[listener.l]\naddress = 5514\n", key: "listener.l.address", says: "5514" },
    Mistake { text: "[listener.l]\naddress = \"nowhere\"\n", key: "listener.l.address", says: "nowhere" },
    Mistake { text: "[listener.l]\nprotocol = \"sctp\"\n", key: "listener.l.protocol", says: "tcp" },
    Mistake { text: "[limits]\nmemory = \"ten\"\n", key: "limits.memory", says: "MiB" },
    Mistake { text: "[drain]\ntimeout = 30\n", key: "drain.timeout", says: "30s" },
    Mistake { text: "[sink.s]\npath = \"{hostname}/x\"\n", key: "sink.s.path", says: "hostname" },
    Mistake { text: "[sink.s]\npath = \"x/{class}\"\ntake = []\n", key: "sink.s.take", says: "" },
    Mistake { text: "[sink.s]\npath = \"x/{class}\"\ntake = [\"uaa\"]\n", key: "sink.s.take", says: "uaa" },
    Mistake { text: "instance = \"${env:GULLY_NO_SUCH_VARIABLE}\"\n", key: "instance", says: "GULLY_NO_SUCH_VARIABLE" },
    Mistake {
        text: "[listener.l]\naddress = \"127.0.0.1:1\"\nprotocol = \"tls\"\ntls = { certificate = \"no.pem\", key = \"no.key\" }\n",
        key: "listener.l.tls.certificate",
        says: "no.pem",
    },
];

#[test]
fn each_mistake_is_told_with_its_file_its_key_and_a_remedy() {
    for mistake in MISTAKES {
        for command in ["check", "run"] {
            let output = run(command, mistake.text);
            let said = said(&output);
            assert_eq!(output.status.code(), Some(78), "{command} of {:?} says:\n{said}", mistake.text);
            for word in ["gully.toml:", mistake.key, mistake.says] {
                assert!(said.contains(word), "{command} of {:?} does not say {word:?}:\n{said}", mistake.text);
            }
        }
    }
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once_each_with_its_line() {
    let text = "colour = \"red\"\n\n[listener.l]\naddress = \"127.0.0.1:port\"\n\n[sink.s]\nkind = \"file\"\npath = \"x\"\nencoding = \"morse\"\n";
    let output = run("check", text);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(78));
    for place in ["gully.toml:1:", "gully.toml:4:", "gully.toml:9:"] {
        assert!(said.contains(place), "{place} is not named:\n{said}");
    }
}

#[test]
fn two_listeners_on_one_address_are_told() {
    let output = run("check", &format!("{LISTENER}\n{}\n{SINK}", LISTENER.replace("listener.l", "listener.m")));
    assert_eq!(output.status.code(), Some(78));
    assert!(said(&output).contains("127.0.0.1:12345"), "{}", said(&output));
}

#[test]
fn text_that_is_not_toml_is_told_with_its_line() {
    let output = run("check", "data_dir = \"x\"\n[listener\n");
    assert_eq!(output.status.code(), Some(78));
    assert!(said(&output).contains("gully.toml:2:"), "{}", said(&output));
}

#[test]
fn a_good_configuration_passes_and_its_memory_bound_is_printed() {
    let output = run("check", &format!("{LISTENER}\n{SINK}"));
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.to_lowercase().contains("memory"), "{said}");
}

#[test]
fn the_printed_defaults_are_a_configuration_without_mistakes() {
    let directory = tempfile::tempdir().unwrap();
    for what in ["defaults", "init"] {
        let printed = run_once(directory.path(), &["config", what].map(AsRef::as_ref), b"");
        assert!(printed.status.success());
        let output = check_in(directory.path(), "check", &String::from_utf8(printed.stdout).unwrap());
        assert_eq!(output.status.code(), Some(0), "{what}: {}", said(&output));
    }
    let schema = run_once(directory.path(), &["config", "schema"].map(AsRef::as_ref), b"");
    assert!(schema.status.success());
    serde_json::from_slice::<serde_json::Value>(&schema.stdout).expect("the schema is JSON");
}

#[test]
fn a_command_line_that_is_wrong_ends_with_code_64() {
    let directory = tempfile::tempdir().unwrap();
    let output = run_once(directory.path(), &["run", "--colour", "red"].map(AsRef::as_ref), b"");
    assert_eq!(output.status.code(), Some(64), "{}", said(&output));
}

fn run(command: &str, configuration: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    check_in(directory.path(), command, configuration)
}

fn check_in(directory: &Path, command: &str, configuration: &str) -> Output {
    fs::write(directory.join("gully.toml"), configuration).unwrap();
    run_once(directory, &[command, "--config", "gully.toml"].map(AsRef::as_ref), b"")
}

fn said(output: &Output) -> String {
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{stdout}{stderr}")
}
