//! With a redactor nothing that it knows as a secret comes as far as a sink, whatever way it came in.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use gully_pipeline::{Pipeline, PipelineSettings, SinkPlan};
use listener::{Arrival, Intake as _};
use record::{Class, ClassMask, Flags, Frame, FrameSpan, JournalId, Origin, Peer, Transport, UnixNanos};
use redact::{Detectors, Redactor};
use sink::testing::MemoryDeadLetters;
use sink::{Ack, DeliveryError, DriverSettings, Progress, Sink, SinkBatch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const FINGERPRINT_BYTES: usize = 44;

/// What a sink saw of a record.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    text: String,
    message: String,
    class: Class,
    flags: Flags,
    original_bytes: u32,
    peer: Peer,
}

#[derive(Clone, Default)]
struct SeeingSink(Arc<Mutex<Vec<Seen>>>);

impl Sink for SeeingSink {
    async fn deliver(&mut self, batch: &SinkBatch<'_>) -> Result<Progress, DeliveryError> {
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        let seen = batch.records().map(|(_, record)| Seen {
            text: text(record.octets()),
            message: text(record.message()),
            class: record.class(),
            flags: record.flags(),
            original_bytes: record.original_bytes(),
            peer: record.peer(),
        });
        self.0.lock().unwrap().extend(seen);
        Ok(Progress::Settled(Ack::taken(batch.len())))
    }
}

fn peer(number: usize) -> Peer {
    Peer::Unix { uid: number as u32, pid: 0 }
}

/// Sends `frames` and gives what a sink that takes `classes` saw of them.
async fn sent(frames: &[(&str, Flags)], transport: Transport, classes: &str) -> Vec<Seen> {
    let sink = SeeingSink::default();
    let settings = PipelineSettings { journal: JournalId(1), memory_bytes: 1 << 20, udp_reserve_bytes: 1 << 18 };
    let take = ClassMask::parse(classes).unwrap();
    let plan = SinkPlan::new("s", take, sink.clone(), MemoryDeadLetters::default(), DriverSettings::default());
    let redactor = Redactor::new(Detectors::ALL, b"0123456789abcdef").unwrap();
    let pipeline = Pipeline::start(settings, Some(redactor), vec![plan]).unwrap();
    let (intake, _) = pipeline.intake("in");
    let (mut chunk, mut spans) = (Vec::new(), Vec::new());
    for (frame, flags) in frames {
        let start = chunk.len() as u32;
        chunk.extend_from_slice(frame.as_bytes());
        let span = FrameSpan::new(start, chunk.len() as u32);
        spans.push(Frame { span, flags: *flags, original_bytes: span.len() as u32 });
        chunk.push(b'\n');
    }
    let is_datagram = transport == Transport::Udp;
    let origin = Origin { listener: "in".into(), transport, peer: Peer::Unnamed, authenticated: None };
    let arrival = Arrival {
        allocation_bytes: chunk.len(),
        chunk: Bytes::from(chunk),
        peers: if is_datagram { (0..spans.len()).map(peer).collect() } else { Vec::new() },
        frames: spans,
        origin: Arc::new(origin),
        received_at: UnixNanos(1),
    };
    if is_datagram {
        intake.offer_datagrams(arrival)
    } else {
        intake.offer(arrival)
    }
    let gauges = pipeline.gauges();
    pipeline.stop(Instant::now() + Duration::from_secs(30), &CancellationToken::new()).await;
    assert!(gauges.publish().iter().all(|balance| balance.missing == 0));
    sink.0.lock().unwrap().clone()
}

const UAA: &str = "Audit: TokenIssuedEvent ('[]'): principal=app, origin=[caller=app, details=(tokenValue=hunter2, sub=a)], identityZoneId=[uaa]";

#[tokio::test]
async fn secrets_are_replaced_on_every_way_in() {
    let lines =
        ["<14>1 - h a - - [x@1 token=\"hunter2\"] plain", "no secret", UAA, "<14>1 - h a - - - ?password=hunter2&x=y"];
    let frames: Vec<_> = lines.iter().map(|line| (*line, Flags::NONE)).collect();
    for transport in [Transport::Tcp, Transport::Udp] {
        let seen = sent(&frames, transport, "*").await;
        assert_eq!(seen.len(), 4);
        for (index, (seen, line)) in seen.iter().zip(lines).enumerate() {
            let has_secret = line.contains("hunter2");
            assert!(!seen.text.contains("hunter2"), "{}", seen.text);
            assert_eq!(seen.flags.contains(Flags::REDACTED), has_secret, "{}", seen.text);
            assert_eq!(seen.original_bytes as usize, line.len());
            let (before, after) = line.split_once("hunter2").unwrap_or((line, ""));
            assert!(seen.text.starts_with(before) && seen.text.ends_with(after), "{}", seen.text);
            let fingerprint_bytes = if has_secret { FINGERPRINT_BYTES } else { 0 };
            assert_eq!(seen.text.len(), before.len() + fingerprint_bytes + after.len());
            if transport == Transport::Udp {
                assert_eq!(seen.peer, peer(index), "each keeps its peer");
            }
        }
        assert_eq!(seen[0].message, "plain", "the header's spans are those of the new frame");
        assert_eq!(seen[2].class, Class::UaaAudit);
        assert!(seen[3].message.starts_with("?password=hmac-sha256:"), "{}", seen[3].message);
    }
}

#[tokio::test]
async fn damage_is_no_way_around_it() {
    let frames = [
        ("{\"password\":\"hunter2", Flags::TRUNCATED),
        ("garbage password=hunter2\n\0", Flags::BROKEN_FRAMING),
        ("last line password=hunter2", Flags::UNTERMINATED),
    ];
    for seen in sent(&frames, Transport::Tcp, "*").await {
        assert!(!seen.text.contains("hunter2"), "{}", seen.text);
        assert!(seen.flags.contains(Flags::REDACTED));
    }
}

#[tokio::test]
async fn what_no_sink_takes_is_not_searched() {
    let frames = [("password=hunter2", Flags::NONE), (UAA, Flags::NONE)];
    let seen = sent(&frames, Transport::Tcp, "cf.uaa.audit").await;
    assert_eq!(seen.len(), 1);
    assert!(!seen[0].text.contains("hunter2"));
}
