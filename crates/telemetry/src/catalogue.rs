//! The list of all metrics.

/// What a metric measures over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, from 0 at the start of the process.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A distribution.
    Histogram,
}

/// A metric's public face.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name, with the unit as suffix.
    pub name: &'static str,
    /// What it measures over time.
    pub kind: Kind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// One sentence for the person who reads `/metrics`.
    pub help: &'static str,
}

macro_rules! catalogue {
    ($($constant:ident $kind:ident $name:literal [$($label:literal)*] $help:literal)*) => {
        /// Every metric.
        pub const CATALOGUE: &[Metric] = &[$($constant),*];
        $(pub(crate) const $constant: Metric =
            Metric { name: $name, kind: Kind::$kind, labels: &[$($label),*], help: $help };)*
    };
}

catalogue! {
    ACCEPTED Counter "gully_records_accepted_total" ["listener"]
        "Records that a listener took from the network. Accepted = journaled + dropped."
    JOURNALED Counter "gully_records_journaled_total" ["listener"]
        "Accepted records that went into the journal, because a sink takes them."
    LISTENER_DROPPED Counter "gully_records_dropped_total" ["listener" "reason"]
        "Accepted records that were not journaled, by reason; for a sink: taken records that it gave up."
    FLAGGED Counter "gully_records_flagged_total" ["listener" "flag"]
        "Accepted records that carry a flag, such as truncated or invalid_utf8. A record can have several."
    REDACTED Counter "gully_redacted_total" ["listener" "detector"]
        "Secrets that were replaced by fingerprints before the record was stored, by the detector that found them."
    REJOINED Counter "gully_rejoined_total" ["listener"]
        "Records put together from the pieces that Docker had cut them into."
    REJOIN_FAILED Counter "gully_rejoin_failed_total" ["listener" "reason"]
        "Records whose pieces were handed over one by one, because they did not become one whole record, by reason."
    CLASSIFIED Counter "gully_records_classified_total" ["class"]
        "Accepted records by class."
    RECEIVED_BYTES Counter "gully_received_bytes_total" ["listener"]
        "Octets read from the network, framing included."
    EMPTY Counter "gully_frames_empty_total" ["listener"]
        "Frames, lines and datagrams without a message. They are not records and are not delivered."
    LENIENT_TRAILER Counter "gully_frames_lenient_trailer_total" ["listener"]
        "Line feeds between octet-counted frames, which the framing does not provide for."
    FAULTS Counter "gully_connection_faults_total" ["listener" "reason"]
        "Connections that were ended by a fault: broken framing, deadlines, failed handshakes."
    PROBES Counter "gully_connection_probes_total" ["listener" "kind"]
        "Connections that sent no syslog: health checks, HTTP requests, TLS on a plain port."
    REFUSED Counter "gully_connections_refused_total" ["listener" "reason"]
        "Connections that were closed at once because a limit was reached."
    CONNECTIONS_TOTAL Counter "gully_connections_total" ["listener"]
        "Connections that were admitted."
    CONNECTIONS Gauge "gully_connections" ["listener"]
        "Connections that are open now."
    PARTIAL Counter "gully_partial_at_eof_total" ["listener"]
        "Unfinished frames at the end of a connection. They are not records; a sender that can, sends them again."
    PARTIAL_BYTES Counter "gully_partial_at_eof_bytes_total" ["listener"]
        "Octets in unfinished frames at the end of a connection."
    ABANDONED_BYTES Counter "gully_abandoned_bytes_total" ["listener"]
        "Octets that lay unread in the kernel when we closed a connection."
    ACCEPT_ERRORS Counter "gully_accept_errors_total" ["listener"]
        "Failed accepts, for instance for want of file descriptors."
    KERNEL_DROPPED Counter "gully_datagrams_kernel_dropped_total" ["listener"]
        "Datagrams that the kernel dropped because the receive buffer was full. They were never accepted."
    STALLS Histogram "gully_read_stall_seconds" ["listener"]
        "How long reading stood still for want of memory credit. Known senders give up after 1 to 10 seconds."
    STALL_ALARMS Counter "gully_read_stall_alarms_total" ["listener"]
        "Times that a connection had waited another 0.8 seconds for memory credit, counted while it still waits. Some senders give up."
    TAKEN Counter "gully_records_taken_total" ["sink"]
        "Journaled records of the classes that a sink takes. Taken = delivered + dead-lettered + filtered + dropped + in flight."
    DELIVERED Counter "gully_records_delivered_total" ["sink"]
        "Records that the sink reported as its own responsibility."
    DEAD_LETTERED Counter "gully_records_dead_lettered_total" ["sink" "reason"]
        "Records that the sink cannot take and that went to its dead letters."
    FILTERED Counter "gully_sink_filtered_records_total" ["sink" "reason"]
        "Taken records that the sink does not get: they do not meet its condition (reason where), or one of its drop lists has them (the list's name)."
    SINK_DROPPED Counter "gully_records_dropped_total" ["sink" "reason"]
        "Accepted records that were not journaled, by reason; for a sink: taken records that it gave up."
    IN_FLIGHT Gauge "gully_records_in_flight" ["sink"]
        "Records that the journal holds for the sink."
    RETRIES Counter "gully_delivery_retries_total" ["sink" "reason"]
        "Deliveries that failed and are tried again."
    STALLED Gauge "gully_sink_stalled" ["sink"]
        "1 while the sink's last delivery failed, else 0."
    FILE_REOPENED Counter "gully_file_reopened_total" ["sink"]
        "Files opened anew because somebody had moved or deleted them."
    FILE_ROTATIONS Counter "gully_file_rotations_total" ["sink"]
        "Files put aside by size or time."
    FILE_ROTATION_FAILURES Counter "gully_file_rotation_failures_total" ["sink"]
        "Rotations that failed. The file goes on to grow, and it is tried again."
    FILE_COMPRESSED Counter "gully_file_compressed_total" ["sink"]
        "Closed files compressed."
    FILE_DELETED Counter "gully_file_deleted_total" ["sink"]
        "Closed files deleted because of the limits of retention."
    FILE_HOUSEKEEPING_FAILURES Counter "gully_file_housekeeping_failures_total" ["sink"]
        "Attempts to find, compress or delete closed files that failed and are made again."
    FILE_TRUNCATED Counter "gully_file_truncated_by_others_total" ["sink"]
        "Times another program cut a file in use (copytruncate). Records that were delivered may be lost."
    FILE_TORN Counter "gully_file_torn_tails_total" ["sink"]
        "Files whose last line had no line feed when they were opened, or that could not be cut back after a failed write."
    FILE_SYNC_FAILURES Counter "gully_file_sync_failures_total" ["sink"]
        "Syncs by interval that failed. Delivered records may not survive a crash of the machine."
    KAFKA_QUEUE_BYTES Gauge "gully_kafka_queue_bytes" ["sink"]
        "Values of messages that the Kafka client holds, queued or on their way."
    KAFKA_QUEUE_MESSAGES Gauge "gully_kafka_queue_messages" ["sink"]
        "Messages that the Kafka client holds, queued or on their way."
    KAFKA_BROKERS_UP Gauge "gully_kafka_brokers_up" ["sink"]
        "Kafka brokers that are connected."
    KAFKA_ROUND_TRIP Gauge "gully_kafka_round_trip_seconds" ["sink" "quantile"]
        "How long requests to the slowest Kafka broker took lately, half and 99 of 100 of them at most."
    KAFKA_REBUILDS Counter "gully_kafka_rebuilds_total" ["sink"]
        "Kafka clients that were thrown away and made anew."
    KAFKA_REQUEST_FAILURES Counter "gully_kafka_request_failures_total" ["sink"]
        "Requests to Kafka brokers that failed in the network, or that no answer came for in time. What was in them is sent again."
    KAFKA_SENT_BYTES Counter "gully_kafka_sent_bytes_total" ["sink"]
        "Octets sent to Kafka brokers, after compression."
    IMBALANCE Gauge "gully_ledger_imbalance_records" ["part" "name"]
        "What is missing (positive) or too much (negative) in the ledger of a listener or sink. Anything but a passing non-zero is a bug."
    JOURNAL_BYTES Gauge "gully_journal_bytes" []
        "Memory that batches in the journal account for."
    CREDIT_BYTES Gauge "gully_credit_available_bytes" ["pool"]
        "Bytes of the memory limit that are free: stream for batches from connections, unfinished for their unfinished frames, datagram for the reserve of UDP."
    CERTIFICATE Gauge "gully_certificate_not_after_seconds" ["listener"]
        "When the listener's certificate ends, in seconds since 1970."
    BUILD Gauge "gully_build_info" ["version"]
        "Always 1; the label tells the version."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_conventions_of_prometheus() {
        for metric in CATALOGUE {
            assert!(metric.name.starts_with("gully_"), "{}", metric.name);
            assert_eq!(metric.name.ends_with("_total"), metric.kind == Kind::Counter, "{}", metric.name);
            assert!(metric.help.ends_with('.'), "{}", metric.name);
        }
    }
}
