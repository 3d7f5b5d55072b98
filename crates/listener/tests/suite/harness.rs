//! An intake and a meter that remember, and a listener between them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use listener::{Arrival, DrainReport, Intake, Listener, Meter, Protocol, Refusal, Running, Settings, Socket};
use record::{Flags, Lease, Peer, Reclaim, Transport};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// A safety net: nothing here takes nearly as long.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// A frame as it reached the intake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) octets: Vec<u8>,
    pub(crate) flags: Flags,
    pub(crate) original_bytes: u32,
    pub(crate) peer: Peer,
    pub(crate) transport: Transport,
    pub(crate) authenticated: Option<String>,
}

/// Remembers frames; has credit until told otherwise.
#[derive(Default)]
pub(crate) struct MemoryIntake {
    frames: Mutex<Vec<Received>>,
    /// The length of each chunk, and what it keeps alive.
    chunks: Mutex<Vec<(usize, usize)>>,
    pub(crate) batches: AtomicU64,
    without_credit: AtomicBool,
    pub(crate) jammed: AtomicBool,
    changed: Notify,
    held: Arc<Held>,
}

#[derive(Default)]
struct Held(AtomicU64);

impl Reclaim for Held {
    fn reclaim(&self, bytes: u64) {
        self.0.fetch_sub(bytes, Ordering::SeqCst);
    }
}

impl MemoryIntake {
    pub(crate) fn give_credit(&self, credit: bool) {
        self.without_credit.store(!credit, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    pub(crate) fn frames(&self) -> Vec<Received> {
        self.frames.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.frames.lock().unwrap().len()
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.frames().iter().map(|frame| String::from_utf8_lossy(&frame.octets).into_owned()).collect()
    }

    pub(crate) fn chunks(&self) -> Vec<(usize, usize)> {
        self.chunks.lock().unwrap().clone()
    }

    pub(crate) fn held_bytes(&self) -> u64 {
        self.held.0.load(Ordering::SeqCst)
    }

    fn take(&self, arrival: Arrival) {
        let Arrival { chunk, allocation_bytes, frames, origin, peers, .. } = arrival;
        self.chunks.lock().unwrap().push((chunk.len(), allocation_bytes));
        assert!(!frames.is_empty() && frames.len() <= 4096);
        assert!(peers.is_empty() || peers.len() == frames.len());
        let received = frames.iter().enumerate().map(|(index, frame)| Received {
            octets: frame.span.of(&chunk).to_vec(),
            flags: frame.flags,
            original_bytes: frame.original_bytes,
            peer: peers.get(index).copied().unwrap_or(origin.peer),
            transport: origin.transport,
            authenticated: origin.authenticated.as_deref().map(str::to_owned),
        });
        self.frames.lock().unwrap().extend(received);
        self.batches.fetch_add(1, Ordering::SeqCst);
    }
}

impl Intake for MemoryIntake {
    fn may_read(&self) -> bool {
        !self.without_credit.load(Ordering::SeqCst)
    }

    async fn readable(&self) {
        let changed = self.changed.notified();
        if !self.may_read() {
            changed.await;
        }
    }

    fn hold(&self, bytes: u64) -> Lease {
        self.held.0.fetch_add(bytes, Ordering::SeqCst);
        Lease::new(bytes, Arc::clone(&self.held) as Arc<dyn Reclaim>)
    }

    fn jammed(&self) -> bool {
        self.jammed.load(Ordering::SeqCst)
    }

    fn offer(&self, arrival: Arrival) {
        self.take(arrival);
    }

    fn offer_datagrams(&self, arrival: Arrival) {
        if self.may_read() {
            self.take(arrival);
        }
    }
}

/// Remembers counts by name.
#[derive(Default)]
pub(crate) struct MemoryMeter {
    counts: Mutex<BTreeMap<String, u64>>,
    /// What a test waits for now.
    awaited: Mutex<Option<&'static str>>,
}

/// A test that waits in vain says what was counted instead.
impl Drop for MemoryMeter {
    fn drop(&mut self) {
        if let Some(name) = *self.awaited.lock().unwrap() {
            eprintln!("waited for {name:?}, found {:?}", self.counts.lock().unwrap());
        }
    }
}

impl MemoryMeter {
    pub(crate) fn count(&self, name: &str) -> u64 {
        self.counts.lock().unwrap().get(name).copied().unwrap_or(0)
    }

    /// Every count whose name begins like this, but 0.
    pub(crate) fn all(&self, prefix: &str) -> Vec<(String, u64)> {
        let counts = self.counts.lock().unwrap();
        counts.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(name, count)| (name.clone(), *count)).collect()
    }

    fn add(&self, name: &str, count: u64) {
        *self.counts.lock().unwrap().entry(name.to_owned()).or_default() += count;
    }
}

impl Meter for MemoryMeter {
    fn opened(&self) {
        self.add("opened", 1);
    }

    fn closed(&self) {
        self.add("closed", 1);
    }

    fn refused(&self, refusal: Refusal) {
        self.add(&format!("refused {}", refusal.reason()), 1);
    }

    fn accept_failed(&self) {
        self.add("accept_failed", 1);
    }

    fn received(&self, bytes: u64) {
        self.add("received", bytes);
    }

    fn empty(&self, frames: u64) {
        self.add("empty", frames);
    }

    fn lenient_trailers(&self, trailers: u64) {
        self.add("lenient_trailers", trailers);
    }

    fn fault(&self, reason: &'static str) {
        self.add(&format!("fault {reason}"), 1);
    }

    fn probe(&self, kind: &'static str) {
        self.add(&format!("probe {kind}"), 1);
    }

    fn partial(&self, bytes: u64) {
        self.add("partial", bytes);
    }

    fn abandoned(&self, bytes: u64) {
        self.add("abandoned", bytes);
    }

    fn rejoined(&self, records: u64) {
        self.add("rejoined", records);
    }

    fn rejoin_failed(&self, reason: &'static str) {
        self.add(&format!("rejoin failed {reason}"), 1);
    }

    fn stalled(&self, _: Duration) {
        self.add("stalls", 1);
    }

    fn stall_alarm(&self) {
        self.add("stall_alarms", 1);
    }

    fn datagrams_truncated(&self, datagrams: u64) {
        self.add("truncated", datagrams);
    }

    fn looped(&self, datagrams: u64) {
        self.add("looped", datagrams);
    }

    fn kernel_dropped(&self, datagrams: u64) {
        self.add("kernel_dropped", datagrams);
    }

    fn certificate_ends(&self, _: SystemTime) {
        self.add("certificate_ends", 1);
    }
}

/// A listener at work, its intake and its meter.
pub(crate) struct Bench {
    pub(crate) running: Running,
    pub(crate) intake: Arc<MemoryIntake>,
    pub(crate) meter: Arc<MemoryMeter>,
}

impl Bench {
    /// Starts a listener for `protocol`, its settings changed by `change`.
    pub(crate) fn start(protocol: Protocol, change: impl FnOnce(&mut Settings)) -> Self {
        let (intake, meter) = (Arc::<MemoryIntake>::default(), Arc::<MemoryMeter>::default());
        let mut settings = Settings::new("test", protocol);
        change(&mut settings);
        let listener = Listener::bind(settings, Arc::clone(&intake), Arc::clone(&meter) as Arc<dyn Meter>).unwrap();
        Self { running: listener.start(), intake, meter }
    }

    /// A TCP listener with the usual settings.
    pub(crate) fn tcp() -> Self {
        Self::start(tcp("127.0.0.1:0"), |_| {})
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.local_address().ip().unwrap()
    }

    /// Waits until the intake has `count` frames.
    #[track_caller]
    pub(crate) fn has_frames(&self, count: usize) -> impl Future<Output = ()> {
        let intake = Arc::clone(&self.intake);
        eventually("frames", move || intake.count() >= count)
    }

    /// Waits until the count called `name` is at least `count`.
    #[track_caller]
    pub(crate) fn has_counted(&self, name: &'static str, count: u64) -> impl Future<Output = ()> {
        let meter = Arc::clone(&self.meter);
        eventually(name, move || {
            let counted = meter.count(name) >= count;
            *meter.awaited.lock().unwrap() = (!counted).then_some(name);
            counted
        })
    }

    /// Stops the listener, once the senders have left.
    pub(crate) async fn stop(self) -> DrainReport {
        self.running.stop_accepting();
        timeout(LONG, self.running.drained()).await.expect("the senders have left");
        timeout(LONG, self.running.close_remaining()).await.expect("closing takes a second")
    }
}

pub(crate) fn tcp(address: &str) -> Protocol {
    Protocol::Tcp(Socket::Bind(address.parse().unwrap()))
}

/// Waits until `condition` holds.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let wait = async {
        while !condition() {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(LONG, wait).await.unwrap_or_else(|_| panic!("{what}: never came true"));
}

/// Octet counting (RFC 6587 section 3.4.1).
pub(crate) fn counted(message: &str) -> Vec<u8> {
    format!("{} {message}", message.len()).into_bytes()
}

/// Whether the peer has closed the connection: its end, or a reset.
pub(crate) async fn is_closed(socket: &mut (impl tokio::io::AsyncRead + Unpin)) -> bool {
    use tokio::io::AsyncReadExt;
    matches!(timeout(LONG, socket.read(&mut [0])).await.expect("closed, or not"), Ok(0) | Err(_))
}
