//! `gully test`: the tests that stand in a configuration, run by the functions that run in the pipeline.

use std::fs;
use std::process::Output;

use serde_json::Value;

use crate::support::gully::run_once;

/// A configuration in which every decision has a part: classes, a condition, a drop list, redaction.
const CONFIGURATION: &str = r#"
[listener.drain]
address = "127.0.0.1:12345"

[listener.other]
address = "127.0.0.1:12346"

[sink.siem]
path = "siem/{class}.jsonl"
take = ["cf.*"]
where = '''
event.outcome == "failure"
  and not peer in_cidr ["10.0.0.0/8"] and listener == "drain"
'''

[sink.evidence]
path = "evidence/{class}.jsonl"
drop = ["uaa-client-logins"]

[redaction]
redact = ["jwt"]
key = "${env:GULLY_TEST_KEY}"
"#;

const FAILURE: &str = "<14>1 2026-01-20T04:56:26Z vm-1 uaa rs2 - - Audit: UserAuthenticationFailure ('bob'): principal=7, origin=[remoteAddress=198.51.100.1, clientId=cf], identityZoneId=[uaa]";
const LOGIN: &str = "<14>1 2026-01-20T04:56:26Z vm-1 uaa rs2 - - Audit: ClientAuthenticationSuccess ('Client authentication success'): principal=cf, origin=[remoteAddress=198.51.100.1, clientId=cf], identityZoneId=[uaa]";
const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJlLW9mLWEtdG9rZW4";

/// `[[test]]` with this name, line and further keys.
fn test(name: &str, line: &str, keys: &str) -> String {
    format!("[[test]]\nname = \"{name}\"\nline = '''{line}'''\n{keys}\n")
}

fn run(tests: &str, arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().unwrap();
    // The key comes from a file: the environment is everybody's.
    let configuration = CONFIGURATION.replace("${env:GULLY_TEST_KEY}", "${file:key}");
    fs::write(directory.path().join("key"), "0123456789abcdef0123456789abcdef\n").unwrap();
    fs::write(directory.path().join("gully.toml"), format!("{configuration}{tests}")).unwrap();
    let all = ["test", "--config", "gully.toml"].iter().chain(arguments).map(AsRef::as_ref).collect::<Vec<_>>();
    run_once(directory.path(), &all, b"")
}

#[track_caller]
fn said(output: &Output, code: i32) -> String {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

#[test]
fn what_comes_out_as_expected_passes() {
    let secret = format!("<14>1 - h app - - - token {TOKEN} is used");
    let tests = [
        test(
            "a failed login goes everywhere",
            FAILURE,
            r#"class = "cf.uaa.audit"
fields = { "user.name" = "bob", event.outcome = "failure", "source.ip" = "198.51.100.1", "syslog.hostname" = "vm-1", "syslog.pri" = 14, "native.uaa.event" = "UserAuthenticationFailure" }
flags = ["no_provenance"]
sinks = ["evidence", "siem"]"#,
        ),
        test("its own network is not told", FAILURE, "peer = \"10.1.2.3\"\nsinks = [\"evidence\"]"),
        test("nor is another listener", FAILURE, "listener = \"other\"\nsinks = [\"evidence\"]"),
        test("logins of clients are noise", LOGIN, "class = \"cf.uaa.audit\"\nsinks = []"),
        test(
            "without a header it is the same",
            "Audit: X",
            "transport = \"raw\"\nclass = \"other\"\nfields = { \"msg\" = \"Audit: X\" }",
        ),
        test("tokens do not come out", &secret, "flags = [\"redacted\", \"no_provenance\"]"),
    ];
    let output = run(&tests.concat(), &[]);
    let text = said(&output, 0);
    assert_eq!(text.lines().filter(|line| line.starts_with("ok ")).count(), tests.len(), "{text}");
    assert!(text.ends_with("6 tests, all passed\n"), "{text}");
}

#[test]
fn what_comes_out_otherwise_is_told_field_by_field() {
    let tests = [
        test("good", LOGIN, "sinks = []"),
        test(
            "wrong in every way",
            LOGIN,
            r#"class = "k8s.audit"
fields = { "user.name" = "alice", "event.action" = "ClientAuthenticationSuccess", "syslog.pri" = "14" }
flags = ["truncated"]
sinks = ["siem", "evidence"]"#,
        ),
    ];
    let output = run(&tests.concat(), &[]);
    let text = said(&output, 1);
    for part in [
        "ok      good\n",
        "FAILED  wrong in every way (test[2])\n",
        "class: expected \"k8s.audit\", found \"cf.uaa.audit\" (",
        "fields.\"user.name\": expected \"alice\", found ",
        "fields.\"syslog.pri\": expected \"14\", found 14\n",
        "flags: expected [\"truncated\"], found [\"no_provenance\"]\n",
        "sinks: expected [\"siem\",\"evidence\"], found [] (siem: its where does not hold; evidence: its drop list uaa-client-logins has it)\n",
        "2 tests, 1 failed\n",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    assert!(!text.contains("event.action"), "what is right is not told: {text}");
}

#[test]
fn programs_get_an_object_for_each_test() {
    let tests = [test("good", LOGIN, "sinks = []"), test("bad", LOGIN, "class = \"other\"")].concat();
    let output = run(&tests, &["--json"]);
    said(&output, 1);
    let lines = String::from_utf8(output.stdout).unwrap();
    let objects = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>();
    assert_eq!((objects.len(), &objects[0]["name"], &objects[0]["passed"]), (2, &"good".into(), &true.into()));
    assert_eq!((&objects[1]["test"], &objects[1]["passed"]), (&2.into(), &false.into()));
    let fault = &objects[1]["faults"][0];
    assert_eq!(
        (&fault["key"], &fault["expected"], &fault["found"]),
        (&"class".into(), &"other".into(), &"cf.uaa.audit".into())
    );
}

#[test]
fn tests_can_be_chosen_by_their_names() {
    let tests = [test("a good one", LOGIN, "sinks = []"), test("a bad one", LOGIN, "class = \"other\"")].concat();
    assert!(said(&run(&tests, &["good"]), 0).ends_with("1 test, all passed\n"));
    assert!(said(&run(&tests, &["bad", "good"]), 1).ends_with("2 tests, 1 failed\n"));
    let text = said(&run(&tests, &["ugly"]), 64);
    assert!(text.contains("a good one") && text.contains("a bad one"), "{text}");
}

#[test]
fn without_tests_it_says_how_one_looks() {
    let text = said(&run("", &[]), 1);
    assert!(text.contains("gully.toml has no tests") && text.contains("[[test]]"), "{text}");
}

#[test]
fn mistakes_have_their_place() {
    let tests = test("wrong", FAILURE, "fields = { \"usr.name\" = \"bob\" }");
    let line = CONFIGURATION.lines().count() + 4;
    let text = said(&run(&tests, &[]), 78);
    assert!(
        text.contains(&format!("gully.toml:{line}:25: test[1].fields.\"usr.name\": found an unknown field")),
        "{text}"
    );
    let directory = tempfile::tempdir().unwrap();
    let configuration = CONFIGURATION
        .replace("  and not peer", "  and not pear")
        .replace("redact = [\"jwt\"]", "")
        .replace("key =", "# key =");
    fs::write(directory.path().join("gully.toml"), configuration).unwrap();
    let output = run_once(directory.path(), &["check", "--config", "gully.toml"].map(AsRef::as_ref), b"");
    let text = said(&output, 78);
    assert!(text.contains("gully.toml:13:11: sink.siem.where: found `pear`"), "{text}");
}

#[test]
fn the_starting_configuration_passes_its_test() {
    let directory = tempfile::tempdir().unwrap();
    let init = run_once(directory.path(), &["config", "init"].map(AsRef::as_ref), b"");
    fs::write(directory.path().join("gully.toml"), init.stdout).unwrap();
    let output = run_once(directory.path(), &["test", "--config", "gully.toml"].map(AsRef::as_ref), b"");
    assert!(said(&output, 0).ends_with("1 test, all passed\n"));
}

/// What is taken, where and what not, is told before anything runs.
#[test]
fn a_check_says_what_each_sink_takes() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("key"), "0123456789abcdef").unwrap();
    let configuration = CONFIGURATION.replace("${env:GULLY_TEST_KEY}", "${file:key}");
    fs::write(directory.path().join("gully.toml"), configuration).unwrap();
    let output = run_once(directory.path(), &["check", "--config", "gully.toml"].map(AsRef::as_ref), b"");
    let text = said(&output, 0);
    for part in [
        "redaction: jwt",
        "sink.siem: json to ",
        "  takes cf.*",
        "  where event.outcome",
        "  drops uaa-client-logins: ",
        "sink.siem: taking apart records",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

/// A condition that names what never comes would leave the sink empty without a word.
#[test]
fn a_condition_on_what_never_comes_is_told() {
    let said_of = |condition: &str, code: i32| {
        let directory = tempfile::tempdir().unwrap();
        let configuration = format!(
            "[listener.drain]\naddress = \"127.0.0.1:12345\"\n\n[sink.siem]\npath = \"siem.jsonl\"\ntake = [\"cf.*\"]\nwhere = '''{condition}'''\n"
        );
        fs::write(directory.path().join("name"), "mallory").unwrap();
        fs::write(directory.path().join("gully.toml"), configuration).unwrap();
        said(&run_once(directory.path(), &["check", "--config", "gully.toml"].map(AsRef::as_ref), b""), code)
    };
    let text = said_of("listener in [\"drain\", \"drian\"]", 78);
    assert!(text.contains("sink.siem.where: found the unknown listener \"drian\""), "{text}");
    let text = said_of("class in [\"cf.uaa.audit\", \"k8s.audit\"]", 0);
    assert!(text.contains("sink.siem.where: found the class k8s.audit, which the sink does not take"), "{text}");
    assert!(!text.contains("class cf.uaa.audit, which"), "{text}");
    // What came from a file may be a secret.
    let text = said_of("user.name == \"${file:name}\"", 0);
    assert!(text.contains("where (not shown") && !text.contains("mallory"), "{text}");
}
