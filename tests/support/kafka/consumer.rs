//! What arrived in a topic, read back by `kcat`, which shares no code with gully but the library below.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::cluster::Cluster;
use crate::support::peers::unpacked;

/// A record as Kafka has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    /// Milliseconds since 1970.
    pub(crate) timestamp: i64,
    pub(crate) key: Option<Vec<u8>>,
    /// Names and values, in their order. A comma in a value is not told from one between headers.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) value: Vec<u8>,
}

/// A line of numbers and headers, then the octets of key and value, whose lengths the line gives.
const FORMAT: &str = "%p %o %T %K %S %h\n%k%s\n";

/// All records of `topic`, each partition in its order.
#[track_caller]
pub(crate) fn read_all(cluster: &Cluster, topic: &str) -> Vec<Message> {
    let mut messages = Vec::new();
    read(cluster, topic, |message| messages.push(message));
    messages
}

/// Gives all records that `topic` holds now to `each`, each partition in its order.
#[track_caller]
pub(crate) fn read(cluster: &Cluster, topic: &str, mut each: impl FnMut(Message)) {
    // It ends by itself when it has all; the time ends one that hangs.
    let mut command = Command::new("timeout");
    command.arg("120").arg(unpacked("kcat")).args(["-C", "-q", "-e", "-o", "beginning", "-f", FORMAT, "-t", topic]);
    command.args(["-b", &cluster.brokers().join(",")]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut kcat = command.spawn().expect("kcat starts");
    let mut output = BufReader::with_capacity(1 << 20, kcat.stdout.take().expect("stdout is piped"));
    while let Some(message) = next(&mut output) {
        each(message);
    }
    let status = kcat.wait().expect("a child can be waited for");
    assert!(status.success(), "kcat ended with {status}");
}

fn next(output: &mut impl BufRead) -> Option<Message> {
    let mut line = String::new();
    output.read_line(&mut line).expect("headers are UTF-8");
    if line.is_empty() {
        return None;
    }
    let mut fields = line.trim_end_matches('\n').splitn(6, ' ');
    let mut number = || -> i64 {
        let number = fields.next().and_then(|field| field.parse().ok());
        number.unwrap_or_else(|| panic!("not a line of kcat: {line:?}"))
    };
    let (partition, offset, timestamp, key_length, value_length) = (number(), number(), number(), number(), number());
    let headers = fields.next().unwrap_or_default().split(',').filter(|header| !header.is_empty());
    let headers = headers.map(|header| header.split_once('=').unwrap_or((header, "")));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut octets = |length: i64| {
        let mut octets = vec![0; length.max(0) as usize];
        output.read_exact(&mut octets).expect("kcat writes whole records");
        octets
    };
    // A length of -1 means null.
    let (key, value) = (octets(key_length), octets(value_length));
    assert_eq!(octets(1), b"\n");
    let key = (key_length >= 0).then_some(key);
    Some(Message { partition: partition as i32, offset, timestamp, key, headers, value })
}

impl Message {
    /// The value of the header `name`.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("no header {name}: {:?}", self.headers))
    }

    /// The value as text.
    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.value).expect("this record is UTF-8")
    }
}
