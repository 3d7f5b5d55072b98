//! The three kinds of stream, read alike.

use std::io;
use std::net::Shutdown;
use std::pin::pin;
use std::task::{Context, Poll, ready};

use bytes::{BufMut, BytesMut};
use record::Transport;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpStream, UnixStream};

use crate::tls::TlsSession;

/// What a connection reads from.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
    Tls(TcpStream, Box<TlsSession>),
}

/// What a read came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// So many octets were appended: 0 when TLS had nothing for us in what arrived.
    Octets(usize),
    /// The peer has closed its side. `truncated` when TLS did not say so (RFC 8446 section 6.1).
    End { truncated: bool },
}

impl Stream {
    pub(crate) const fn transport(&self) -> Transport {
        match self {
            Self::Tcp(_) => Transport::Tcp,
            Self::Unix(_) => Transport::UnixStream,
            Self::Tls(..) => Transport::Tls,
        }
    }

    /// Whether a read would come to something; registers the task when not.
    pub(crate) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(socket) => socket.poll_read_ready(cx),
            Self::Unix(socket) => socket.poll_read_ready(cx),
            Self::Tls(_, session) if session.has_something() => Poll::Ready(Ok(())),
            Self::Tls(socket, _) => socket.poll_read_ready(cx),
        }
    }

    /// Appends to `room` what one system call reads, at most `bytes`, and for TLS what that brings to light.
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut BytesMut,
        bytes: usize,
    ) -> Poll<io::Result<Read>> {
        let read = match self {
            Self::Tcp(socket) => ready!(poll_append(socket, cx, room, bytes))?,
            Self::Unix(socket) => ready!(poll_append(socket, cx, room, bytes))?,
            Self::Tls(socket, session) => return session.poll_read(socket, cx, room, bytes),
        };
        Poll::Ready(Ok(if read == 0 { Read::End { truncated: false } } else { Read::Octets(read) }))
    }

    /// Tells the peer that we are about to close (FIN), without a word: not even TLS says anything.
    pub(crate) fn half_close(&self) {
        // Fails only when the peer has closed already, and then there is nobody to tell.
        let _ = match self {
            Self::Tcp(socket) | Self::Tls(socket, _) => SockRef::from(socket).shutdown(Shutdown::Write),
            Self::Unix(socket) => SockRef::from(socket).shutdown(Shutdown::Write),
        };
    }

    /// Octets that the kernel holds for us.
    pub(crate) fn unread_bytes(&self) -> u64 {
        let unread = match self {
            Self::Tcp(socket) | Self::Tls(socket, _) => sys::unread_bytes(socket),
            Self::Unix(socket) => sys::unread_bytes(socket),
        };
        unread.unwrap_or(0)
    }
}

/// Reads once, straight into the spare room.
pub(crate) fn poll_append(
    socket: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
    room: &mut BytesMut,
    bytes: usize,
) -> Poll<io::Result<usize>> {
    let mut spare = room.limit(bytes);
    // The future has no state of its own, so it may be made anew for each poll.
    let read = pin!(socket.read_buf(&mut spare));
    read.poll(cx)
}
