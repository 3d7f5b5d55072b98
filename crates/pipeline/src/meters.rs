//! The rooms' own words for what they count, turned into metrics.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use listener::Refusal;
use telemetry::{ListenerMetrics, SinkMetrics};

/// Counts for a listener.
#[derive(Debug, Clone)]
pub struct ListenerMeter(pub Arc<ListenerMetrics>);

impl listener::Meter for ListenerMeter {
    fn opened(&self) {
        self.0.connections_total.add(1);
        self.0.connections.change(1);
    }

    fn closed(&self) {
        self.0.connections.change(-1);
    }

    fn refused(&self, refusal: Refusal) {
        self.0.refused.add(refusal.reason(), 1);
    }

    fn accept_failed(&self) {
        self.0.accept_errors.add(1);
    }

    fn received(&self, bytes: u64) {
        self.0.received_bytes.add(bytes);
    }

    fn empty(&self, frames: u64) {
        self.0.empty.add(frames);
    }

    fn lenient_trailers(&self, trailers: u64) {
        self.0.lenient_trailer.add(trailers);
    }

    fn fault(&self, reason: &'static str) {
        self.0.faults.add(reason, 1);
    }

    fn probe(&self, kind: &'static str) {
        self.0.probes.add(kind, 1);
    }

    fn partial(&self, bytes: u64) {
        self.0.partial.add(1);
        self.0.partial_bytes.add(bytes);
    }

    fn abandoned(&self, bytes: u64) {
        self.0.abandoned_bytes.add(bytes);
    }

    fn rejoined(&self, records: u64) {
        self.0.rejoined.add(records);
    }

    fn rejoin_failed(&self, reason: &'static str) {
        self.0.rejoin_failed.add(reason, 1);
    }

    fn stalled(&self, duration: Duration) {
        self.0.stalled(duration);
    }

    fn stall_alarm(&self) {
        self.0.stall_alarms.add(1);
    }

    fn datagrams_truncated(&self, _datagrams: u64) {
        // Counted as records that carry the flag `truncated`.
    }

    fn looped(&self, datagrams: u64) {
        self.0.accepted.add(datagrams);
        self.0.dropped.add("loop", datagrams);
    }

    fn kernel_dropped(&self, datagrams: u64) {
        self.0.kernel_dropped.add(datagrams);
    }

    fn certificate_ends(&self, not_after: SystemTime) {
        let since_1970 = not_after.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.0.certificate_not_after.set(i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX));
    }
}

/// Counts for a sink's driver.
#[derive(Debug, Clone)]
pub struct SinkMeter(pub Arc<SinkMetrics>);

impl sink::Meter for SinkMeter {
    fn delivered(&self, records: u64) {
        self.0.delivered.add(records);
    }

    fn dead_lettered(&self, reason: &'static str, records: u64) {
        self.0.dead_lettered.add(reason, records);
    }

    fn filtered(&self, reason: &'static str, records: u64) {
        self.0.filtered.add(reason, records);
    }

    fn dropped(&self, reason: &'static str, records: u64) {
        self.0.dropped.add(reason, records);
    }

    fn retried(&self, reason: &'static str) {
        self.0.retries.add(reason, 1);
    }

    fn stalled(&self, stalled: bool) {
        self.0.stalled.set(i64::from(stalled));
    }
}
