//! Batches for tests: records of one octet each.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use record::{
    Batch, BatchParts, Class, Entry, Flags, FrameSpan, HeaderSpans, Lease, Origin, Peer, Reclaim, Transport, UnixNanos,
};

/// A pool that only counts what came back.
#[derive(Debug, Default)]
pub(super) struct Returned(pub(super) AtomicU64);

impl Reclaim for Returned {
    fn reclaim(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::SeqCst);
    }
}

/// A batch with one record of one octet for each class, weighing `weight_bytes` of `pool`.
pub(super) fn batch_of(classes: &[Class], weight_bytes: u64, pool: &Arc<Returned>) -> Batch {
    let entry = |(place, class): (usize, &Class)| {
        let start = u32::try_from(place).unwrap();
        Entry {
            span: FrameSpan::new(start, start + 1),
            original_bytes: 1,
            class: *class,
            flags: Flags::NONE,
            header: HeaderSpans::default(),
        }
    };
    Batch::new(BatchParts {
        chunk: vec![b'x'; classes.len()].into(),
        entries: classes.iter().enumerate().map(entry).collect(),
        origin: Arc::new(Origin {
            listener: "test".into(),
            transport: Transport::Tcp,
            peer: Peer::Ip(SocketAddr::from((Ipv4Addr::LOCALHOST, 1))),
            authenticated: None,
        }),
        peers: Vec::new(),
        received_at: UnixNanos(0),
        lease: Lease::new(weight_bytes, Arc::clone(pool) as Arc<dyn Reclaim>),
    })
}
