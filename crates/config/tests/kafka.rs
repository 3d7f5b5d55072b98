//! Kafka sinks: every mistake in one, and what a right one becomes.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

mod support;

use gully_config::{
    Config, Encoding, KafkaCompression, KafkaTarget, MessageKey, Sasl, SinkKind, Timestamp, defaults_toml, load_text,
};
use support::{LISTENER, check};

const SINK: &str = "[sink.a]\nkind = 'kafka'\nbrokers = ['kafka-1:9093']\ntopic = 'audit.{class}'\n";

/// Checks one line inside a Kafka sink; the line is the seventh, and `expected` begins with the key inside the sink.
#[track_caller]
fn in_sink(line: &str, expected: &[&str]) {
    with_place(&format!("{LISTENER}{SINK}{line}\n"), 7, expected);
}

/// Checks the brokers, given as the items of their list, on the fifth line.
#[track_caller]
fn brokers(items: &str, expected: &[&str]) {
    with_place(&format!("{LISTENER}{}\n", SINK.replace("'kafka-1:9093'", items)), 5, expected);
}

/// Checks the topic, on the sixth line.
#[track_caller]
fn topic(topic: &str, expected: &[&str]) {
    with_place(&format!("{LISTENER}{}\n", SINK.replace("audit.{class}", topic)), 6, expected);
}

#[track_caller]
fn with_place(text: &str, line: usize, expected: &[&str]) {
    let full = |problem: &&str| match problem.strip_prefix("warning: ") {
        Some(problem) => format!("{line}: warning: sink.a.{problem}"),
        None => format!("{line}: sink.a.{problem}"),
    };
    let expected = expected.iter().map(full).collect::<Vec<_>>();
    check(text, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

#[track_caller]
fn loaded(text: &str) -> Config {
    let outcome = load_text(text, None, &|name| (name == "SECRET").then(|| "hunter2".to_owned()));
    assert_eq!(outcome.problems, [], "{text}");
    outcome.config.unwrap()
}

#[track_caller]
fn kafka(lines: &str) -> KafkaTarget {
    loaded(&format!("{LISTENER}{SINK}{lines}")).sinks[0].kafka().unwrap().clone()
}

#[test]
fn a_short_sink_has_the_defaults() {
    let config = loaded(&format!("{LISTENER}{SINK}"));
    let sink = &config.sinks[0];
    assert_eq!((sink.kind(), sink.encoding, sink.embed_json), (SinkKind::Kafka, Encoding::Json, false));
    assert!(sink.file().is_none());
    let kafka = kafka("");
    assert_eq!((kafka.key, kafka.fixed_key), (MessageKey::Peer, None));
    assert_eq!((kafka.timestamp, kafka.compression), (Timestamp::Record, KafkaCompression::Lz4));
    assert_eq!((kafka.client_id.as_str(), kafka.queue_bytes), ("gully", 4 << 20));
    assert_eq!((kafka.tls, kafka.sasl), (None, None));
    assert!(kafka.properties.is_empty());
}

#[test]
fn the_defaults_that_the_page_shows_change_nothing() {
    let page = defaults_toml();
    let of_kafka = |line: &&str| {
        let keys = ["key", "timestamp", "client_id", "queue_bytes"];
        keys.iter().any(|key| line.starts_with(&format!("{key} = "))) || *line == "compression = \"lz4\""
    };
    let (_, sink) = page.split_once("[sink.records]").unwrap();
    let (sink, _) = sink.split_once("\n[").unwrap();
    let lines = sink.lines().filter_map(|line| line.strip_prefix("# ")).filter(of_kafka).collect::<Vec<_>>();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert_eq!(kafka(&lines.join("\n")), kafka(""));
}

#[test]
fn a_whole_sink_is_read() {
    let kafka = kafka(
        "\
key = 'fixed'
fixed_key = 'k'
timestamp = 'received'
compression = 'zstd'
client_id = 'collector'
queue_bytes = '1GiB'
tls = {}
sasl = { mechanism = 'scram-sha-512', username = 'gully', password = '${env:SECRET}' }
properties = { 'linger.ms' = 20, 'socket.nagle.disable' = false, 'client.rack' = 'a', 'batch.size' = 1_000_000 }
",
    );
    assert_eq!((kafka.key, kafka.fixed_key.as_deref()), (MessageKey::Fixed, Some("k")));
    assert_eq!((kafka.timestamp, kafka.compression), (Timestamp::Received, KafkaCompression::Zstd));
    assert_eq!((kafka.client_id.as_str(), kafka.queue_bytes), ("collector", 1 << 30));
    let tls = kafka.tls.unwrap();
    assert_eq!((tls.ca, tls.certificate, tls.key, tls.key_password), (None, None, None, None));
    assert!(tls.verify_name);
    let Some(Sasl::ScramSha512(login)) = kafka.sasl else { panic!("{:?}", kafka.sasl) };
    assert_eq!((login.username.as_str(), login.password.reveal()), ("gully", "hunter2"));
    let properties = kafka.properties.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    assert_eq!(properties, ["batch.size=1000000", "client.rack=a", "linger.ms=20", "socket.nagle.disable=false"]);
}

#[test]
fn client_credentials_are_read() {
    let sasl = "sasl = { mechanism = 'oauthbearer', token_url = 'https://a/t', client_id = 'c', client_secret = '${env:SECRET}', scope = 's' }";
    let sasl = kafka(&format!("{sasl}\ntls = {{}}\n")).sasl;
    let Some(Sasl::OauthBearer(client)) = sasl else { panic!("{sasl:?}") };
    assert_eq!((client.token_url.as_str(), client.client_id.as_str()), ("https://a/t", "c"));
    assert_eq!((client.client_secret.reveal(), client.scope.as_deref()), ("hunter2", Some("s")));
}

#[test]
fn each_mechanism_is_its_own() {
    let with = |mechanism: &str| {
        let sasl = format!("sasl = {{ mechanism = '{mechanism}', username = 'u', password = '${{env:SECRET}}' }}");
        kafka(&format!("{sasl}\ntls = {{}}\n")).sasl.unwrap()
    };
    for word in ["plain", "scram-sha-256", "scram-sha-512"] {
        assert_eq!(with(word).mechanism().word(), word);
    }
}

#[test]
fn keys_belong_to_their_kind() {
    for key in [
        "path = '/x'",
        "rotate = {}",
        "retain = { count = 1 }",
        "fsync = 'batch'",
        "open_files_max = 1",
        "mode = '0600'",
    ] {
        let name = key.split(' ').next().unwrap();
        let expected = format!("{name}: found it with kind = \"kafka\", expected it only with kind = \"file\"");
        in_sink(key, &[&expected]);
    }
    let file = |line: &str| format!("{LISTENER}[sink.a]\npath = '/x'\n{line}\n");
    for key in
        ["brokers = ['k:1']", "topic = 't'", "key = 'peer'", "tls = {}", "sasl = {}", "properties = { acks = 1 }"]
    {
        let name = key.split(' ').next().unwrap();
        let expected = format!("{name}: found it with kind = \"file\", expected it only with kind = \"kafka\"");
        with_place(&file(key), 5, &[&expected]);
    }
}

#[test]
fn compression_has_the_words_of_its_kind() {
    for word in ["none", "gzip", "snappy", "lz4", "zstd"] {
        assert_eq!(kafka(&format!("compression = '{word}'")).compression.word(), word);
    }
    in_sink(
        "compression = 'lz5'",
        &[
            "compression: found \"lz5\", expected \"none\", \"gzip\", \"snappy\", \"lz4\" or \"zstd\"; did you mean \"lz4\"?",
        ],
    );
    let file = format!("{LISTENER}[sink.a]\npath = '/x'\ncompression = 'lz4'\n");
    with_place(&file, 5, &["compression: found \"lz4\", expected \"none\", \"zstd\" or \"gzip\""]);
}

#[test]
fn a_wrong_kind_says_nothing_of_other_keys() {
    let text = format!("{LISTENER}{}", SINK.replace("'kafka'", "'kafak'")) + "compression = 'brotli'\npath = 5\n";
    with_place(&text, 4, &["kind: found \"kafak\", expected \"file\" or \"kafka\"; did you mean \"kafka\"?"]);
}

#[test]
fn unknown_keys_name_the_nearest_of_the_kind() {
    in_sink("broker = 'k:1'", &["broker: found an unknown key, expected \"brokers\""]);
    in_sink("compresion = 'lz4'", &["compresion: found an unknown key, expected \"compression\""]);
    in_sink("queue_byte = '1MiB'", &["queue_byte: found an unknown key, expected \"queue_bytes\""]);
    in_sink(
        "pth = '/x'",
        &[
            "pth: found an unknown key, expected one of \"kind\", \"take\", \"where\", \"drop\", \"encoding\", \"embed_json\", \"fields\", \"brokers\", \"topic\", \"key\", \"fixed_key\", \"timestamp\", \"compression\", \"client_id\", \"queue_bytes\", \"tls\", \"sasl\" or \"properties\"",
        ],
    );
    in_sink("tls = { verify_names = true }", &["tls.verify_names: found an unknown key, expected \"verify_name\""]);
    in_sink(
        "sasl = { mechanism = 'scram-sha-256', user = 'u', username = 'u', password = '${env:HOST}' }",
        &["sasl.user: found an unknown key, expected one of \"mechanism\", \"username\" or \"password\""],
    );
}

#[test]
fn required_keys_are_asked_for() {
    check(
        &format!("{LISTENER}[sink.a]\nkind = 'kafka'\n"),
        &[
            "3: sink.a.brokers: found nothing, expected brokers = [\"kafka-1:9093\", \"kafka-2:9093\"]",
            "3: sink.a.topic: found nothing, expected topic = \"audit.{class}\"",
        ],
    );
}

#[test]
fn brokers_are_hosts_with_ports() {
    brokers("'kafka-1:9093', '10.0.0.1:9092', '[::1]:9092'", &[]);
    let forms = "expected \"host:port\" or \"[v6]:port\"";
    brokers("", &["brokers: found an empty list, expected at least 1, such as [\"kafka-1:9093\", \"kafka-2:9093\"]"]);
    brokers("'kafka-1'", &[&format!("brokers: found \"kafka-1\", {forms}; the port is missing (Kafka's own is 9092)")]);
    brokers("'kafka-1:0'", &[&format!("brokers: found \"kafka-1:0\", {forms}, with a port from 1 to 65535")]);
    brokers(
        "'k:1,l:2', 'SSL://k:1', 'k:1', 9092",
        &[
            &format!("brokers: found \"k:1,l:2\", {forms}; each broker is an item of its own in the list"),
            &format!("brokers: found \"SSL://k:1\", {forms}, without the scheme: \"k:1\"; TLS is `tls = {{}}`"),
            &format!("brokers: found 9092, {forms}"),
        ],
    );
    brokers("'k:1', 'l:1', 'K:1'", &["warning: brokers: found \"K:1\" a second time, expected each broker once"]);
    let text = format!("{LISTENER}{}", SINK.replace("['kafka-1:9093']", "'kafka-1:9093'"));
    with_place(
        &text,
        5,
        &[
            "brokers: found \"kafka-1:9093\", expected a list such as [\"kafka-1:9093\", \"kafka-2:9093\"]: each \"host:port\" or \"[v6]:port\"",
        ],
    );
}

#[test]
fn topics_are_what_kafka_takes() {
    for right in ["audit", "{class}", "a.{listener}_{instance}-Z9", &"x".repeat(249)] {
        topic(right, &[]);
    }
    let closed = "expected only {class}, {listener} and {instance} in braces";
    topic(
        "{tenant}",
        &[&format!(
            "topic: found the placeholder \"{{tenant}}\", {closed}: {{tenant}} is not there yet, a later version will have it"
        )],
    );
    topic("{date}", &[&format!("topic: found the placeholder \"{{date}}\", {closed}")]);
    topic("{hostname}", &[&format!("topic: found the placeholder \"{{hostname}}\", {closed}")]);
    topic("{clas}", &[&format!("topic: found the placeholder \"{{clas}}\", {closed}; did you mean {{class}}?")]);
    topic(
        "a/{class}",
        &[
            "topic: found '/' in \"a/{class}\", expected letters, digits, \".\", \"_\" and \"-\", which is all that Kafka takes",
        ],
    );
    topic("", &["topic: found \"\", expected the name of a topic, such as \"audit.{class}\""]);
    topic("..", &["topic: found \"..\", expected a name that is not one or two dots"]);
    with_place(
        &format!("{LISTENER}{}", SINK.replace("'audit.{class}'", "5")),
        6,
        &["topic: found 5, expected a topic with placeholders, such as \"audit.{class}\""],
    );
}

#[test]
fn every_topic_that_can_come_out_is_short_enough() {
    let long = |length: usize| "x".repeat(length);
    let cut = "x".repeat(80);
    topic(
        &long(250),
        &[&format!("topic: found \"{cut}\"…, a topic of 250 octets, expected topics of at most 249 octets")],
    );
    // The longest class has 23 octets, the longest that is taken here 9.
    topic(&format!("{}{{class}}", long(226)), &[]);
    topic(&format!("{}{{class}}", long(227)), &[&format!("topic: found \"{cut}\"…, a topic of 250 octets")]);
    let taking = |length: usize| {
        format!("{LISTENER}{}take = ['k8s.*']\n", SINK.replace("audit.{class}", &format!("{}{{class}}", long(length))))
    };
    with_place(&taking(240), 6, &[]);
    with_place(
        &taking(241),
        6,
        &[&format!(
            "topic: found \"{cut}\"…, a topic of 250 octets, of class \"k8s.audit\" and listener \"a\", expected topics of at most 249 octets"
        )],
    );
    let listeners = format!("[listener.{}]\naddress = '127.0.0.1:1'\n", long(64));
    let text = format!("{}{{listener}}", long(186));
    let text = format!("{LISTENER}{listeners}{}", SINK.replace("audit.{class}", &text));
    with_place(&text, 8, &[&format!("topic: found \"{cut}\"…, a topic of 250 octets")]);
    let text = format!(
        "instance = '{}'\n{LISTENER}{}",
        long(64),
        SINK.replace("audit.{class}", &format!("{}{{instance}}", long(186)))
    );
    with_place(&text, 7, &[&format!("topic: found \"{cut}\"…, a topic of 250 octets")]);
}

#[test]
fn two_sinks_may_share_a_topic() {
    check(&format!("{LISTENER}{SINK}{}", SINK.replace("sink.a", "sink.b")), &[]);
}

#[test]
fn the_key_is_one_of_a_few() {
    for word in ["none", "peer", "hostname", "app_name", "class", "actor"] {
        assert_eq!(kafka(&format!("key = '{word}'")).key.word(), word);
    }
    let words = "expected \"none\", \"peer\", \"hostname\", \"app_name\", \"class\", \"fixed\" or \"actor\"";
    in_sink("key = 'host_name'", &[&format!("key: found \"host_name\", {words}; did you mean \"hostname\"?")]);
}

#[test]
fn a_fixed_key_stands_with_its_word() {
    in_sink("key = 'fixed'\nfixed_key = 'k'", &[]);
    check(
        &format!("{LISTENER}{SINK}key = 'fixed'\n"),
        &["3: sink.a.fixed_key: found nothing with key = \"fixed\", expected fixed_key = \"gully\""],
    );
    in_sink("fixed_key = 'k'", &["fixed_key: found it with key = \"peer\", expected it only with key = \"fixed\""]);
    in_sink("fixed_key = 'k'\nkey = 'fixed'", &[]);
    let text =
        "fixed_key: found \"\", expected a text of 1 to 256 octets without control characters, such as \"gully\"";
    in_sink("fixed_key = ''\nkey = 'fixed'", &[text]);
}

#[test]
fn texts_have_no_control_characters() {
    in_sink(
        "client_id = \"a\\nb\"",
        &[
            "client_id: found \"a\\nb\", expected a text of 1 to 255 octets without control characters, such as \"gully\"",
        ],
    );
    in_sink(
        "client_id = ''",
        &["client_id: found \"\", expected a text of 1 to 255 octets without control characters"],
    );
    in_sink("client_id = 5", &["client_id: found 5, expected a text of 1 to 255 octets without control characters"]);
    in_sink("client_id = 'Sammler-Süd ${env:HOST}'", &[]);
}

#[test]
fn the_queue_is_bounded_and_takes_the_longest_record() {
    let right = "expected a size such as \"4MiB\" (1MiB to 1GiB)";
    in_sink("queue_bytes = '1023KiB'", &[&format!("queue_bytes: found \"1023KiB\", {right}")]);
    in_sink("queue_bytes = '2GiB'", &[&format!("queue_bytes: found \"2GiB\", {right}")]);
    in_sink("queue_bytes = 1048576", &[&format!("queue_bytes: found 1048576, {right}")]);
    in_sink("queue_bytes = '1MiB'", &[]);
    with_place(
        &format!("{LISTENER}frame_bytes_max = '2MiB'\n{SINK}queue_bytes = '1MiB'\n"),
        8,
        &[
            "warning: queue_bytes: found \"1MiB\", which makes dead letters of longer records, expected at least \"2MiB\", which is listener.a.frame_bytes_max",
        ],
    );
}

#[test]
fn sasl_has_what_its_mechanism_needs() {
    let mechanisms = "expected \"plain\", \"scram-sha-256\", \"scram-sha-512\" or \"oauthbearer\"";
    in_sink("sasl = { mechanism = 'scram' }", &[&format!("sasl.mechanism: found \"scram\", {mechanisms}")]);
    in_sink(
        "sasl = { mechanism = 'SCRAM-SHA-512' }",
        &[&format!("sasl.mechanism: found \"SCRAM-SHA-512\", {mechanisms}; did you mean \"scram-sha-512\"?")],
    );
    in_sink("sasl = {}", &["sasl.mechanism: found nothing, expected mechanism = \"scram-sha-512\""]);
    in_sink(
        "sasl = { mechanism = 'scram-sha-256' }",
        &[
            "sasl.username: found nothing, expected username = \"gully\"",
            "sasl.password: found nothing, expected password = \"${file:/run/secrets/kafka}\"",
        ],
    );
    in_sink(
        "sasl = { mechanism = 'oauthbearer' }",
        &[
            "sasl.token_url: found nothing, expected token_url = \"https://login.example.com/oauth2/token\"",
            "sasl.client_id: found nothing, expected client_id = \"gully\"",
            "sasl.client_secret: found nothing, expected client_secret = \"${env:KAFKA_CLIENT_SECRET}\"",
        ],
    );
    let words = "\"plain\", \"scram-sha-256\" or \"scram-sha-512\"";
    in_sink(
        "sasl = { username = 'u', mechanism = 'oauthbearer', token_url = 'https://a', client_id = 'c', client_secret = '${env:HOST}', password = '${env:HOST}' }\ntls = {}",
        &[
            &format!(
                "sasl.username: found it with mechanism = \"oauthbearer\", expected it only with mechanism = {words}"
            ),
            &format!(
                "sasl.password: found it with mechanism = \"oauthbearer\", expected it only with mechanism = {words}"
            ),
        ],
    );
    in_sink(
        "sasl = { mechanism = 'scram-sha-256', username = 'u', password = '${env:HOST}', scope = 's', token_url = '' }",
        &[
            "sasl.scope: found it with mechanism = \"scram-sha-256\", expected it only with mechanism = \"oauthbearer\"",
            "sasl.token_url: found it with mechanism = \"scram-sha-256\", expected it only with mechanism = \"oauthbearer\"",
        ],
    );
    in_sink("sasl = true", &["sasl: found a value that is not shown, expected a table"]);
}

#[test]
fn what_is_sent_in_clear_is_told() {
    let plain = "sasl = { mechanism = 'plain', username = 'u', password = '${env:HOST}' }";
    let warning = "warning: sasl.mechanism: found \"plain\" without tls, which sends the password in clear, expected tls, or brokers on this machine alone";
    in_sink(plain, &[warning]);
    in_sink(&format!("{plain}\ntls = {{}}"), &[]);
    in_sink("sasl = { mechanism = 'scram-sha-256', username = 'u', password = '${env:HOST}' }", &[]);
    let token = |url: &str| {
        format!(
            "sasl = {{ mechanism = 'oauthbearer', token_url = '{url}', client_id = 'c', client_secret = '${{env:HOST}}' }}"
        )
    };
    in_sink(
        &token("https://a/t"),
        &["warning: sasl.mechanism: found \"oauthbearer\" without tls, which sends the token in clear, expected tls"],
    );
    in_sink(
        &format!("{}\ntls = {{}}", token("http://a/t")),
        &[
            "warning: sasl.token_url: found \"http://a/t\", where the client's secret goes in clear, expected a URL that begins with \"https://\"",
        ],
    );
    in_sink(&format!("{}\ntls = {{}}", token("http://localhost:8080/t")), &[]);
    let on = |brokers: &str| format!("{LISTENER}{}{plain}\n", SINK.replace("'kafka-1:9093'", brokers));
    with_place(&on("'127.0.0.1:9092', '[::1]:9092', 'localhost:9092'"), 7, &[]);
    with_place(&on("'127.0.0.1:9092', '10.0.0.1:9092'"), 7, &[warning]);
    // Nobody knows what was meant by a wrong table.
    let text = format!("{LISTENER}{SINK}{plain}\ntls = {{ ca = 5 }}\n");
    check(&text, &["8: sink.a.tls.ca: found 5, expected a path, such as \"ca.pem\""]);
}

#[test]
fn token_urls_are_urls() {
    let with = |url: &str| {
        format!(
            "sasl = {{ mechanism = 'oauthbearer', token_url = '{url}', client_id = 'c', client_secret = '${{env:HOST}}' }}\ntls = {{}}"
        )
    };
    let forms = "expected \"https://host/path\" or \"http://host/path\"";
    in_sink(&with("a.example/t"), &[&format!("sasl.token_url: found \"a.example/t\", {forms}")]);
    in_sink(&with("https:///t"), &[&format!("sasl.token_url: found \"https:///t\", {forms}")]);
    in_sink(
        &with("https://u:p@a/t"),
        &[&format!("sasl.token_url: found a URL with a user, which is not shown, {forms}, without a user")],
    );
}

#[test]
fn a_certificate_and_its_key_stand_together() {
    // That the files are missing is told as well.
    in_sink(
        "tls = { certificate = '/no/such.pem' }",
        &[
            "tls.key: found nothing beside certificate, expected key = \"client.key\"",
            "tls.certificate: found /no/such.pem (No such file",
        ],
    );
    in_sink(
        "tls = { key = '/no/such.key' }",
        &[
            "tls.certificate: found nothing beside key, expected certificate = \"client.pem\"",
            "tls.key: found /no/such.key (No such file",
        ],
    );
    in_sink(
        "tls = { key_password = '${env:HOST}' }",
        &[
            "tls.key_password: found the value of ${env:HOST}, which is not shown, expected it only with an encrypted key",
        ],
    );
    in_sink(
        "tls = { verify_name = false }",
        &[
            "warning: tls.verify_name: found false: everybody with a certificate of these authorities can pose as the brokers, expected true",
        ],
    );
    in_sink("tls = 'ca.pem'", &["tls: found a value that is not shown, expected a table"]);
}

#[test]
fn properties_are_texts_numbers_and_booleans() {
    in_sink("properties = { 'linger.ms' = 20, 'client.rack' = 'r', 'enable.random.seed' = false, x = -1 }", &[]);
    let right = "expected a text, a whole number, true or false";
    in_sink("properties = { 'linger.ms' = 2.5 }", &[&format!("properties.\"linger.ms\": found 2.5, {right}")]);
    in_sink("properties = { 'linger.ms' = [1] }", &[&format!("properties.\"linger.ms\": found a list, {right}")]);
    in_sink(
        "properties = { linger.ms = 20 }",
        &[
            "properties.linger: found a name without quotes, which is a table, expected the whole name in quotes: \"linger.ms\" = …",
        ],
    );
    in_sink(
        "properties.socket.timeout.ms = 20",
        &[
            "properties.socket: found a name without quotes, which is a table, expected the whole name in quotes: \"socket.timeout.ms\" = …",
        ],
    );
    in_sink(
        "properties = 5",
        &["properties: found a value that is not shown, expected a table of texts, whole numbers, true and false"],
    );
    in_sink(
        "properties = { 'client.rack' = '${env:NO_SUCH}' }",
        &["properties.\"client.rack\": found ${env:NO_SUCH}, but the environment variable NO_SUCH is not set"],
    );
    assert_eq!(kafka("properties = { a = 0x10, b = '${env:SECRET}' }").properties["a"], "16");
}

#[test]
fn properties_that_would_break_a_promise_are_refused_with_the_reason() {
    let found = "found a property that is not passed on";
    let without = "expected properties without it";
    let cases = [
        ("acks = 1", "acks", "delivered means that all in-sync replicas have the record", without),
        ("'request.required.acks' = 1", "\"request.required.acks\"", "delivered means that all in-sync replicas", ""),
        (
            "'enable.idempotence' = false",
            "\"enable.idempotence\"",
            "without it, a message that is sent again may stand twice and out of order",
            without,
        ),
        (
            "'max.in.flight' = 1",
            "\"max.in.flight\"",
            "idempotence keeps the order of five, and is set to that",
            without,
        ),
        (
            "'enable.gapless.guarantee' = true",
            "\"enable.gapless.guarantee\"",
            "the sink decides: it is on, and off for ten minutes when many records are rejected one after another",
            without,
        ),
        (
            "'api.version.request' = false",
            "\"api.version.request\"",
            "a broker that is taken for an old one gives idempotence no producer id, and nothing would be delivered",
            without,
        ),
        (
            "'broker.version.fallback' = '0.9.0'",
            "\"broker.version.fallback\"",
            "a broker that is taken for an old one",
            "",
        ),
        ("'topic.acks' = 1", "\"topic.acks\"", "delivered means that all in-sync replicas have the record", without),
        ("'transactional.id' = 'x'", "\"transactional.id\"", "nobody would commit the transactions", without),
        (
            "'message.timeout.ms' = 1",
            "\"message.timeout.ms\"",
            "messages would be given up, which are tried until they are delivered",
            without,
        ),
        ("retries = 1", "retries", "messages would be given up", ""),
        (
            "'queue.buffering.max.kbytes' = 1",
            "\"queue.buffering.max.kbytes\"",
            "it has a key of its own, with which the memory is counted",
            "expected the key \"queue_bytes\"",
        ),
        ("'queuing.strategy' = 'lifo'", "\"queuing.strategy\"", "the order of records would be lost", without),
        ("'dr_msg_cb' = 'x'", "dr_msg_cb", "it is between the program and librdkafka", ""),
        (
            "'bootstrap.servers' = 'k:1'",
            "\"bootstrap.servers\"",
            "it has a key of its own",
            "expected the key \"brokers\"",
        ),
        ("'client.id' = 'x'", "\"client.id\"", "it has a key of its own", "expected the key \"client_id\""),
        (
            "'compression.type' = 'x'",
            "\"compression.type\"",
            "it has a key of its own",
            "expected the key \"compression\"",
        ),
        (
            "'security.protocol' = 'ssl'",
            "\"security.protocol\"",
            "it has a key of its own",
            "expected the key \"tls\" or \"sasl\"",
        ),
        (
            "'ssl.ca.location' = 'x'",
            "\"ssl.ca.location\"",
            "encryption has a table of its own",
            "expected the key \"tls\"",
        ),
        (
            "'sasl.username' = 'x'",
            "\"sasl.username\"",
            "users, passwords and tokens have a table of their own",
            "expected the key \"sasl\"",
        ),
        ("debug = 'all'", "debug", "it would log what goes over the wire", without),
        (
            "'plugin.library.paths' = 'x'",
            "\"plugin.library.paths\"",
            "code from elsewhere would run inside gully",
            without,
        ),
        ("'group.id' = 'x'", "\"group.id\"", "it is for consumers", without),
        // The reason comes before the value.
        ("acks = []", "acks", "delivered means", ""),
    ];
    for (property, name, why, expected) in cases {
        let line = format!("properties = {{ {property} }}");
        let start = format!("properties.{name}: {found}: {why}");
        match expected {
            "" => in_sink(&line, &[&start]),
            expected => in_sink(&line, &[&format!("{start}, {expected}")]),
        }
    }
}

#[test]
fn a_property_with_a_limit_is_a_whole_number_up_to_it() {
    for value in ["1", "1000000", "'1000000'", "0x100"] {
        in_sink(&format!("properties = {{ 'batch.size' = {value} }}"), &[]);
    }
    let limit = "a whole number from 1 to 1000000: the brokers refuse larger batches, unless they are told otherwise";
    for value in ["1000001", "'1000001'", "0", "-5", "'-5'", "'0x100'", "'0100'", "'abc'", "''", "true"] {
        let found = value.replace('\'', "\"");
        in_sink(
            &format!("properties = {{ 'batch.size' = {value} }}"),
            &[&format!("properties.\"batch.size\": found {found}, expected {limit}")],
        );
    }
}

#[test]
fn records_with_a_key_are_not_spread_at_random() {
    let lost = "records with the same key would lose their order, expected another partitioner, or key = \"none\"";
    let (plain, prefixed) = ("partitioner", "\"topic.partitioner\"");
    for name in [plain, prefixed] {
        let line = format!("properties = {{ {name} = 'random' }}");
        in_sink(&line, &[&format!("properties.{name}: found \"random\" with key = \"peer\": {lost}")]);
        in_sink(&format!("{line}\nkey = 'none'"), &[]);
        in_sink(
            &format!("{line}\nkey = 'fixed'\nfixed_key = 'k'"),
            &[&format!("properties.{name}: found \"random\" with key = \"fixed\": {lost}")],
        );
    }
    for partitioner in ["consistent", "consistent_random", "murmur2", "murmur2_random", "fnv1a", "fnv1a_random"] {
        in_sink(&format!("properties = {{ partitioner = '{partitioner}' }}"), &[]);
    }
}

#[test]
fn every_mistake_is_told_at_once() {
    let text = format!(
        "{LISTENER}\
[sink.a]
kind = 'kafka'
brokers = ['kafka-1']
topic = 'a b'
key = 'user'
timestamp = 'now'
compression = 'brotli'
client_id = ''
queue_bytes = '1B'
path = '/x'
[sink.a.tls]
ca = '/no/such.pem'
verify = false
[sink.a.sasl]
mechanism = 'plain'
username = ''
password = 'hunter2'
[sink.a.properties]
acks = 0
'linger.ms' = 1.5
"
    );
    check(
        &text,
        &[
            "5: sink.a.brokers: found \"kafka-1\"",
            "6: sink.a.topic: found ' ' in \"a b\"",
            "7: sink.a.key: found \"user\"",
            "8: sink.a.timestamp: found \"now\", expected \"record\" or \"received\"",
            "9: sink.a.compression: found \"brotli\"",
            "10: sink.a.client_id: found \"\"",
            "11: sink.a.queue_bytes: found \"1B\"",
            "12: sink.a.path: found it with kind = \"kafka\"",
            "15: sink.a.tls.verify: found an unknown key, expected one of",
            "18: sink.a.sasl.username: found \"\"",
            "19: sink.a.sasl.password: found a secret in the configuration itself, which is not shown",
            "21: sink.a.properties.acks: found a property that is not passed on",
            "22: sink.a.properties.\"linger.ms\": found 1.5",
        ],
    );
}
