//! Numbered messages from several senders, for as long as a test wants.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::client::counted;
use super::sequence::{Sent, numbered};

/// How long a receiver may refuse to read.
const PATIENCE: Duration = Duration::from_secs(300);
/// What a sender sends at once.
const BURST: u64 = 10;

/// Senders at work, each with a connection, a name that is also its HOSTNAME, and numbers of its own.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    senders: Vec<JoinHandle<(String, u64)>>,
}

impl Load {
    /// Starts `senders` that send ten messages at once, again after each `pause`.
    pub(crate) fn start(address: SocketAddr, senders: usize, pause: Duration) -> Self {
        let (over, sent) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let sender = |number| {
            let (over, sent) = (Arc::clone(&over), Arc::clone(&sent));
            thread::spawn(move || {
                let name = format!("sender-{number}");
                let mut stream = connect(address);
                let mut next = 0;
                while !over.load(Ordering::Relaxed) {
                    let burst: Vec<u8> = (next..next + BURST).flat_map(|number| message(&name, number)).collect();
                    stream.write_all(&burst).expect("gully reads again before long");
                    next += BURST;
                    sent.fetch_add(BURST, Ordering::Relaxed);
                    thread::sleep(pause);
                }
                (name, next)
            })
        };
        let senders = (0..senders).map(sender).collect();
        Self { over, sent, senders }
    }

    /// How many messages have been handed to TCP.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Lets the senders finish, and says what each has sent.
    pub(crate) fn stop(mut self) -> Sent {
        self.over.store(true, Ordering::Relaxed);
        Sent(self.senders.drain(..).map(|sender| sender.join().expect("the sender does not panic")).collect())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// Sends `count` messages by each of `senders` as fast as gully takes them, and says so when all are sent.
pub(crate) fn send_all(address: SocketAddr, senders: usize, count: u64, padding: usize) -> Sent {
    let names: Vec<_> = (0..senders).map(|number| format!("sender-{number}")).collect();
    thread::scope(|scope| {
        for name in &names {
            scope.spawn(move || {
                let mut stream = connect(address);
                for first in (0..count).step_by(BURST as usize) {
                    let numbers = first..count.min(first + BURST);
                    let burst: Vec<u8> = numbers.flat_map(|number| padded_message(name, number, padding)).collect();
                    stream.write_all(&burst).expect("gully reads again before long");
                }
            });
        }
    });
    Sent(names.into_iter().map(|name| (name, count)).collect())
}

/// A numbered message as a frame. HOSTNAME is the sender, for a key that keeps the order of each.
pub(crate) fn message(sender: &str, number: u64) -> Vec<u8> {
    padded_message(sender, number, 0)
}

fn padded_message(sender: &str, number: u64, padding: usize) -> Vec<u8> {
    counted(format!("<14>1 - {sender} - - - - {:x<padding$}{}", "", numbered(sender, number)).as_bytes())
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("gully listens");
    stream.set_write_timeout(Some(PATIENCE)).expect("a time-out can be set");
    stream
}
