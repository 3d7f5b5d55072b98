//! The last step of a stop: closing connections whose senders stay.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use record::Peer;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Time between FIN and close: what is on its way still arrives.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// Peers that a report names.
pub const DRAIN_PEERS_MAX: usize = 20;

/// What closing the remaining connections of a listener cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DrainReport {
    /// Connections that were closed by us. Each may have cost its sender a message or more, as it does not see our close.
    pub connections: usize,
    /// Whose they were: the first [`DRAIN_PEERS_MAX`].
    pub peers: Vec<Peer>,
    /// Octets that had arrived and were lost: unread in the kernel, or of an unfinished frame.
    pub abandoned_bytes: u64,
}

impl DrainReport {
    /// Adds a connection that we begin to close.
    pub(crate) fn note(&mut self, peer: Peer) {
        self.connections += 1;
        if self.peers.len() < DRAIN_PEERS_MAX {
            self.peers.push(peer);
        }
    }
}

impl fmt::Display for DrainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "closed {} connections, {} octets abandoned", self.connections, self.abandoned_bytes)?;
        for (index, peer) in self.peers.iter().enumerate() {
            write!(f, "{} {peer}", if index == 0 { ":" } else { "," })?;
        }
        if self.connections > self.peers.len() { f.write_str(", and others") } else { Ok(()) }
    }
}

/// Tells all connections of a listener to close, and gathers what they report.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    requested: AtomicBool,
    notify: Notify,
    report: Mutex<DrainReport>,
}

impl Closing {
    pub(crate) fn request(&self) {
        self.requested.store(true, Ordering::SeqCst);
        self.notify.notify_waiters();
    }

    pub(crate) fn is_requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }

    /// Resolves when closing is requested after this call; whether it was before is for [`Self::is_requested`] to say, asked
    /// after this.
    pub(crate) fn requested(&self) -> Notified<'_> {
        self.notify.notified()
    }

    pub(crate) fn report(&self) -> MutexGuard<'_, DrainReport> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_the_first_peers_and_counts_all() {
        let mut report = DrainReport::default();
        assert_eq!(report.to_string(), "closed 0 connections, 0 octets abandoned");
        for pid in 0..=DRAIN_PEERS_MAX {
            report.note(Peer::Unix { uid: 0, pid: u32::try_from(pid).unwrap() });
        }
        assert_eq!((report.connections, report.peers.len()), (21, 20));
        let text = report.to_string();
        assert!(
            text.starts_with("closed 21 connections, 0 octets abandoned: unix:uid=0,pid=0, unix:uid=0,pid=1,"),
            "{text}"
        );
        assert!(text.ends_with("pid=19, and others"), "{text}");
    }
}
