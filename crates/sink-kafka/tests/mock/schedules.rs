//! Errors of any kind, at any time.

use rdkafka::types::RDKafkaApiKey;
use rdkafka::types::RDKafkaErrorCode::{self, *};

use crate::support::{Bench, Cluster, Plan, Random, SOON, at_once, property};

/// What brokers may say of a request.
const ERRORS: [RDKafkaErrorCode; 8] = [
    NotEnoughReplicas,
    NotLeaderForPartition,
    BrokerTransportFailure,
    PolicyViolation,
    TopicAuthorizationFailed,
    OutOfOrderSequenceNumber,
    InvalidProducerEpoch,
    UnknownProducerId,
];
/// What they may say of its records.
const REJECTIONS: [RDKafkaErrorCode; 3] = [MessageSizeTooLarge, InvalidRecord, InvalidTimestamp];
/// After more of them clients may become lenient, and do not promise to keep the order.
const REJECTIONS_MAX: usize = 2;
const STEPS: usize = 40;

/// [`Bench::finish`] sees that each record arrives or is a dead letter, in order, and that the counts are exact. The sink
/// gets no records whose sequence ends in one of the digits `without`.
fn check(seed: u64, without: &str) {
    let mut random = Random(seed);
    let cluster = Cluster::new(1, 3);
    let small = [("linger.ms", "1"), ("batch.size", "2000")].map(|(name, value)| property(name, value));
    let mut plan = Plan::of(&cluster).with(small);
    plan.driver.delivery_bytes_max = 1500;
    plan.without = without.to_owned();
    let mut bench = Bench::start(plan);
    let mut rejections = 0;
    for _ in 0..STEPS {
        let count = 1 + random.below(20);
        let sizes = (0..count).map(|_| if random.below(20) == 0 { 3000 } else { 20 + random.below(200) });
        let sizes = sizes.collect::<Vec<_>>();
        match random.below(8) {
            0 => bench.dead_letters.refuse(random.below(3) as u64),
            1 => bench.handle.reopen(),
            2 => bench.settle(SOON),
            3 => fail(&mut bench, &cluster, ERRORS[random.below(ERRORS.len())]),
            4 if rejections < REJECTIONS_MAX => {
                rejections += 1;
                fail(&mut bench, &cluster, REJECTIONS[random.below(REJECTIONS.len())]);
            }
            _ => {}
        }
        bench.append_sizes(&sizes);
    }
    bench.settle(SOON);
    let done = bench.finish(&cluster);
    assert_eq!(done.duplicates, 0, "{done:?}");
}

/// Refuses a request, and as a real broker does, what was sent behind it, until the client is gone.
fn fail(bench: &mut Bench, cluster: &Cluster, code: RDKafkaErrorCode) {
    let rebuilds = bench.rebuilds();
    cluster.refuse([[code].as_slice(), &[OutOfOrderSequenceNumber; 100]].concat());
    bench.append(10, 100);
    bench.rebuilt(rebuilds + 1, SOON);
    cluster.accept(RDKafkaApiKey::Produce);
}

#[test]
fn whatever_brokers_say_each_record_arrives_or_is_a_dead_letter() {
    at_once(&[1, 2, 3, 4, 5, 6], |seed| check(*seed, ""));
}

#[test]
fn whatever_brokers_say_the_sink_gets_what_its_filter_selects_and_nothing_else() {
    at_once(&[(7, "0"), (8, "13579"), (9, "012345678")], |(seed, without)| check(*seed, without));
}
