//! The journal in memory: a queue of shared batches for each cursor, behind one lock.
//!
//! A queue per cursor instead of one ring: a batch that only a fast cursor wants is let go although a stalled one stands
//! further back, and leaves no hole behind that would have to be remembered.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use record::{Batch, ClassMask, JournalId, Sequence};
use tokio::sync::Notify;

use crate::cursor::Read;
use crate::{Appended, Delivery, InFlight, JournalError, Position, Refused};

#[derive(Debug)]
pub(crate) struct Memory {
    id: JournalId,
    quota_bytes: u64,
    bytes_held: Arc<AtomicU64>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: Sequence,
    closed: bool,
    queues: Vec<Queue>,
}

/// What a cursor has not acknowledged, oldest first.
#[derive(Debug)]
struct Queue {
    reader: Arc<Reader>,
    slots: VecDeque<Slot>,
    /// How many slots, from the oldest on, were handed out.
    handed_out: usize,
    /// Records of the reader's classes in all slots.
    records: u64,
}

#[derive(Debug, Clone)]
struct Slot {
    first: Sequence,
    /// Records of the reader's classes.
    records: u64,
    held: Arc<Held>,
}

/// A batch and its share of `bytes_held`, given back when the last queue lets go.
#[derive(Debug)]
struct Held {
    batch: Arc<Batch>,
    bytes: u64,
    bytes_held: Arc<AtomicU64>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.bytes_held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Who reads a queue.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) name: Arc<str>,
    pub(crate) take: ClassMask,
    /// Told about each append for this reader, and about the end.
    pub(crate) appended: Notify,
}

impl Slot {
    fn end(&self) -> Position {
        Position::before(self.first.plus(self.held.batch.len() as u64))
    }
}

impl State {
    fn queue(&mut self, reader: &Arc<Reader>) -> &mut Queue {
        let queue = self.queues.iter_mut().find(|queue| Arc::ptr_eq(&queue.reader, reader));
        queue.expect("a queue lives as long as its cursor")
    }
}

impl Memory {
    pub(crate) fn new(id: JournalId, quota_bytes: u64) -> Self {
        Self { id, quota_bytes, bytes_held: Arc::default(), state: Mutex::default() }
    }

    pub(crate) const fn id(&self) -> JournalId {
        self.id
    }

    // A panic under the lock is our bug, but each change below leaves the state whole: the others may go on.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn append(&self, batch: Batch) -> Result<Appended, Box<Refused>> {
        let counts = *batch.counts();
        let batch_bytes = batch.weight_bytes();
        let mut state = self.lock();
        let held_bytes = self.bytes_held();
        if state.closed {
            return Err(Box::new(Refused { batch, error: JournalError::Closed }));
        }
        if held_bytes.saturating_add(batch_bytes) > self.quota_bytes {
            let error = JournalError::Full { held_bytes, batch_bytes, quota_bytes: self.quota_bytes };
            return Err(Box::new(Refused { batch, error }));
        }

        let first = state.next;
        let records_in_all = batch.len() as u64;
        state.next = first.plus(records_in_all);
        let position = Position::before(state.next);
        self.bytes_held.fetch_add(batch_bytes, Ordering::Relaxed);
        let held =
            Arc::new(Held { batch: Arc::new(batch), bytes: batch_bytes, bytes_held: Arc::clone(&self.bytes_held) });

        let mut wanted = ClassMask::NONE;
        for queue in &mut state.queues {
            wanted = wanted.union(queue.reader.take);
            let records = counts.within(queue.reader.take);
            if records > 0 {
                queue.records += records;
                queue.slots.push_back(Slot { first, records, held: Arc::clone(&held) });
                queue.reader.appended.notify_one();
            }
        }
        drop(state);
        Ok(Appended { first, position, unwanted: records_in_all - counts.within(wanted) })
    }

    pub(crate) fn open(&self, name: &str, take: ClassMask) -> Result<Arc<Reader>, JournalError> {
        let mut state = self.lock();
        if state.queues.iter().any(|queue| &*queue.reader.name == name) {
            return Err(JournalError::CursorTaken { name: name.to_owned() });
        }
        let reader = Arc::new(Reader { name: name.into(), take, appended: Notify::new() });
        let queue = Queue { reader: Arc::clone(&reader), slots: VecDeque::new(), handed_out: 0, records: 0 };
        state.queues.push(queue);
        Ok(reader)
    }

    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.queues.iter().for_each(|queue| queue.reader.appended.notify_one());
    }

    pub(crate) fn read(&self, reader: &Arc<Reader>, bytes_max: u64) -> Read {
        let mut state = self.lock();
        let closed = state.closed;
        let queue = state.queue(reader);
        let mut delivery = Delivery { batches: Vec::new(), end: Position::default(), records: 0 };
        let mut bytes = 0_u64;
        for slot in queue.slots.range(queue.handed_out..) {
            bytes = bytes.saturating_add(slot.held.batch.chunk().len() as u64);
            if bytes > bytes_max && !delivery.batches.is_empty() {
                break;
            }
            delivery.batches.push((slot.first, Arc::clone(&slot.held.batch)));
            delivery.end = slot.end();
            delivery.records += slot.records;
        }
        queue.handed_out += delivery.batches.len();
        match (delivery.batches.is_empty(), closed) {
            (false, _) => Read::Delivery(delivery),
            (true, true) => Read::Ended,
            (true, false) => Read::Nothing,
        }
    }

    pub(crate) fn ack(&self, reader: &Arc<Reader>, position: Position) {
        let mut state = self.lock();
        let queue = state.queue(reader);
        let handed_out = queue.slots.range(..queue.handed_out);
        let passed_count = handed_out.take_while(|slot| slot.end() <= position).count();
        let passed = queue.slots.drain(..passed_count).collect::<Vec<_>>();
        queue.handed_out -= passed_count;
        queue.records -= passed.iter().map(|slot| slot.records).sum::<u64>();
        drop(state);
        // The batches are freed here, after the lock.
        drop(passed);
    }

    pub(crate) fn rewind(&self, reader: &Arc<Reader>) {
        self.lock().queue(reader).handed_out = 0;
    }

    pub(crate) fn leave(&self, reader: &Arc<Reader>) {
        let mut state = self.lock();
        let place = state.queues.iter().position(|queue| Arc::ptr_eq(&queue.reader, reader));
        let left = place.map(|place| state.queues.remove(place));
        drop(state);
        drop(left);
    }

    pub(crate) fn position(&self, reader: &Arc<Reader>) -> Position {
        let mut state = self.lock();
        let next = state.next;
        Position::before(state.queue(reader).slots.front().map_or(next, |slot| slot.first))
    }

    pub(crate) fn records_of(&self, reader: &Arc<Reader>) -> u64 {
        self.lock().queue(reader).records
    }

    pub(crate) fn octets_of(&self, reader: &Arc<Reader>) -> u64 {
        let mut state = self.lock();
        let batches = state.queue(reader).slots.iter().map(|slot| &slot.held.batch);
        batches.flat_map(|batch| batch.records(reader.take)).map(|record| record.octets().len() as u64).sum()
    }

    pub(crate) fn end(&self) -> Position {
        Position::before(self.lock().next)
    }

    pub(crate) fn in_flight(&self) -> Vec<InFlight> {
        let state = self.lock();
        let each = state.queues.iter();
        each.map(|queue| InFlight { cursor: Arc::clone(&queue.reader.name), records: queue.records }).collect()
    }

    pub(crate) fn bytes_held(&self) -> u64 {
        self.bytes_held.load(Ordering::Relaxed)
    }
}
