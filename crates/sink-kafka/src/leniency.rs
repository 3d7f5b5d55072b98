//! When a rejected record should not end its client.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So many clients may end in a minute because of nothing but rejected records.
const ENDS_MAX: usize = 3;
const MINUTE: Duration = Duration::from_secs(60);
/// How long clients are lenient then.
const LENIENT_FOR: Duration = Duration::from_secs(600);

/// Decides between two evils. A client that ends with each rejected record keeps the order whatever happens, but stands still for
/// half a second, and a sender that makes many such records would stop everybody else's. One that goes on does not, and loses
/// the order only when, while it is so, a batch of several records fails.
#[derive(Debug, Default)]
pub(crate) struct Leniency {
    ends: VecDeque<Instant>,
    until: Option<Instant>,
}

impl Leniency {
    /// A client ended because of rejected records alone. Whether that begins a lenient time.
    pub(crate) fn note_end(&mut self, now: Instant) -> bool {
        self.ends.push_back(now);
        self.ends.retain(|end| now.duration_since(*end) < MINUTE);
        let begins = self.ends.len() >= ENDS_MAX;
        if begins {
            self.ends.clear();
            self.until = Some(now + LENIENT_FOR);
        }
        begins
    }

    /// Whether clients go on when a record is rejected.
    pub(crate) fn is_on(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_several_ends_in_a_minute_and_lasts_ten() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut leniency = Leniency::default();
        for seconds in [0, 40, 80, 120] {
            assert!(!leniency.note_end(at(seconds)) && !leniency.is_on(at(seconds)), "{seconds}");
        }
        assert!(leniency.note_end(at(130)));
        assert!(leniency.is_on(at(130)) && leniency.is_on(at(729)) && !leniency.is_on(at(730)));
    }
}
