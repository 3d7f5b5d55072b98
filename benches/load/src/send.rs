//! Sending as fast as the peer takes it.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;

use crate::corpus::{Corpus, MESSAGES};

/// How much goes into one write, in octets.
const WRITE_BYTES: usize = 128 * 1024;

/// Sends `messages` over `connections` connections at once, shared out evenly, and closes them. Never reads.
///
/// Each connection begins at another place of the corpus, which [`message_bytes`] accounts for.
///
/// # Errors
/// The first connection that fails to connect or to write.
pub fn tcp(address: SocketAddr, corpus: &Corpus, connections: usize, messages: u64) -> io::Result<()> {
    thread::scope(|scope| {
        let send = |connection| {
            move || one(address, corpus, first(connection, connections), share(connection, connections, messages))
        };
        let senders: Vec<_> = (0..connections).map(|connection| scope.spawn(send(connection))).collect();
        senders.into_iter().try_for_each(|sender| sender.join().expect("a sender does not panic"))
    })
}

/// Octets of all messages, without framing, that [`tcp`] sends.
#[must_use]
pub fn message_bytes(corpus: &Corpus, connections: usize, messages: u64) -> u64 {
    let of =
        |connection| corpus.message_bytes(first(connection, connections), share(connection, connections, messages));
    (0..connections).map(of).sum()
}

/// Where in the corpus a connection begins.
const fn first(connection: usize, connections: usize) -> usize {
    connection * MESSAGES / connections
}

/// How many messages a connection sends.
const fn share(connection: usize, connections: usize, messages: u64) -> u64 {
    let connections = connections as u64;
    messages / connections + if (connection as u64) < messages % connections { 1 } else { 0 }
}

fn one(address: SocketAddr, corpus: &Corpus, first: usize, messages: u64) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    let (mut next, mut left) = (first, messages);
    while left > 0 {
        let count = (MESSAGES - next).min(usize::try_from(left).unwrap_or(usize::MAX));
        corpus.frames(next, count).chunks(WRITE_BYTES).try_for_each(|part| stream.write_all(part))?;
        next = (next + count) % MESSAGES;
        left -= count as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        for connections in [1, 3, 8] {
            let sum: u64 = (0..connections).map(|connection| share(connection, connections, 1_000_001)).sum();
            assert_eq!(sum, 1_000_001);
        }
    }
}
