//! Numbered messages from several senders, for as long as a test wants.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::client::counted;
use super::sequence::{Sent, numbered};

/// How long a receiver may refuse to read.
const PATIENCE: Duration = Duration::from_secs(300);
/// What a sender sends at once.
const BURST: u64 = 10;

/// Senders at work. Each connection has a name, which is also the HOSTNAME of its messages, and numbers of its own.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    senders: Vec<JoinHandle<Vec<(String, u64)>>>,
}

impl Load {
    /// Starts `senders` that send ten messages at once, again after each `pause`.
    ///
    /// A sender whose connection the other side has half-closed says goodbye, and goes on over another one.
    pub(crate) fn start(address: SocketAddr, senders: usize, pause: Duration) -> Self {
        let over = Arc::<AtomicBool>::default();
        let sender = |number| {
            let over = Arc::clone(&over);
            thread::spawn(move || {
                let is_over = || over.load(Ordering::Relaxed);
                let mut sent = Vec::new();
                while !is_over() {
                    let name = format!("sender-{number}-{}", sent.len());
                    let mut stream = connect(address);
                    let mut next = 0;
                    while !is_over() && !is_half_closed(&stream) {
                        let burst: Vec<u8> =
                            (next..next + BURST).flat_map(|number| message(&name, number, 0)).collect();
                        stream.write_all(&burst).expect("gully reads again before long");
                        next += BURST;
                        thread::sleep(pause);
                    }
                    sent.push((name, next));
                }
                sent
            })
        };
        let senders = (0..senders).map(sender).collect();
        Self { over, senders }
    }

    /// Lets the senders finish, and says what each of their connections has sent.
    pub(crate) fn stop(mut self) -> Sent {
        self.over.store(true, Ordering::Relaxed);
        Sent(self.senders.drain(..).flat_map(|sender| sender.join().expect("the sender does not panic")).collect())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// Sends `count` messages by each of `senders` as fast as gully takes them, each after so much padding.
pub(crate) fn send_all(address: SocketAddr, senders: usize, count: u64, padding: usize) -> Sent {
    let names: Vec<_> = (0..senders).map(|number| format!("sender-{number}")).collect();
    thread::scope(|scope| {
        for name in &names {
            scope.spawn(move || {
                let mut stream = connect(address);
                for first in (0..count).step_by(BURST as usize) {
                    let numbers = first..count.min(first + BURST);
                    let burst: Vec<u8> = numbers.flat_map(|number| message(name, number, padding)).collect();
                    stream.write_all(&burst).expect("gully reads again before long");
                }
            });
        }
    });
    Sent(names.into_iter().map(|name| (name, count)).collect())
}

/// A numbered message as a frame, after so much padding. HOSTNAME is the sender, for a key that keeps the order of each.
fn message(sender: &str, number: u64, padding: usize) -> Vec<u8> {
    counted(format!("<14>1 - {sender} - - - - {:x<padding$}{}", "", numbered(sender, number)).as_bytes())
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("gully listens");
    stream.set_write_timeout(Some(PATIENCE)).expect("a time-out can be set");
    stream
}

/// Whether the other side has said that it is done. It says nothing else.
fn is_half_closed(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).expect("a socket can be told not to block");
    let seen = stream.peek(&mut [0]);
    stream.set_nonblocking(false).expect("a socket can be told to block");
    matches!(seen, Ok(0))
}
