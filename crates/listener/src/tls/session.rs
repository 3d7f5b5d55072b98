//! A TLS session after its handshake. It reads, and never writes.

use std::cell::RefCell;
use std::io::{self, BufRead};
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use rustls::ServerConnection;
use tokio::net::TcpStream;

use crate::stream::{Read, poll_append};

/// Ciphertext that one read takes at most.
const CIPHERTEXT_BYTES_MAX: usize = 64 * 1024;

/// Turns ciphertext into octets.
///
/// Whatever rustls would like to send (an alert, the answer to a key update) is never written: a peer that does not read would
/// answer the close of its socket with a reset. TLS allows the silence, as we send no application data that a key update
/// would have to precede (RFC 8446 section 4.6.3).
#[derive(Debug)]
pub(crate) struct TlsSession {
    connection: ServerConnection,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The handshake may have brought octets with it.
    Fresh,
    Open,
    /// The peer has said close_notify; what comes after it does not count.
    Closed,
    /// Told at the next read, after the octets that were good.
    Broken(rustls::Error),
}

impl TlsSession {
    pub(crate) const fn new(connection: ServerConnection) -> Self {
        Self { connection, state: State::Fresh }
    }

    /// Whether a read has something to tell without a look at the socket.
    pub(crate) const fn has_something(&self) -> bool {
        !matches!(self.state, State::Open)
    }

    /// Reads ciphertext once and appends all octets that it gives; they can be more than `bytes` by one TLS record.
    pub(crate) fn poll_read(
        &mut self,
        socket: &mut TcpStream,
        cx: &mut Context<'_>,
        room: &mut BytesMut,
        bytes: usize,
    ) -> Poll<io::Result<Read>> {
        match &self.state {
            State::Fresh => {
                self.state = State::Open;
                let closed = self.connection.process_new_packets().is_ok_and(|state| state.peer_has_closed());
                if closed {
                    self.state = State::Closed;
                }
                return Poll::Ready(Ok(Read::Octets(self.take_octets(room))));
            }
            State::Open => {}
            State::Closed => return Poll::Ready(Ok(Read::End { truncated: false })),
            State::Broken(error) => return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, error.clone()))),
        }
        with_ciphertext(|ciphertext| {
            let read = ready!(poll_append(socket, cx, ciphertext, bytes.min(CIPHERTEXT_BYTES_MAX)))?;
            if read == 0 {
                return Poll::Ready(Ok(Read::End { truncated: true }));
            }
            Poll::Ready(Ok(Read::Octets(self.decrypt(ciphertext, room)?)))
        })
    }

    fn decrypt(&mut self, mut ciphertext: &[u8], room: &mut BytesMut) -> io::Result<usize> {
        let mut octets = 0;
        while !ciphertext.is_empty() && matches!(self.state, State::Open) {
            // From memory, and into a buffer that is emptied each time: this can neither block nor fill up.
            self.connection.read_tls(&mut ciphertext)?;
            match self.connection.process_new_packets() {
                Ok(state) if state.peer_has_closed() => self.state = State::Closed,
                Ok(_) => {}
                Err(error) => self.state = State::Broken(error),
            }
            octets += self.take_octets(room);
        }
        Ok(octets)
    }

    fn take_octets(&mut self, room: &mut BytesMut) -> usize {
        let before = room.len();
        let mut reader = self.connection.reader();
        // An error says that there is nothing, or that the connection has ended, which `state` knows better.
        while let Ok(octets) = reader.fill_buf()
            && !octets.is_empty()
        {
            room.extend_from_slice(octets);
            let taken = octets.len();
            reader.consume(taken);
        }
        room.len() - before
    }
}

/// Lends the thread's buffer for ciphertext, empty.
fn with_ciphertext<T>(work: impl FnOnce(&mut BytesMut) -> T) -> T {
    thread_local!(static CIPHERTEXT: RefCell<BytesMut> = RefCell::default());
    CIPHERTEXT.with_borrow_mut(|ciphertext| {
        ciphertext.clear();
        ciphertext.reserve(CIPHERTEXT_BYTES_MAX);
        work(ciphertext)
    })
}
