//! How long to wait before the next attempt.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Bounds of the pauses between attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackoffSettings {
    /// The first pause, before jitter.
    pub first: Duration,
    /// No pause is longer.
    pub longest: Duration,
}

impl Default for BackoffSettings {
    /// 100 ms to 30 s.
    fn default() -> Self {
        Self { first: Duration::from_millis(100), longest: Duration::from_secs(30) }
    }
}

/// Doubles the pause with each failure, and takes a random part of its upper half, so that sinks that failed together
/// do not come back together.
#[derive(Debug)]
pub(crate) struct Backoff {
    settings: BackoffSettings,
    pause: Duration,
}

impl Backoff {
    pub(crate) const fn new(settings: BackoffSettings) -> Self {
        Self { settings, pause: settings.first }
    }

    /// The next pause.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.pause.min(self.settings.longest);
        self.pause = pause.saturating_mul(2);
        pause / 2 + (pause / 2).mul_f64(random_fraction())
    }
}

/// A number between 0 and 1. The standard library seeds each hasher anew; that is random enough to spread pauses.
fn random_fraction() -> f64 {
    let random = RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(random >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_stay_in_their_upper_half() {
        let mut backoff = Backoff::new(BackoffSettings::default());
        for expected_ms in [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000] {
            let pause = backoff.next();
            let expected = Duration::from_millis(expected_ms);
            assert!(pause >= expected / 2 && pause <= expected, "{pause:?} beside {expected:?}");
        }
    }

    #[test]
    fn pauses_are_spread() {
        let pauses = (0..8).map(|_| Backoff::new(BackoffSettings::default()).next()).collect::<Vec<_>>();
        assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{pauses:?}");
    }
}
