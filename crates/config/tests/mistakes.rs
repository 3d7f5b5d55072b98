//! Every mistake in a configuration, and what is said about it.

mod support;

use gully_config::load_text;
use support::{LISTENER, check};

const SINK: &str = "[sink.a]\npath = '/x/{class}'\n";

/// Checks one line inside a listener of `protocol`; the line is the fifth.
#[track_caller]
fn in_listener(protocol: &str, line: &str, expected: &[&str]) {
    let expected = expected.iter().map(|problem| format!("5: {problem}")).collect::<Vec<_>>();
    let expected = expected.iter().map(String::as_str).collect::<Vec<_>>();
    let address = if protocol.starts_with("unix") { "unix:/run/g" } else { "127.0.0.1:5514" };
    check(&format!("# 1\n[listener.a]\naddress = '{address}'\nprotocol = '{protocol}'\n{line}\n{SINK}"), &expected);
}

/// Checks one line inside a sink; the line is the fifth.
#[track_caller]
fn in_sink(line: &str, expected: &[&str]) {
    let expected = expected.iter().map(|problem| format!("5: {problem}")).collect::<Vec<_>>();
    let expected = expected.iter().map(String::as_str).collect::<Vec<_>>();
    check(&format!("{LISTENER}{SINK}{line}\n"), &expected);
}

#[test]
fn an_empty_file_is_the_default() {
    check("", &[]);
    check("\n# nothing\r\n", &[]);
}

#[test]
fn a_byte_order_mark_and_crlf_are_fine() {
    check("\u{feff}strict = false\r\n[log]\r\nlevel = 'warn'\r\n", &[]);
    check("\u{feff}strct = false\r\n", &["1: strct: found an unknown key, expected \"strict\""]);
}

#[test]
fn broken_syntax_is_told_with_its_place() {
    check("strict = false\n[log\n", &["2: : found a mistake in the syntax: unclosed table, expected `]`"]);
    check("a = ü", &["1: : found a mistake in the syntax: string values must be quoted"]);
    let problems = load_text("a = [[[[[[\nb = \"\n= 1\n", None, &|_| None).problems;
    assert!(problems.len() > 1 && problems.iter().all(|problem| problem.found.contains("syntax")), "{problems:?}");
}

#[test]
fn deep_nesting_is_refused_without_harm() {
    let deep = format!("a = {}", "[".repeat(100_000));
    assert!(load_text(&deep, None, &|_| None).config.is_none());
    let deep = format!("[{}a]", "a.".repeat(100_000));
    assert!(load_text(&deep, None, &|_| None).config.is_none());
}

#[test]
fn unknown_keys_name_the_nearest() {
    in_listener(
        "tcp",
        "max_conections = 1",
        &["listener.a.max_conections: found an unknown key, expected \"connections_max\""],
    );
    in_listener("tcp", "memory = 1", &["listener.a.memory: found an unknown key, expected \"memory\" in [limits]"]);
    in_listener(
        "tcp",
        "keepalive.prbes = 1",
        &["listener.a.keepalive.prbes: found an unknown key, expected \"probes\""],
    );
    in_sink("flavour = 1", &["sink.a.flavour: found an unknown key, expected one of \"kind\", \"take\""]);
    in_sink("rotate = { sise = '1MiB' }", &["sink.a.rotate.sise: found an unknown key, expected \"size\""]);
    check("listner = 1\n", &["1: listner: found an unknown key, expected \"listener\""]);
    check("[limit]\nmemory = '1GiB'\n", &["1: limit: found an unknown key, expected \"limits\""]);
    check("\"a\\nb\" = 1\n", &["1: \"a\\nb\": found an unknown key, expected one of \"data_dir\""]);
}

#[test]
fn keys_and_sections_stand_once() {
    check(
        "strict = false\nstrict = true\n",
        &["2: strict: found it a second time, expected each key and section once"],
    );
    let text = format!("{LISTENER}{SINK}[sink.a]\npath = '/y'\nmod = '1'\n");
    let expected = ["5: a: found it a second time"];
    let problems = load_text(&text, None, &|_| None).problems;
    assert!(problems[0].to_string().contains(&expected[0][3..]), "{problems:?}");
}

#[test]
fn duplicates_do_not_hide_other_mistakes() {
    let text = format!("strict = false\nstrict = true\n{LISTENER}adress = 1\n{SINK}");
    check(
        &text,
        &["2: strict: found it a second time", "5: listener.a.adress: found an unknown key, expected \"address\""],
    );
}

#[test]
fn wrong_types_show_the_right_form() {
    check("strict = 'true'\n", &["1: strict: found \"true\", expected true or false; without quotes"]);
    check("strict = 1\n", &["1: strict: found 1, expected true or false"]);
    check("instance = 5\n", &["1: instance: found 5, expected a name, such as \"collector-1\""]);
    check("instance = 2026-01-01\n", &["1: instance: found the date 2026-01-01, expected a name"]);
    check("limits = 5\n", &["1: limits: found 5, expected a section: [limits]"]);
    check("[[limits]]\nmemory = '1GiB'\n", &["1: limits: found a list, expected a section: [limits]"]);
    in_listener(
        "tcp",
        "connections_max = '5'",
        &["listener.a.connections_max: found \"5\", expected a whole number from 1 to 1000000; without quotes"],
    );
    in_listener("tcp", "connections_max = 1.5", &["listener.a.connections_max: found 1.5, expected a whole number"]);
    in_listener("tcp", "connections_max = nan", &["listener.a.connections_max: found nan, expected a whole number"]);
    in_listener("tcp", "connections_max = 0", &["listener.a.connections_max: found 0, expected a whole number from 1"]);
    in_listener(
        "tcp",
        "connections_max = -1",
        &["listener.a.connections_max: found -1, expected a whole number from 1"],
    );
    in_listener(
        "tcp",
        "connections_max = 99999999999999999999999",
        &["listener.a.connections_max: found 99999999999999999999999, expected"],
    );
    in_listener("tcp", "connections_max = 0x10", &[]);
    in_listener("tcp", "keepalive = 'on'", &["listener.a.keepalive: found \"on\", expected a table"]);
    in_sink("take = '*'", &["sink.a.take: found \"*\", expected a list such as [\"*\"]"]);
    in_sink("take = [1]", &["sink.a.take: found 1, expected a class"]);
}

#[test]
fn sizes_have_units() {
    let key = "listener.a.frame_bytes_max: found";
    let right = "expected a size such as \"256KiB\" (480B to 16MiB)";
    in_listener("tcp", "frame_bytes_max = '1MB'", &[]);
    in_listener("tcp", "frame_bytes_max = 262144", &[&format!("{key} 262144, {right}")]);
    in_listener(
        "tcp",
        "frame_bytes_max = '10 MB'",
        &[&format!("{key} \"10 MB\", {right}; write \"10MB\" for 10000000 bytes or \"10MiB\" for 10485760")],
    );
    in_listener("tcp", "frame_bytes_max = '17MiB'", &[&format!("{key} \"17MiB\", {right}")]);
    in_listener("tcp", "frame_bytes_max = '0B'", &[&format!("{key} \"0B\", {right}")]);
    in_listener("tcp", "frame_bytes_max = '-1KiB'", &[&format!("{key} \"-1KiB\", {right}")]);
    in_listener(
        "tcp",
        "frame_bytes_max = '99999999999999999TiB'",
        &[&format!("{key} \"99999999999999999TiB\", {right}")],
    );
    in_listener("tcp", "frame_bytes_max = nan", &[&format!("{key} nan, {right}")]);
}

#[test]
fn durations_have_units_and_are_not_zero() {
    let right = "expected a duration such as \"30s\" (1s to 1d)";
    in_listener("tcp", "frame_timeout = '1m30s'", &[]);
    in_listener("tcp", "frame_timeout = 30", &[&format!("listener.a.frame_timeout: found 30, {right}")]);
    in_listener(
        "tcp",
        "frame_timeout = '30'",
        &[&format!("listener.a.frame_timeout: found \"30\", {right}; the unit is missing")],
    );
    in_listener("tcp", "frame_timeout = '0s'", &[&format!("listener.a.frame_timeout: found \"0s\", {right}")]);
    in_listener("tcp", "frame_timeout = 'off'", &[&format!("listener.a.frame_timeout: found \"off\", {right}")]);
    in_listener("tcp", "user_timeout = 'off'", &[]);
    in_listener(
        "tcp",
        "idle_timeout = '0s'",
        &["listener.a.idle_timeout: found \"0s\", expected a duration such as \"1h\" (1s to 30d, or \"off\")"],
    );
    check(
        "[drain]\npre = '0s'\ntimeout = '0s'\n",
        &["3: drain.timeout: found \"0s\", expected a duration such as \"30s\" (100ms to 1d)"],
    );
}

#[test]
fn words_name_the_nearest_and_the_later() {
    in_sink(
        "compression = 'zst'",
        &["sink.a.compression: found \"zst\", expected \"none\", \"zstd\" or \"gzip\"; did you mean \"zstd\"?"],
    );
    in_sink(
        "encoding = 'ocfs'",
        &[
            "sink.a.encoding: found \"ocfs\", expected \"raw\", \"syslog\", \"json\", \"ecs\", \"ocsf\" or \"cef\"; did you mean \"ocsf\"?",
        ],
    );
    in_sink(
        "fields = ['natve']",
        &["sink.a.fields: found \"natve\", expected \"native\" or \"ecs\"; did you mean \"native\"?"],
    );
    check(
        &format!("{LISTENER}protocol = 'tsl'\nreceivers = 2\n{SINK}"),
        &[
            "3: listener.a.protocol: found \"tsl\", expected \"tcp\", \"tls\", \"udp\", \"unix\" or \"unix-datagram\"; did you mean \"tls\"?",
        ],
    );
}

#[test]
fn what_is_not_there_yet_says_so_once() {
    in_listener(
        "tcp",
        "proxy_protocol = { trusted = ['10.0.0.0/8'] }",
        &["listener.a.proxy_protocol: found a table, expected no such key: it is not there yet"],
    );
    in_listener(
        "tcp",
        "durability = 'fsync'",
        &["listener.a.durability: found \"fsync\", expected \"memory\": \"fsync\" is not there yet"],
    );
    in_listener(
        "tcp",
        "ack = 'sinks'",
        &["listener.a.ack: found \"sinks\", expected \"journal\": \"sinks\" is not there yet"],
    );
    check(
        "[journal]\nkind = 'disk'\nquota = '20GiB'\n",
        &["2: journal.kind: found \"disk\", expected \"memory\": \"disk\" is not there yet"],
    );
    check(
        "[journal]\nquota = '20GiB'\n",
        &["2: warning: journal.quota: found it with kind = \"memory\", where it has no effect"],
    );
}

#[test]
fn keys_belong_to_their_protocol() {
    in_listener(
        "udp",
        "framing = 'newline'",
        &[
            "listener.a.framing: found it with protocol = \"udp\", expected it only with protocol = \"tcp\", \"tls\" or \"unix\"",
        ],
    );
    in_listener(
        "tcp",
        "receivers = 4",
        &["listener.a.receivers: found it with protocol = \"tcp\", expected it only with protocol = \"udp\""],
    );
    in_listener(
        "tcp",
        "tls = { key = 'k' }",
        &["listener.a.tls: found it with protocol = \"tcp\", expected it only with protocol = \"tls\""],
    );
    in_listener("unix", "socket_mode = '0666'", &[]);
    in_listener(
        "unix-datagram",
        "socket_mode = '0999'",
        &["listener.a.socket_mode: found \"0999\", expected permission bits in octal"],
    );
}

#[test]
fn sections_have_names_and_their_own_shape() {
    check(
        "[listener]\naddress = '127.0.0.1:1'\n[sink.a]\npath='/x'\n",
        &["2: listener.address: found \"127.0.0.1:1\", expected the key inside a section with a name: [listener.NAME]"],
    );
    check(&format!("listener = 5\n{SINK}"), &["1: listener: found 5, expected sections with names: [listener.NAME]"]);
    check(
        &format!("[listener.'a/b']\naddress = '127.0.0.1:1'\n{SINK}"),
        &["1: listener.\"a/b\": found a name that cannot be part"],
    );
    check(
        &format!("[[listener.a]]\naddress = '127.0.0.1:1'\n{SINK}"),
        &["1: listener.a: found a list, expected a section: [listener.a]"],
    );
}

#[test]
fn a_listener_needs_a_sink_and_the_other_way_round() {
    check(LISTENER, &["0: sink: found no sink, expected at least one [sink.NAME]"]);
    check(SINK, &["0: listener: found no listener, expected at least one [listener.NAME]"]);
    check(&format!("[listener]\n{SINK}"), &["1: listener: found no listener"]);
}

#[test]
fn required_keys_are_asked_for() {
    check(
        &format!("[listener.a]\n{SINK}"),
        &["1: listener.a.address: found nothing, expected address = \"0.0.0.0:6514\""],
    );
    check(&format!("{LISTENER}[sink.a]\n"), &["3: sink.a.path: found nothing, expected path = "]);
    check(
        &format!("{LISTENER}protocol = 'tls'\n{SINK}"),
        &["1: listener.a.tls: found nothing with protocol = \"tls\", expected tls = {"],
    );
    let text = format!("{LISTENER}protocol = 'tls'\ntls = {{ client_names = ['*'] }}\n{SINK}");
    check(
        &text,
        &[
            "4: listener.a.tls.certificate: found nothing, expected certificate = \"server.pem\"",
            "4: listener.a.tls.key: found nothing, expected key = \"server.key\"",
            "4: listener.a.tls.client_names: found \"*\", expected a host name, or \"*.\" and a domain",
        ],
    );
}

#[test]
fn a_sink_takes_something() {
    in_sink("take = []", &["sink.a.take: found an empty list, expected at least 1, such as [\"*\"]"]);
    in_sink(
        "take = ['cf.*', 'k8s.audits']",
        &[
            "sink.a.take: found \"k8s.audits\", expected a class, a prefix and \".*\", or \"*\"; did you mean \"k8s.audit\"?",
        ],
    );
}

#[test]
fn instance_names_are_safe() {
    check("instance = '${env:HOST}'\n", &[]);
    check("instance = 'a/b'\n", &["1: instance: found \"a/b\", expected a name of 1 to 64"]);
    check("instance = '..'\n", &["1: instance: found \"..\""]);
    check("instance = 'x-${env:HOST}/'\n", &["1: instance: found \"x-node-1/\" (from \"x-${env:HOST}/\")"]);
    check(
        "instance = '${env:NO_SUCH}'\n",
        &["1: instance: found ${env:NO_SUCH}, but the environment variable NO_SUCH is not set"],
    );
    check("instance = '${file:/no/such}'\n", &["1: instance: found \"${file:/no/such}\": /no/such (No such file"]);
}

#[test]
fn one_address_has_one_listener() {
    let two = |one: (&str, &str), other: (&str, &str)| {
        format!(
            "[listener.a]\nprotocol = '{}'\naddress = '{}'\n[listener.b]\nprotocol = '{}'\naddress = '{}'\n{SINK}",
            one.0, one.1, other.0, other.1
        )
    };
    check(&two(("tcp", "127.0.0.1:1"), ("udp", "127.0.0.1:1")), &[]);
    check(
        &two(("tcp", "127.0.0.1:1"), ("tcp", "127.0.0.1:1")),
        &["6: listener.b.address: found 127.0.0.1:1, which listener.a.address has"],
    );
    check(
        &two(("udp", "0.0.0.0:1"), ("udp", "127.0.0.1:1")),
        &["6: listener.b.address: found 127.0.0.1:1, which listener.a.address has"],
    );
    check(&two(("tcp", "[::]:1"), ("tcp", "127.0.0.1:1")), &["6: listener.b.address: found 127.0.0.1:1"]);
    check(&two(("tcp", "[::]:1'\ndual_stack = false\n#'"), ("tcp", "127.0.0.1:1")), &[]);
    check(
        &two(("tcp", "127.0.0.1:9514"), ("udp", "127.0.0.1:9514")),
        &["0: admin.address: found 127.0.0.1:9514, which listener.a.address has"],
    );
    check(&two(("unix", "unix:/a"), ("unix-datagram", "unix:/a")), &["6: listener.b.address: found unix:/a"]);
    check(&two(("tcp", "systemd:a"), ("udp", "systemd:a")), &["6: listener.b.address: found systemd:a"]);
}

#[test]
fn addresses_fit_their_protocol() {
    let with =
        |address: &str, protocol: &str| format!("[listener.a]\naddress = '{address}'\nprotocol = '{protocol}'\n{SINK}");
    check(
        &with("unix:/a", "tcp"),
        &["2: listener.a.address: found \"unix:/a\" with protocol = \"tcp\", expected \"host:port\", or protocol"],
    );
    check(
        &with("127.0.0.1:1", "unix"),
        &["2: listener.a.address: found \"127.0.0.1:1\" with protocol = \"unix\", expected \"unix:/path\""],
    );
    check(
        &with("127.0.0.1:65536", "tcp"),
        &["2: listener.a.address: found \"127.0.0.1:65536\", expected \"host:port\""],
    );
    check(&with("127.0.0.1:0", "tcp"), &["2: warning: listener.a.address: found port 0"]);
    check(&with("systemd:syslog", "udp"), &[]);
}

#[test]
fn the_admin_endpoint_stays_on_this_machine() {
    check(
        "[admin]\naddress = '0.0.0.0:9514'\n",
        &["2: admin.address: found \"0.0.0.0:9514\", which other machines may reach, expected a loopback"],
    );
    check("[admin]\naddress = '0.0.0.0:9514'\nallow_remote = true\n", &[]);
    check("[admin]\naddress = 'off'\n", &[]);
    check(
        "[admin]\naddress = 'unix:/x'\n",
        &["2: admin.address: found \"unix:/x\", expected \"host:port\" or \"off\", such as"],
    );
}

#[test]
fn paths_stay_below_their_base() {
    let with = |path: &str| format!("{LISTENER}[sink.a]\npath = '{path}'\n");
    check(
        &with("/x/{class}/../../etc/passwd"),
        &["4: sink.a.path: found \"/x/{class}/../../etc/passwd\", expected a path without \"..\""],
    );
    check(&with("/x/{hostname}"), &["4: sink.a.path: found the placeholder \"{hostname}\", expected only {class}"]);
    check(&with("/x/"), &["4: sink.a.path: found \"/x/\", expected the path of a file"]);
}

#[test]
fn two_sinks_write_different_files() {
    let with = |one: &str, other: &str| format!("{LISTENER}[sink.a]\npath = '{one}'\n[sink.b]\npath = '{other}'\n");
    check(&with("/x/{class}", "/y/{class}"), &[]);
    check(
        &with("/x/{class}", "/x/{class}"),
        &["6: sink.b.path: found /x/bosh.director.cef, which sink.a.path writes too"],
    );
    check(&with("/x/{class}.log", "/x//./other.log"), &["6: sink.b.path: found /x/other.log"]);
    check(&with("/x/{class}'\ntake = ['cef']\n#", "/x/{class}'\ntake = ['cf.*']\n#"), &[]);
    check(&with("/x/{date}", "/x/{hour}"), &[]);
}

#[test]
fn memory_holds_the_longest_frames() {
    let with = |memory: &str, frame: &str, more: &str| {
        format!(
            "[limits]\nmemory = '{memory}'\n{LISTENER}frame_bytes_max = '{frame}'\nconnections_max = 100\n{more}\n{SINK}"
        )
    };
    check(&with("256MiB", "16MiB", ""), &[]);
    check(
        &with("32MiB", "16MiB", ""),
        &[
            "2: limits.memory: found \"32MiB\", too small for frames of \"16MiB\" (listener.a.frame_bytes_max) beside udp_reserve = \"4MiB\", expected at least \"37MiB\"",
        ],
    );
    check(&with("37MiB", "16MiB", ""), &[]);
    check(
        &with("64MiB'\nudp_reserve = '64MiB", "256KiB", ""),
        &["2: limits.memory: found \"64MiB\", too small for frames"],
    );
    check(&with("2MiB", "256KiB", "#"), &[]);
    check(
        "[limits]\nmemory = '16MiB'\n",
        &[
            "2: warning: limits.memory: found \"16MiB\", too small for 20000 connections that all send, expected at least \"23MiB\"",
        ],
    );
    check("[limits]\nmemory = '10 MB'\n", &["2: limits.memory: found \"10 MB\""]);
}

#[test]
fn times_do_not_contradict_each_other() {
    in_listener("tcp", "idle_timeout = '1h'", &[]);
    in_listener(
        "tcp",
        "idle_timeout = '10s'",
        &[
            "listener.a.idle_timeout: found \"10s\", shorter than frame_timeout, which is \"30s\"",
            "warning: listener.a.idle_timeout: found \"10s\", expected \"off\", or more than \"20m\"",
        ],
    );
    in_listener(
        "tcp",
        "keepalive.idle = '1500ms'",
        &["listener.a.keepalive.idle: found \"1s500ms\", expected whole seconds"],
    );
    in_listener(
        "tcp",
        "connections_per_source_max = 30000",
        &["warning: listener.a.connections_per_source_max: found 30000, expected at most"],
    );
}

#[test]
fn keys_without_effect_are_told() {
    in_sink("fsync_interval = '5s'", &[]);
    in_sink(
        "fsync_interval = '5s'\nfsync = 'batch'",
        &["warning: sink.a.fsync_interval: found it with fsync = \"batch\", where it has no effect"],
    );
    in_sink("embed_json = true\nencoding = 'raw'", &["warning: sink.a.embed_json: found it with encoding = \"raw\""]);
    in_sink("mode = '0666'", &["warning: sink.a.mode: found \"0666\", which lets everybody"]);
    in_sink("owner = 'root:no-such-group'", &["sink.a.owner: found the unknown group \"no-such-group\""]);
}

#[test]
fn strict_makes_errors_of_warnings() {
    check("strict = true\n[journal]\nquota = '1GiB'\n", &["3: journal.quota: found it"]);
    check("strict = true\n", &[]);
}

#[test]
fn a_file_of_nothing_but_mistakes_is_told_in_part() {
    let text = (0..20_000).map(|number| format!("k{number} = 1\n")).collect::<String>();
    let outcome = load_text(&text, None, &|_| None);
    assert_eq!(outcome.problems.len(), gully_config::ERRORS_MAX);
    let items = "'cf.audit_evenx',".repeat(20_000);
    let outcome = load_text(&format!("{LISTENER}{SINK}take = [{items}]\nk = 1"), None, &|_| None);
    assert_eq!(outcome.problems.len(), gully_config::ERRORS_MAX);
    assert!(outcome.config.is_none());
}

#[test]
fn every_mistake_is_told_at_once() {
    let text = "\
data_dirr = 'x'
instance = 'a b'
[listener.a]
address = '127.0.0.1'
frame_bytes_max = 10
[listener.b]
address = '127.0.0.1:1'
protocol = 'relp'
framing = 'lines'
[listener.c]
address = '127.0.0.1:1'
idle_timeout = 'never'
[sink.a]
path = '/x/{who}'
take = ['cf', 'what']
[limits]
memory = '-1'
[drain]
timeout = '0s'
[log]
level = 'loud'
";
    check(
        text,
        &[
            "1: data_dirr: found an unknown key, expected \"data_dir\"",
            "2: instance: found \"a b\", expected a name",
            "4: listener.a.address: found \"127.0.0.1\", expected \"host:port\", \"[v6]:port\", \"unix:/path\" or \"systemd:NAME\"; the port is missing",
            "5: listener.a.frame_bytes_max: found 10",
            "8: listener.b.protocol: found \"relp\", expected \"tcp\", \"tls\", \"udp\", \"unix\" or \"unix-datagram\": \"relp\" is not there yet",
            "12: listener.c.idle_timeout: found \"never\"",
            "14: sink.a.path: found the placeholder \"{who}\"",
            "15: sink.a.take: found \"cf\"",
            "15: sink.a.take: found \"what\"",
            "17: limits.memory: found \"-1\"",
            "19: drain.timeout: found \"0s\"",
            "21: log.level: found \"loud\"",
        ],
    );
}
