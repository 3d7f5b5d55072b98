//! Errors that end a client, and the client after it.

use std::thread;
use std::time::Duration;

use rdkafka::types::RDKafkaApiKey;
use rdkafka::types::RDKafkaErrorCode::{self, *};
use sink::BackoffSettings;

use crate::support::{
    Bench, CLASSES, Cluster, Done, GOOD, Plan, SOON, at_once, classes_by_partition, in_turn, property, wait_until,
};

/// A client that was thrown away has a successor that works by then.
const NEW_CLIENT: Duration = Duration::from_secs(5);

#[test]
fn what_ends_a_client_is_told_with_its_reason_and_everything_is_sent_again() {
    let cases: [(RDKafkaErrorCode, &'static str); 13] = [
        (PolicyViolation, "broker"),
        (ThrottlingQuotaExceeded, "broker"),
        (Unknown, "broker"),
        (InvalidMessageSize, "broker"),
        (NetworkException, "unreachable"),
        (TopicAuthorizationFailed, "authorization"),
        (ClusterAuthorizationFailed, "authorization"),
        (InvalidTopic, "unknown_topic"),
        (InvalidRequiredAcks, "unsupported"),
        (UnsupportedForMessageFormat, "unsupported"),
        (UnsupportedCompressionType, "unsupported"),
        (OutOfOrderSequenceNumber, "fatal"),
        (InvalidProducerEpoch, "fatal"),
    ];
    at_once(&cases, |&(code, reason)| {
        let cluster = Cluster::new(1, 1);
        let mut bench = Bench::start(Plan::of(&cluster).with([in_turn()]));
        cluster.refuse([code; 2]);
        bench.append(100, 100);
        bench.settle(SOON);
        bench.no_alarm(SOON);
        let expected = Done { retried: vec![(reason, 2)], rebuilds: 2, ..Done::smoothly() };
        assert_eq!(bench.finish(&cluster), expected, "{code:?}");
    });
}

/// The mock refuses what was sent behind a failed request, as a real broker does.
#[test]
fn after_a_failure_a_new_client_sends_everything_in_order() {
    let cases = [PolicyViolation, MessageSizeTooLarge, OutOfOrderSequenceNumber, InvalidProducerEpoch];
    at_once(&cases, |&code| {
        let cluster = Cluster::new(1, 1);
        // Requests of one record are the only ones that librdkafka keeps several of in flight, up to five.
        let mut plan = Plan::of(&cluster).with([property("batch.num.messages", "1")]);
        plan.driver.backoff = BackoffSettings::default();
        let mut bench = Bench::start(plan);
        bench.append(1, 100);
        bench.settle(SOON);
        // They are all sent before the first answer.
        cluster.answer_after(1, Duration::from_millis(500));
        cluster.refuse([[code].as_slice(), &[OutOfOrderSequenceNumber; 4]].concat());
        bench.append(20, 100);
        bench.rebuilt(1, SOON);
        cluster.accept(RDKafkaApiKey::Produce);
        cluster.answer_after(1, Duration::ZERO);
        wait_until("records through the new client", NEW_CLIENT, || bench.ledger.delivered() > 1);
        bench.settle(SOON);
        let done = bench.finish(&cluster);
        assert_eq!((done.rebuilds, done.duplicates, done.letters), (1, 0, vec![]), "{code:?}");
    });
}

#[test]
fn only_what_was_in_flight_when_a_client_ended_comes_twice() {
    let cluster = Cluster::new(2, 2);
    cluster.lead(0);
    let mut bench = Bench::start(Plan::of(&cluster).with([in_turn(), property("linger.ms", "50")]));
    bench.append(CLASSES.len(), 100);
    bench.settle(SOON);
    let of_broker = classes_by_partition(&cluster);
    // The second broker takes its part at once, but says so when the client of that time is gone.
    cluster.answer_after(2, Duration::from_secs(3));
    cluster.refuse([GOOD, PolicyViolation]);
    bench.append_of(of_broker[1], &[100; 100]);
    // The pause makes it likely that this request is the first. Should it be the second, then its late answer is the failure,
    // and nothing is in flight when that comes.
    thread::sleep(Duration::from_millis(300));
    bench.append_of(of_broker[0], &[100; 100]);
    bench.rebuilt(1, SOON);
    cluster.answer_after(2, Duration::ZERO);
    bench.settle(SOON);
    let done = bench.finish(&cluster);
    assert!([0, 100].contains(&done.duplicates), "{done:?}");
    assert_eq!((done.retried, done.rebuilds), (vec![("broker", 1)], 1));
}
