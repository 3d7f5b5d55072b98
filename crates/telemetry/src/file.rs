//! What a file sink counts beside its deliveries.

use metrics::{Counter, Label};

use crate::Metric;
use crate::catalogue as of;

/// Handles on the metrics of one file sink. The sink counts by itself, on threads that know nothing of metrics.
#[derive(Debug)]
pub struct FileMetrics {
    exported: FileNumbers<Counter>,
}

/// A number, or a handle, for each metric of a file sink.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "each field is the metric of the same name in the catalogue, where its help text stands"
)]
pub struct FileNumbers<T = u64> {
    pub reopened: T,
    pub rotations: T,
    pub rotation_failures: T,
    pub compressed: T,
    pub deleted: T,
    pub housekeeping_failures: T,
    pub truncated_by_others: T,
    pub torn_tails: T,
    pub sync_failures: T,
}

impl FileMetrics {
    /// The handles for the sink called `name`, all series existing from now on.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let counter = |metric: Metric| metrics::counter!(metric.name, vec![Label::new("sink", name.to_owned())]);
        let metrics = Self {
            exported: FileNumbers {
                reopened: counter(of::FILE_REOPENED),
                rotations: counter(of::FILE_ROTATIONS),
                rotation_failures: counter(of::FILE_ROTATION_FAILURES),
                compressed: counter(of::FILE_COMPRESSED),
                deleted: counter(of::FILE_DELETED),
                housekeeping_failures: counter(of::FILE_HOUSEKEEPING_FAILURES),
                truncated_by_others: counter(of::FILE_TRUNCATED),
                torn_tails: counter(of::FILE_TORN),
                sync_failures: counter(of::FILE_SYNC_FAILURES),
            },
        };
        metrics.publish(&FileNumbers::default());
        metrics
    }

    /// Exports `numbers`, all counted since the start of the process.
    pub fn publish(&self, numbers: &FileNumbers) {
        let to = &self.exported;
        to.reopened.absolute(numbers.reopened);
        to.rotations.absolute(numbers.rotations);
        to.rotation_failures.absolute(numbers.rotation_failures);
        to.compressed.absolute(numbers.compressed);
        to.deleted.absolute(numbers.deleted);
        to.housekeeping_failures.absolute(numbers.housekeeping_failures);
        to.truncated_by_others.absolute(numbers.truncated_by_others);
        to.torn_tails.absolute(numbers.torn_tails);
        to.sync_failures.absolute(numbers.sync_failures);
    }
}

#[cfg(test)]
mod tests {
    use crate::CATALOGUE;
    use crate::exporter::installed;

    use super::*;

    #[test]
    fn every_number_of_a_file_sink_is_exported_under_its_own_name() {
        let exporter = installed();
        let metrics = FileMetrics::new("s");
        let names = || CATALOGUE.iter().map(|metric| metric.name).filter(|name| name.starts_with("gully_file_"));
        for name in names() {
            assert!(exporter.render().contains(&format!("{name}{{sink=\"s\"}} 0\n")), "{name}");
        }
        metrics.publish(&FileNumbers {
            reopened: 1,
            rotations: 2,
            rotation_failures: 3,
            compressed: 4,
            deleted: 5,
            housekeeping_failures: 6,
            truncated_by_others: 7,
            torn_tails: 8,
            sync_failures: 9,
        });
        for (name, number) in names().zip(1..) {
            assert!(exporter.render().contains(&format!("{name}{{sink=\"s\"}} {number}\n")), "{name}");
        }
    }
}
