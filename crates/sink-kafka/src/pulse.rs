//! Whether reports come in.

use std::time::{Duration, Instant};

/// Reports that stay away for this long are worth an alarm.
const SILENCE_MAX: Duration = Duration::from_secs(5);

/// When something was last confirmed while something was wanted.
#[derive(Debug)]
pub(crate) struct Pulse {
    at: Instant,
    reported: u64,
}

impl Pulse {
    /// Silence begins now at the earliest.
    pub(crate) fn new() -> Self {
        Self { at: Instant::now(), reported: 0 }
    }

    /// Notes that `reported` reports are in now.
    pub(crate) fn feel(&mut self, reported: u64) {
        if reported != self.reported {
            *self = Self { at: Instant::now(), reported };
        }
    }

    /// Notes that nothing is under way.
    pub(crate) fn rest(&mut self) {
        self.at = Instant::now();
    }

    /// How long nothing has come in.
    pub(crate) fn silent_for(&self) -> Duration {
        self.at.elapsed()
    }

    /// Whether that is too long.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent_for() >= SILENCE_MAX
    }
}
