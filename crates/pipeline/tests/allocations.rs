//! A warm pipeline allocates for each batch, not for each record.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gully_pipeline::{Intake, Pipeline, PipelineSettings, SinkPlan};
use listener::{Arrival, Intake as _};
use record::{ClassMask, Frame, JournalId, Origin, Peer, Transport, UnixNanos};
use sink::testing::{MemoryDeadLetters, MemorySink};
use sink::{DriverSettings, Encoding};

/// Beyond the batch, its entries and its place in the log there is nothing to allocate for.
const ALLOCATIONS_PER_BATCH_MAX: u64 = 16;

fn arrival(records: usize) -> Arrival {
    let line = b"<14>1 2026-11-21T10:00:00Z host uaa rs2 - [instance@47450 deployment=\"cf\"] \
        Audit: TokenIssuedEvent ('[]'): principal=app, origin=[caller=app], identityZoneId=[uaa]";
    let chunk = line.repeat(records);
    let frame = |index: usize| Frame::whole((index * line.len()) as u32, ((index + 1) * line.len()) as u32);
    let origin = Origin { listener: "in".into(), transport: Transport::Tcp, peer: Peer::Unnamed, authenticated: None };
    Arrival {
        allocation_bytes: chunk.len(),
        chunk: Bytes::from(chunk),
        frames: (0..records).map(frame).collect(),
        origin: Arc::new(origin),
        peers: Vec::new(),
        received_at: UnixNanos(1),
    }
}

/// Allocations of this thread while one batch of `records` is taken in.
fn allocations_of_intake(intake: &Intake, records: usize) -> u64 {
    let arrival = arrival(records);
    allocation_counter::measure(|| intake.offer(arrival)).count_total
}

#[test]
fn taking_in_a_thousand_records_allocates_like_taking_in_ten() {
    let sink = MemorySink::new();
    sink.stall(true);
    let settings = PipelineSettings { journal: JournalId(1), memory_bytes: 64 << 20, udp_reserve_bytes: 1 << 20 };
    let plan = SinkPlan::new("s", ClassMask::ALL, sink, MemoryDeadLetters::default(), DriverSettings::default());
    let pipeline = Pipeline::start(settings, None, vec![plan]).unwrap();
    let (intake, _) = pipeline.intake("in");
    for _ in 0..8 {
        allocations_of_intake(&intake, 10);
    }
    let (ten, thousand) = (allocations_of_intake(&intake, 10), allocations_of_intake(&intake, 1000));
    assert!(ten <= ALLOCATIONS_PER_BATCH_MAX, "{ten} allocations for 10 records");
    assert!(thousand <= ALLOCATIONS_PER_BATCH_MAX, "{thousand} allocations for 1000 records");
    drop(pipeline);
    // Lets the sink's thread end before the process does.
    std::thread::sleep(Duration::from_millis(10));
}

#[test]
fn encoding_allocates_nothing_once_its_buffer_is_large_enough() {
    use record::{Batch, BatchParts, Entry, Flags, Lease, RecordId, Sequence};

    let Arrival { chunk, frames, origin, .. } = arrival(100);
    let entries = frames.iter().map(|frame| {
        let verdict = classify::classify(frame.span.of(&chunk));
        let original_bytes = frame.original_bytes;
        Entry { span: frame.span, original_bytes, class: verdict.class, flags: Flags::NONE, header: verdict.header }
    });
    let parts = BatchParts {
        entries: entries.collect(),
        chunk: chunk.clone(),
        origin,
        peers: Vec::new(),
        received_at: UnixNanos(1),
        lease: Lease::unbounded(),
    };
    let batch = Batch::new(parts);
    for encoding in ["raw", "syslog", "json"] {
        let encoding: Encoding = encoding.parse().unwrap();
        let mut out = Vec::with_capacity(1 << 20);
        let encode_all = || {
            for record in batch.records(ClassMask::ALL) {
                let id = RecordId { journal: JournalId(1), sequence: Sequence(record.index() as u64) };
                encoding.encode(&record, id, &mut out);
            }
        };
        let count = allocation_counter::measure(encode_all).count_total;
        assert_eq!(count, 0, "{encoding} allocates");
    }
}
