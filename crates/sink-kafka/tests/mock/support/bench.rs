//! A journal, and a driver with a Kafka sink at work on it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use journal::Journal;
use record::{Class, ClassMask, JournalId};
use select::{Condition, Filter};
use sink::testing::{MemoryDeadLetters, batch_of};
use sink::{Alarm, BackoffSettings, Driver, DriverHandle, DriverSettings, Encoding, Outcome};
use sink_kafka::{Compression, KafkaNumbers, KafkaSettings, KafkaSink, Key, TimestampFrom, TopicPiece, TopicTemplate};
use tokio_util::sync::CancellationToken;

use super::cluster::{Cluster, TOPIC};
use super::ledger::Ledger;
use super::{SOON, wait_until};

/// Classes of the records in turn; the class is the key.
pub(crate) const CLASSES: [Class; 5] = [Class::Cef, Class::Other, Class::UaaAudit, Class::BoshCef, Class::K8sAudit];

/// How a [`Bench`] is set up.
pub(crate) struct Plan {
    pub(crate) sink: KafkaSettings,
    pub(crate) driver: DriverSettings,
    /// The sink gets no records whose sequence ends in one of these digits; none may stand for all.
    pub(crate) without: String,
}

impl Plan {
    /// A sink for brokers at `addresses`, and short pauses after failures.
    pub(crate) fn new(addresses: Vec<String>) -> Self {
        let topic = TopicTemplate { pieces: vec![TopicPiece::Literal(TOPIC.to_owned())], instance: "i".to_owned() };
        let sink = KafkaSettings {
            brokers: addresses,
            topic,
            key: Key::Class,
            timestamp: TimestampFrom::Receipt,
            encoding: Encoding::Raw,
            compression: Compression::Lz4,
            client_id: "gully".to_owned(),
            queue_bytes: 32 << 20,
            tls: None,
            sasl: None,
            properties: Vec::new(),
        };
        let backoff = BackoffSettings { first: Duration::from_millis(10), longest: Duration::from_millis(200) };
        Self { sink, driver: DriverSettings { backoff, ..DriverSettings::default() }, without: String::new() }
    }

    pub(crate) fn of(cluster: &Cluster) -> Self {
        Self::new(cluster.addresses())
    }

    /// Passes properties of librdkafka through.
    pub(crate) fn with(mut self, properties: impl IntoIterator<Item = (String, String)>) -> Self {
        self.sink.properties.extend(properties);
        self
    }
}

/// A driver at work, on a thread of its own as in the product.
pub(crate) struct Bench {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) handle: DriverHandle,
    pub(crate) numbers: Arc<KafkaNumbers>,
    pub(crate) dead_letters: MemoryDeadLetters,
    journal: Journal,
    abandon: CancellationToken,
    running: JoinHandle<Outcome>,
    without: String,
    /// What was appended, by sequence.
    texts: Vec<String>,
}

/// How a run ended that left nothing behind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Done {
    /// Messages beyond the first of each record.
    pub(crate) duplicates: usize,
    /// Dead letters and their reasons, by sequence.
    pub(crate) letters: Vec<(u64, &'static str)>,
    /// Failed deliveries of each reason.
    pub(crate) retried: Vec<(&'static str, u64)>,
    /// Clients that were thrown away.
    pub(crate) rebuilds: u64,
}

impl Done {
    /// Nothing went wrong.
    pub(crate) const fn smoothly() -> Self {
        Self { duplicates: 0, letters: Vec::new(), retried: Vec::new(), rebuilds: 0 }
    }
}

impl Bench {
    pub(crate) fn start(plan: Plan) -> Self {
        let journal = Journal::memory(JournalId(1), u64::MAX);
        let cursor = journal.cursor("kafka", ClassMask::ALL).expect("the first cursor of its name");
        let sink = KafkaSink::open(plan.sink).expect("settings that librdkafka takes");
        let numbers = sink.numbers();
        let (ledger, dead_letters) = (Arc::<Ledger>::default(), MemoryDeadLetters::default());
        let (driver, handle) = Driver::new(sink, cursor, dead_letters.clone(), Arc::clone(&ledger), plan.driver);
        let driver = driver.select(filter(&plan.without));
        let abandon = CancellationToken::new();
        let stop = abandon.clone();
        let running = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
            runtime.block_on(driver.run(stop))
        });
        Self {
            ledger,
            handle,
            numbers,
            dead_letters,
            journal,
            abandon,
            running,
            without: plan.without,
            texts: Vec::new(),
        }
    }

    /// Appends `count` records of `bytes` octets each as one batch. Their keys go round.
    pub(crate) fn append(&mut self, count: usize, bytes: usize) {
        self.append_sizes(&vec![bytes; count]);
    }

    /// Appends a record of each size as one batch. Their keys go round.
    pub(crate) fn append_sizes(&mut self, sizes: &[usize]) {
        self.append_all(sizes.iter().zip(CLASSES.into_iter().cycle()).map(|(bytes, class)| (class, *bytes)));
    }

    /// Appends a record of each size with the key of `class` as one batch.
    pub(crate) fn append_of(&mut self, class: Class, sizes: &[usize]) {
        self.append_all(sizes.iter().map(|bytes| (class, *bytes)));
    }

    fn append_all(&mut self, records: impl Iterator<Item = (Class, usize)>) {
        let first = self.texts.len();
        let text = |(place, (class, bytes)): (usize, (Class, usize))| {
            (class, format!("{:08} {}", first + place, "x".repeat(bytes.saturating_sub(9))))
        };
        let records = records.enumerate().map(text).collect::<Vec<_>>();
        self.journal.append(batch_of(&records)).expect("a journal without a quota takes all");
        self.texts.extend(records.into_iter().map(|(_, text)| text));
    }

    /// Records that were appended.
    pub(crate) fn accepted(&self) -> u64 {
        self.texts.len() as u64
    }

    pub(crate) fn rebuilds(&self) -> u64 {
        self.numbers.rebuilds.load(Ordering::SeqCst)
    }

    /// Waits until so many clients have been thrown away.
    #[track_caller]
    pub(crate) fn rebuilt(&self, clients: u64, limit: Duration) {
        wait_until(&format!("{clients} new clients"), limit, || self.rebuilds() >= clients);
    }

    /// Waits until deliveries have failed for this reason so many times.
    #[track_caller]
    pub(crate) fn retried(&self, reason: &str, times: u64, limit: Duration) {
        let is_it = |(why, failed): &(&str, u64)| *why == reason && *failed >= times;
        wait_until(&format!("{times} retries for {reason:?}"), limit, || self.ledger.retried().iter().any(is_it));
    }

    /// Waits until everything that was appended has come to an end.
    #[track_caller]
    pub(crate) fn settle(&self, limit: Duration) {
        let what = format!("the end of {} records ({:?})", self.accepted(), self.handle.alarm());
        wait_until(&what, limit, || self.ledger.ended() >= self.accepted());
    }

    /// Waits for an alarm with this reason, and gives it.
    #[track_caller]
    pub(crate) fn alarm(&self, reason: &str, limit: Duration) -> Alarm {
        let mut seen = None;
        wait_until(&format!("an alarm {reason:?}"), limit, || {
            seen = self.handle.alarm().filter(|alarm| alarm.reason == reason);
            seen.is_some()
        });
        assert!(self.ledger.is_stalled(), "the meter must know of {seen:?}");
        seen.expect("it was waited for")
    }

    /// Waits until there is no alarm.
    #[track_caller]
    pub(crate) fn no_alarm(&self, limit: Duration) {
        wait_until("the end of the alarm", limit, || self.handle.alarm().is_none());
        assert!(!self.ledger.is_stalled());
    }

    /// Cancels the drain and waits for the driver's end.
    #[track_caller]
    pub(crate) fn abandon(self, limit: Duration) -> (Outcome, Arc<Ledger>) {
        self.journal.close();
        self.abandon.cancel();
        wait_until("the driver's end after the deadline", limit, || self.running.is_finished());
        (self.running.join().expect("the driver does not panic"), self.ledger)
    }

    /// Drains everything, and checks what must hold after every run: each record that the sink gets has arrived or is a dead
    /// letter, never both, with its own octets, no other has, the first arrivals of each partition are in the order of the
    /// journal, and the counts agree.
    #[track_caller]
    pub(crate) fn finish(self, cluster: &Cluster) -> Done {
        self.journal.close();
        wait_until("the driver's end", SOON, || self.running.is_finished());
        let outcome = self.running.join().expect("the driver does not panic");
        assert_eq!(outcome, Outcome { left_records: 0, left_octets: 0, closed: true });
        let arrived = cluster.arrived();
        let mut times = BTreeMap::<u64, usize>::new();
        for (partition, arrivals) in arrived.iter().enumerate() {
            let mut last = None;
            for arrival in arrivals {
                assert_eq!(Some(&arrival.value), self.texts.get(arrival.sequence as usize), "the octets of its record");
                let seen = times.entry(arrival.sequence).or_default();
                *seen += 1;
                if *seen == 1 {
                    let previous = last.replace(arrival.sequence);
                    assert!(previous < last, "{last:?} came after {previous:?} in partition {partition}");
                }
            }
        }
        let mut letters = self.dead_letters.letters().iter().map(|(id, why)| (id.sequence.0, *why)).collect::<Vec<_>>();
        letters.sort_unstable();
        let ended =
            |sequence: &u64| times.contains_key(sequence) || letters.iter().any(|(letter, _)| letter == sequence);
        let is_left_out = |sequence: &u64| sequence.to_string().ends_with(|digit| self.without.contains(digit));
        let (left_out, selected) = (0..self.texts.len() as u64).partition::<Vec<_>, _>(is_left_out);
        let strangers = left_out.iter().filter(|sequence| ended(sequence)).collect::<Vec<_>>();
        assert!(strangers.is_empty(), "the sink got what was filtered: {strangers:?}");
        assert_eq!(self.ledger.filtered(), left_out.len() as u64, "counts are exact");
        let lost = selected.iter().filter(|sequence| !ended(sequence)).collect::<Vec<_>>();
        assert!(lost.is_empty(), "{} of {} records are lost: {lost:?}", lost.len(), self.texts.len());
        let both = letters.iter().filter(|(letter, _)| times.contains_key(letter)).collect::<Vec<_>>();
        assert!(both.is_empty(), "dead letters that arrived: {both:?}");
        let dead = self.ledger.dead_lettered().iter().map(|(_, records)| records).sum::<u64>();
        assert_eq!((self.ledger.delivered(), dead), (times.len() as u64, letters.len() as u64), "counts are exact");
        Done {
            duplicates: times.values().sum::<usize>() - times.len(),
            letters,
            retried: self.ledger.retried(),
            rebuilds: self.numbers.rebuilds.load(Ordering::SeqCst),
        }
    }
}

/// Leaves out the records whose sequence, with which each begins, ends in one of the digits.
fn filter(without: &str) -> Filter {
    let condition = format!("not msg matches '^[0-9]{{7}}[{without}] '");
    let condition = (!without.is_empty()).then(|| Condition::parse(&condition).expect("a condition"));
    Filter::new(condition, [])
}

/// A class for each partition, whose records go there; after one record of each of [`CLASSES`].
pub(crate) fn classes_by_partition(cluster: &Cluster) -> Vec<Class> {
    cluster.arrived().iter().map(|arrivals| CLASSES[arrivals[0].sequence as usize]).collect()
}
