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
    /// No broker was left, then or since.
    pub(crate) is_total: bool,
    at: Instant,
}

impl Health {
    /// Notes a complaint. That all brokers are down always follows on the reason why, and says less.
    pub(crate) fn note(&self, code: RDKafkaErrorCode, what: &str) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_total = code == RDKafkaErrorCode::AllBrokersDown;
        let before = last.as_mut().filter(|last| last.at.elapsed() < STALE_AFTER);
        if let Some(before) = before {
            let was_total = before.is_total;
            (before.is_total, before.at) = (was_total || is_total, Instant::now());
            if !is_total {
                (before.code, before.what) = (code, what.to_owned());
            }
            return;
        }
        *last = Some(Complaint { code, what: what.to_owned(), is_total, at: Instant::now() });
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
        let complaint = health.complaint().unwrap();
        assert_eq!((complaint.what.as_str(), complaint.is_total), ("certificate has expired", true));
        health.clear();
        assert!(health.complaint().is_none());
    }
}
