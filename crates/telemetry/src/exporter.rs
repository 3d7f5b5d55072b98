//! The text that `/metrics` answers.

use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::catalogue::{self as of, CATALOGUE, Kind};

/// Bounds of the stall histogram, in seconds. 0.8 is where we warn; 1 and 10 are where known senders give up.
const STALL_SECONDS: &[f64] = &[0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.8, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0];

/// Collects the process's metrics and renders them in Prometheus's text format.
#[derive(Clone)]
pub struct Exporter {
    handle: PrometheusHandle,
}

impl std::fmt::Debug for Exporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Exporter")
    }
}

impl Exporter {
    /// How often [`Self::upkeep`] should run: between runs, histogram samples pile up in memory.
    pub const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

    /// Becomes the process's recorder of metrics. Handles made before that count nowhere.
    ///
    /// # Errors
    /// When the process has a recorder already.
    pub fn install(version: &'static str) -> Result<Self, BuildError> {
        let stalls = Matcher::Full(of::STALLS.name.to_owned());
        let handle = PrometheusBuilder::new().set_buckets_for_metric(stalls, STALL_SECONDS)?.install_recorder()?;
        for metric in CATALOGUE {
            match metric.kind {
                Kind::Counter => metrics::describe_counter!(metric.name, metric.help),
                Kind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
                Kind::Histogram => metrics::describe_histogram!(metric.name, metric.help),
            }
        }
        metrics::gauge!(of::BUILD.name, "version" => version).set(1.0);
        Ok(Self { handle })
    }

    /// All metrics as text.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Folds histogram samples into their buckets.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

/// The one exporter of the tests' process.
#[cfg(test)]
pub(crate) fn installed() -> &'static Exporter {
    static INSTALLED: std::sync::OnceLock<Exporter> = std::sync::OnceLock::new();
    INSTALLED.get_or_init(|| Exporter::install("0").unwrap())
}
