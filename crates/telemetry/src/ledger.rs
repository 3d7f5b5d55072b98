//! The law that nothing is lost silently, checked from counters that know nothing of each other.

use std::sync::{Arc, Mutex, PoisonError};

use metrics::{Gauge, Label};

use crate::catalogue as of;
use crate::{ListenerMetrics, SinkMetrics};

/// All listeners and sinks of the process, for the check of the law.
#[derive(Debug, Default)]
pub struct Ledger {
    listeners: Mutex<Vec<(String, Arc<ListenerMetrics>, Gauge)>>,
    sinks: Mutex<Vec<(String, Arc<SinkMetrics>, Gauge)>>,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// `listener` or `sink`.
    pub part: &'static str,
    /// Its name.
    pub name: String,
    /// Records that are missing; negative when there are too many. 0 is the law. A record on its way from one counter to the next
    /// shows for a moment, so only a lasting value means something.
    pub missing: i64,
}

impl Ledger {
    /// Adds a listener.
    pub fn add_listener(&self, name: &str, metrics: Arc<ListenerMetrics>) {
        let gauge = imbalance("listener", name);
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push((name.to_owned(), metrics, gauge));
    }

    /// Adds a sink.
    pub fn add_sink(&self, name: &str, metrics: Arc<SinkMetrics>) {
        let gauge = imbalance("sink", name);
        self.sinks.lock().unwrap_or_else(PoisonError::into_inner).push((name.to_owned(), metrics, gauge));
    }

    /// Draws up the balance of every listener and sink, and exports it.
    pub fn balances(&self) -> Vec<Balance> {
        let mut balances = Vec::new();
        for (name, metrics, gauge) in self.listeners.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            // What comes later in a record's life is read first, so that a record in between never counts twice.
            let out = metrics.journaled.value() + metrics.dropped.sum();
            let missing = metrics.accepted.value() as i64 - out as i64;
            gauge.set(missing as f64);
            balances.push(Balance { part: "listener", name: name.clone(), missing });
        }
        for (name, metrics, gauge) in self.sinks.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let out = metrics.ended() as i64 + metrics.in_flight.value();
            let missing = metrics.taken.value() as i64 - out;
            gauge.set(missing as f64);
            balances.push(Balance { part: "sink", name: name.clone(), missing });
        }
        balances
    }
}

fn imbalance(part: &'static str, name: &str) -> Gauge {
    let labels = vec![Label::new("part", part), Label::new("name", name.to_owned())];
    metrics::gauge!(of::IMBALANCE.name, labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_no_counter_names_is_missing() {
        let ledger = Ledger::default();
        let sink = SinkMetrics::new("s");
        ledger.add_sink("s", Arc::clone(&sink));
        sink.taken.add(10);
        sink.delivered.add(4);
        sink.filtered.add("where", 2);
        sink.dead_lettered.add("too_large", 1);
        sink.in_flight.set(3);
        assert_eq!(ledger.balances()[0].missing, 0);
        sink.in_flight.set(2);
        assert_eq!(ledger.balances(), [Balance { part: "sink", name: "s".to_owned(), missing: 1 }]);
    }

    #[test]
    fn a_listener_accounts_for_what_it_accepted() {
        let ledger = Ledger::default();
        let listener = ListenerMetrics::new("l");
        ledger.add_listener("l", Arc::clone(&listener));
        listener.accepted.add(5);
        listener.journaled.add(3);
        listener.dropped.add("memory", 2);
        assert_eq!(ledger.balances()[0].missing, 0);
    }
}
