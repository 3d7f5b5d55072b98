//! Records out of lines, and the labelled lines of the corpus.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use record::{Batch, BatchParts, Class, Entry, Flags, FrameSpan, Lease, Origin, Peer, Transport, UnixNanos};
use serde_json::Value;

/// A batch with one record, classified as its `transport` demands, from the listener `drain` and 192.0.2.7.
pub(crate) fn batch(message: &[u8], transport: &str) -> Batch {
    let located = match transport {
        "raw" => classify::header::locate_raw(message),
        "rfc5424" => classify::header::locate_rfc5424(message),
        "rfc3164" => classify::header::locate_rfc3164(message),
        _ => classify::header::locate(message),
    };
    let verdict = classify::classify_located(message, located);
    let entry = Entry {
        span: FrameSpan::new(0, message.len() as u32),
        original_bytes: message.len() as u32,
        class: verdict.class,
        flags: verdict.flags,
        header: verdict.header,
    };
    of_entry(message, entry, Peer::Ip(SocketAddr::from((Ipv4Addr::new(192, 0, 2, 7), 40_000))))
}

/// The same with another peer.
#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn batch_from(message: &[u8], peer: Peer) -> Batch {
    let entry = entry(&batch(message, "auto"));
    of_entry(message, entry, peer)
}

/// The same with more flags.
#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn batch_flagged(message: &[u8], transport: &str, flags: Flags) -> Batch {
    let mut entry = entry(&batch(message, transport));
    entry.flags |= flags;
    of_entry(message, entry, Peer::Unnamed)
}

fn entry(batch: &Batch) -> Entry {
    let record = batch.record(0);
    let span = FrameSpan::new(0, record.original_bytes());
    let (class, flags, header) = (record.class(), record.flags(), *record.header());
    Entry { span, original_bytes: record.original_bytes(), class, flags, header }
}

fn of_entry(message: &[u8], entry: Entry, peer: Peer) -> Batch {
    Batch::new(BatchParts {
        chunk: Bytes::copy_from_slice(message),
        entries: vec![entry],
        origin: Arc::new(Origin { listener: "drain".into(), transport: Transport::Tcp, peer, authenticated: None }),
        peers: Vec::new(),
        received_at: UnixNanos(1_795_256_100_000_000_000),
        lease: Lease::unbounded(),
    })
}

/// A labelled line.
#[allow(dead_code, reason = "not every test file needs each member")]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) class: Class,
    pub(crate) message: String,
    pub(crate) transport: String,
}

/// All labelled lines.
#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn corpus() -> Vec<Line> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let files = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    let texts: Vec<_> = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let lines = texts.iter().flat_map(|text| text.lines()).map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |member: &str| line[member].as_str().unwrap().to_owned();
        Line {
            id: text("id"),
            class: text("class").parse().unwrap(),
            message: text("message"),
            transport: text("transport"),
        }
    });
    lines.collect()
}
