//! The pipeline from frames to sinks: the ledger's law, credit, and what a stop leaves.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gully_pipeline::{Gauges, Intake, ListenerMeter, Pipeline, PipelineSettings, SinkPlan};
use listener::{Arrival, Intake as _, Meter as _};
use record::{ClassMask, Frame, JournalId, Origin, Peer, Transport, UnixNanos};
use select::{Condition, DropList, Filter};
use sink::testing::{MemoryDeadLetters, MemorySink};
use sink::{BackoffSettings, DriverSettings};
use telemetry::Balance;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

const LINE: &str = "<14>1 - - - - - - an ordinary line";
const UAA: &str = "Audit: TokenIssuedEvent ('[]'): principal=app, origin=[caller=app], identityZoneId=[uaa]";

struct Bench {
    pipeline: Pipeline,
    gauges: Gauges,
    intake: Intake,
    meter: ListenerMeter,
}

fn bench(memory_bytes: u64, sinks: &[(&str, &str, &MemorySink)]) -> Bench {
    let settings = PipelineSettings { journal: JournalId(7), memory_bytes, udp_reserve_bytes: memory_bytes / 4 };
    let mut driver = DriverSettings { backoff: BackoffSettings::default(), ..DriverSettings::default() };
    driver.backoff.first = Duration::from_millis(1);
    let plan = |(name, take, sink): &(&str, &str, &MemorySink)| {
        let take = ClassMask::parse(take).expect("a class");
        SinkPlan::new(name, take, (*sink).clone(), MemoryDeadLetters::default(), driver)
    };
    let pipeline = Pipeline::start(settings, None, sinks.iter().map(plan).collect()).expect("it starts");
    let (intake, meter) = pipeline.intake("in");
    Bench { gauges: pipeline.gauges(), pipeline, intake, meter }
}

fn arrival(lines: &[&str]) -> Arrival {
    let mut chunk = Vec::new();
    let mut frames = Vec::new();
    for line in lines {
        let start = chunk.len() as u32;
        chunk.extend_from_slice(line.as_bytes());
        frames.push(Frame::whole(start, chunk.len() as u32));
        chunk.push(b'\n');
    }
    let origin = Origin { listener: "in".into(), transport: Transport::Tcp, peer: Peer::Unnamed, authenticated: None };
    Arrival {
        allocation_bytes: chunk.len(),
        chunk: Bytes::from(chunk),
        frames,
        origin: Arc::new(origin),
        peers: Vec::new(),
        received_at: UnixNanos(1),
    }
}

impl Bench {
    fn missing(&self) -> Vec<(&'static str, i64)> {
        let short = |balance: Balance| (balance.part, balance.missing);
        self.gauges.publish().into_iter().map(short).collect()
    }

    async fn drained(&self) {
        until(|| self.pipeline.is_drained()).await;
    }
}

/// Waits for what the sinks' threads will do.
async fn until(is_done: impl Fn() -> bool) {
    let done = async {
        while !is_done() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(30), done).await.expect("the sinks come to it");
}

#[tokio::test]
async fn every_record_arrives_in_order_and_the_law_holds() {
    let sink = MemorySink::new();
    let bench = bench(1 << 20, &[("all", "*", &sink)]);
    bench.intake.offer(arrival(&["one", "two"]));
    bench.intake.offer(arrival(&["three"]));
    bench.drained().await;
    assert_eq!(sink.texts(), ["one", "two", "three"]);
    let ids: Vec<_> = sink.records().iter().map(|(id, _)| id.sequence.0).collect();
    assert_eq!(ids, [0, 1, 2]);
    assert_eq!(bench.missing(), [("listener", 0), ("sink", 0)]);
}

#[tokio::test]
async fn a_record_that_a_sink_loses_breaks_the_law() {
    let sink = MemorySink::new();
    let bench = bench(1 << 20, &[("all", "*", &sink)]);
    sink.lose(1);
    bench.intake.offer(arrival(&["one", "two", "three"]));
    bench.drained().await;
    assert_eq!(sink.texts().len(), 2);
    assert_eq!(bench.missing(), [("listener", 0), ("sink", 1)], "one record is nowhere");
}

#[tokio::test]
async fn records_on_their_way_are_in_flight_and_not_missing() {
    let sink = MemorySink::new();
    let bench = bench(1 << 20, &[("all", "*", &sink)]);
    sink.stall(true);
    bench.intake.offer(arrival(&["one", "two"]));
    sleep(Duration::from_millis(20)).await;
    assert_eq!(bench.missing(), [("listener", 0), ("sink", 0)]);
    assert!(!bench.pipeline.is_drained());
    sink.stall(false);
    bench.drained().await;
    assert_eq!(bench.missing(), [("listener", 0), ("sink", 0)]);
}

#[tokio::test]
async fn each_sink_gets_its_classes_and_what_nobody_takes_is_counted() {
    let (audit, tokens) = (MemorySink::new(), MemorySink::new());
    let bench = bench(1 << 20, &[("audit", "cf.*", &audit), ("tokens", "cf.uaa.audit", &tokens)]);
    bench.intake.offer(arrival(&[LINE, UAA, LINE]));
    bench.drained().await;
    assert_eq!((audit.texts(), tokens.texts()), (vec![UAA.to_owned()], vec![UAA.to_owned()]));
    assert_eq!((bench.meter.0.accepted.value(), bench.meter.0.dropped.sum()), (3, 2));
    assert_eq!(bench.missing(), [("listener", 0), ("sink", 0), ("sink", 0)]);
}

#[tokio::test]
async fn what_a_sink_does_not_get_is_filtered_and_not_missing() {
    let sink = MemorySink::new();
    let settings = PipelineSettings { journal: JournalId(7), memory_bytes: 1 << 20, udp_reserve_bytes: 1 << 18 };
    let condition = Condition::parse(r#"native.uaa.principal == "app""#);
    let filter = Filter::new(Some(condition.expect("a condition")), DropList::named("uaa-client-logins"));
    let plan =
        SinkPlan::new("s", ClassMask::ALL, sink.clone(), MemoryDeadLetters::default(), DriverSettings::default());
    let pipeline = Pipeline::start(settings, None, vec![plan.select(filter)]).expect("it starts");
    let (intake, meter) = pipeline.intake("in");
    let bench = Bench { gauges: pipeline.gauges(), pipeline, intake, meter };
    bench.intake.offer(arrival(&["one", UAA, "two", UAA]));
    bench.intake.offer(arrival(&["three"]));
    bench.drained().await;
    assert_eq!(sink.texts(), [UAA, UAA]);
    assert_eq!(bench.missing(), [("listener", 0), ("sink", 0)]);
}

#[tokio::test]
async fn a_stalled_sink_stops_the_reading_until_it_goes_on() {
    let sink = MemorySink::new();
    let bench = bench(16 << 10, &[("all", "*", &sink)]);
    sink.stall(true);
    let mut sent = 0;
    while bench.intake.may_read() {
        bench.intake.offer(arrival(&[LINE; 10]));
        sent += 10;
        assert!(sent < 10_000, "credit has an end");
    }
    sink.stall(false);
    timeout(Duration::from_secs(30), bench.intake.readable()).await.expect("credit comes back");
    bench.drained().await;
    assert_eq!(sink.texts().len(), sent);
    assert_eq!(bench.missing(), [("listener", 0), ("sink", 0)]);
}

#[tokio::test]
async fn datagrams_beyond_their_reserve_are_dropped_and_counted_while_connections_still_have_credit() {
    let sink = MemorySink::new();
    let bench = bench(16 << 10, &[("all", "*", &sink)]);
    sink.stall(true);
    let mut taken = 0;
    while bench.meter.0.dropped.sum() == 0 {
        bench.intake.offer_datagrams(arrival(&[LINE]));
        taken = bench.meter.0.journaled.value();
        assert!(taken < 10_000, "the reserve has an end");
    }
    assert!(bench.intake.may_read(), "datagrams do not use up what connections have");
    assert_eq!((bench.meter.0.accepted.value(), bench.meter.0.dropped.sum()), (taken + 1, 1));
    sink.stall(false);
    bench.drained().await;
    assert_eq!(bench.missing(), [("listener", 0), ("sink", 0)]);
}

#[tokio::test]
async fn a_stop_delivers_what_was_accepted() {
    let sink = MemorySink::new();
    let bench = bench(1 << 20, &[("all", "*", &sink)]);
    bench.intake.offer(arrival(&["one", "two"]));
    let left = bench.pipeline.stop(Instant::now() + Duration::from_secs(30), &CancellationToken::new()).await;
    assert_eq!((left.records, left.octets, left.unclosed_sinks), (0, 0, 0));
    assert!(sink.is_closed());
    assert_eq!(sink.texts().len(), 2);
}

#[tokio::test]
async fn a_stop_says_what_a_stalled_sink_left_behind_and_the_law_still_holds() {
    let sink = MemorySink::new();
    let Bench { pipeline, gauges, intake, .. } = bench(1 << 20, &[("all", "*", &sink)]);
    sink.stall(true);
    intake.offer(arrival(&["one", "three"]));
    let left = pipeline.stop(Instant::now() + Duration::from_millis(50), &CancellationToken::new()).await;
    assert_eq!((left.records, left.octets), (2, 8));
    assert!(gauges.publish().iter().all(|balance| balance.missing == 0), "given up, but accounted for");
}

#[tokio::test]
async fn batches_under_way_are_in_flight_until_they_are_settled_or_left_behind() {
    let sink = MemorySink::leaving_under_way(3);
    sink.reject(b"bad");
    let Bench { pipeline, gauges, intake, .. } = bench(1 << 20, &[("all", "*", &sink)]);
    let balanced = || gauges.publish().iter().all(|balance| balance.missing == 0);
    for (place, lines) in [["1", "bad"], ["two", "22"], ["three", "333"]].iter().enumerate() {
        intake.offer(arrival(lines));
        until(|| sink.under_way() > place).await;
    }
    assert!(balanced());
    sink.settle(1);
    until(|| sink.under_way() < 3).await;
    let left = pipeline.stop(Instant::now() + Duration::from_millis(50), &CancellationToken::new()).await;
    assert_eq!((left.records, left.octets, left.unclosed_sinks), (4, 13, 0));
    assert_eq!(sink.texts(), ["1"]);
    assert!(balanced(), "delivered, a dead letter, or given up, but accounted for");
}

#[tokio::test]
async fn a_loop_is_accepted_and_dropped() {
    let sink = MemorySink::new();
    let bench = bench(1 << 20, &[("all", "*", &sink)]);
    bench.meter.looped(3);
    assert_eq!(bench.missing(), [("listener", 0), ("sink", 0)]);
    assert_eq!(bench.meter.0.accepted.value(), 3);
}

#[tokio::test]
async fn a_line_that_is_kept_of_a_large_read_holds_its_own_memory_only() {
    let sink = MemorySink::new();
    let bench = bench(1 << 20, &[("tokens", "cf.uaa.audit", &sink)]);
    sink.stall(true);
    let mut lines = vec![LINE; 3000];
    lines[1500] = UAA;
    for _ in 0..100 {
        bench.intake.offer(arrival(&lines));
    }
    assert!(bench.intake.may_read(), "a hundred lines use up a megabyte");
    sink.stall(false);
    bench.drained().await;
    assert_eq!(sink.texts(), vec![UAA; 100]);
    assert_eq!(bench.missing(), [("listener", 0), ("sink", 0)]);
}

#[tokio::test]
async fn a_sink_that_dies_is_noticed_and_what_it_had_is_accounted_for() {
    /// Takes nothing and takes its thread with it.
    struct Dying;

    impl sink::Sink for Dying {
        async fn deliver(&mut self, _: &sink::SinkBatch<'_>) -> Result<sink::Progress, sink::DeliveryError> {
            panic!("a bug, for this test");
        }
    }

    let settings = PipelineSettings { journal: JournalId(7), memory_bytes: 1 << 20, udp_reserve_bytes: 1 << 10 };
    let plan = SinkPlan::new("dying", ClassMask::ALL, Dying, MemoryDeadLetters::default(), DriverSettings::default());
    let pipeline = Pipeline::start(settings, None, vec![plan]).expect("it starts");
    let (intake, _) = pipeline.intake("in");
    let (gauges, died) = (pipeline.gauges(), pipeline.sink_died());
    assert!(!died.is_cancelled());
    intake.offer(arrival(&[LINE, LINE]));
    timeout(Duration::from_secs(30), died.cancelled()).await.expect("its death is told");
    let left = pipeline.stop(Instant::now() + Duration::from_secs(30), &CancellationToken::new()).await;
    assert_eq!((left.records, left.unclosed_sinks), (2, 1));
    assert!(gauges.publish().iter().all(|balance| balance.missing == 0), "lost, but accounted for");
}

#[tokio::test]
async fn what_broke_a_framing_never_becomes_an_audit_record() {
    let (audit, rest) = (MemorySink::new(), MemorySink::new());
    let bench = bench(1 << 20, &[("audit", "cf.*", &audit), ("rest", "other", &rest)]);
    let mut broken = arrival(&[UAA]);
    broken.frames[0].flags = record::Flags::BROKEN_FRAMING;
    bench.intake.offer(broken);
    bench.drained().await;
    assert_eq!((audit.texts().len(), rest.texts()), (0, vec![UAA.to_owned()]));
}
