//! One stream connection: read, deframe, hand over, keep the rest.

use std::future::poll_fn;
use std::io;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::{Buf, Bytes, BytesMut};
use framing::{Deframer, FrameFault};
use record::{Flags, Frame, FrameSpan, Lease, Origin, UnixNanos};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::futures::Notified;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::deadline::FrameClock;
use crate::drain::LINGER;
use crate::listener::Shared;
use crate::rejoin::{Failure, Rejoiner};
use crate::slab::{BATCH_FRAMES_MAX, MOVED_TAIL_BYTES_MAX, READ_BYTES_MAX, Slab, split_chunk, with_slab};
use crate::stream::{Read, Stream};
use crate::{Arrival, Intake};

/// Reads of one connection before others have their turn.
const READS_PER_TURN: usize = 2;

/// What a connection may keep of an unfinished frame without taking credit for it.
const FREE_TAIL_BYTES: usize = 4 * 1024;

/// Credit for larger tails is taken in steps of this size, so that it does not change with every read.
const HOLD_STEP_BYTES: usize = 16 * 1024;

/// A connection and what it keeps between two reads.
pub(crate) struct Connection<I> {
    pub(crate) shared: Arc<Shared<I>>,
    stream: Stream,
    origin: Arc<Origin>,
    deframer: Deframer,
    /// The unfinished frame, from its first octet.
    tail: BytesMut,
    /// The credit that the tail holds.
    lease: Option<Lease>,
    /// Pieces of records that wait for more; nothing while there are none.
    pub(crate) rejoiner: Option<Box<Rejoiner>>,
    /// The right to read without credit until the frame at hand is finished.
    pub(crate) completion_token: Option<OwnedSemaphorePermit>,
    pub(crate) clock: FrameClock,
    last_read: Instant,
    has_received: bool,
    /// Made when it is first needed; it may ring early, and is then set anew.
    timer: Option<Pin<Box<Sleep>>>,
    /// Once we have half-closed: when we close for good.
    pub(crate) closes_at: Option<Instant>,
}

/// Why a connection is over.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The peer has closed its side; `truncated` when TLS did not say so.
    Peer { truncated: bool },
    /// The network, or TLS, failed.
    ReadError(io::Error),
    /// The framing is broken.
    Fault(FrameFault),
    /// A frame took too long.
    FrameDeadline,
    /// Nothing came for too long.
    Idle,
    /// We closed it at the end of a drain.
    Drained,
}

impl Ending {
    /// Whether the peer is gone, so that nothing can be left unread.
    fn is_by_peer(&self) -> bool {
        match self {
            Self::Peer { .. } => true,
            // TLS that cannot be understood is no network that broke.
            Self::ReadError(error) => error.kind() != io::ErrorKind::InvalidData,
            _ => false,
        }
    }
}

/// Octets read, and the number of frames that they completed, or why there can be no more.
type Deframed = (usize, Result<usize, FrameFault>);

/// What a turn came to, other than waiting.
enum Event {
    NoCredit,
    CloseRequested,
    Ended(Ending),
}

impl<I: Intake> Connection<I> {
    pub(crate) fn new(stream: Stream, origin: Arc<Origin>, shared: Arc<Shared<I>>) -> Self {
        Self {
            deframer: Deframer::new(shared.settings.framing),
            clock: FrameClock::new(shared.settings.frame_time_max),
            shared,
            stream,
            origin,
            tail: BytesMut::new(),
            lease: None,
            rejoiner: None,
            completion_token: None,
            last_read: Instant::now(),
            has_received: false,
            timer: None,
            closes_at: None,
        }
    }

    /// Serves the connection until it is over.
    ///
    /// Cancel safety: dropping it closes the connection; frames that were read have been handed over, but for pieces that wait for
    /// more; these and an unfinished frame are lost without being counted.
    pub(crate) async fn run(&mut self) {
        // Declared before the future that borrows it, which must not borrow the connection.
        let shared = Arc::clone(&self.shared);
        let mut close_requested = pin!(shared.closing.requested());
        let mut registered = None;
        let ending = loop {
            let turn = poll_fn(|cx| {
                register(&mut registered, close_requested.as_mut(), cx);
                self.poll_turn(cx)
            });
            match turn.await {
                // The waits are large and rare, so they are not part of every connection's memory.
                Event::NoCredit => {
                    if let Some(ending) = Box::pin(self.wait_for_credit()).await {
                        break ending;
                    }
                }
                Event::CloseRequested => self.half_close(),
                Event::Ended(ending) => break ending,
            }
        };
        self.finish(&ending);
    }

    /// Reads a few times; pending when there is nothing to read, or when it is the turn of others.
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        if self.closes_at.is_none() && self.shared.closing.is_requested() {
            return Poll::Ready(Event::CloseRequested);
        }
        for _ in 0..READS_PER_TURN {
            match self.stream.poll_ready(cx) {
                Poll::Pending => return self.poll_timer(cx),
                Poll::Ready(Err(error)) => return Poll::Ready(Event::Ended(Ending::ReadError(error))),
                Poll::Ready(Ok(())) => {}
            }
            let Some(bytes_max) = self.allowance() else { return Poll::Ready(Event::NoCredit) };
            match with_slab(|slab| self.poll_read(cx, slab, bytes_max)) {
                Poll::Pending => return self.poll_timer(cx),
                Poll::Ready(Err(ending)) => return Poll::Ready(Event::Ended(ending)),
                Poll::Ready(Ok(())) => {}
            }
            self.expire(self.last_read);
            if let Some(ending) = self.overdue(self.last_read) {
                return Poll::Ready(Event::Ended(ending));
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Octets that the next read may take; `None` when there has to be more credit first.
    pub(crate) fn allowance(&self) -> Option<usize> {
        let intake = &self.shared.intake;
        if self.completion_token.is_some() {
            return Some(READ_BYTES_MAX);
        }
        if !intake.may_read() {
            return None;
        }
        if !intake.jammed() {
            return Some(READ_BYTES_MAX);
        }
        // Large frames of others must not keep this connection from sending small ones.
        FREE_TAIL_BYTES.checked_sub(self.tail.len()).filter(|bytes| *bytes > 0)
    }

    /// Reads once, with one system call, and hands over the frames that are complete.
    fn poll_read(&mut self, cx: &mut Context<'_>, slab: &mut Slab, bytes_max: usize) -> Poll<Result<(), Ending>> {
        let read = if self.tail.len() <= MOVED_TAIL_BYTES_MAX {
            ready!(self.poll_read_into_slab(cx, slab, bytes_max))
        } else {
            ready!(self.poll_read_in_place(cx, slab))
        };
        let (octets, frames) = match read {
            Ok(read) => read,
            Err(ending) => return Poll::Ready(Err(ending)),
        };
        self.last_read = Instant::now();
        self.has_received |= octets > 0;
        self.publish_counts(octets);
        let frames = match frames {
            Ok(frames) => frames,
            Err(fault) => return Poll::Ready(Err(Ending::Fault(fault))),
        };
        self.clock.read(self.last_read, frames > 0, self.deframer.pending_bytes() > 0);
        if frames > 0 || self.tail.is_empty() {
            self.completion_token = None;
        }
        self.account_tail();
        Poll::Ready(Ok(()))
    }

    /// Reads into the slab, behind a copy of the tail.
    fn poll_read_into_slab(
        &mut self,
        cx: &mut Context<'_>,
        slab: &mut Slab,
        bytes_max: usize,
    ) -> Poll<Result<Deframed, Ending>> {
        let mut room = slab.take();
        room.extend_from_slice(&self.tail);
        let read = self.stream.poll_read(cx, &mut room, bytes_max).map(octets_read);
        let outcome = read.map_ok(|octets| {
            let frames = self.hand_over(&mut room, slab);
            self.keep(&room);
            (octets, frames)
        });
        slab.put(room);
        outcome
    }

    /// Reads into the connection's own buffer, behind the large tail that is there.
    fn poll_read_in_place(&mut self, cx: &mut Context<'_>, slab: &mut Slab) -> Poll<Result<Deframed, Ending>> {
        let bytes = self.tail.len().min(READ_BYTES_MAX);
        self.tail.reserve(bytes);
        let octets = match octets_read(ready!(self.stream.poll_read(cx, &mut self.tail, bytes))) {
            Ok(octets) => octets,
            Err(ending) => return Poll::Ready(Err(ending)),
        };
        let mut tail = mem::take(&mut self.tail);
        let frames = self.hand_over(&mut tail, slab);
        if matches!(frames, Ok(0)) {
            self.tail = tail;
        } else {
            // The frame that was large has left with the allocation.
            self.keep(&tail);
        }
        Poll::Ready(Ok((octets, frames)))
    }

    /// Hands the complete frames at the front of `buffer` over, and leaves there what is to be kept. Gives their number.
    fn hand_over(&mut self, buffer: &mut BytesMut, slab: &mut Slab) -> Result<usize, FrameFault> {
        let received_at = now();
        // Before the first split, so of the whole allocation.
        let allocation_bytes = buffer.capacity();
        let mut frames_count = 0;
        loop {
            let frames = slab.frames();
            let pushed = self.deframer.push(buffer, BATCH_FRAMES_MAX, frames);
            let done = match &pushed {
                Ok(step) => step.consumed,
                Err(_) => frames.last().map_or(0, |frame| frame.span.end as usize),
            };
            if frames.is_empty() {
                buffer.advance(done);
            } else {
                frames_count += frames.len();
                let (chunk, allocation_bytes) = split_chunk(buffer, done, allocation_bytes);
                self.take(chunk, allocation_bytes, slab.take_frames(), received_at);
            }
            let step = pushed?;
            buffer.truncate(step.keep);
            if !step.more {
                return Ok(frames_count);
            }
        }
    }

    /// Hands frames over.
    pub(crate) fn offer(&self, chunk: Bytes, allocation_bytes: usize, frames: Vec<Frame>, received_at: UnixNanos) {
        let origin = Arc::clone(&self.origin);
        self.shared.intake.offer(Arrival { chunk, allocation_bytes, frames, origin, peers: Vec::new(), received_at });
    }

    /// Makes `octets` the tail, in a buffer that fits them. An idle connection between two frames keeps none.
    fn keep(&mut self, octets: &[u8]) {
        if octets.is_empty() || self.tail.capacity() < octets.len() || self.tail.capacity() > 4 * octets.len() {
            self.tail = BytesMut::from(octets);
        } else {
            self.tail.clear();
            self.tail.extend_from_slice(octets);
        }
    }

    /// Takes credit for a tail beyond the free allowance, or gives it back.
    fn account_tail(&mut self) {
        let beyond = self.tail.capacity().saturating_sub(FREE_TAIL_BYTES);
        let bytes = (beyond.div_ceil(HOLD_STEP_BYTES) * HOLD_STEP_BYTES) as u64;
        if self.lease.as_ref().map_or(0, Lease::bytes) != bytes {
            self.lease = (bytes > 0).then(|| self.shared.intake.hold(bytes));
        }
    }

    /// Whether the frame at hand has outgrown the free allowance, so that it needs what is set aside for unfinished frames.
    pub(crate) fn is_large(&self) -> bool {
        self.tail.len() >= FREE_TAIL_BYTES
    }

    fn publish_counts(&mut self, octets: usize) {
        let meter = &self.shared.meter;
        meter.received(octets as u64);
        let counts = self.deframer.take_counts();
        if counts.empty > 0 {
            meter.empty(counts.empty);
        }
        if counts.lenient_trailer > 0 {
            meter.lenient_trailers(counts.lenient_trailer);
        }
    }

    /// The earliest of the deadlines that hold now.
    fn due(&self) -> Option<Instant> {
        let pieces = self.rejoiner.as_ref().and_then(|rejoiner| rejoiner.due());
        [self.clock.due(), self.idle_due(), self.closes_at, pieces].into_iter().flatten().min()
    }

    fn idle_due(&self) -> Option<Instant> {
        self.shared.settings.idle_time_max.map(|time_max| self.last_read + time_max)
    }

    /// The ending whose deadline has passed.
    fn overdue(&self, now: Instant) -> Option<Ending> {
        let passed = |due: Option<Instant>| due.is_some_and(|due| now >= due);
        if passed(self.closes_at) {
            Some(Ending::Drained)
        } else if passed(self.clock.due()) {
            Some(Ending::FrameDeadline)
        } else if passed(self.idle_due()) {
            Some(Ending::Idle)
        } else {
            None
        }
    }

    /// Waits for the next deadline. The timer is only ever set forward in time, and set anew when it rings early: setting it for
    /// each read would cost more than many reads do.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        let Some(mut due) = self.due() else {
            if self.timer.as_ref().is_some_and(|timer| timer.is_elapsed()) {
                self.timer = None;
            }
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if due < timer.deadline() {
            timer.as_mut().reset(due);
        }
        loop {
            let timer = self.timer.as_mut().expect("made above");
            ready!(timer.as_mut().poll(cx));
            let now = Instant::now();
            if let Some(ending) = self.overdue(now) {
                return Poll::Ready(Event::Ended(ending));
            }
            self.expire(now);
            let Some(next) = self.due() else {
                self.timer = None;
                return Poll::Pending;
            };
            due = next;
            self.timer.as_mut().expect("made above").as_mut().reset(due);
        }
    }

    /// Says FIN, as the first step of closing, and gives the peer a last second.
    pub(crate) fn half_close(&mut self) {
        self.closes_at = Some(Instant::now() + LINGER);
        // Now: a stop that is in a hurry does not wait for sinks at the end of that second.
        self.give_up_rejoining(Failure::Closed);
        self.stream.half_close();
        self.shared.closing.report().note(self.origin.peer);
    }

    /// Counts what is left over, and why; then the connection is closed.
    fn finish(&mut self, ending: &Ending) {
        if matches!(ending, Ending::Fault(_)) {
            self.give_up_rejoining(Failure::Closed);
        }
        let unread = if ending.is_by_peer() { 0 } else { self.stream.unread_bytes() };
        // After a fault nobody can tell what is a frame, so what is left is no part of one.
        let (unframed, partial) = match ending {
            Ending::Fault(FrameFault::Probe(_)) => (self.deframer.finish(&self.tail).partial_bytes, 0),
            Ending::Fault(_) => (self.keep_broken(), 0),
            _ => (0, self.finish_frame()),
        };
        self.give_up_rejoining(Failure::Closed);
        if unread + unframed > 0 {
            self.shared.meter.abandoned(unread + unframed);
        }
        if matches!(ending, Ending::Drained) {
            self.shared.closing.report().abandoned_bytes += unread + partial;
        }
        if !self.has_received && ending.is_by_peer() {
            self.shared.meter.probe("empty_connection");
        } else {
            self.tell(ending);
        }
    }

    /// Hands over what broke the framing as one record that says so: evidence, in which nobody looks for frames any more. Gives the
    /// number of octets that are lost all the same, being more than a frame may have.
    fn keep_broken(&mut self) -> u64 {
        let left_bytes = self.deframer.finish(&self.tail).partial_bytes;
        // The trailer of the last good frame may be in front.
        let start = self.tail.iter().position(|octet| !matches!(octet, b'\r' | b'\n')).unwrap_or(self.tail.len());
        let end = self.tail.len().min(start + self.shared.settings.framing.frame_bytes_max as usize);
        if start == end {
            return left_bytes;
        }
        let span = FrameSpan::new(start as u32, end as u32);
        let lost_bytes = left_bytes.saturating_sub(end as u64);
        let cut = if lost_bytes > 0 { Flags::TRUNCATED } else { Flags::NONE };
        let original_bytes = u32::try_from(span.len() as u64 + lost_bytes).unwrap_or(u32::MAX);
        self.hand_over_tail(Frame { span, flags: Flags::BROKEN_FRAMING | cut, original_bytes });
        lost_bytes
    }

    /// What the deframer makes of an unfinished frame: a last line, or so many octets that are lost.
    fn finish_frame(&mut self) -> u64 {
        let end = self.deframer.finish(&self.tail);
        if let Some(frame) = end.frame {
            self.hand_over_tail(frame);
        }
        if end.partial_bytes > 0 {
            self.shared.meter.partial(end.partial_bytes);
        }
        end.partial_bytes
    }

    /// Hands over the tail with the one frame in it.
    fn hand_over_tail(&mut self, frame: Frame) {
        let mut tail = mem::take(&mut self.tail);
        let (bytes, allocation_bytes) = (tail.len(), tail.capacity());
        let (chunk, allocation_bytes) = split_chunk(&mut tail, bytes, allocation_bytes);
        self.take(chunk, allocation_bytes, vec![frame], now());
    }

    /// Counts and logs why the connection ended.
    fn tell(&self, ending: &Ending) {
        let (listener, peer) = (&*self.origin.listener, self.origin.peer);
        let meter = &self.shared.meter;
        let reason = match ending {
            Ending::Peer { truncated: false } | Ending::Drained => return,
            Ending::Peer { truncated: true } => return meter.fault("tls_truncation"),
            Ending::Fault(fault @ FrameFault::Probe(probe)) => {
                meter.probe(fault.reason());
                // Health checks and scanners are no news; a header that a load balancer puts before each connection is.
                if *probe == framing::Probe::Proxy
                    && let Some(suppressed) = self.shared.throttle.permit(fault.reason())
                {
                    tracing::warn!(listener, %peer, suppressed, "closed a connection: {fault}");
                }
                return;
            }
            Ending::Fault(fault) => fault.reason(),
            Ending::FrameDeadline => "frame_deadline",
            Ending::Idle => "idle",
            Ending::ReadError(error) => crate::tls::read_error_reason(error),
        };
        meter.fault(reason);
        let Some(suppressed) = self.shared.throttle.permit(reason) else { return };
        match ending {
            Ending::Fault(fault) => {
                tracing::warn!(listener, %peer, reason, suppressed, "closed a connection: {fault}");
            }
            Ending::ReadError(error) => {
                tracing::info!(listener, %peer, reason, %error, suppressed, "a connection broke");
            }
            _ => tracing::warn!(listener, %peer, reason, suppressed, "closed a connection that took too long"),
        }
    }
}

/// Registers the task to be woken when connections are to be closed: once, not at each poll, which would take a lock that all
/// connections share.
fn register(registered: &mut Option<Waker>, notified: Pin<&mut Notified<'_>>, cx: &mut Context<'_>) {
    if !registered.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
        // Whether it has come is asked of the flag, which is set before the notification.
        let _ = notified.poll(cx);
        *registered = Some(cx.waker().clone());
    }
}

fn octets_read(read: io::Result<Read>) -> Result<usize, Ending> {
    match read {
        Ok(Read::Octets(octets)) => Ok(octets),
        Ok(Read::End { truncated }) => Err(Ending::Peer { truncated }),
        Err(error) => Err(Ending::ReadError(error)),
    }
}

/// The wall clock, once per read.
pub(crate) fn now() -> UnixNanos {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    UnixNanos(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
