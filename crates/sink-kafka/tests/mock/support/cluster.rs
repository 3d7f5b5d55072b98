//! Brokers in this process.

use std::time::Duration;

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey, RDKafkaErrorCode, RDKafkaRespErr};

use super::arrived::{Arrival, read};

/// The topic of all tests.
pub(crate) const TOPIC: &str = "audit";

/// A mock cluster with [`TOPIC`].
pub(crate) struct Cluster {
    mock: MockCluster<'static, DefaultProducerContext>,
    brokers: i32,
    partitions: i32,
}

impl Cluster {
    pub(crate) fn new(brokers: i32, partitions: i32) -> Self {
        let mock = MockCluster::new(brokers).expect("mock brokers start");
        mock.create_topic(TOPIC, partitions, brokers).expect("the topic is new");
        Self { mock, brokers, partitions }
    }

    pub(crate) fn addresses(&self) -> Vec<String> {
        self.mock.bootstrap_servers().split(',').map(str::to_owned).collect()
    }

    /// Answers the next requests with records with these errors, one after another; nothing of them is kept.
    pub(crate) fn refuse(&self, errors: impl IntoIterator<Item = RDKafkaErrorCode>) {
        self.refuse_requests(RDKafkaApiKey::Produce, errors);
    }

    /// Answers the next requests of a kind with these errors, one after another.
    pub(crate) fn refuse_requests(&self, kind: RDKafkaApiKey, errors: impl IntoIterator<Item = RDKafkaErrorCode>) {
        let errors = errors.into_iter().map(as_told).collect::<Vec<_>>();
        self.mock.request_errors(kind, &errors);
    }

    /// Forgets the errors that no request has got yet.
    pub(crate) fn accept(&self, kind: RDKafkaApiKey) {
        self.mock.clear_request_errors(kind);
    }

    /// What metadata says of the topic.
    pub(crate) fn topic_error(&self, error: RDKafkaErrorCode) {
        self.mock.topic_error(TOPIC, as_told(error)).expect("a topic's name has no NUL");
    }

    /// Ends all connections, and takes no more.
    pub(crate) fn go_down(&self) {
        self.mock.broker_down(-1).expect("brokers go down");
    }

    /// Takes connections again.
    pub(crate) fn come_up(&self) {
        self.mock.broker_up(-1).expect("brokers come up");
    }

    /// Answers of `broker`, which counts from 1, come this late.
    pub(crate) fn answer_after(&self, broker: i32, delay: Duration) {
        self.mock.broker_round_trip_time(broker, delay).expect("there is such a broker");
    }

    /// Gives each partition to a broker: the first to the first, and so on, but moved on by `places`.
    pub(crate) fn lead(&self, places: i32) {
        for partition in 0..self.partitions {
            let broker = 1 + (partition + places) % self.brokers;
            self.mock.partition_leader(TOPIC, partition, Some(broker)).expect("there is such a broker");
        }
    }

    /// All that the partitions hold, each in its order.
    pub(crate) fn arrived(&self) -> Vec<Vec<Arrival>> {
        for broker in 1..=self.brokers {
            self.answer_after(broker, Duration::ZERO);
        }
        read(&self.mock.bootstrap_servers(), TOPIC, self.partitions)
    }
}

fn as_told(error: RDKafkaErrorCode) -> RDKafkaRespErr {
    RDKafkaRespErr::try_from(error as i32).expect("both have the same numbers")
}
