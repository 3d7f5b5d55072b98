//! A thread for each sink.

use std::io;
use std::thread;

use journal::Cursor;
use record::ClassMask;
use select::Filter;
use sink::{DeadLetters, Driver, DriverHandle, DriverSettings, Outcome, Sink};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::meters::SinkMeter;

/// A sink that is ready to run, and what it takes.
pub struct SinkPlan {
    pub(crate) name: String,
    pub(crate) take: ClassMask,
    pub(crate) filter: Filter,
    launch: Launch,
}

type Launch = Box<dyn FnOnce(Cursor, Filter, SinkMeter, Stops) -> io::Result<Running> + Send>;

/// How a sink's thread and the rest of the process tell each other to stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stops {
    /// Cancelled by the pipeline: whatever is not delivered yet will be left behind.
    pub(crate) abandon: CancellationToken,
    /// Cancelled by a sink's thread that ends without having been asked to: a panic, which is our bug.
    pub(crate) died: CancellationToken,
}

/// A sink at work on its thread.
pub(crate) struct Running {
    pub(crate) handle: DriverHandle,
    /// Resolves when its driver has ended; an error means that its thread died.
    pub(crate) outcome: oneshot::Receiver<Outcome>,
}

impl SinkPlan {
    /// Plans to run `sink` under `name`, for records of the classes in `take`. What it rejects for good goes to `dead_letters`.
    pub fn new<S, D>(name: &str, take: ClassMask, sink: S, dead_letters: D, settings: DriverSettings) -> Self
    where
        S: Sink + Send + 'static,
        D: DeadLetters + Send + 'static,
    {
        let launch = move |cursor: Cursor, filter: Filter, meter: SinkMeter, stops: Stops| {
            let thread_name = format!("sink-{}", cursor.name());
            let (driver, handle) = Driver::new(sink, cursor, dead_letters, meter, settings);
            let (finished, outcome) = oneshot::channel();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            thread::Builder::new().name(thread_name).spawn(move || {
                // Told when the thread unwinds, too.
                let death = stops.died.drop_guard();
                let outcome = runtime.block_on(driver.select(filter).run(stops.abandon));
                death.disarm();
                if finished.send(outcome).is_err() {
                    tracing::warn!("a sink ended after the process had given up on it");
                }
            })?;
            Ok(Running { handle, outcome })
        };
        Self { name: name.to_owned(), take, filter: Filter::default(), launch: Box::new(launch) }
    }

    /// The same plan, for a sink that gets only what `filter` selects of these records.
    #[must_use]
    pub fn select(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Starts the thread.
    pub(crate) fn launch(self, cursor: Cursor, meter: SinkMeter, stops: Stops) -> io::Result<Running> {
        (self.launch)(cursor, self.filter, meter, stops)
    }
}

impl std::fmt::Debug for SinkPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SinkPlan")
            .field("name", &self.name)
            .field("take", &self.take)
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}
