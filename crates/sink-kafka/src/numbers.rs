//! What the client counts, summarised from librdkafka's statistics.

use std::sync::atomic::{AtomicU64, Ordering};

use rdkafka::Statistics;

/// The numbers of a sink over all clients that it had. Brought up to date every few seconds.
#[derive(Debug, Default)]
pub struct KafkaNumbers {
    /// Messages in the client's queue or on their way.
    pub queue_messages: AtomicU64,
    /// Their values, in bytes.
    pub queue_bytes: AtomicU64,
    /// Brokers that are connected.
    pub brokers_up: AtomicU64,
    /// Half of the requests to the slowest broker took this long at most, in microseconds.
    pub round_trip_median_micros: AtomicU64,
    /// 99 of 100 requests to the slowest broker took this long at most, in microseconds.
    pub round_trip_p99_micros: AtomicU64,
    /// Requests that failed in the network, or that no answer came for in time.
    pub request_failures: AtomicU64,
    /// Octets that were sent to brokers.
    pub sent_bytes: AtomicU64,
    /// Clients that have ended, for whatever reason.
    pub rebuilds: AtomicU64,
}

/// What of a client's own counters has been added already.
#[derive(Debug, Default)]
pub(crate) struct Added {
    request_failures: AtomicU64,
    sent_bytes: AtomicU64,
}

impl KafkaNumbers {
    /// Takes over what one client says.
    pub(crate) fn update(&self, statistics: &Statistics, added: &Added) {
        let learned = || statistics.brokers.values().filter(|broker| broker.nodeid >= 0);
        let slowest = |of: fn(&rdkafka::statistics::Window) -> i64| {
            let micros = learned().filter_map(|broker| broker.rtt.as_ref().map(of)).max();
            u64::try_from(micros.unwrap_or(0)).unwrap_or(0)
        };
        set(&self.queue_messages, statistics.msg_cnt);
        set(&self.queue_bytes, statistics.msg_size);
        set(&self.brokers_up, learned().filter(|broker| broker.state == "UP").count() as u64);
        set(&self.round_trip_median_micros, slowest(|window| window.p50));
        set(&self.round_trip_p99_micros, slowest(|window| window.p99));
        let failures = statistics.brokers.values().map(|broker| broker.txerrs + broker.rxerrs + broker.req_timeouts);
        grow(&self.request_failures, &added.request_failures, failures.sum());
        grow(&self.sent_bytes, &added.sent_bytes, u64::try_from(statistics.tx_bytes).unwrap_or(0));
    }

    /// A client has ended, and its queue with it.
    pub(crate) fn client_gone(&self) {
        self.rebuilds.fetch_add(1, Ordering::Relaxed);
        for gauge in [&self.queue_messages, &self.queue_bytes, &self.brokers_up] {
            set(gauge, 0);
        }
    }
}

fn set(gauge: &AtomicU64, value: u64) {
    gauge.store(value, Ordering::Relaxed);
}

/// Adds to `counter` what `total` has grown by.
fn grow(counter: &AtomicU64, added: &AtomicU64, total: u64) {
    let before = added.swap(total, Ordering::Relaxed);
    counter.fetch_add(total.saturating_sub(before), Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use rdkafka::statistics::{Broker, Window};

    use super::*;

    fn broker(nodeid: i32, state: &str, p99: i64, txerrs: u64) -> (String, Broker) {
        let rtt = Some(Window { p50: p99 / 2, p99, ..Window::default() });
        (nodeid.to_string(), Broker { nodeid, state: state.to_owned(), rtt, txerrs, ..Broker::default() })
    }

    #[test]
    fn the_slowest_broker_counts_and_counters_outlive_clients() {
        let numbers = KafkaNumbers::default();
        let statistics = Statistics {
            msg_cnt: 7,
            tx_bytes: 100,
            brokers: [broker(-1, "UP", 9_000, 1), broker(1, "UP", 400, 2), broker(2, "DOWN", 600, 0)].into(),
            ..Statistics::default()
        };
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        for clients in 1..=2 {
            let added = Added::default();
            numbers.update(&statistics, &added);
            numbers.update(&statistics, &added);
            assert_eq!((of(&numbers.sent_bytes), of(&numbers.request_failures)), (clients * 100, clients * 3));
        }
        assert_eq!((of(&numbers.queue_messages), of(&numbers.brokers_up)), (7, 1));
        assert_eq!((of(&numbers.round_trip_median_micros), of(&numbers.round_trip_p99_micros)), (300, 600));
    }
}
