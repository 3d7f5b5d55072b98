//! Lines that go on, but of which no piece waits any more: all that is known of them is that what comes next belongs to them.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::piece::Sender;

/// Lines on one connection that are remembered; beyond that the one that was silent for longest is forgotten.
pub(super) const RESTS_MAX: usize = 1024;

/// A line that goes on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest {
    due: Instant,
    /// Whether it begins as a JSON object.
    pub(super) is_json: bool,
}

/// Those of one connection, by their sender.
#[derive(Debug, Default)]
pub(super) struct Rests {
    lines: HashMap<Sender, Rest>,
    /// When to look for those that are over: not after the first of them is.
    due: Option<Instant>,
}

impl Rests {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) const fn due(&self) -> Option<Instant> {
        self.due
    }

    pub(super) fn get(&self, sender: Sender) -> Option<Rest> {
        self.lines.get(&sender).copied()
    }

    /// Remembers a line, or that it went on, for `time_max`.
    pub(super) fn put(&mut self, sender: Sender, is_json: bool, time_max: Duration) {
        if self.lines.len() == RESTS_MAX && !self.lines.contains_key(&sender) {
            let oldest = self.lines.iter().min_by_key(|(_, rest)| rest.due).map(|(sender, _)| *sender);
            oldest.and_then(|sender| self.lines.remove(&sender));
        }
        let due = Instant::now() + time_max;
        self.lines.insert(sender, Rest { due, is_json });
        self.due = Some(self.due.map_or(due, |first| first.min(due)));
    }

    pub(super) fn remove(&mut self, sender: Sender) {
        self.lines.remove(&sender);
        if self.lines.is_empty() {
            *self = Self::default();
        }
    }

    /// Forgets those that nothing more has come of.
    pub(super) fn expire(&mut self, now: Instant) {
        if self.due.is_some_and(|due| due <= now) {
            self.lines.retain(|_, rest| rest.due > now);
            self.due = self.lines.values().map(|rest| rest.due).min();
        }
    }

    pub(super) fn forgive(&mut self, duration: Duration) {
        self.lines.values_mut().for_each(|rest| rest.due += duration);
        self.due = self.due.map(|due| due + duration);
    }

    /// What they hold, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.lines.capacity() * (size_of::<(Sender, Rest)>() + 1)
    }
}
