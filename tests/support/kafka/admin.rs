//! What an administrator of Kafka does: topics, their settings and leaders, and who may write to them.

use std::net::SocketAddr;
use std::time::Duration;

use super::wire::{Answer, Header, Request};
use crate::support::wait::{SOON, wait_for, wait_until};

/// Kafka's number for a resource that is a topic.
const TOPIC: u8 = 2;
/// Kafka's number for the operation of writing, which includes describing.
const WRITE: u8 = 4;
/// Time for brokers to do what they are asked, in milliseconds.
const TIMEOUT: i32 = 10_000;

/// Speaks for the administrator to whichever of the brokers answers.
#[derive(Debug)]
pub(crate) struct Admin {
    brokers: Vec<SocketAddr>,
}

/// A partition, as a broker describes it.
#[derive(Debug, Clone)]
pub(crate) struct Partition {
    /// Its number.
    pub(crate) number: i32,
    /// The broker that leads it; -1 when there is none.
    pub(crate) leader: i32,
    /// The brokers that hold it, the preferred leader first.
    pub(crate) replicas: Vec<i32>,
    /// Those that have all of it.
    pub(crate) in_sync: Vec<i32>,
}

/// What a broker knows of the cluster.
#[derive(Debug, Default)]
struct Description {
    brokers: Vec<(i32, SocketAddr)>,
    partitions: Vec<Partition>,
}

impl Admin {
    /// Speaks to the brokers at these addresses, by their listeners without TLS or SASL.
    pub(crate) fn new(brokers: Vec<SocketAddr>) -> Self {
        Self { brokers }
    }

    /// Creates a topic and waits until every partition has a leader. `configs` are topic settings in Kafka's words.
    #[track_caller]
    pub(crate) fn create_topic(&self, name: &str, partitions: i32, replicas: i16, configs: &[(&str, &str)]) {
        let request = || {
            let request = Request::default().int(1).text(name).int(partitions).short(replicas).int(0);
            request.array(configs, |request, (key, value)| request.text(key).text(value)).int(TIMEOUT).octet(0)
        };
        // A topic of this name that was just deleted may not be quite gone.
        wait_until(&format!("a new topic {name}"), SOON, || {
            let mut answer = self.ask(&request, 19, 2, Header::Plain);
            answer.int();
            let results = answer.array(|answer| (answer.text(), answer.short(), answer.text()));
            assert!(matches!(results[0].1, 0 | 36), "topic {name}: {results:?}");
            results[0].1 == 0
        });
        wait_until(&format!("leaders of {name}"), SOON, || {
            let found = self.partitions(name);
            found.len() == partitions as usize && found.iter().all(|partition| partition.leader >= 0)
        });
    }

    /// Deletes a topic and waits until no broker knows it.
    #[track_caller]
    pub(crate) fn delete_topic(&self, name: &str) {
        let request = || Request::default().int(1).text(name).int(TIMEOUT);
        let mut answer = self.ask(&request, 20, 1, Header::Plain);
        answer.int();
        let results = answer.array(|answer| (answer.text(), answer.short()));
        assert_eq!(results, [(name.to_owned(), 0)]);
        wait_until(&format!("the end of topic {name}"), SOON, || self.partitions(name).is_empty());
    }

    /// Sets one setting of a topic.
    #[track_caller]
    pub(crate) fn set_topic_config(&self, topic: &str, key: &str, value: &str) {
        // One resource, one setting, set, not only validated.
        let setting = || {
            let request = Request::default().int(1).octet(TOPIC).text(topic);
            request.int(1).text(key).octet(0).text(value).octet(0)
        };
        let mut answer = self.ask(&setting, 44, 0, Header::Plain);
        answer.int();
        let results = answer.array(|answer| (answer.short(), answer.text(), answer.octet(), answer.text()));
        assert_eq!(results[0].0, 0, "{topic} {key}={value}: {results:?}");
    }

    /// The partitions of a topic; none when it is not there.
    #[track_caller]
    pub(crate) fn partitions(&self, topic: &str) -> Vec<Partition> {
        self.describe(topic).partitions
    }

    /// Makes the next replica the leader of each partition of `topic`, and waits until it is.
    #[track_caller]
    pub(crate) fn move_leaders(&self, topic: &str) {
        let mut partitions = self.partitions(topic);
        partitions.iter_mut().for_each(|partition| partition.replicas.rotate_left(1));
        self.prefer(topic, &partitions);
        self.elect_preferred(topic, &partitions);
        wait_until(&format!("new leaders of {topic}"), SOON, || {
            let now = self.partitions(topic);
            let leads = |wanted: &Partition| {
                now.iter().any(|found| found.number == wanted.number && found.leader == wanted.replicas[0])
            };
            partitions.iter().all(leads)
        });
    }

    /// Lets `user` write to `topic`.
    #[track_caller]
    pub(crate) fn allow_write(&self, user: &str, topic: &str) {
        let request = || write_acl(Request::default().int(1), user, topic);
        let mut answer = self.ask(&request, 30, 1, Header::Plain);
        answer.int();
        let results = answer.array(|answer| (answer.short(), answer.text()));
        assert_eq!(results[0].0, 0, "{user} on {topic}: {results:?}");
    }

    /// Takes back what [`Self::allow_write`] gave.
    #[track_caller]
    pub(crate) fn forbid_write(&self, user: &str, topic: &str) {
        let request = || write_acl(Request::default().int(1), user, topic);
        let mut answer = self.ask(&request, 31, 1, Header::Plain);
        answer.int();
        let results = answer.array(|answer| (answer.short(), answer.text(), answer.int()));
        assert!(matches!(results[0], (0, _, 1)), "{user} on {topic}: {results:?}");
    }

    /// How many records `topic` took: the sum of its partitions' ends. What was sent twice counts twice.
    #[track_caller]
    pub(crate) fn record_count(&self, topic: &str) -> u64 {
        let description = self.describe(topic);
        let leader = |partition: &Partition| {
            let found = description.brokers.iter().find(|(id, _)| *id == partition.leader);
            found.map(|(_, address)| *address).unwrap_or_else(|| panic!("{topic}: no leader: {partition:?}"))
        };
        let end = |partition: &Partition| {
            // -1 asks for the end; as a replica, -1 is a client.
            let request = Request::default().int(-1).int(1).text(topic).int(1).int(partition.number).long(-1);
            let mut answer = request.ask(leader(partition), 2, 1, Header::Plain).expect("the leader answers");
            assert_eq!(
                (answer.int(), answer.text(), answer.int(), answer.int()),
                (1, topic.to_owned(), 1, partition.number)
            );
            let (error, _timestamp, offset) = (answer.short(), answer.long(), answer.long());
            assert_eq!(error, 0, "{topic}: {partition:?}");
            u64::try_from(offset).expect("an end is a number of records")
        };
        description.partitions.iter().map(end).sum()
    }

    /// Waits until `topic` has taken at least `count` records.
    #[track_caller]
    pub(crate) fn wait_for_records(&self, topic: &str, count: u64, limit: Duration) {
        wait_until(&format!("{count} records in {topic}"), limit, || self.record_count(topic) >= count);
    }

    /// Whether the broker at `address` answers and knows that all of `ids` are at work.
    pub(super) fn sees(address: SocketAddr, ids: &[i32]) -> bool {
        let Ok(mut answer) = metadata_request(&[]).ask(address, 3, 4, Header::Plain) else { return false };
        let known = description(&mut answer).brokers;
        ids.iter().all(|id| known.iter().any(|(known, _)| known == id))
    }

    fn describe(&self, topic: &str) -> Description {
        let mut answer = self.ask(&|| metadata_request(&[topic]), 3, 4, Header::Plain);
        description(&mut answer)
    }

    /// Sets the order of the replicas, of which the first is the preferred leader.
    fn prefer(&self, topic: &str, partitions: &[Partition]) {
        let request = || {
            let mut request = Request::default().int(TIMEOUT).compact_length(1).compact_text(topic);
            request = request.compact_length(partitions.len());
            for partition in partitions {
                request = request.int(partition.number).compact_length(partition.replicas.len());
                request = partition.replicas.iter().fold(request, |request, id| request.int(*id)).octet(0);
            }
            request.octet(0).octet(0)
        };
        let mut answer = self.ask(&request, 45, 0, Header::Flexible);
        let (_throttled, error, message) = (answer.int(), answer.short(), answer.compact_text());
        assert_eq!(error, 0, "reassignment of {topic}: {message}");
    }

    fn elect_preferred(&self, topic: &str, partitions: &[Partition]) {
        let request = || {
            let request = Request::default().octet(0).int(1).text(topic);
            request.array(partitions, |request, partition| request.int(partition.number)).int(TIMEOUT)
        };
        let mut answer = self.ask(&request, 43, 1, Header::Plain);
        let (_throttled, error) = (answer.int(), answer.short());
        assert_eq!(error, 0, "election of leaders for {topic}");
    }

    /// The answer of the first broker that gives one.
    fn ask(&self, request: &dyn Fn() -> Request, api: i16, version: i16, header: Header) -> Answer {
        wait_for("a broker that answers", SOON, || {
            self.brokers.iter().find_map(|broker| request().ask(*broker, api, version, header).ok())
        })
    }
}

/// Asks for the brokers and the named topics, without creating them.
fn metadata_request(topics: &[&str]) -> Request {
    Request::default().array(topics, |request, topic| request.text(topic)).octet(0)
}

fn description(answer: &mut Answer) -> Description {
    answer.int();
    let brokers = answer.array(|answer| {
        let (id, host, port, _rack) = (answer.int(), answer.text(), answer.int(), answer.text());
        (id, format!("{host}:{port}").parse().expect("brokers of tests are named by address"))
    });
    let (_cluster, _controller) = (answer.text(), answer.int());
    let partitions = answer.array(|answer| {
        let (_error, _name, _internal) = (answer.short(), answer.text(), answer.octet());
        answer.array(|answer| {
            let (_error, number, leader) = (answer.short(), answer.int(), answer.int());
            Partition { number, leader, replicas: answer.array(Answer::int), in_sync: answer.array(Answer::int) }
        })
    });
    Description { brokers, partitions: partitions.into_iter().flatten().collect() }
}

/// The rule that `user` may write to `topic` from anywhere; as a filter, it finds just this rule.
fn write_acl(request: Request, user: &str, topic: &str) -> Request {
    // The name is literal (3), the rule allows (3).
    let request = request.octet(TOPIC).text(topic).octet(3).text(&format!("User:{user}"));
    request.text("*").octet(WRITE).octet(3)
}
