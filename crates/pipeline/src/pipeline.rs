//! The whole: journal, sinks' threads, ledger; start and stop.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use journal::{Journal, JournalError};
use record::{Class, JournalId};
use redact::Redactor;
use telemetry::{Ledger, ListenerMetrics, ProcessMetrics, SinkMetrics};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::credit::Credit;
use crate::intake::{Intake, Shared};
use crate::meters::{ListenerMeter, SinkMeter};
use crate::sinks::{Running, SinkPlan, Stops};

/// The part of the memory for connections that is set aside for their unfinished frames: a quarter.
const UNFINISHED_DIVISOR: u64 = 4;

/// After the deadline a sink that is inside a blocking call gets this long to come back before the process goes without it.
const BLOCKED_SINK_GRACE: Duration = Duration::from_secs(2);

/// What bounds a pipeline.
#[derive(Debug, Clone, Copy)]
pub struct PipelineSettings {
    /// The identity of the journal: random, and new for each memory journal.
    pub journal: JournalId,
    /// `limits.memory`: bytes that records may hold on their way, in all.
    pub memory_bytes: u64,
    /// The part of it that only datagrams use. Must be less than `memory_bytes`.
    pub udp_reserve_bytes: u64,
}

/// Why a pipeline could not start.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// Two sinks have the same name.
    #[error("cannot open the sink's place in the journal: {0}")]
    Journal(#[from] JournalError),
    /// The system gives no more threads.
    #[error("cannot start the thread of sink {name}: {source}")]
    Thread {
        /// The sink.
        name: String,
        /// What the system said.
        source: io::Error,
    },
}

/// What was left when a pipeline stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Left {
    /// Records that a sink had not taken, summed over the sinks.
    pub records: u64,
    /// Their octets.
    pub octets: u64,
    /// Sinks that could not be closed properly.
    pub unclosed_sinks: usize,
}

/// Everything between the listeners and the destinations.
pub struct Pipeline {
    shared: Arc<Shared>,
    ledger: Arc<Ledger>,
    sinks: Vec<(String, Arc<SinkMetrics>, Running)>,
    stops: Stops,
}

impl Pipeline {
    /// Opens the journal and starts a thread for each sink. Records go through `redactor`, if there is one, before they are stored.
    ///
    /// # Errors
    /// See [`PipelineError`]. Sinks that were started end by themselves.
    pub fn start(
        settings: PipelineSettings,
        redactor: Option<Redactor>,
        plans: Vec<SinkPlan>,
    ) -> Result<Self, PipelineError> {
        let process = ProcessMetrics::new(&Class::ALL.iter().map(|class| class.name()).collect::<Vec<_>>());
        // The leases of the batches are the limit; the journal needs no second one.
        let journal = Journal::memory(settings.journal, u64::MAX);
        let (ledger, stops) = (Arc::new(Ledger::default()), Stops::default());
        let (mut sinks, mut takes) = (Vec::new(), Vec::new());
        for plan in plans {
            let (name, take, metrics) = (plan.name.clone(), plan.take, SinkMetrics::new(&plan.name));
            // A rate over a series must not begin with a gap.
            plan.filter.reasons().for_each(|reason| metrics.filtered.add(reason, 0));
            let cursor = journal.cursor(&name, take)?;
            let running = plan
                .launch(cursor, SinkMeter(Arc::clone(&metrics)), stops.clone())
                .map_err(|source| PipelineError::Thread { name: name.clone(), source })?;
            ledger.add_sink(&name, Arc::clone(&metrics));
            takes.push((take, Arc::clone(&metrics)));
            sinks.push((name, metrics, running));
        }
        let stream_bytes = settings.memory_bytes.saturating_sub(settings.udp_reserve_bytes);
        let unfinished_bytes = stream_bytes / UNFINISHED_DIVISOR;
        let stream = Credit::new(stream_bytes - unfinished_bytes, Arc::clone(&process.credit_stream_bytes));
        let unfinished = Credit::new(unfinished_bytes, Arc::clone(&process.credit_unfinished_bytes));
        let datagram = Credit::new(settings.udp_reserve_bytes, Arc::clone(&process.credit_datagram_bytes));
        let shared = Arc::new(Shared { journal, stream, unfinished, datagram, redactor, sinks: takes, process });
        Ok(Self { shared, ledger, sinks, stops })
    }

    /// The way in for a listener, and what it counts with.
    #[must_use]
    pub fn intake(&self, listener: &str) -> (Intake, ListenerMeter) {
        let metrics = ListenerMetrics::new(listener);
        self.ledger.add_listener(listener, Arc::clone(&metrics));
        (Intake::new(Arc::clone(&self.shared), Arc::clone(&metrics)), ListenerMeter(metrics))
    }

    /// Asks every sink to open its files and connections again.
    pub fn reopen(&self) {
        self.sinks.iter().for_each(|(_, _, running)| running.handle.reopen());
    }

    /// A view for whoever publishes metrics; stays valid while the pipeline stops.
    #[must_use]
    pub fn gauges(&self) -> Gauges {
        let sinks = self.sinks.iter().map(|(name, metrics, _)| (name.clone(), Arc::clone(metrics))).collect();
        Gauges { shared: Arc::clone(&self.shared), ledger: Arc::clone(&self.ledger), sinks }
    }

    /// Cancelled when a sink's thread has died, which is our bug: nobody delivers its records any more, so the process should stop.
    #[must_use]
    pub fn sink_died(&self) -> CancellationToken {
        self.stops.died.clone()
    }

    /// Whether every sink has taken everything that was appended so far.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.shared.journal.in_flight().iter().all(|cursor| cursor.records == 0)
    }

    /// Closes the journal and lets the sinks empty it until `deadline`, or until `hurry` is cancelled.
    ///
    /// Not cancel safe: a pipeline that is dropped in between leaves its sinks' threads to the end of the process.
    pub async fn stop(self, deadline: Instant, hurry: &CancellationToken) -> Left {
        self.shared.journal.close();
        let mut left = Left::default();
        for (name, metrics, mut running) in self.sinks {
            let in_time = tokio::select! {
                outcome = timeout_at(deadline, &mut running.outcome) => outcome.ok(),
                () = hurry.cancelled() => None,
            };
            let outcome = match in_time {
                Some(outcome) => Some(outcome),
                None => {
                    self.stops.abandon.cancel();
                    timeout(BLOCKED_SINK_GRACE, &mut running.outcome).await.ok()
                }
            };
            match outcome {
                Some(Ok(outcome)) => {
                    left.records += outcome.left_records;
                    left.octets += outcome.left_octets;
                    left.unclosed_sinks += usize::from(!outcome.closed);
                }
                died_or_blocked => {
                    // The journal lets go of what a dead cursor held, so the counters have to tell.
                    let records = metrics.taken.value().saturating_sub(metrics.ended());
                    let died = died_or_blocked.is_some();
                    tracing::error!(sink = name, records, died, "the sink did not end; its records are left behind");
                    metrics.dropped.add("shutdown", records);
                    left.records += records;
                    left.unclosed_sinks += 1;
                }
            }
        }
        left
    }
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline").field("sinks", &self.sinks.len()).finish_non_exhaustive()
    }
}

/// Publishes what is sampled rather than counted.
#[derive(Debug, Clone)]
pub struct Gauges {
    shared: Arc<Shared>,
    ledger: Arc<Ledger>,
    sinks: Vec<(String, Arc<SinkMetrics>)>,
}

impl Gauges {
    /// Brings the gauges up to date: records in flight as the journal counts them, bytes, and the balance of the ledger.
    pub fn publish(&self) -> Vec<telemetry::Balance> {
        let held = self.shared.journal.in_flight();
        for (name, metrics) in &self.sinks {
            // A cursor that is gone holds nothing.
            let records = held.iter().find(|cursor| *cursor.cursor == **name).map_or(0, |cursor| cursor.records);
            metrics.in_flight.set(i64::try_from(records).unwrap_or(i64::MAX));
        }
        let bytes = self.shared.journal.bytes_held();
        self.shared.process.journal_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        self.shared.stream.publish();
        self.shared.unfinished.publish();
        self.shared.datagram.publish();
        self.ledger.balances()
    }
}
