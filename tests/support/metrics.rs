//! `/metrics`, read back.

use std::collections::BTreeMap;

/// The value of every series at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Metrics(Vec<Series>);

#[derive(Debug, Clone)]
struct Series {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Metrics {
    /// Reads the Prometheus text format. Label values with escapes do not occur in the metrics that tests look at.
    pub(crate) fn parse(text: &str) -> Self {
        Self(text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(series).collect())
    }

    /// The sum over all series called `name` that carry all of `labels`; 0 when there is none.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        self.matching(name, labels).map(|series| series.value).sum::<f64>() as u64
    }

    /// The values of `label` among all series called `name`.
    pub(crate) fn values_of(&self, name: &str, label: &str) -> Vec<String> {
        self.matching(name, &[]).filter_map(|series| series.labels.get(label).cloned()).collect()
    }

    /// What breaks the law that every record is accounted for; empty when it holds.
    ///
    /// For a listener, accepted = journaled + dropped. For a sink, taken = delivered + dead-lettered + dropped + in flight.
    /// While records move, one may be between two counters for a moment, so ask when nothing moves, or ask again.
    pub(crate) fn ledger_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for listener in self.values_of("gully_records_accepted_total", "listener") {
            let of = |name: &str| self.sum(name, &[("listener", &listener)]);
            let (accepted, journaled) = (of("gully_records_accepted_total"), of("gully_records_journaled_total"));
            let dropped = of("gully_records_dropped_total");
            if accepted != journaled + dropped {
                faults.push(format!(
                    "listener {listener}: {accepted} accepted, {journaled} journaled, {dropped} dropped"
                ));
            }
        }
        for sink in self.values_of("gully_records_taken_total", "sink") {
            let of = |name: &str| self.sum(name, &[("sink", &sink)]);
            let (taken, delivered) = (of("gully_records_taken_total"), of("gully_records_delivered_total"));
            let (dead_lettered, dropped) = (of("gully_records_dead_lettered_total"), of("gully_records_dropped_total"));
            let in_flight = of("gully_records_in_flight");
            if taken != delivered + dead_lettered + dropped + in_flight {
                faults.push(format!(
                    "sink {sink}: {taken} taken, {delivered} delivered, {dead_lettered} dead-lettered, {dropped} dropped, {in_flight} in flight"
                ));
            }
        }
        faults
    }

    fn matching<'a>(&'a self, name: &'a str, labels: &'a [(&str, &str)]) -> impl Iterator<Item = &'a Series> {
        self.0.iter().filter(move |series| {
            let carries = |(label, value): &(&str, &str)| series.labels.get(*label).is_some_and(|found| found == value);
            series.name == name && labels.iter().all(carries)
        })
    }
}

/// Reads `name{label="value",…} 1.5`.
fn series(line: &str) -> Series {
    let malformed = || panic!("not a line of the Prometheus text format: {line:?}");
    let Some((head, value)) = line.rsplit_once(' ') else { malformed() };
    let Ok(value) = value.parse() else { malformed() };
    let (name, labels) = head.split_once('{').unwrap_or((head, "}"));
    let pairs = labels.trim_end_matches('}').split("\",").filter(|pair| !pair.is_empty());
    let labels = pairs.map(|pair| match pair.split_once("=\"") {
        Some((label, value)) => (label.to_owned(), value.trim_end_matches('"').to_owned()),
        None => malformed(),
    });
    Series { name: name.to_owned(), labels: labels.collect(), value }
}

#[test]
fn a_scrape_is_read_back() {
    let metrics = Metrics::parse("# HELP a b\na{x=\"1\",y=\"2\"} 3\na{x=\"2\",y=\"2\"} 4\nplain 0.5\n");
    assert_eq!(metrics.sum("a", &[]), 7);
    assert_eq!(metrics.sum("a", &[("x", "2"), ("y", "2")]), 4);
    assert_eq!(metrics.sum("absent", &[]), 0);
}

#[test]
fn a_record_that_no_counter_names_breaks_the_law() {
    let scrape = "gully_records_taken_total{sink=\"s\"} 10\ngully_records_delivered_total{sink=\"s\"} 6\n\
                  gully_records_in_flight{sink=\"s\"} ";
    assert!(Metrics::parse(&format!("{scrape}4")).ledger_faults().is_empty());
    assert_eq!(Metrics::parse(&format!("{scrape}3")).ledger_faults().len(), 1);
}
