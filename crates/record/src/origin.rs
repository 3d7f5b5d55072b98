//! Where octets came from, as we saw it; what a peer claims about itself is in the header.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// Nanoseconds since 1970-01-01 00:00:00 UTC. Good until 2554.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct UnixNanos(pub u64);

/// How octets travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Plain TCP (RFC 6587).
    Tcp,
    /// TLS over TCP (RFC 5425).
    Tls,
    /// UDP (RFC 5426).
    Udp,
    /// A unix stream socket.
    UnixStream,
    /// A unix datagram socket.
    UnixDatagram,
}

impl Transport {
    /// The name in the JSON record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Udp => "udp",
            Self::UnixStream => "unix",
            Self::UnixDatagram => "unix-datagram",
        }
    }
}

/// Who sent, as the kernel tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Peer {
    /// An address and port. An IPv4 peer of a dual-stack socket is given as IPv4.
    Ip(SocketAddr),
    /// The other end of a unix stream socket.
    Unix {
        /// User id of the process that connected.
        uid: u32,
        /// Its process id, 0 when the kernel does not tell.
        pid: u32,
    },
    /// A unix datagram, whose sender the kernel does not name.
    Unnamed,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => write!(f, "{address}"),
            Self::Unix { uid, pid } => write!(f, "unix:uid={uid},pid={pid}"),
            Self::Unnamed => f.write_str("unix"),
        }
    }
}

/// What all frames of a connection have in common. A datagram socket has one, too, and a peer for each frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The listener's name in the configuration, `[A-Za-z0-9_-]+`.
    pub listener: Arc<str>,
    /// How the octets travelled.
    pub transport: Transport,
    /// The other end; [`Peer::Unnamed`] for a datagram socket, whose batches name a peer for each frame.
    pub peer: Peer,
    /// The name in the client certificate that was checked, if there was one.
    pub authenticated: Option<Arc<str>>,
}
