//! Batches out of classes and octets.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use record::{
    Batch, BatchParts, Class, Entry, Flags, FrameSpan, HeaderSpans, Lease, Origin, Peer, Transport, UnixNanos,
};

/// A batch from the listener `test`, received at 2026-11-21T10:15:00Z, with a record for each class and octets.
#[must_use]
pub fn batch_of<T: AsRef<[u8]>>(records: &[(Class, T)]) -> Batch {
    batch_at("test", UnixNanos(1_795_256_100_000_000_000), records)
}

/// A batch from `listener`, received at `received_at`, with a record for each class and octets.
#[must_use]
pub fn batch_at<T: AsRef<[u8]>>(listener: &str, received_at: UnixNanos, records: &[(Class, T)]) -> Batch {
    let mut chunk = Vec::new();
    let mut entries = Vec::new();
    for (class, octets) in records {
        let octets = octets.as_ref();
        let end = |chunk: &Vec<u8>| u32::try_from(chunk.len()).expect("a test's octets fit a chunk");
        let start = end(&chunk);
        chunk.extend_from_slice(octets);
        let span = FrameSpan::new(start, end(&chunk));
        entries.push(Entry {
            span,
            original_bytes: span.end - span.start,
            class: *class,
            flags: Flags::NONE,
            header: HeaderSpans::default(),
        });
    }
    Batch::new(BatchParts {
        chunk: chunk.into(),
        entries,
        origin: Arc::new(Origin {
            listener: listener.into(),
            transport: Transport::Tcp,
            peer: Peer::Ip(SocketAddr::from((Ipv4Addr::LOCALHOST, 1))),
            authenticated: None,
        }),
        peers: Vec::new(),
        received_at,
        lease: Lease::unbounded(),
    })
}
