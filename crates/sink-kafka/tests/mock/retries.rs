//! Errors that librdkafka sits out by itself.

use rdkafka::types::RDKafkaApiKey;
use rdkafka::types::RDKafkaErrorCode::*;

use crate::support::{Bench, Cluster, Done, Plan, SOON, in_turn, property};

#[test]
fn what_librdkafka_retries_is_nobodys_business() {
    let cluster = Cluster::new(1, 2);
    let quick = [("retry.backoff.ms", "10"), ("retry.backoff.max.ms", "50"), ("linger.ms", "50")];
    let quick = quick.map(|(name, value)| property(name, value));
    let mut bench = Bench::start(Plan::of(&cluster).with(quick).with([in_turn()]));
    for code in [
        NotEnoughReplicas,
        NotEnoughReplicasAfterAppend,
        RequestTimedOut,
        NotLeaderForPartition,
        LeaderNotAvailable,
        UnknownTopicOrPartition,
        KafkaStorageError,
        InvalidMessage,
        BrokerNotAvailable,
        BrokerTransportFailure,
        // It has forgotten about nothing that is still under way.
        UnknownProducerId,
    ] {
        cluster.refuse([code; 3]);
        bench.append(100, 100);
        bench.settle(SOON);
    }
    assert_eq!(bench.finish(&cluster), Done::smoothly());
}

#[test]
fn what_replicas_hold_up_for_long_is_an_alarm_until_they_are_back() {
    let cluster = Cluster::new(1, 1);
    let mut bench = Bench::start(Plan::of(&cluster).with([in_turn()]));
    cluster.refuse([NotEnoughReplicas; 1000]);
    bench.append(100, 100);
    bench.alarm("broker", SOON);
    cluster.accept(RDKafkaApiKey::Produce);
    bench.settle(SOON);
    bench.no_alarm(SOON);
    assert_eq!(bench.finish(&cluster), Done::smoothly());
}
