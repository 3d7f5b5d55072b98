//! At most one log line per reason and interval.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// Warnings for one reason are this far apart.
const INTERVAL: Duration = Duration::from_secs(30);

/// Remembers when each reason was last spoken of. Bounded by the number of reasons, which is a closed set.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    reasons: HashMap<&'static str, Spoken>,
}

#[derive(Debug)]
struct Spoken {
    at: Instant,
    /// Lines left out since then.
    silent: u64,
}

impl Warnings {
    /// Whether a line for `reason` is due; if so, how many were left out since the last one.
    pub(crate) fn due(&mut self, reason: &'static str) -> Option<u64> {
        let now = Instant::now();
        let Some(spoken) = self.reasons.get_mut(reason) else {
            self.reasons.insert(reason, Spoken { at: now, silent: 0 });
            return Some(0);
        };
        if now.duration_since(spoken.at) < INTERVAL {
            spoken.silent += 1;
            return None;
        }
        spoken.at = now;
        Some(std::mem::take(&mut spoken.silent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_reason_is_spoken_of_once_in_thirty_seconds_and_says_how_often_it_was_not() {
        let mut warnings = Warnings::default();
        assert_eq!([warnings.due("a"), warnings.due("a"), warnings.due("b")], [Some(0), None, Some(0)]);
        tokio::time::advance(INTERVAL).await;
        assert_eq!([warnings.due("a"), warnings.due("a")], [Some(1), None]);
    }
}
