//! Octets that are not UTF-8 are flagged on exactly the records that have them.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use gully_pipeline::{Pipeline, PipelineSettings, SinkPlan};
use listener::{Arrival, Intake as _};
use record::{ClassMask, Flags, Frame, JournalId, Origin, Peer, Transport, UnixNanos};
use sink::testing::MemoryDeadLetters;
use sink::{Ack, DeliveryError, DriverSettings, Progress, Sink, SinkBatch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Remembers which records were flagged.
#[derive(Clone, Default)]
struct FlagSink(Arc<Mutex<Vec<bool>>>);

impl Sink for FlagSink {
    async fn deliver(&mut self, batch: &SinkBatch<'_>) -> Result<Progress, DeliveryError> {
        let flags = batch.records().map(|(_, record)| record.flags().contains(Flags::INVALID_UTF8));
        self.0.lock().unwrap().extend(flags);
        Ok(Progress::Settled(Ack::taken(batch.len())))
    }
}

/// `frames` are put into one chunk back to back, so that a character can run from one into the next.
async fn check(frames: &[&[u8]], expected: &[bool]) {
    let sink = FlagSink::default();
    let settings = PipelineSettings { journal: JournalId(1), memory_bytes: 1 << 20, udp_reserve_bytes: 1 << 10 };
    let plan =
        SinkPlan::new("s", ClassMask::ALL, sink.clone(), MemoryDeadLetters::default(), DriverSettings::default());
    let pipeline = Pipeline::start(settings, None, vec![plan]).unwrap();
    let (intake, _) = pipeline.intake("in");
    let (mut chunk, mut spans) = (Vec::new(), Vec::new());
    for frame in frames {
        let start = chunk.len() as u32;
        chunk.extend_from_slice(frame);
        spans.push(Frame::whole(start, chunk.len() as u32));
    }
    let origin = Origin { listener: "in".into(), transport: Transport::Tcp, peer: Peer::Unnamed, authenticated: None };
    let (chunk, origin) = (Bytes::from(chunk), Arc::new(origin));
    intake.offer(Arrival {
        allocation_bytes: chunk.len(),
        chunk,
        frames: spans,
        origin,
        peers: Vec::new(),
        received_at: UnixNanos(1),
    });
    pipeline.stop(Instant::now() + Duration::from_secs(30), &CancellationToken::new()).await;
    assert_eq!(*sink.0.lock().unwrap(), expected);
}

#[tokio::test]
async fn text_is_not_flagged() {
    check(&[b"plain", "žluťoučký kůň".as_bytes(), "山田".as_bytes()], &[false, false, false]).await;
}

#[tokio::test]
async fn only_the_record_with_the_bad_octet_is_flagged() {
    check(&[b"good", b"bad \xff", "dobrý".as_bytes()], &[false, true, false]).await;
}

#[tokio::test]
async fn a_character_that_is_cut_by_a_frame_border_is_valid_in_neither_frame() {
    // The chunk as a whole is UTF-8; its two frames are not.
    check(&[b"a\xc5", b"\xbe b", b"c"], &[true, true, false]).await;
}
