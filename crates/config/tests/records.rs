//! What decides on records: conditions, drop lists, extracted fields, redaction, rejoining, and the tests of all that.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

mod support;

use std::time::Duration;

use gully_config::{Config, Detector, DropList, Expected, FieldSet, Rejoin, Transport, load_text, load_with};
use support::{LISTENER, check};

const SINK: &str = "[sink.a]\npath = '/x/{class}'\n";
const KEY: &str = "0123456789abcdef";
const TEST: &str = "[[test]]\nname = 'one'\nline = 'x'\n";

fn loaded(text: &str) -> Config {
    let environment = |name: &str| match name {
        "KEY" => Some(KEY.to_owned()),
        "SHORT" => Some(KEY[1..].to_owned()),
        _ => None,
    };
    let outcome = load_text(text, None, &environment);
    assert_eq!(outcome.problems, [], "{text}");
    outcome.config.unwrap()
}

#[test]
fn a_sink_says_which_records_it_takes_and_what_it_adds() {
    let line = "where = '''\nuser.name == \"a\"\n'''\ndrop = ['health-probes', 'ucp-metrics', 'health-probes']\nfields = ['ecs', 'native']\n";
    let sink = loaded(&format!("{LISTENER}{SINK}{line}")).sinks.remove(0);
    assert_eq!(sink.condition.as_deref(), Some("user.name == \"a\"\n"));
    assert_eq!(sink.drop, [DropList::HealthProbes, DropList::UcpMetrics]);
    assert_eq!(sink.fields, [FieldSet::Ecs, FieldSet::Native]);
    let plain = loaded("").sinks.remove(0);
    assert_eq!((plain.condition, plain.drop, plain.fields), (None, vec![], vec![]));
}

#[test]
fn what_a_sink_takes_is_checked() {
    let in_sink =
        |line: &str, expected: &str| check(&format!("{LISTENER}{SINK}{line}\n"), &[&format!("5: {expected}")]);
    in_sink("where = ''", "sink.a.where: found \"\", expected a condition of 1 to 16384 octets");
    in_sink("where = true", "sink.a.where: found true, expected a condition");
    in_sink("where = ['a']", "sink.a.where: found a list, expected a condition");
    in_sink(
        "drop = ['kubernetes-lease']",
        "sink.a.drop: found \"kubernetes-lease\", expected \"kubernetes-leases\", \"kubernetes-watches\"",
    );
    in_sink("drop = 'health-probes'", "sink.a.drop: found \"health-probes\", expected a list: each");
    for encoding in ["raw", "syslog"] {
        let found = format!("sink.a.fields: found it with encoding = \"{encoding}\", which has no place for them");
        in_sink(&format!("fields = ['ecs']\nencoding = '{encoding}'"), &found);
    }
    check(&format!("{LISTENER}{SINK}fields = []\nencoding = 'raw'\n"), &[]);
}

/// Checks where a mistake at the word `WRONG` of a `condition` is told to be, and what is said to be found.
#[track_caller]
fn check_place(condition: &str, place: (usize, usize), found: &str) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gully.toml");
    std::fs::write(&path, format!("{LISTENER}{SINK}where = {condition}\n")).unwrap();
    let environment = |name: &str| (name == "NAME").then(|| "bob".to_owned());
    let outcome = load_with(Some(&path), &environment, &mut |config, report| {
        let condition = config.sinks[0].condition.as_deref().unwrap();
        let before = condition.split("WRONG").next().unwrap();
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        report.error_inside("sink.a.where", (before.matches('\n').count() + 1, column), "it", "another");
    });
    let problem = &outcome.problems[0];
    assert_eq!((problem.line.unwrap(), problem.column.unwrap(), problem.found.as_str()), (place.0, place.1, found));
}

#[test]
fn what_is_wrong_in_a_condition_has_a_place_of_its_own() {
    check_place("'WRONG'", (5, 10), "it");
    check_place("'user.name WRONG 1'", (5, 20), "it");
    check_place("\"ü WRONG\"", (5, 12), "it");
    check_place("'''\na and\n  WRONG'''", (7, 3), "it");
    check_place("'''a and\n  WRONG'''", (6, 3), "it");
    check_place("'''\r\na and\r\n  WRONG'''", (7, 3), "it");
    check_place("\"a == \\\"x\\\" WRONG\"", (5, 9), "it in line 1, column 10 of its text");
    check_place("'${env:NAME} WRONG'", (5, 9), "it in line 1, column 5 of its text");
}

#[test]
fn redaction_has_a_key() {
    let none = loaded("").redaction;
    assert_eq!((none.redact, none.key), (vec![], None));
    let some = loaded("[redaction]\nredact = ['jwt', 'cookie', 'jwt']\nkey = '${env:KEY}'\n").redaction;
    assert_eq!(some.redact, [Detector::Jwt, Detector::Cookie]);
    assert_eq!(some.key.unwrap().reveal(), KEY);
    check("[redaction]\nredact = []\n", &[]);
    check("[redaction]\nredact = ['jwt']\n", &["1: redaction.key: found nothing beside redact, expected key = "]);
    check(
        "[redaction]\nredact = ['jwts']\nkey = '${env:HOST}'\n",
        &[
            "2: redaction.redact: found \"jwts\", expected \"uaa-token\", \"jwt\"",
            "3: redaction.key: found the value of ${env:HOST}, which is not shown, expected at least 16 octets",
        ],
    );
    check(
        "[redaction]\nredact = ['jwt']\nkey = '0123456789abcdef'\n",
        &["3: redaction.key: found a secret in the configuration itself, which is not shown, expected \"${env:NAME}\""],
    );
}

#[test]
fn a_redaction_key_that_is_short_or_useless_is_told_unseen() {
    let environment = |name: &str| Some(if name == "SHORT" { &KEY[1..] } else { KEY }.to_owned());
    let told = |text: &str| {
        let outcome = load_text(text, None, &environment);
        let shown = format!("{outcome:?} {:?}", outcome.problems.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(!shown.contains(&KEY[1..]), "{shown}");
        outcome.problems.into_iter().map(|problem| problem.expected).collect::<Vec<_>>()
    };
    let short = told("[redaction]\nredact = ['jwt']\nkey = '${env:SHORT}'\n");
    assert!(short.len() == 1 && short[0].starts_with("at least 16 octets"), "{short:?}");
    assert_eq!(told("[redaction]\nredact = ['jwt']\nkey = '${env:KEY}'\n"), [""; 0]);
    assert_eq!(told("[redaction]\nkey = '${env:KEY}'\n"), ["it only with redact"]);
}

#[test]
fn streams_can_rejoin_what_was_cut() {
    let listener = |lines: &str| loaded(&format!("{LISTENER}{lines}\n{SINK}")).listeners.remove(0);
    assert_eq!(listener("rejoin = false").rejoin, None);
    assert_eq!(listener("protocol = 'udp'").rejoin, None);
    let defaults = Rejoin { time_max: Duration::from_secs(2), bytes_max: 1 << 20 };
    assert_eq!(listener("").rejoin, Some(defaults.clone()));
    assert_eq!(listener("rejoin = true").rejoin, Some(defaults));
    let others = listener("rejoin_time_max = '500ms'\nrejoin_bytes_max = '64KiB'");
    assert_eq!(others.rejoin, Some(Rejoin { time_max: Duration::from_millis(500), bytes_max: 64 << 10 }));
    assert_eq!((others.record_bytes_max(), listener("rejoin = true").record_bytes_max()), (256 << 10, 1 << 20));
    check(
        &format!("{LISTENER}rejoin_time_max = '1s'\nrejoin_bytes_max = '1KiB'\nrejoin = false\n{SINK}"),
        &[
            "3: warning: listener.a.rejoin_time_max: found it with rejoin = false, where it has no effect",
            "4: listener.a.rejoin_bytes_max: found \"1KiB\", expected a size such as \"1MiB\" (32KiB to 16MiB)",
        ],
    );
    check(
        &format!("{LISTENER}protocol = 'udp'\nrejoin = true\n{SINK}"),
        &[
            "4: listener.a.rejoin: found it with protocol = \"udp\", expected it only with protocol = \"tcp\", \"tls\" or \"unix\"",
        ],
    );
}

#[test]
fn rejoined_records_have_to_fit_as_well() {
    let kafka = "[sink.k]\nkind = 'kafka'\nbrokers = ['k:1']\ntopic = 't'\nqueue_bytes = '1MiB'\n";
    check(
        &format!("{LISTENER}rejoin = true\nrejoin_bytes_max = '2MiB'\n{kafka}"),
        &[
            "9: warning: sink.k.queue_bytes: found \"1MiB\", which makes dead letters of longer records, expected at least \"2MiB\", which is listener.a.rejoin_bytes_max",
        ],
    );
}

#[test]
fn tests_are_read_in_their_order() {
    let text = "
[[test]]
name = 'second comes first'
line = '''<14>1 - - ${env:NO_SUCH} ${jndi:x} $${y} 'a' \"b\"'''
transport = 'rfc5424'
listener = 'udp'
peer = '2001:db8::1'
class = 'cf.uaa.audit'
fields = { 'user.name' = 'alice', event.category = ['iam', 'configuration'], http.response.status_code = 200, 'native.a b' = true }
flags = ['no_pri', 'truncated_upstream']
sinks = ['records']
[[test]]
name = 'b'
line = 'x'
sinks = []
";
    let tests = loaded(text).tests;
    assert_eq!(tests.len(), 2);
    let test = &tests[0];
    assert_eq!((test.number, test.name.as_str(), test.transport), (1, "second comes first", Transport::Rfc5424));
    assert_eq!(test.line, "<14>1 - - ${env:NO_SUCH} ${jndi:x} $${y} 'a' \"b\"", "nothing is filled in");
    assert_eq!((test.listener.as_deref(), test.peer), (Some("udp"), Some("2001:db8::1".parse().unwrap())));
    assert_eq!(test.class.as_deref(), Some("cf.uaa.audit"));
    let texts = ["iam", "configuration"].map(str::to_owned).to_vec();
    let expected = [
        ("event.category", Expected::Texts(texts)),
        ("http.response.status_code", Expected::Integer(200)),
        ("native.a b", Expected::Boolean(true)),
        ("user.name", Expected::Text("alice".to_owned())),
    ];
    assert_eq!(test.fields, expected.map(|(name, value)| (name.to_owned(), value)));
    assert_eq!(test.flags.as_deref().unwrap(), ["no_pri", "truncated_upstream"]);
    assert_eq!(test.sinks.as_deref().unwrap(), ["records"]);
    let test = &tests[1];
    assert_eq!((test.number, test.transport, &test.class), (2, Transport::Auto, &None));
    assert_eq!((&test.listener, test.peer), (&None, None));
    assert_eq!((test.fields.as_slice(), &test.flags, &test.sinks), (&[][..], &None, &Some(vec![])));
    assert_eq!(loaded("").tests, []);
}

#[test]
fn a_mistake_in_a_test_names_the_test() {
    let third = format!(
        "{TEST}class = 'other'\n{}class = 'other'\n[[test]]\nnam = 'three'\nclass = 'cf.uaa.adit'\n",
        TEST.replace("one", "two")
    );
    check(
        &third,
        &[
            "9: test[3].name: found nothing, expected name = \"a failed login goes to the SIEM\"",
            "9: test[3].line: found nothing, expected line = ",
            "10: test[3].nam: found an unknown key, expected \"name\"",
            "11: test[3].class: found \"cf.uaa.adit\", expected a class; did you mean \"cf.uaa.audit\"?",
        ],
    );
    let with = |line: &str, expected: &str| check(&format!("{TEST}{line}\n"), &[&format!("4: {expected}")]);
    with("class = 'cf.*'", "test[1].class: found \"cf.*\", expected a class");
    with(
        "transport = 'tcp'\nclass = 'cef'",
        "test[1].transport: found \"tcp\", expected \"auto\", \"raw\", \"rfc5424\" or \"rfc3164\"",
    );
    with("flags = ['truncatd']", "test[1].flags: found \"truncatd\", expected \"truncated\"");
    with("listener = 'ucp'\nsinks = []", "test[1].listener: found the unknown listener \"ucp\", expected \"tcp\"");
    with(
        "peer = '10.0.0.1:514'\nsinks = []",
        "test[1].peer: found \"10.0.0.1:514\", expected an IPv4 or IPv6 address, such as \"192.0.2.1\"",
    );
    with("sinks = ['record']", "test[1].sinks: found the unknown sink \"record\", expected \"records\"");
    with(
        "sinks = ['siem']",
        "test[1].sinks: found the unknown sink \"siem\", expected a sink of this configuration: \"records\"",
    );
    with("sinks = 'siem'", "test[1].sinks: found \"siem\", expected a list such as [\"siem\"]: each a text");
    with("fields = 5", "test[1].fields: found 5, expected a table of texts");
    with(
        "fields = { 'user.name' = 1.5 }",
        "test[1].fields.\"user.name\": found 1.5, expected a text, a whole number, true, false or a list of texts",
    );
    with("fields = { user.name = {} }", "test[1].fields.\"user.name\": found a table, expected a text");
    with("fields = { user.name = [1] }", "test[1].fields.\"user.name\": found a list of other things than texts");
    with(
        "fields = { a = 99999999999999999999 }",
        "test[1].fields.a: found 99999999999999999999, expected a whole number of at most 64 bits",
    );
    with("fields = { 'user.name' = 'a', user.name = 'b' }", "test[1].fields.\"user.name\": found it a second time");
}

#[test]
fn a_test_that_cannot_fail_is_a_mistake() {
    let expected =
        "1: test[1]: found a test that expects nothing, expected at least one of class, fields, flags and sinks";
    check(TEST, &[expected]);
    check(&format!("{TEST}fields = {{}}\n"), &[expected]);
    for line in ["class = 'other'", "flags = []", "sinks = []", "fields = { a = 1 }"] {
        check(&format!("{TEST}{line}\n"), &[]);
    }
}

#[test]
fn tests_have_names_of_their_own() {
    check(
        &format!("{TEST}sinks = []\n{TEST}sinks = []\n"),
        &["6: test[2].name: found \"one\", which test[1] has, expected a name of its own for each test"],
    );
}

#[test]
fn tests_stand_in_a_list() {
    check("[test]\nname = 'x'\n", &["1: test: found a table, expected a list of sections: [[test]]"]);
    check("[test.a]\nname = 'x'\n", &["1: test: found a table, expected a list of sections: [[test]]"]);
    check("test = [5]\n", &["1: test[1]: found 5, expected a list of sections: [[test]]"]);
    check("test = [{ name = 'x', line = 'y', sinks = [] }]\n", &[]);
    check("[tests]\n", &["1: tests: found an unknown key, expected \"test\""]);
    check("name = 'x'\n", &["1: name: found an unknown key, expected \"name\" in [[test]]"]);
}

#[test]
fn a_redaction_key_is_for_its_owner_alone() {
    let directory = tempfile::tempdir().unwrap();
    let (path, file) = (directory.path().join("key"), directory.path().join("gully.toml"));
    std::fs::write(&path, KEY).unwrap();
    let told = |mode: u32| {
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let text = "[redaction]\nredact = ['jwt']\nkey = '${file:key}'\n";
        let problems = load_text(text, Some(&file), &|_| None).problems;
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(told(0o600), [""; 0]);
    let warned = told(0o640);
    assert!(warned.len() == 1 && warned[0].contains("redaction.key: found "), "{warned:?}");
}
