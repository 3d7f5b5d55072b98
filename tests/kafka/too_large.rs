//! What is larger than the topic takes becomes a dead letter, and nothing else does.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use crate::support::client::counted;
use crate::support::gully::Gully;
use crate::support::kafka::cluster::Cluster;
use crate::support::kafka::consumer::read_all;
use crate::support::records::Record;
use crate::support::setup::Setup;
use crate::support::wait::wait_until;

/// Small records before each large one.
const NEIGHBOURS: usize = 50;
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn records_around_a_limit_that_batches_rarely_reach() {
    check("above", 100_000);
}

/// The client gathers 64 KiB and more: the broker refuses whole batches, and only some of their records are to blame.
#[test]
fn records_around_a_limit_far_below_the_size_of_batches() {
    check("below", 2_000);
}

/// Sends records of exactly `limit`, of one octet more, and of ten times as much, each between small ones.
#[track_caller]
fn check(name: &str, limit: usize) {
    let cluster = Cluster::shared();
    let topic = format!("too-large.{name}");
    cluster.admin().create_topic(&topic, 1, 1, &[("max.message.bytes", &limit.to_string())]);
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "frame_bytes_max = \"2MiB\"\n");
    // Compressed they would be anything but what they are.
    setup.kafka_sink("records", &cluster.brokers(), &topic, "encoding = \"raw\"\ncompression = \"none\"");
    let gully = setup.start();

    let mut stream = TcpStream::connect(address).unwrap();
    let fits = value_bytes_max(limit, &stream.local_addr().unwrap().to_string());
    let messages: Vec<_> = (0..10).flat_map(|round| messages(round, &[fits, fits + 1, 10 * fits])).collect();
    stream.write_all(&messages.iter().flat_map(|message| counted(message.as_bytes())).collect::<Vec<_>>()).unwrap();
    let sum = |metric: &str| gully.metrics().sum(metric, &[("sink", "records")]);
    wait_until("every record at its end", PATIENCE, || {
        sum("gully_records_delivered_total") + sum("gully_records_dead_lettered_total") >= messages.len() as u64
    });

    let (small, large): (Vec<_>, Vec<_>) = messages.iter().partition(|message| message.len() <= fits);
    let arrived = read_all(&cluster, &topic);
    let arrived: Vec<_> = arrived.iter().map(|message| message.text()).collect();
    assert!(arrived == small, "{} arrived instead of {}, or in another order", arrived.len(), small.len());
    let letters = dead_letters(&gully);
    assert!(letters.iter().all(|(reason, _)| reason == "too_large"));
    let letters: Vec<_> = letters.iter().map(|(_, message)| message).collect();
    assert!(letters == large, "{} dead letters instead of {}, or in another order", letters.len(), large.len());
    gully.assert_ledger();
}

/// A message of each length, after small ones.
fn messages(round: u32, lengths: &[usize]) -> Vec<String> {
    let mut messages = Vec::new();
    for length in lengths {
        messages.extend((0..NEIGHBOURS).map(|number| format!("<14>1 - - - - - - {round} before {length}: {number}")));
        let header = format!("<14>1 - - - - - - {round} ");
        let rest = "x".repeat(length - header.len());
        messages.push(header + &rest);
    }
    messages
}

/// The longest value that, in a batch of its own, makes no more than `limit` octets: the format of record batches, version 2.
fn value_bytes_max(limit: usize, peer: &str) -> usize {
    const BATCH_HEADER: usize = 61;
    let text = |length: usize| varint(length) + length;
    let headers =
        [("gully-id", 33), ("gully-class", 5), ("gully-listener", 3), ("gully-peer", peer.len()), ("gully-v", 1)];
    let headers: usize = headers.iter().map(|(name, value)| text(name.len()) + text(*value)).sum();
    let key = text("127.0.0.1".len());
    // Attributes, the differences of time and offset, and the number of headers are an octet each.
    let record = |value: usize| text(4 + key + text(value) + headers);
    let fits = |value: &usize| BATCH_HEADER + record(*value) <= limit;
    (0..limit).rev().find(fits).expect("there is room for a value")
}

/// The octets that a length takes: seven bits in each, after the sign.
fn varint(length: usize) -> usize {
    let bits = usize::BITS - (2 * length).leading_zeros();
    bits.div_ceil(7).max(1) as usize
}

/// Reason and message of the dead letters, in their order.
fn dead_letters(gully: &Gully) -> Vec<(String, String)> {
    let file = gully.directory().join("gully-data/dead-letters/records.jsonl");
    let text = fs::read_to_string(file).expect("there are dead letters");
    let letters = text.lines().map(Record::parse);
    letters.map(|letter| (letter.text("reason").to_owned(), from_base64(letter.text("record_base64")))).collect()
}

fn from_base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |octet: &u8| DIGITS.iter().position(|digit| digit == octet).expect("a digit of base64") as u32;
    let mut octets = Vec::new();
    for group in text.trim_end_matches('=').as_bytes().chunks(4) {
        let number = group.iter().fold(0, |number, octet| number << 6 | digit(octet)) << (6 * (4 - group.len()));
        octets.extend_from_slice(&number.to_be_bytes()[1..group.len()]);
    }
    String::from_utf8(octets).expect("the messages of this test are ASCII")
}
