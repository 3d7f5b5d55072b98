//! The smallest intake: counts frames and lets them go. Also shows what reading costs.
//!
//! `cargo run --release -p gully-listener --example counting_intake -- 127.0.0.1:5515` prints, each second in which something came,
//! frames, batches, and the processor time per frame of the whole process.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use gully_listener::{Arrival, Intake, Listener, Meter, Protocol, Refusal, Settings, Socket};
use record::Lease;

/// Always has room.
#[derive(Default)]
struct Counting {
    frames: AtomicU64,
    batches: AtomicU64,
    connections: AtomicU64,
}

impl Intake for Counting {
    fn may_read(&self) -> bool {
        true
    }

    async fn readable(&self) {}

    fn jammed(&self) -> bool {
        false
    }

    fn hold(&self, _: u64) -> Lease {
        Lease::unbounded()
    }

    fn offer(&self, arrival: Arrival) {
        self.frames.fetch_add(arrival.frames.len() as u64, Ordering::Relaxed);
        self.batches.fetch_add(1, Ordering::Relaxed);
    }

    fn offer_datagrams(&self, arrival: Arrival) {
        self.offer(arrival);
    }
}

impl Meter for Counting {
    fn opened(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    fn closed(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    fn refused(&self, _: Refusal) {}
    fn accept_failed(&self) {}
    fn received(&self, _: u64) {}
    fn empty(&self, _: u64) {}
    fn lenient_trailers(&self, _: u64) {}
    fn fault(&self, _: &'static str) {}
    fn probe(&self, _: &'static str) {}
    fn partial(&self, _: u64) {}
    fn abandoned(&self, _: u64) {}
    fn rejoined(&self, _: u64) {}
    fn rejoin_failed(&self, _: &'static str) {}
    fn stalled(&self, _: Duration) {}
    fn stall_alarm(&self) {}
    fn datagrams_truncated(&self, _: u64) {}
    fn looped(&self, _: u64) {}
    fn kernel_dropped(&self, _: u64) {}
    fn certificate_ends(&self, _: SystemTime) {}
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address: SocketAddr = std::env::args().nth(1).as_deref().unwrap_or("127.0.0.1:5515").parse()?;
    let counting = Arc::<Counting>::default();
    let mut settings = Settings::new("example", Protocol::Tcp(Socket::Bind(address)));
    settings.connections_per_source_max = settings.connections_max;
    let meter = Arc::clone(&counting) as Arc<dyn Meter>;
    let running = Listener::bind(settings, Arc::clone(&counting), meter)?.start();
    println!("listening on {}", running.local_address());
    let (mut frames_before, mut time_before) = (0, processor_time()?);
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (frames, time) = (counting.frames.load(Ordering::Relaxed), processor_time()?);
        if frames > frames_before {
            let (new, spent) = (frames - frames_before, time.saturating_sub(time_before));
            let batches = counting.batches.load(Ordering::Relaxed);
            println!("{frames} frames in {batches} batches; {} ns each", spent.as_nanos() / u128::from(new));
        }
        println!("{} connections, {}", counting.connections.load(Ordering::Relaxed), resident()?);
        (frames_before, time_before) = (frames, time);
    }
}

/// What all threads have used (proc(5): utime and stime of /proc/self/stat, in hundredths of a second).
fn processor_time() -> Result<Duration, Box<dyn std::error::Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let ticks = fields.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(10 * ticks))
}

/// Resident memory, as the kernel says it.
fn resident() -> Result<String, Box<dyn std::error::Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    Ok(status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default().to_owned())
}
