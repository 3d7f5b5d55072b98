//! What was read from the journal and is not settled yet, oldest first.

use std::collections::VecDeque;

use journal::Delivery;

use crate::{Ack, Progress};

/// Deliveries in the order of the journal, at most as many as the sink may have under way.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    entries: VecDeque<Entry>,
}

/// A delivery, and how far the sink is with it. Without progress it waits to be handed over.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) delivery: Delivery,
    pub(super) progress: Option<Progress>,
}

impl UnderWay {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds the youngest delivery, to be handed over.
    pub(super) fn push(&mut self, delivery: Delivery) {
        self.entries.push_back(Entry { delivery, progress: None });
    }

    /// Whether something waits to be handed over.
    pub(super) fn has_waiting(&self) -> bool {
        self.entries.iter().any(|entry| entry.progress.is_none())
    }

    /// The oldest that waits to be handed over.
    pub(super) fn waiting(&mut self) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.progress.is_none())
    }

    /// Notes what became of the oldest that is under way.
    pub(super) fn settle(&mut self, ack: Ack) {
        let mut under_way = self.entries.iter_mut();
        if let Some(oldest) = under_way.find(|entry| entry.progress == Some(Progress::UnderWay)) {
            oldest.progress = Some(Progress::Settled(ack));
        }
    }

    /// Takes out the oldest of all, once it is settled.
    pub(super) fn pop_settled(&mut self) -> Option<(Delivery, Ack)> {
        match self.entries.pop_front()? {
            Entry { delivery, progress: Some(Progress::Settled(ack)) } => Some((delivery, ack)),
            unsettled => {
                self.entries.push_front(unsettled);
                None
            }
        }
    }

    /// Lets everything that was under way wait to be handed over again.
    pub(super) fn recall(&mut self) {
        for entry in &mut self.entries {
            if entry.progress == Some(Progress::UnderWay) {
                entry.progress = None;
            }
        }
    }
}
