//! What the client complains about between reports.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::types::RDKafkaErrorCode;

/// A complaint that nobody has repeated for this long is no longer what is wrong.
const STALE_AFTER: Duration = Duration::from_secs(90);

/// The last complaint that says something.
#[derive(Debug, Default)]
pub(crate) struct Health {
    last: Mutex<Option<Complaint>>,
}

/// What librdkafka said, when there was no record to say it of.
#[derive(Debug, Clone)]
pub(crate) struct Complaint {
    pub(crate) code: RDKafkaErrorCode,
    pub(crate) what: String,
    at: Instant,
}

impl Health {
    /// Notes a complaint. That all brokers are down always follows on the reason why, and says less.
    pub(crate) fn note(&self, code: RDKafkaErrorCode, what: &str) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let says_less = code == RDKafkaErrorCode::AllBrokersDown;
        if let Some(last) = &mut *last
            && says_less
            && last.at.elapsed() < STALE_AFTER
        {
            last.at = Instant::now();
            return;
        }
        *last = Some(Complaint { code, what: what.to_owned(), at: Instant::now() });
    }

    /// Forgets everything: records arrive.
    pub(crate) fn clear(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What is wrong, as far as it was said lately.
    pub(crate) fn complaint(&self) -> Option<Complaint> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone().filter(|complaint| complaint.at.elapsed() < STALE_AFTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_why_brokers_are_down_outlives_that_they_are() {
        let health = Health::default();
        health.note(RDKafkaErrorCode::AllBrokersDown, "1/1 brokers are down");
        assert_eq!(health.complaint().unwrap().what, "1/1 brokers are down");
        health.note(RDKafkaErrorCode::SSL, "certificate has expired");
        health.note(RDKafkaErrorCode::AllBrokersDown, "1/1 brokers are down");
        assert_eq!(health.complaint().unwrap().what, "certificate has expired");
        health.clear();
        assert!(health.complaint().is_none());
    }
}
