//! Keeps our own log short when a peer makes the same trouble again and again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One line per reason in this time.
const QUIET_TIME: Duration = Duration::from_secs(30);

/// Lets one line per reason through every 30 s. Holds one entry per reason; reasons are a closed set.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    reasons: Mutex<HashMap<&'static str, Said>>,
}

#[derive(Debug)]
struct Said {
    at: Instant,
    suppressed: u64,
}

impl Throttle {
    /// Whether a line for `reason` may be written now; if so, how many were not since the last one.
    pub(crate) fn permit(&self, reason: &'static str) -> Option<u64> {
        self.permit_at(reason, Instant::now())
    }

    fn permit_at(&self, reason: &'static str, now: Instant) -> Option<u64> {
        let mut reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        match reasons.get_mut(reason) {
            Some(said) if now.saturating_duration_since(said.at) < QUIET_TIME => {
                said.suppressed += 1;
                None
            }
            said => {
                let suppressed = said.map_or(0, |said| said.suppressed);
                reasons.insert(reason, Said { at: now, suppressed: 0 });
                Some(suppressed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_per_reason_and_a_count_of_the_rest() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        assert_eq!(throttle.permit_at("a", start), Some(0));
        assert_eq!(throttle.permit_at("a", start + QUIET_TIME / 2), None);
        assert_eq!(throttle.permit_at("b", start + QUIET_TIME / 2), Some(0));
        assert_eq!(throttle.permit_at("a", start + QUIET_TIME), Some(1));
        assert_eq!(throttle.permit_at("a", start + 3 * QUIET_TIME), Some(0));
    }
}
