//! From settings to sockets that are bound, and errors that say what would help.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use socket2::{Domain, SockRef, TcpKeepalive, Type};
use tokio::net::{TcpListener, UdpSocket, UnixDatagram, UnixListener};

use crate::accept::StreamSocket;
use crate::datagrams::DatagramSocket;
use crate::listener::LocalAddress;
use crate::unix;
use crate::{Keepalive, Protocol, Socket, SocketOptions, TlsError, UnixPath};

/// Connections that may wait to be accepted; the kernel cuts it to `net.core.somaxconn`.
pub(crate) const BACKLOG: i32 = 4096;

/// Sockets in the runtime's hands.
#[derive(Debug)]
pub(crate) enum Bound {
    Stream(StreamSocket),
    Datagrams(Vec<DatagramSocket>),
}

/// Why a listener could not be bound, and what would help.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another process listens there.
    #[error("cannot bind {address}: it is in use; stop who uses it (ss -lnp shows), or choose another port")]
    InUse {
        /// What was to be bound.
        address: String,
    },
    /// The system forbids it.
    #[error(
        "cannot bind {address}: not permitted; ports below 1024 take CAP_NET_BIND_SERVICE or socket activation, a unix \
         socket takes write permission on its directory"
    )]
    NotPermitted {
        /// What was to be bound.
        address: String,
    },
    /// No interface has the address.
    #[error("cannot bind {address}: no interface of this machine has it; 0.0.0.0 or [::] takes every one")]
    NotOurs {
        /// What was to be bound.
        address: String,
    },
    /// The directory of a unix socket is missing.
    #[error("cannot bind {address}: its directory does not exist; create it first")]
    NoDirectory {
        /// What was to be bound.
        address: String,
    },
    /// Where the socket should be is a file that is no socket; it is left alone.
    #[error("cannot bind {}: there is a file that is no socket; move it away, or choose another path", .0.display())]
    NotASocket(PathBuf),
    /// An activated socket is of another kind than the listener.
    #[error("cannot use the activated socket: it is {found}, expected {expected}; check the socket unit")]
    WrongActivated {
        /// What it is.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The certificates cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Anything else that the system says.
    #[error("cannot bind {address}: {cause}")]
    System {
        /// What was to be bound.
        address: String,
        /// What the system says.
        cause: io::Error,
    },
}

impl BindError {
    pub(crate) fn new(address: impl ToString, cause: io::Error) -> Self {
        let address = address.to_string();
        match cause.kind() {
            io::ErrorKind::AddrInUse => Self::InUse { address },
            io::ErrorKind::PermissionDenied => Self::NotPermitted { address },
            io::ErrorKind::AddrNotAvailable => Self::NotOurs { address },
            io::ErrorKind::NotFound => Self::NoDirectory { address },
            _ => Self::System { address, cause },
        }
    }
}

/// Binds what `protocol` names. TLS is TCP here.
pub(crate) fn bind(name: &str, protocol: Protocol, options: SocketOptions) -> Result<(Bound, LocalAddress), BindError> {
    match protocol {
        Protocol::Tcp(socket) | Protocol::Tls(socket, _) => bind_tcp(name, socket, options),
        Protocol::Udp { socket, receivers } => bind_udp(name, socket, receivers, options),
        Protocol::UnixStream(socket) => bind_unix_stream(name, socket),
        Protocol::UnixDatagram(socket) => bind_unix_datagram(name, socket, options),
    }
}

fn bind_tcp(
    name: &str,
    socket: Socket<SocketAddr>,
    options: SocketOptions,
) -> Result<(Bound, LocalAddress), BindError> {
    let (socket, wanted) = match socket {
        Socket::Bind(address) => {
            let socket = new_socket(address, Type::STREAM, options).map_err(|cause| BindError::new(address, cause))?;
            // A restart need not wait until the connections of the last run have left TIME_WAIT.
            let bound = socket.set_reuse_address(true).and_then(|()| socket.bind(&address.into()));
            bound.map_err(|cause| BindError::new(address, cause))?;
            (socket, Some(address))
        }
        Socket::Activated(fd) => (activated(fd, Type::STREAM, &[Domain::IPV4, Domain::IPV6], "a TCP socket")?, None),
    };
    let activated = wanted.is_none();
    let listen = || {
        // Connections inherit all of these. The buffer comes before listen, as the window scale is agreed on at the start.
        let granted =
            options.receive_buffer_bytes.map(|bytes| sys::grant_receive_buffer(&socket, bytes)).transpose()?;
        socket.set_tcp_keepalive(&keepalive(options.keepalive))?;
        socket.set_tcp_user_timeout(options.user_timeout)?;
        // Harmless when it listens already.
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        Ok((TcpListener::from_std(socket.into())?, granted))
    };
    let system =
        |cause| BindError::new(wanted.map_or_else(|| "the activated socket".to_owned(), |at| at.to_string()), cause);
    let (socket, granted) = listen().map_err(system)?;
    let address = socket.local_addr().map_err(|cause| BindError::new("a TCP socket", cause))?;
    tell(name, &address, activated, granted);
    Ok((Bound::Stream(StreamSocket::Tcp { socket, activated }), LocalAddress::Ip(address)))
}

fn bind_udp(
    name: &str,
    socket: Socket<SocketAddr>,
    receivers: NonZeroUsize,
    options: SocketOptions,
) -> Result<(Bound, LocalAddress), BindError> {
    let activated_socket = matches!(socket, Socket::Activated(_));
    let sockets = match socket {
        Socket::Bind(address) => {
            let shared = receivers.get() > 1;
            let first = bind_udp_socket(address, shared, options).map_err(|cause| BindError::new(address, cause))?;
            // The others share its port, which the kernel may have chosen.
            let address = local_address(&first).map_err(|cause| BindError::new(address, cause))?;
            let others = (1..receivers.get()).map(|_| bind_udp_socket(address, shared, options));
            let sockets = std::iter::once(Ok(first)).chain(others).collect::<io::Result<Vec<_>>>();
            sockets.map_err(|cause| BindError::new(address, cause))?
        }
        Socket::Activated(fd) => vec![activated(fd, Type::DGRAM, &[Domain::IPV4, Domain::IPV6], "a UDP socket")?],
    };
    let address = local_address(&sockets[0]).map_err(|cause| BindError::new("a UDP socket", cause))?;
    let mut granted = None;
    let receiving = sockets.into_iter().map(|socket| {
        granted = options.receive_buffer_bytes.map(|bytes| sys::grant_receive_buffer(&socket, bytes)).transpose()?;
        sys::enable_drop_counter(&socket)?;
        sys::enable_packet_info(&socket, address.is_ipv6())?;
        socket.set_nonblocking(true)?;
        let drops_before = sys::kernel_drops(&socket).unwrap_or(0);
        Ok(DatagramSocket::Udp { socket: UdpSocket::from_std(socket.into())?, address, drops_before })
    });
    let receiving = receiving.collect::<io::Result<Vec<_>>>().map_err(|cause| BindError::new(address, cause))?;
    tell(name, &address, activated_socket, granted);
    Ok((Bound::Datagrams(receiving), LocalAddress::Ip(address)))
}

fn bind_unix_stream(name: &str, socket: Socket<UnixPath>) -> Result<(Bound, LocalAddress), BindError> {
    let (socket, file, address) = match socket {
        Socket::Bind(at) => {
            let (socket, file) = unix::bind(&at, Type::STREAM)?;
            (socket, Some(file), at.path)
        }
        Socket::Activated(fd) => {
            let socket = activated(fd, Type::STREAM, &[Domain::UNIX], "a unix stream socket")?;
            let path = unix::path(&socket);
            (socket, None, path)
        }
    };
    let listen = || {
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        UnixListener::from_std(socket.into())
    };
    let socket = listen().map_err(|cause| BindError::new(address.display(), cause))?;
    tell(name, &address.display(), file.is_none(), None);
    Ok((Bound::Stream(StreamSocket::Unix { socket, file }), LocalAddress::Unix(address)))
}

fn bind_unix_datagram(
    name: &str,
    socket: Socket<UnixPath>,
    options: SocketOptions,
) -> Result<(Bound, LocalAddress), BindError> {
    let (socket, file, address) = match socket {
        Socket::Bind(at) => {
            let (socket, file) = unix::bind(&at, Type::DGRAM)?;
            (socket, Some(file), at.path)
        }
        Socket::Activated(fd) => {
            let socket = activated(fd, Type::DGRAM, &[Domain::UNIX], "a unix datagram socket")?;
            let path = unix::path(&socket);
            (socket, None, path)
        }
    };
    let receive = || {
        let granted =
            options.receive_buffer_bytes.map(|bytes| sys::grant_receive_buffer(&socket, bytes)).transpose()?;
        socket.set_nonblocking(true)?;
        Ok((UnixDatagram::from_std(socket.into())?, granted))
    };
    let (socket, granted) = receive().map_err(|cause| BindError::new(address.display(), cause))?;
    tell(name, &address.display(), file.is_none(), granted);
    Ok((Bound::Datagrams(vec![DatagramSocket::Unix { socket, _file: file }]), LocalAddress::Unix(address)))
}

/// A socket for `address`. An IPv6 one takes IPv4, too, when it is bound to all addresses and the options do not say otherwise.
fn new_socket(address: SocketAddr, kind: Type, options: SocketOptions) -> io::Result<socket2::Socket> {
    let socket = socket2::Socket::new(Domain::for_address(address), kind, None)?;
    if address.is_ipv6() {
        let takes_ipv4 = (address.ip().is_unspecified() && options.dual_stack) || address.ip().to_canonical().is_ipv4();
        socket.set_only_v6(!takes_ipv4)?;
    }
    Ok(socket)
}

fn keepalive(keepalive: Keepalive) -> TcpKeepalive {
    let Keepalive { idle, interval, probes } = keepalive;
    TcpKeepalive::new().with_time(idle).with_interval(interval).with_retries(probes)
}

/// Without SO_REUSEADDR, by which another process could take our datagrams.
fn bind_udp_socket(address: SocketAddr, shared: bool, options: SocketOptions) -> io::Result<socket2::Socket> {
    let socket = new_socket(address, Type::DGRAM, options)?;
    socket.set_reuse_port(shared)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn local_address(socket: &socket2::Socket) -> io::Result<SocketAddr> {
    let address = socket.local_addr()?;
    address.as_socket().ok_or_else(|| io::Error::other("the socket has no internet address"))
}

/// Takes an activated socket, if it is of the kind that is needed.
fn activated(
    fd: OwnedFd,
    kind: Type,
    domains: &[Domain],
    expected: &'static str,
) -> Result<socket2::Socket, BindError> {
    let socket = SockRef::from(&fd);
    match (socket.r#type(), socket.domain()) {
        (Ok(found), Ok(domain)) if found == kind && domains.contains(&domain) => Ok(fd.into()),
        (Ok(found), Ok(domain)) => {
            Err(BindError::WrongActivated { found: format!("{found:?} of {domain:?}"), expected })
        }
        (Err(cause), _) | (_, Err(cause)) => Err(BindError::WrongActivated { found: cause.to_string(), expected }),
    }
}

fn tell(name: &str, address: &dyn std::fmt::Display, activated: bool, granted: Option<sys::GrantedBuffer>) {
    let receive_buffer_bytes = granted.map(|granted| granted.bytes);
    tracing::info!(listener = name, %address, activated, receive_buffer_bytes, "listening");
}

#[cfg(test)]
mod tests;
