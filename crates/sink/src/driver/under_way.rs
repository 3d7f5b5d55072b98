//! What was read from the journal and is not settled yet, oldest first.

use std::collections::VecDeque;

use journal::Delivery;

use crate::{Ack, Progress, Selection};

/// Deliveries in the order of the journal.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    entries: VecDeque<Entry>,
}

/// A delivery, and how far the sink is with it. Without progress it waits to be handed over.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) delivery: Delivery,
    /// What the sink gets of it, each time that it is handed over.
    pub(super) selection: Selection,
    pub(super) progress: Option<Progress>,
}

impl UnderWay {
    /// How many the sink has, or will get. Those of which it gets nothing take up no room.
    pub(super) fn occupied(&self) -> usize {
        self.entries.iter().filter(|entry| !entry.is_left_out()).count()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds the youngest delivery, to be handed over. When nothing of it is selected, it is settled already.
    pub(super) fn push(&mut self, delivery: Delivery, selection: Selection) {
        let mut entry = Entry { delivery, selection, progress: None };
        if entry.is_left_out() {
            entry.progress = Some(Progress::Settled(Ack::taken(0)));
        }
        self.entries.push_back(entry);
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
    pub(super) fn pop_settled(&mut self) -> Option<(Delivery, Selection, Ack)> {
        match self.entries.pop_front()? {
            Entry { delivery, selection, progress: Some(Progress::Settled(ack)) } => Some((delivery, selection, ack)),
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

    /// Takes out all that is left, oldest first.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (Delivery, Selection)> {
        self.entries.drain(..).map(|entry| (entry.delivery, entry.selection))
    }
}

impl Entry {
    /// Whether the sink gets nothing of it.
    fn is_left_out(&self) -> bool {
        self.selection.records(&self.delivery.batches) == 0
    }
}
