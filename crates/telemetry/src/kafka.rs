//! What a Kafka sink counts beside its deliveries.

use metrics::{Counter, Gauge, Label};

use crate::Metric;
use crate::catalogue as of;

/// Handles on the metrics of one Kafka sink, whose client counts by itself.
#[derive(Debug)]
pub struct KafkaMetrics {
    queue_bytes: Gauge,
    queue_messages: Gauge,
    brokers_up: Gauge,
    round_trip_median: Gauge,
    round_trip_p99: Gauge,
    rebuilds: Counter,
    request_failures: Counter,
    sent_bytes: Counter,
}

/// A number for each metric of a Kafka sink.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(
    missing_docs,
    reason = "each field is the metric of the same name in the catalogue, where its help text stands"
)]
pub struct KafkaReading {
    pub queue_bytes: u64,
    pub queue_messages: u64,
    pub brokers_up: u64,
    pub round_trip_median_seconds: f64,
    pub round_trip_p99_seconds: f64,
    pub rebuilds: u64,
    pub request_failures: u64,
    pub sent_bytes: u64,
}

impl KafkaMetrics {
    /// The handles for the sink called `name`, all series existing from now on.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let sink = || Label::new("sink", name.to_owned());
        let gauge = |metric: Metric| metrics::gauge!(metric.name, vec![sink()]);
        let counter = |metric: Metric| metrics::counter!(metric.name, vec![sink()]);
        let quantile = |quantile: &'static str| {
            metrics::gauge!(of::KAFKA_ROUND_TRIP.name, vec![sink(), Label::new("quantile", quantile)])
        };
        let metrics = Self {
            queue_bytes: gauge(of::KAFKA_QUEUE_BYTES),
            queue_messages: gauge(of::KAFKA_QUEUE_MESSAGES),
            brokers_up: gauge(of::KAFKA_BROKERS_UP),
            round_trip_median: quantile("0.5"),
            round_trip_p99: quantile("0.99"),
            rebuilds: counter(of::KAFKA_REBUILDS),
            request_failures: counter(of::KAFKA_REQUEST_FAILURES),
            sent_bytes: counter(of::KAFKA_SENT_BYTES),
        };
        metrics.publish(&KafkaReading::default());
        metrics
    }

    /// Exports `reading`; what only grows is counted since the start of the process.
    pub fn publish(&self, reading: &KafkaReading) {
        self.queue_bytes.set(reading.queue_bytes as f64);
        self.queue_messages.set(reading.queue_messages as f64);
        self.brokers_up.set(reading.brokers_up as f64);
        self.round_trip_median.set(reading.round_trip_median_seconds);
        self.round_trip_p99.set(reading.round_trip_p99_seconds);
        self.rebuilds.absolute(reading.rebuilds);
        self.request_failures.absolute(reading.request_failures);
        self.sent_bytes.absolute(reading.sent_bytes);
    }
}

#[cfg(test)]
mod tests {
    use crate::exporter::installed;

    use super::*;

    #[test]
    fn every_number_of_a_kafka_sink_is_exported_under_its_own_name() {
        let exporter = installed();
        let metrics = KafkaMetrics::new("k");
        assert!(exporter.render().contains("gully_kafka_rebuilds_total{sink=\"k\"} 0\n"));
        metrics.publish(&KafkaReading {
            queue_bytes: 1,
            queue_messages: 2,
            brokers_up: 3,
            round_trip_median_seconds: 0.004,
            round_trip_p99_seconds: 0.005,
            rebuilds: 6,
            request_failures: 7,
            sent_bytes: 8,
        });
        let expected = [
            "gully_kafka_queue_bytes{sink=\"k\"} 1",
            "gully_kafka_queue_messages{sink=\"k\"} 2",
            "gully_kafka_brokers_up{sink=\"k\"} 3",
            "gully_kafka_round_trip_seconds{sink=\"k\",quantile=\"0.5\"} 0.004",
            "gully_kafka_round_trip_seconds{sink=\"k\",quantile=\"0.99\"} 0.005",
            "gully_kafka_rebuilds_total{sink=\"k\"} 6",
            "gully_kafka_request_failures_total{sink=\"k\"} 7",
            "gully_kafka_sent_bytes_total{sink=\"k\"} 8",
        ];
        for line in expected {
            assert!(exporter.render().lines().any(|found| found == line), "{line}");
        }
    }
}
