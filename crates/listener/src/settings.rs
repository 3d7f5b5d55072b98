//! What a listener is told.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::{Rejoin, TlsSettings};

/// The default of [`Settings::frame_time_max`].
pub const FRAME_TIME_MAX_DEFAULT: Duration = Duration::from_secs(30);

/// The default of [`Settings::handshake_time_max`].
pub const HANDSHAKE_TIME_MAX_DEFAULT: Duration = Duration::from_secs(10);

/// A receive buffer for connections that bounds what a kill could lose, and still fills a fast network: 128 KiB.
pub const RECEIVE_BUFFER_BYTES_DEFAULT: usize = 128 * 1024;

/// Everything that is decided about one listener before it is bound.
#[derive(Debug)]
pub struct Settings {
    /// Its name in configuration, metrics and records.
    pub name: Arc<str>,
    /// What it speaks, and where.
    pub protocol: Protocol,
    /// How the frames of a connection are found. Datagrams need no framing, but `frame_bytes_max` holds for them, too.
    pub framing: framing::Settings,
    /// How records that Docker cut into pieces are put together; `None` leaves the pieces as they are. Connections only: datagrams
    /// may come in any order, so nothing is ever put together from them.
    pub rejoin: Option<Rejoin>,
    /// Time that a frame has from its first octet. It stands still while we do not read because sinks are slow, but runs on
    /// when unfinished frames alone hold all credit. Worst case: so long can a slow sender keep `frame_bytes_max` octets of
    /// memory, while sinks deliver.
    pub frame_time_max: Duration,
    /// Time after which a silent connection is closed; `None` keeps it. Quiet audit sources are normal, and closing on a sender
    /// that never reads costs it a message, so there should be a reason.
    pub idle_time_max: Option<Duration>,
    /// Time for the first octet of a TLS connection, and again for its handshake.
    pub handshake_time_max: Duration,
    /// Connections that may be open at once. Worst case for each: about 1 KiB idle (12 KiB with TLS, 30 KiB inside a record), an
    /// unfinished frame of `frame_bytes_max`, and the kernel's receive buffer.
    pub connections_max: usize,
    /// Connections that one source address may have open at once.
    pub connections_per_source_max: usize,
    /// What the kernel is asked to do for its sockets.
    pub socket: SocketOptions,
}

/// What the kernel is asked to do for a listener's sockets. Connections inherit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketOptions {
    /// Size asked for the receive buffer in bytes, of each connection or datagram socket; `None` leaves it to the
    /// kernel. The kernel reserves twice as much.
    pub receive_buffer_bytes: Option<usize>,
    /// When a quiet TCP peer is asked whether it is still there.
    pub keepalive: Keepalive,
    /// How long octets of ours, such as keepalive probes, may go unanswered before a TCP connection is dead; `None` leaves it to
    /// the kernel (tcp(7), TCP_USER_TIMEOUT).
    pub user_timeout: Option<Duration>,
    /// Whether `[::]` takes IPv4, too.
    pub dual_stack: bool,
}

/// TCP keepalive; the kernel counts in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keepalive {
    /// Quiet time before the first probe.
    pub idle: Duration,
    /// Time between probes.
    pub interval: Duration,
    /// Probes without an answer before the connection is dead.
    pub probes: u32,
}

impl Default for SocketOptions {
    /// A peer that vanished is noticed after two minutes: first asked after 60 s, then six times every 10 s.
    fn default() -> Self {
        Self {
            receive_buffer_bytes: Some(RECEIVE_BUFFER_BYTES_DEFAULT),
            keepalive: Keepalive { idle: Duration::from_secs(60), interval: Duration::from_secs(10), probes: 6 },
            user_timeout: Some(Duration::from_secs(120)),
            dual_stack: true,
        }
    }
}

/// What a listener speaks, and where.
#[derive(Debug)]
pub enum Protocol {
    /// Plain TCP (RFC 6587).
    Tcp(Socket<SocketAddr>),
    /// TLS over TCP (RFC 5425).
    Tls(Socket<SocketAddr>, TlsSettings),
    /// UDP (RFC 5426).
    Udp {
        /// Where. `[::]` takes IPv4, too.
        socket: Socket<SocketAddr>,
        /// Sockets that share the address, each with a task of its own; the kernel spreads senders over them. More than one
        /// serves hosts with many senders and cores. An activated socket is always one.
        receivers: NonZeroUsize,
    },
    /// A unix stream socket.
    UnixStream(Socket<UnixPath>),
    /// A unix datagram socket.
    UnixDatagram(Socket<UnixPath>),
}

/// A socket to bind, or one that is bound already.
#[derive(Debug)]
pub enum Socket<A> {
    /// An address to bind.
    Bind(A),
    /// A socket that somebody else has bound (and, for streams, may have set to listen); see [`crate::activated_sockets`].
    Activated(OwnedFd),
}

/// Where a unix socket appears in the file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnixPath {
    /// Its path. A socket file that nobody listens on any more is replaced; any other file is left alone, and is an error.
    pub path: PathBuf,
    /// Its mode, such as `0o660`. Who may write to the file may send.
    pub mode: u32,
}

impl Settings {
    /// The usual settings for a listener called `name`: framing detected, pieces put together, a frame has 30 s, no idle time-out,
    /// at most 10,000 connections of which 256 from one source.
    #[must_use]
    pub fn new(name: &str, protocol: Protocol) -> Self {
        Self {
            name: name.into(),
            protocol,
            framing: framing::Settings::default(),
            rejoin: Some(Rejoin::default()),
            frame_time_max: FRAME_TIME_MAX_DEFAULT,
            idle_time_max: None,
            handshake_time_max: HANDSHAKE_TIME_MAX_DEFAULT,
            connections_max: 10_000,
            connections_per_source_max: 256,
            socket: SocketOptions::default(),
        }
    }
}
