//! What the process counts as a whole.

use std::sync::Arc;

use metrics::Label;

use crate::catalogue as of;
use crate::{Count, Level};

/// Handles on the metrics that belong to no listener and no sink.
#[derive(Debug)]
#[allow(
    missing_docs,
    reason = "each field is the metric of the same name in the catalogue, where its help text stands"
)]
pub struct ProcessMetrics {
    /// One for each class, in the order in which the classes were given.
    pub classified: Vec<Arc<Count>>,
    pub journal_bytes: Arc<Level>,
    pub credit_stream_bytes: Arc<Level>,
    pub credit_unfinished_bytes: Arc<Level>,
    pub credit_datagram_bytes: Arc<Level>,
}

impl ProcessMetrics {
    /// The handles, with a series for each of `classes` from now on.
    #[must_use]
    pub fn new(classes: &[&'static str]) -> Arc<Self> {
        let pool = |name: &'static str| Level::new(of::CREDIT_BYTES, vec![Label::new("pool", name)]);
        Arc::new(Self {
            classified: classes
                .iter()
                .map(|class| Count::new(of::CLASSIFIED, vec![Label::new("class", *class)]))
                .collect(),
            journal_bytes: Level::new(of::JOURNAL_BYTES, Vec::new()),
            credit_stream_bytes: pool("stream"),
            credit_unfinished_bytes: pool("unfinished"),
            credit_datagram_bytes: pool("datagram"),
        })
    }
}
