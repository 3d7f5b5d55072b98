//! What a listener counts; whoever publishes numbers implements [`Meter`].

use std::time::{Duration, SystemTime};

use crate::Refusal;

/// Takes the counts of one listener. Called from all worker threads; at most a few times per read, never per frame.
///
/// Every connection that is opened is closed once. A connection that ends badly gives one [`Self::fault`] or one
/// [`Self::probe`], never both.
pub trait Meter: Send + Sync + 'static {
    /// A connection was admitted.
    fn opened(&self);

    /// An admitted connection is gone.
    fn closed(&self);

    /// A connection was closed at once because a limit was reached.
    fn refused(&self, refusal: Refusal);

    /// An accept failed, for instance for want of file descriptors.
    fn accept_failed(&self);

    /// Octets were read: of syslog, framing included, without TLS.
    fn received(&self, bytes: u64);

    /// Frames, lines or datagrams without a message, which are not handed over.
    fn empty(&self, frames: u64);

    /// Line ends between octet-counted frames, which the framing does not provide for.
    fn lenient_trailers(&self, trailers: u64);

    /// A connection was ended by a fault: `reason` is that of a [`framing::FrameFault`], `frame_deadline`, `idle`,
    /// `read_error`, `plain_on_tls`, or one that begins with `tls_`.
    ///
    /// The exception is `tls_truncation`, a connection that ended without close_notify: nothing is wrong with its frames.
    fn fault(&self, reason: &'static str);

    /// A connection sent no syslog: `empty_connection` or another protocol (`tls_on_plain`, `http`, `ssh`).
    fn probe(&self, kind: &'static str);

    /// A connection ended inside a frame, of which `bytes` had arrived.
    fn partial(&self, bytes: u64);

    /// We closed a connection before its peer did, and lost `bytes` of what it had sent: what lay unread in the kernel, after a probe
    /// also what had been read, and after a fault what is more than a frame may have. The rest of what broke a framing is handed over,
    /// marked [`record::Flags::BROKEN_FRAMING`].
    ///
    /// What was read counts as received, too; what lay in the kernel does not, and is ciphertext for TLS. An unfinished frame
    /// of a connection that ends without a fault is told by [`Self::partial`] instead. What faults and probes lose is not part of
    /// [`DrainReport::abandoned_bytes`](crate::DrainReport::abandoned_bytes): a stop has not cost it.
    fn abandoned(&self, bytes: u64);

    /// Records were put together from their pieces.
    fn rejoined(&self, records: u64);

    /// A record was not put together, and its pieces were handed over one by one: `timeout`, `not_whole`, `too_long`, `memory` or
    /// `closed`.
    fn rejoin_failed(&self, reason: &'static str);

    /// A connection did not read for `duration`, though octets were there, for want of credit. Told when that is over.
    fn stalled(&self, duration: Duration);

    /// A connection has waited for credit for another 800 ms, and waits on. Some senders give up on a write after a second.
    ///
    /// Told for each connection each time, so up to 1.25 times a second for each that waits.
    fn stall_alarm(&self);

    /// Datagrams that were longer than what is kept of one. They are handed over, marked as truncated.
    fn datagrams_truncated(&self, datagrams: u64);

    /// Datagrams that came from the listener's own address and port, and were not handed over.
    fn looped(&self, datagrams: u64);

    /// Datagrams that the kernel dropped because the receive buffer was full. No drop is told twice.
    fn kernel_dropped(&self, datagrams: u64);

    /// The certificate in use ends at `not_after`. Told at the start and after each reload.
    fn certificate_ends(&self, not_after: SystemTime);
}
