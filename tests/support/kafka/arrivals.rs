//! Numbered messages in a topic, judged without being kept.

use std::collections::{HashMap, HashSet};

use super::cluster::Cluster;
use super::consumer::{Message, read};
use crate::support::sequence::{Sent, Sequences};

/// What arrived so far.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    records: u64,
    /// Record ids, as the numbers that they are written with.
    ids: HashSet<(u64, u64)>,
    sequences: Sequences,
    partitions: HashMap<Vec<u8>, i32>,
}

impl Arrivals {
    /// Everything that `topic` holds now, in the encoding `raw`, with nothing but `x` before the numbered part.
    #[track_caller]
    pub(crate) fn of(cluster: &Cluster, topic: &str) -> Self {
        let mut arrivals = Self::default();
        read(cluster, topic, |message| arrivals.add(&message));
        arrivals
    }

    fn add(&mut self, message: &Message) {
        self.records += 1;
        self.ids.insert(id(message.header("gully-id")));
        let (_header, text) = message.text().split_once(" - - - - ").expect("a header without fields");
        self.sequences.add(text.trim_start_matches('x'));
        if let Some(key) = &message.key {
            let partition = *self.partitions.entry(key.clone()).or_insert(message.partition);
            assert_eq!(partition, message.partition, "the key {key:?} is in two partitions");
        }
    }

    /// How many records there are.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// How many of them are there again, by their record id.
    pub(crate) fn repeated(&self) -> u64 {
        self.records - self.ids.len() as u64
    }

    /// Panics unless what was sent, and nothing else, came once and in order.
    #[track_caller]
    pub(crate) fn assert_once(&self, sent: &Sent) {
        assert_eq!(self.assert_complete(sent), 0, "records came again");
    }

    /// The same, but records may be there again, after they were there first. What is told apart by number must be told apart by
    /// record id. Returns how many are there again.
    #[track_caller]
    pub(crate) fn assert_complete(&self, sent: &Sent) -> u64 {
        let again = |(sender, count): &(String, u64)| self.sequences.assert_complete_with_repeats(sender, *count);
        let repeated = sent.0.iter().map(again).sum();
        let senders: Vec<_> = sent.0.iter().map(|(sender, _)| sender.as_str()).collect();
        self.sequences.assert_only(&senders);
        assert_eq!(self.repeated(), repeated, "records that came again, by id and by number");
        repeated
    }
}

/// A record id: the journal's number and the record's, in hexadecimal digits.
#[track_caller]
fn id(text: &str) -> (u64, u64) {
    let parse = |text: &str| u64::from_str_radix(text, 16).ok();
    let id = text.split_once('-').and_then(|(journal, record)| Some((parse(journal)?, parse(record)?)));
    id.unwrap_or_else(|| panic!("not a record id: {text:?}"))
}
