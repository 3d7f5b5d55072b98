//! What a listener counts.

use std::sync::Arc;
use std::time::Duration;

use metrics::{Histogram, Label};

use crate::catalogue as of;
use crate::{ByReason, Count, Level};

/// Handles on all metrics of one listener.
#[derive(Debug)]
#[allow(
    missing_docs,
    reason = "each field is the metric of the same name in the catalogue, where its help text stands"
)]
pub struct ListenerMetrics {
    pub accepted: Arc<Count>,
    pub journaled: Arc<Count>,
    pub dropped: ByReason,
    pub flagged: ByReason,
    pub redacted: ByReason,
    pub rejoined: Arc<Count>,
    pub rejoin_failed: ByReason,
    pub received_bytes: Arc<Count>,
    pub empty: Arc<Count>,
    pub lenient_trailer: Arc<Count>,
    pub faults: ByReason,
    pub probes: ByReason,
    pub refused: ByReason,
    pub connections_total: Arc<Count>,
    pub connections: Arc<Level>,
    pub partial: Arc<Count>,
    pub partial_bytes: Arc<Count>,
    pub abandoned_bytes: Arc<Count>,
    pub accept_errors: Arc<Count>,
    pub kernel_dropped: Arc<Count>,
    pub certificate_not_after: Arc<Level>,
    pub stall_alarms: Arc<Count>,
    stalls: Histogram,
}

impl ListenerMetrics {
    /// The handles for the listener called `name`, all series existing from now on.
    #[must_use]
    pub fn new(name: &str) -> Arc<Self> {
        let labels = || vec![Label::new("listener", name.to_owned())];
        Arc::new(Self {
            accepted: Count::new(of::ACCEPTED, labels()),
            journaled: Count::new(of::JOURNALED, labels()),
            dropped: ByReason::new(of::LISTENER_DROPPED, labels(), &["no_sink", "memory"]),
            flagged: ByReason::new(of::FLAGGED, labels(), &["truncated", "invalid_utf8"]),
            redacted: ByReason::new(of::REDACTED, labels(), &[]),
            rejoined: Count::new(of::REJOINED, labels()),
            rejoin_failed: ByReason::new(of::REJOIN_FAILED, labels(), &[]),
            received_bytes: Count::new(of::RECEIVED_BYTES, labels()),
            empty: Count::new(of::EMPTY, labels()),
            lenient_trailer: Count::new(of::LENIENT_TRAILER, labels()),
            faults: ByReason::new(of::FAULTS, labels(), &[]),
            probes: ByReason::new(of::PROBES, labels(), &[]),
            refused: ByReason::new(of::REFUSED, labels(), &[]),
            connections_total: Count::new(of::CONNECTIONS_TOTAL, labels()),
            connections: Level::new(of::CONNECTIONS, labels()),
            partial: Count::new(of::PARTIAL, labels()),
            partial_bytes: Count::new(of::PARTIAL_BYTES, labels()),
            abandoned_bytes: Count::new(of::ABANDONED_BYTES, labels()),
            accept_errors: Count::new(of::ACCEPT_ERRORS, labels()),
            kernel_dropped: Count::new(of::KERNEL_DROPPED, labels()),
            certificate_not_after: Level::new(of::CERTIFICATE, labels()),
            stall_alarms: Count::new(of::STALL_ALARMS, labels()),
            stalls: metrics::histogram!(of::STALLS.name, labels()),
        })
    }

    /// Reading stood still for `duration` for want of credit.
    pub fn stalled(&self, duration: Duration) {
        self.stalls.record(duration);
    }
}
