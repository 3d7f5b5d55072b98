//! What a sink's driver counts.

use std::sync::Arc;

use metrics::Label;

use crate::catalogue as of;
use crate::{ByReason, Count, Level};

/// Handles on all metrics of one sink.
#[derive(Debug)]
#[allow(
    missing_docs,
    reason = "each field is the metric of the same name in the catalogue, where its help text stands"
)]
pub struct SinkMetrics {
    pub taken: Arc<Count>,
    pub delivered: Arc<Count>,
    pub dead_lettered: ByReason,
    pub filtered: ByReason,
    pub dropped: ByReason,
    pub in_flight: Arc<Level>,
    pub retries: ByReason,
    pub stalled: Arc<Level>,
}

impl SinkMetrics {
    /// The handles for the sink called `name`, all series existing from now on.
    #[must_use]
    pub fn new(name: &str) -> Arc<Self> {
        let labels = || vec![Label::new("sink", name.to_owned())];
        Arc::new(Self {
            taken: Count::new(of::TAKEN, labels()),
            delivered: Count::new(of::DELIVERED, labels()),
            dead_lettered: ByReason::new(of::DEAD_LETTERED, labels(), &["too_large"]),
            filtered: ByReason::new(of::FILTERED, labels(), &[]),
            dropped: ByReason::new(of::SINK_DROPPED, labels(), &["shutdown"]),
            in_flight: Level::new(of::IN_FLIGHT, labels()),
            retries: ByReason::new(of::RETRIES, labels(), &[]),
            stalled: Level::new(of::STALLED, labels()),
        })
    }

    /// Records that came to an end, whatever end.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.delivered.value() + self.dead_lettered.sum() + self.filtered.sum() + self.dropped.sum()
    }
}
