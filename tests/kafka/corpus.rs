//! A record looks the same in Kafka as in a file, and says in its headers what it is.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::client::{counted, send};
use crate::support::corpus::{Line, lines};
use crate::support::gully::Gully;
use crate::support::kafka::cluster::Cluster;
use crate::support::kafka::consumer::{Message, read_all};
use crate::support::peers::installed;
use crate::support::records::Record;
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

const ENCODINGS: [&str; 3] = ["json", "raw", "syslog"];
const DAY_MILLIS: i64 = 86_400_000;

#[test]
fn values_are_what_a_file_sink_writes_between_its_framing() {
    let cluster = Cluster::shared();
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    for encoding in ENCODINGS {
        let topic = format!("corpus.{encoding}");
        cluster.admin().create_topic(&topic, 4, 1, &[]);
        setup.file_sink(&format!("{encoding}-file"), encoding, encoding);
        setup.kafka_sink(encoding, &cluster.brokers(), &topic, &format!("encoding = \"{encoding}\""));
    }
    let gully = setup.start();
    let lines = deliverable();
    let before = now_millis();
    send_lines(&gully, address, &lines, 2 * ENCODINGS.len());
    let after = now_millis();

    for encoding in ENCODINGS {
        let messages = read_all(&cluster, &format!("corpus.{encoding}"));
        assert_eq!(messages.len(), lines.len());
        let frame = |message: &Message| {
            let count = format!("{} ", message.value.len() + 1);
            [if encoding == "syslog" { count.as_bytes() } else { b"" }, &message.value, b"\n"].concat()
        };
        let framed: Vec<u8> = messages.iter().flat_map(frame).collect();
        assert!(framed == fs::read(gully.directory().join(encoding)).unwrap(), "{encoding}: not what the file has");
        for (line, message) in lines.iter().zip(&messages) {
            // One sender, one key, one partition.
            assert_eq!(message.key.as_deref(), Some(&b"127.0.0.1"[..]), "{}", line.id);
            assert_eq!(message.partition, messages[0].partition, "{}", line.id);
            let names: Vec<_> = message.headers.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["gully-id", "gully-class", "gully-listener", "gully-peer", "gully-v"]);
            assert_eq!(message.header("gully-class"), line.class, "{}", line.id);
            assert_eq!(message.header("gully-listener"), "tcp");
            assert_eq!(message.header("gully-v"), "1");
            assert!((before - DAY_MILLIS..=after).contains(&message.timestamp), "{}: {}", line.id, message.timestamp);
        }
        if encoding == "json" {
            for message in messages {
                let record = Record::parse(message.text());
                assert_eq!(message.header("gully-id"), record.text("id"));
                assert_eq!(message.header("gully-peer"), record.text("peer"));
            }
        }
    }
    gully.assert_ledger();
}

#[test]
fn a_topic_can_be_named_after_the_class() {
    let cluster = Cluster::shared();
    let lines = deliverable();
    let mut classes: Vec<_> = lines.iter().map(|line| line.class.as_str()).collect();
    classes.sort_unstable();
    classes.dedup();
    assert!(classes.len() > 10, "only {} classes in the corpus", classes.len());
    classes.iter().for_each(|class| cluster.admin().create_topic(&format!("of.{class}"), 1, 1, &[]));
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.kafka_sink("records", &cluster.brokers(), "of.{class}", "");
    let gully = setup.start();
    send_lines(&gully, address, &lines, 1);

    for class in classes {
        let wanted = lines.iter().filter(|line| line.class == class).count();
        let messages = read_all(&cluster, &format!("of.{class}"));
        assert_eq!(messages.len(), wanted, "{class}");
        assert!(messages.iter().all(|message| message.header("gully-class") == class));
    }
}

#[test]
fn keys_and_timestamps_are_what_the_configuration_says() {
    let cluster = Cluster::shared();
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    // Sink, its keys, the key of a record, whether the record's own time counts.
    let cases: [(&str, &str, Option<&str>, bool); 5] = [
        ("none", "key = \"none\"", None, true),
        ("hostname", "key = \"hostname\"", Some("host-1"), true),
        ("app_name", "key = \"app_name\"", Some("app-1"), true),
        ("class", "key = \"class\"\ntimestamp = \"received\"", Some("other"), false),
        ("fixed", "key = \"fixed\"\nfixed_key = \"all\"", Some("all"), true),
    ];
    for (name, keys, ..) in cases {
        let topic = format!("key.{name}");
        cluster.admin().create_topic(&topic, 1, 1, &[]);
        setup.kafka_sink(name, &cluster.brokers(), &topic, keys);
    }
    let gully = setup.start();
    let an_hour_ago = Command::new(installed("date")).args(["-u", "-d", "1 hour ago", "+%FT%T.123Z %s"]).output();
    let an_hour_ago = String::from_utf8(an_hour_ago.unwrap().stdout).unwrap();
    let (text, seconds) = an_hour_ago.trim().split_once(' ').unwrap();
    let millis = seconds.parse::<i64>().unwrap() * 1_000 + 123;
    send(address, &counted(format!("<14>1 {text} host-1 app-1 - - - an hour old").as_bytes()));
    let delivered = || gully.metrics().sum("gully_records_delivered_total", &[]);
    wait_until("a record in each topic", SOON, || delivered() == cases.len() as u64);

    for (name, _, key, own_time) in cases {
        let messages = read_all(&cluster, &format!("key.{name}"));
        let message = &messages[0];
        assert_eq!(message.key.as_deref(), key.map(str::as_bytes), "{name}");
        assert_eq!(message.timestamp == millis, own_time, "{name}: {} beside {millis}", message.timestamp);
    }
}

/// Sends all lines over one connection and waits until each of the sinks has them.
fn send_lines(gully: &Gully, address: SocketAddr, lines: &[Line], sinks: usize) {
    let stream: Vec<u8> = lines.iter().flat_map(|line| counted(line.message.as_bytes())).collect();
    send(address, &stream);
    let delivered = || gully.metrics().sum("gully_records_delivered_total", &[]);
    wait_until("all lines in all sinks", SOON, || delivered() == (lines.len() * sinks) as u64);
}

/// All lines with a message; an empty one is counted, not delivered.
fn deliverable() -> Vec<Line> {
    let mut lines = lines();
    lines.retain(|line| !line.without_trailer().is_empty());
    lines
}

fn now_millis() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}
