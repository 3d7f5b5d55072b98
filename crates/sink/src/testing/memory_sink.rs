//! A sink in memory.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use record::{RecordId, Sequence};
use tokio::sync::{Notify, watch};

use crate::{Ack, DeliveryError, Progress, Rejected, Sink, SinkBatch, Trouble};

/// Keeps what it is given. Clones share everything, so a test keeps one and gives the other to a driver.
///
/// It settles each batch at once, or leaves some under way ([`MemorySink::leaving_under_way`]) until the test says what
/// becomes of them. Panics when the driver breaks the contract of [`Sink`].
#[derive(Debug, Clone)]
pub struct MemorySink {
    state: Arc<Mutex<State>>,
    stalled: Arc<watch::Sender<bool>>,
    answered: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    records: Vec<(RecordId, Vec<u8>)>,
    /// Records that it has of batches that are not settled.
    kept_early: HashSet<Sequence>,
    handed_over: Vec<Vec<Sequence>>,
    under_way: VecDeque<Vec<(RecordId, Vec<u8>)>>,
    under_way_max: usize,
    under_way_most: usize,
    settles_at_once: bool,
    answers: VecDeque<Answer>,
    /// What the next deliveries are answered with; they are taken where there is no error.
    refusals: VecDeque<Option<DeliveryError>>,
    rebuild_refusals: VecDeque<DeliveryError>,
    maintenance_refusals: VecDeque<DeliveryError>,
    poison: Option<Vec<u8>>,
    lose: u64,
    reopened: u64,
    rebuilt: u64,
    maintained: u64,
    closed: bool,
}

/// What the test says about the oldest batch that is under way.
#[derive(Debug)]
enum Answer {
    Settle,
    Fail(DeliveryError),
}

impl Default for MemorySink {
    fn default() -> Self {
        let state = State { under_way_max: 1, settles_at_once: true, ..State::default() };
        Self {
            state: Arc::new(Mutex::new(state)),
            stalled: Arc::new(watch::Sender::new(false)),
            answered: Arc::default(),
        }
    }
}

impl MemorySink {
    /// A sink that takes everything at once.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A sink that leaves up to `under_way_max` batches under way; see [`MemorySink::settle`] and [`MemorySink::fail`].
    #[must_use]
    pub fn leaving_under_way(under_way_max: usize) -> Self {
        let sink = Self::default();
        sink.lock().under_way_max = under_way_max;
        sink.settle_at_once(false);
        sink
    }

    /// Settles the batches that come from now on at once, or leaves them under way.
    pub fn settle_at_once(&self, at_once: bool) {
        self.lock().settles_at_once = at_once;
    }

    /// Settles the next `batches` of those that are, or will be, under way.
    pub fn settle(&self, batches: usize) {
        self.answer((0..batches).map(|_| Answer::Settle));
    }

    /// Then fails with `error` instead of settling the next; nothing is under way any more.
    pub fn fail(&self, error: DeliveryError) {
        self.answer([Answer::Fail(error)]);
    }

    /// Keeps the first `records` of what is under way now, although it settles nothing: as if only the answers of the
    /// other side were missing. When they are handed over again, it does not keep them twice.
    pub fn keep_early(&self, records: usize) {
        self.lock().keep_early(records);
    }

    /// Lets deliveries wait from now on, or lets them go on.
    pub fn stall(&self, stalled: bool) {
        self.stalled.send_replace(stalled);
    }

    /// Answers the next deliveries with these errors, in this order; nothing is under way any more.
    pub fn refuse(&self, errors: impl IntoIterator<Item = DeliveryError>) {
        self.refuse_after(0, errors);
    }

    /// Takes the next `taken` deliveries, and answers those that follow with these errors.
    pub fn refuse_after(&self, taken: usize, errors: impl IntoIterator<Item = DeliveryError>) {
        let mut state = self.lock();
        state.refusals.extend((0..taken).map(|_| None));
        state.refusals.extend(errors.into_iter().map(Some));
    }

    /// Fails the next attempts to rebuild it with these errors.
    pub fn refuse_rebuild(&self, errors: impl IntoIterator<Item = DeliveryError>) {
        self.lock().rebuild_refusals.extend(errors);
    }

    /// Fails the next maintenances with these errors.
    pub fn refuse_maintenance(&self, errors: impl IntoIterator<Item = DeliveryError>) {
        self.lock().maintenance_refusals.extend(errors);
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

    /// The records of each batch that was handed over, in the order of the attempts.
    #[must_use]
    pub fn handed_over(&self) -> Vec<Vec<Sequence>> {
        self.lock().handed_over.clone()
    }

    /// How many deliveries were tried.
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.lock().handed_over.len() as u64
    }

    /// How many batches are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.lock().under_way.len()
    }

    /// The most that were under way at once.
    #[must_use]
    pub fn under_way_most(&self) -> usize {
        self.lock().under_way_most
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

    fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.lock().answers.extend(answers);
        self.answered.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_poison(&self, octets: &[u8]) -> bool {
        self.poison.as_ref().is_some_and(|needle| octets.windows(needle.len()).any(|window| window == needle))
    }

    fn keep(&mut self, records: Vec<(RecordId, Vec<u8>)>) -> Ack {
        let mut ack = Ack::taken(0);
        for (id, octets) in records {
            if self.is_poison(&octets) {
                ack.rejected.push(rejected(id));
            } else if self.kept_early.remove(&id.sequence) {
                ack.records += 1;
            } else if self.lose > 0 {
                self.lose -= 1;
            } else {
                self.records.push((id, octets));
                ack.records += 1;
            }
        }
        ack
    }

    fn keep_early(&mut self, records: usize) {
        let under_way = self.under_way.iter().flatten();
        let good = under_way.filter(|(_, octets)| !self.is_poison(octets));
        let early = good.filter(|(id, _)| !self.kept_early.contains(&id.sequence)).take(records);
        let early = early.cloned().collect::<Vec<_>>();
        self.kept_early.extend(early.iter().map(|(id, _)| id.sequence));
        self.records.extend(early);
    }

    fn fail(&mut self, error: DeliveryError) -> DeliveryError {
        self.under_way.clear();
        error
    }
}

impl Sink for MemorySink {
    async fn deliver(&mut self, batch: &SinkBatch<'_>) -> Result<Progress, DeliveryError> {
        self.lock().handed_over.push(batch.records().map(|(id, _)| id.sequence).collect());
        // The sender lives in `self`, so the wait cannot fail.
        let _ = self.stalled.subscribe().wait_for(|stalled| !stalled).await;
        let mut state = self.lock();
        assert!(state.under_way.len() < state.under_way_max, "more batches than may be under way");
        if let Some(Some(error)) = state.refusals.pop_front() {
            return Err(state.fail(error));
        }
        let records = batch.records().map(|(id, record)| (id, record.octets().to_owned())).collect();
        if state.settles_at_once {
            return Ok(Progress::Settled(state.keep(records)));
        }
        state.under_way.push_back(records);
        state.under_way_most = state.under_way_most.max(state.under_way.len());
        Ok(Progress::UnderWay)
    }

    async fn settled(&mut self) -> Result<Ack, DeliveryError> {
        assert!(self.under_way() > 0, "nothing is under way");
        loop {
            let answer = self.lock().answers.pop_front();
            match answer {
                Some(Answer::Settle) => {
                    let mut state = self.lock();
                    let oldest = state.under_way.pop_front().unwrap_or_default();
                    return Ok(state.keep(oldest));
                }
                Some(Answer::Fail(error)) => return Err(self.lock().fail(error)),
                None => self.answered.notified().await,
            }
        }
    }

    fn under_way_max(&self) -> usize {
        self.lock().under_way_max
    }

    async fn maintain(&mut self) -> Result<(), DeliveryError> {
        let mut state = self.lock();
        state.maintained += 1;
        state.maintenance_refusals.pop_front().map_or(Ok(()), Err)
    }

    fn reopen(&mut self) {
        self.lock().reopened += 1;
    }

    async fn rebuild(&mut self) -> Result<(), DeliveryError> {
        let mut state = self.lock();
        if let Some(error) = state.rebuild_refusals.pop_front() {
            return Err(error);
        }
        state.rebuilt += 1;
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

/// An error for a [`MemorySink`] that will pass.
#[must_use]
pub fn passing(reason: &'static str) -> DeliveryError {
    DeliveryError::Passing(Trouble { reason, what: "the test refuses".to_owned(), remedy: "wait".to_owned() })
}
