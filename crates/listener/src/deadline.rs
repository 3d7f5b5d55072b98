//! How long the frame at hand has been arriving.

use std::time::Duration;

use tokio::time::Instant;

/// Runs while a frame is unfinished, and stands still while we do not read because sinks are slow.
#[derive(Debug)]
pub(crate) struct FrameClock {
    time_max: Duration,
    due: Option<Instant>,
}

impl FrameClock {
    pub(crate) const fn new(time_max: Duration) -> Self {
        Self { time_max, due: None }
    }

    /// Tells it what a read at `now` came to: whether it finished any frame, and whether one is unfinished.
    pub(crate) fn read(&mut self, now: Instant, finished_any: bool, unfinished: bool) {
        if !unfinished {
            self.due = None;
        } else if finished_any || self.due.is_none() {
            self.due = Some(now + self.time_max);
        }
    }

    /// Gives back `duration`, in which we did not read, and not because of unfinished frames.
    pub(crate) fn forgive(&mut self, duration: Duration) {
        self.due = self.due.map(|due| due + duration);
    }

    /// When the unfinished frame has to be finished.
    pub(crate) const fn due(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: Duration = Duration::from_secs(30);

    #[test]
    fn a_frame_has_its_time_from_its_first_octet() {
        let (mut clock, start) = (FrameClock::new(MAX), Instant::now());
        clock.read(start, false, true);
        clock.read(start + MAX / 2, false, true);
        assert_eq!(clock.due(), Some(start + MAX));
        clock.read(start + MAX / 2, true, true);
        assert_eq!(clock.due(), Some(start + MAX + MAX / 2), "the next frame has its own time");
        clock.read(start + MAX, true, false);
        assert_eq!(clock.due(), None);
    }

    #[test]
    fn time_without_reading_does_not_count() {
        let (mut clock, start) = (FrameClock::new(MAX), Instant::now());
        clock.forgive(MAX);
        assert_eq!(clock.due(), None);
        clock.read(start, false, true);
        clock.forgive(MAX);
        assert_eq!(clock.due(), Some(start + 2 * MAX));
    }
}
