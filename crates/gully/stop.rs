//! The stop: the road is closed from the top, so that what was received is delivered.

use std::fmt;
use std::time::Duration;

use config::Drain;
use listener::{DrainReport, Running};
use pipeline::{Left, Pipeline};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

/// Sinks get at least this long after the connections were closed, even when the drain's time is over.
const SINKS_TIME_MIN: Duration = Duration::from_secs(2);

/// What a stop left behind.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    closed: Vec<(String, DrainReport)>,
    left: Left,
}

/// Stops: after `drain.pre` accepting, then reading, then the sinks. `hurry` skips what is left of the waiting.
pub(crate) async fn stop(
    listeners: Vec<(String, Running)>,
    pipeline: Pipeline,
    drain: &Drain,
    hurry: &CancellationToken,
) -> Summary {
    wait(drain.pre, hurry).await;
    let deadline = Instant::now() + drain.timeout;
    listeners.iter().for_each(|(_, running)| running.stop_accepting());
    tokio::select! {
        () = all_drained(&listeners) => {}
        () = sleep_until(deadline) => {}
        () = hurry.cancelled() => {}
    }
    let mut closing = JoinSet::new();
    for (name, running) in listeners {
        closing.spawn(async move { (name, running.close_remaining().await) });
    }
    let closed = closing.join_all().await;
    let sinks_deadline = deadline.max(Instant::now() + SINKS_TIME_MIN);
    let left = pipeline.stop(sinks_deadline, hurry).await;
    Summary { closed, left }
}

/// Resolves when no connection is open. Datagram sockets have nobody who could leave: they are closed after that.
async fn all_drained(listeners: &[(String, Running)]) {
    for (_, running) in listeners {
        running.drained().await;
    }
}

async fn wait(duration: Duration, hurry: &CancellationToken) {
    tokio::select! {
        () = sleep(duration) => {}
        () = hurry.cancelled() => {}
    }
}

impl Summary {
    /// Octets that had been received and were lost.
    pub(crate) fn abandoned_octets(&self) -> u64 {
        let unread: u64 = self.closed.iter().map(|(_, report)| report.abandoned_bytes).sum();
        unread + self.left.octets
    }

    /// Deliveries that did not happen: a record counts for each sink that has not got it.
    pub(crate) const fn abandoned_deliveries(&self) -> u64 {
        self.left.records
    }

    /// Whether everything that was received was delivered, and every sink closed.
    pub(crate) fn is_clean(&self) -> bool {
        self.abandoned_octets() == 0 && self.abandoned_deliveries() == 0 && self.left.unclosed_sinks == 0
    }

    /// Logs the connections that we closed: each may have cost its sender a message or more.
    pub(crate) fn log_closed(&self) {
        for (listener, report) in self.closed.iter().filter(|(_, report)| report.connections > 0) {
            tracing::warn!(listener, "{report}");
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connections: usize = self.closed.iter().map(|(_, report)| report.connections).sum();
        write!(
            f,
            "stopped: {} octets and {} deliveries abandoned, {connections} connections closed by us",
            self.abandoned_octets(),
            self.abandoned_deliveries()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_in_deliveries() {
        // Three records that six sinks did not get.
        let summary = Summary { closed: Vec::new(), left: Left { records: 18, ..Left::default() } };
        let text = summary.to_string();
        assert_eq!(text, "stopped: 0 octets and 18 deliveries abandoned, 0 connections closed by us");
        assert!(!summary.is_clean());
    }
}
