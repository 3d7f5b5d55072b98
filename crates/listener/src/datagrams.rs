//! UDP and unix datagrams: received in batches, always, as their senders cannot wait.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use record::{Flags, Frame, FrameSpan, Origin, Peer, Transport};
use sys::{Datagram, DatagramReceiver};
use tokio::io::Interest;
use tokio::net::{UdpSocket, UnixDatagram};
use tokio::task::yield_now;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::connection::now;
use crate::listener::Shared;
use crate::unix::SocketFile;
use crate::{Arrival, Intake, rejoin};

/// The longest datagram that IP can carry.
const UDP_BYTES_MAX: usize = 65_535;

/// What is kept of a unix datagram, which the kernel does not limit to that: 256 KiB.
const UNIX_BYTES_MAX: usize = 256 * 1024;

/// Batches before other tasks have their turn.
const BATCHES_PER_TURN: usize = 8;

/// Batches at the end: more than any receive buffer holds.
const BATCHES_AT_STOP_MAX: usize = 4096;

/// How often the kernel is asked what it dropped; a flood that ends in silence tells it in no datagram.
const DROPS_INTERVAL: Duration = Duration::from_secs(1);

/// The pause after a failed receive.
const ERROR_PAUSE: Duration = Duration::from_millis(10);

/// A datagram socket that is bound.
#[derive(Debug)]
pub(crate) enum DatagramSocket {
    Udp {
        socket: UdpSocket,
        address: SocketAddr,
        /// The kernel's count of drops when it became ours: not 0 for an activated socket that another process has used.
        drops_before: u32,
    },
    Unix {
        socket: UnixDatagram,
        _file: Option<SocketFile>,
    },
}

/// Receives the datagrams of one socket.
pub(crate) struct Receiver<I> {
    shared: Arc<Shared<I>>,
    socket: DatagramSocket,
    origin: Arc<Origin>,
    datagrams: DatagramReceiver,
    drops: DropCounter,
}

/// What is known about the kernel's queue.
enum Queue {
    Empty,
    Unknown,
}

/// What became of the datagrams of one batch.
#[derive(Debug, Default)]
struct Tally {
    octets: u64,
    empty: u64,
    looped: u64,
    truncated: u64,
}

impl<I: Intake> Receiver<I> {
    pub(crate) fn new(socket: DatagramSocket, shared: Arc<Shared<I>>) -> Self {
        let frame_bytes_max = shared.settings.framing.frame_bytes_max as usize;
        let (transport, longest, seen) = match socket {
            DatagramSocket::Udp { drops_before, .. } => (Transport::Udp, UDP_BYTES_MAX, drops_before),
            DatagramSocket::Unix { .. } => (Transport::UnixDatagram, UNIX_BYTES_MAX, 0),
        };
        let listener = Arc::clone(&shared.settings.name);
        Self {
            origin: Arc::new(Origin { listener, transport, peer: Peer::Unnamed, authenticated: None }),
            datagrams: DatagramReceiver::new(frame_bytes_max.min(longest)),
            drops: DropCounter { seen },
            shared,
            socket,
        }
    }

    /// Receives until all is to be closed, then what is still queued.
    pub(crate) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let mut close_requested = pin!(shared.closing.requested());
        let mut tick = interval(DROPS_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !shared.closing.is_requested() {
            let ready = tokio::select! {
                () = &mut close_requested => break,
                _ = tick.tick() => {
                    self.ask_for_drops();
                    continue;
                }
                ready = self.socket.readable() => ready,
            };
            match ready.and_then(|()| self.receive(BATCHES_PER_TURN)) {
                Ok(Queue::Empty) => {}
                Ok(Queue::Unknown) => yield_now().await,
                // Such as a want of memory. Not for ever, but not to be asked again at once either.
                Err(error) => {
                    self.tell(&error);
                    sleep(ERROR_PAUSE).await;
                }
            }
        }
        self.receive_rest();
    }

    /// Receives what is queued, asking the kernel and not the runtime, which may not have noticed yet. Bounded, as more can come
    /// in meanwhile.
    fn receive_rest(&mut self) {
        for _ in 0..BATCHES_AT_STOP_MAX {
            match self.socket.receive_now(&mut self.datagrams) {
                Ok(1..) => self.hand_over(),
                Ok(0) | Err(_) => break,
            }
        }
        self.ask_for_drops();
    }

    /// Receives up to `batches`.
    fn receive(&mut self, batches: usize) -> io::Result<Queue> {
        for _ in 0..batches {
            if self.socket.receive(&mut self.datagrams)? == 0 {
                return Ok(Queue::Empty);
            }
            self.hand_over();
        }
        Ok(Queue::Unknown)
    }

    /// Copies the messages of a batch into one chunk, densely and once, and hands them over.
    fn hand_over(&mut self) {
        let mut tally = Tally::default();
        let datagrams = self.datagrams.datagrams();
        let count = datagrams.len();
        // At most their trailers, and what is not handed over, too large.
        let bytes = datagrams.map(|datagram| datagram.octets.len()).sum();
        let mut chunk = Vec::with_capacity(bytes);
        let (mut frames, mut peers) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for datagram in self.datagrams.datagrams() {
            tally.octets += datagram.octets.len() as u64;
            if let Some(drops) = datagram.kernel_drops {
                self.drops.told(drops, |count| self.shared.meter.kernel_dropped(count));
            }
            if self.socket.is_own(&datagram) {
                tally.looped += 1;
            } else if let Some(frame) = append(&datagram, &mut chunk) {
                tally.truncated += u64::from(frame.flags.contains(Flags::TRUNCATED));
                frames.push(frame);
                peers.push(datagram.peer.map_or(Peer::Unnamed, Peer::Ip));
            } else {
                tally.empty += 1;
            }
        }
        rejoin::flag_pieces(&mut frames, &chunk);
        if !frames.is_empty() {
            self.shared.intake.offer_datagrams(Arrival {
                allocation_bytes: chunk.capacity(),
                chunk: Bytes::from(chunk),
                frames,
                origin: Arc::clone(&self.origin),
                peers,
                received_at: now(),
            });
        }
        self.publish(&tally);
    }

    fn publish(&self, tally: &Tally) {
        let meter = &self.shared.meter;
        meter.received(tally.octets);
        if tally.empty > 0 {
            meter.empty(tally.empty);
        }
        if tally.looped > 0 {
            meter.looped(tally.looped);
        }
        if tally.truncated > 0 {
            meter.datagrams_truncated(tally.truncated);
        }
    }

    fn ask_for_drops(&mut self) {
        // Without the option (before Linux 4.12) the datagrams themselves still tell.
        if let DatagramSocket::Udp { socket, .. } = &self.socket
            && let Ok(drops) = sys::kernel_drops(socket)
        {
            self.drops.told(drops, |count| self.shared.meter.kernel_dropped(count));
        }
    }

    fn tell(&self, error: &io::Error) {
        if let Some(suppressed) = self.shared.throttle.permit("receive") {
            let listener = &*self.origin.listener;
            tracing::warn!(listener, %error, suppressed, "receiving a datagram failed");
        }
    }
}

impl DatagramSocket {
    async fn readable(&self) -> io::Result<()> {
        match self {
            Self::Udp { socket, .. } => socket.readable().await,
            Self::Unix { socket, .. } => socket.readable().await,
        }
    }

    /// Receives a batch; 0 when there is nothing.
    fn receive(&self, datagrams: &mut DatagramReceiver) -> io::Result<usize> {
        let mut received = 0;
        let outcome = match self {
            Self::Udp { socket, .. } => socket.try_io(Interest::READABLE, || fill(datagrams, socket, &mut received)),
            Self::Unix { socket, .. } => socket.try_io(Interest::READABLE, || fill(datagrams, socket, &mut received)),
        };
        match outcome {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(received),
        }
    }

    /// As [`Self::receive`], without the runtime's leave.
    fn receive_now(&self, datagrams: &mut DatagramReceiver) -> io::Result<usize> {
        match self {
            Self::Udp { socket, .. } => datagrams.receive(socket),
            Self::Unix { socket, .. } => datagrams.receive(socket),
        }
    }

    /// Whether the datagram comes from this very socket: somebody has made it talk to itself.
    fn is_own(&self, datagram: &Datagram<'_>) -> bool {
        let (Self::Udp { address, .. }, Some(peer)) = (self, datagram.peer) else { return false };
        let own_ip = address.ip().to_canonical();
        peer.port() == address.port() && (peer.ip() == own_ip || Some(peer.ip()) == datagram.destination)
    }
}

/// Fills `datagrams`. A batch that is not full has emptied the queue, which the runtime is told by "would block": that saves a
/// call that would find nothing.
fn fill(datagrams: &mut DatagramReceiver, socket: impl std::os::fd::AsFd, received: &mut usize) -> io::Result<()> {
    *received = datagrams.receive(socket)?;
    if *received < datagrams.slots() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
}

/// Appends the message of a datagram to the chunk; `None` when there is none in it.
fn append(datagram: &Datagram<'_>, chunk: &mut Vec<u8>) -> Option<Frame> {
    let mut frame = framing::datagram(datagram.octets)?;
    if datagram.original_bytes > datagram.octets.len() {
        // It was cut, so its last octet is no trailer.
        frame.span.end = u32::try_from(datagram.octets.len()).unwrap_or(u32::MAX);
        frame.flags |= Flags::TRUNCATED;
        frame.original_bytes = u32::try_from(datagram.original_bytes).unwrap_or(u32::MAX);
    }
    let start = u32::try_from(chunk.len()).ok()?;
    let message = frame.span.of(datagram.octets);
    chunk.extend_from_slice(message);
    frame.span = FrameSpan::new(start, start + frame.span.len() as u32);
    Some(frame)
}

/// Turns the kernel's running total into what is new. The total comes by two ways: in datagrams, as it was when each was queued,
/// and on request, as it is. So it can seem to go back, and wraps around at 2³².
#[derive(Debug)]
struct DropCounter {
    seen: u32,
}

impl DropCounter {
    fn told(&mut self, total: u32, count: impl FnOnce(u64)) {
        let new = total.wrapping_sub(self.seen);
        if new.cast_signed() > 0 {
            self.seen = total;
            count(u64::from(new));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seen: u32, totals: &[u32], expected: &[u64]) {
        let (mut drops, mut counted) = (DropCounter { seen }, Vec::new());
        totals.iter().for_each(|total| drops.told(*total, |count| counted.push(count)));
        assert_eq!(counted, expected);
    }

    #[test]
    fn no_drop_is_counted_twice() {
        check(0, &[0, 3, 3, 2, 10, 5, 10], &[3, 7]);
        check(5, &[5, 6], &[1]);
    }

    #[test]
    fn a_total_may_wrap_around() {
        check(u32::MAX - 1, &[3, u32::MAX, 4], &[5, 1]);
    }
}
