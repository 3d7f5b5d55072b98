//! A sink in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use record::RecordId;
use tokio::sync::watch;

use crate::{Ack, DeliveryError, Progress, Rejected, Sink, SinkBatch, Trouble};

/// Keeps what it is given. Clones share everything, so a test keeps one and gives the other to a driver.
#[derive(Debug, Clone)]
pub struct MemorySink {
    state: Arc<Mutex<State>>,
    stalled: Arc<watch::Sender<bool>>,
}

#[derive(Debug, Default)]
struct State {
    records: Vec<(RecordId, Vec<u8>)>,
    refusals: Vec<DeliveryError>,
    poison: Option<Vec<u8>>,
    lose: u64,
    attempts: u64,
    reopened: u64,
    rebuilt: u64,
    maintained: u64,
    closed: bool,
}

impl Default for MemorySink {
    fn default() -> Self {
        Self { state: Arc::default(), stalled: Arc::new(watch::Sender::new(false)) }
    }
}

impl MemorySink {
    /// A sink that takes everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets deliveries wait from now on, or lets them go on.
    pub fn stall(&self, stalled: bool) {
        self.stalled.send_replace(stalled);
    }

    /// Answers the next deliveries with these errors, in this order.
    pub fn refuse(&self, errors: impl IntoIterator<Item = DeliveryError>) {
        let mut state = self.lock();
        state.refusals.extend(errors);
    }

    /// Rejects each record whose octets contain `needle`.
    pub fn reject(&self, needle: &[u8]) {
        self.lock().poison = Some(needle.to_owned());
    }

    /// Loses the next `records` without a word: they are neither kept nor counted in the acknowledgement.
    pub fn lose(&self, records: u64) {
        self.lock().lose = records;
    }

    /// What it has kept: ids and octets in the order of arrival.
    #[must_use]
    pub fn records(&self) -> Vec<(RecordId, Vec<u8>)> {
        self.lock().records.clone()
    }

    /// What it has kept, as text.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.lock().records.iter().map(|(_, octets)| String::from_utf8_lossy(octets).into_owned()).collect()
    }

    /// How many deliveries were tried.
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.lock().attempts
    }

    /// How often it was reopened.
    #[must_use]
    pub fn reopened(&self) -> u64 {
        self.lock().reopened
    }

    /// How often it was rebuilt.
    #[must_use]
    pub fn rebuilt(&self) -> u64 {
        self.lock().rebuilt
    }

    /// How often it was maintained.
    #[must_use]
    pub fn maintained(&self) -> u64 {
        self.lock().maintained
    }

    /// Whether it was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for MemorySink {
    async fn deliver(&mut self, batch: &SinkBatch<'_>) -> Result<Progress, DeliveryError> {
        self.lock().attempts += 1;
        // The sender lives in `self`, so the wait cannot fail.
        let _ = self.stalled.subscribe().wait_for(|stalled| !stalled).await;
        let mut state = self.lock();
        if !state.refusals.is_empty() {
            return Err(state.refusals.remove(0));
        }
        let mut ack = Ack::taken(0);
        for (id, record) in batch.records() {
            if state.poison.as_ref().is_some_and(|needle| contains(record.octets(), needle)) {
                ack.rejected.push(rejected(id));
            } else if state.lose > 0 {
                state.lose -= 1;
            } else {
                state.records.push((id, record.octets().to_owned()));
                ack.records += 1;
            }
        }
        Ok(Progress::Settled(ack))
    }

    async fn maintain(&mut self) -> Result<(), DeliveryError> {
        self.lock().maintained += 1;
        Ok(())
    }

    fn reopen(&mut self) {
        self.lock().reopened += 1;
    }

    async fn rebuild(&mut self) -> Result<(), DeliveryError> {
        self.lock().rebuilt += 1;
        Ok(())
    }

    async fn close(&mut self) -> Result<(), DeliveryError> {
        self.lock().closed = true;
        Ok(())
    }
}

fn rejected(id: RecordId) -> Rejected {
    Rejected { record: id.sequence, reason: "poison", what: "it has the octets to reject".to_owned() }
}

fn contains(octets: &[u8], needle: &[u8]) -> bool {
    octets.windows(needle.len()).any(|window| window == needle)
}

/// An error for [`MemorySink::refuse`] that will pass.
#[must_use]
pub fn passing(reason: &'static str) -> DeliveryError {
    DeliveryError::Passing(Trouble { reason, what: "the test refuses".to_owned(), remedy: "wait".to_owned() })
}
