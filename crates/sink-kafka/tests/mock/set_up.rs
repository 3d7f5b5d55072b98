//! A cluster that is not set up for us yet.

use rdkafka::types::RDKafkaApiKey;
use rdkafka::types::RDKafkaErrorCode::*;

use crate::support::{Bench, Cluster, Plan, SOON, in_turn, property};

#[test]
fn records_wait_while_the_user_may_not_write() {
    let cluster = Cluster::new(1, 1);
    let mut bench = Bench::start(Plan::of(&cluster).with([in_turn()]));
    cluster.refuse([TopicAuthorizationFailed; 1000]);
    bench.append(100, 100);
    let alarm = bench.alarm("authorization", SOON);
    assert!(alarm.remedy.contains("Write"), "{alarm:?}");
    bench.retried("authorization", 3, SOON);
    cluster.accept(RDKafkaApiKey::Produce);
    bench.settle(SOON);
    bench.no_alarm(SOON);
    let done = bench.finish(&cluster);
    assert_eq!((done.duplicates, done.letters), (0, vec![]));
}

#[test]
fn records_wait_while_the_user_may_not_write_idempotently() {
    let cluster = Cluster::new(1, 1);
    let mut bench = Bench::start(Plan::of(&cluster));
    cluster.refuse_requests(RDKafkaApiKey::InitProducerId, [ClusterAuthorizationFailed; 1000]);
    bench.append(100, 100);
    let alarm = bench.alarm("authorization", SOON);
    assert!(alarm.remedy.contains("IdempotentWrite"), "{alarm:?}");
    cluster.accept(RDKafkaApiKey::InitProducerId);
    bench.settle(SOON);
    bench.no_alarm(SOON);
    let done = bench.finish(&cluster);
    assert_eq!((done.duplicates, done.letters), (0, vec![]));
}

#[test]
fn records_wait_for_a_topic_that_is_not_there() {
    let cluster = Cluster::new(1, 1);
    cluster.topic_error(UnknownTopicOrPartition);
    let mut bench = Bench::start(Plan::of(&cluster).with([property("topic.metadata.propagation.max.ms", "200")]));
    bench.append(100, 100);
    bench.alarm("unknown_topic", SOON);
    cluster.topic_error(NoError);
    bench.settle(SOON);
    bench.no_alarm(SOON);
    let done = bench.finish(&cluster);
    assert_eq!((done.duplicates, done.letters), (0, vec![]));
}
