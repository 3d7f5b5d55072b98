//! The page of all metrics, made from the catalogue.

use std::fmt::Write;
use std::path::Path;

use gully_telemetry::{CATALOGUE, Kind};

fn page() -> String {
    let mut page = "# Metrics\n\nMade from `src/catalogue.rs`; do not edit. `GULLY_WRITE_REFERENCE=1 cargo test -p gully-telemetry` writes it anew.\n\n\
        Values of labels come from the configuration and from the program, never from messages.\n\n\
        | Name | Kind | Labels | Meaning |\n| --- | --- | --- | --- |\n"
        .to_owned();
    for metric in CATALOGUE {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let labels = metric.labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(" ");
        writeln!(page, "| `{}` | {kind} | {labels} | {} |", metric.name, metric.help).expect("a String takes it");
    }
    page
}

/// `GULLY_WRITE_REFERENCE=1` writes the page instead.
#[test]
fn the_page_of_metrics_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("METRICS.md");
    if std::env::var_os("GULLY_WRITE_REFERENCE").is_some() {
        std::fs::write(&path, page()).expect("the page can be written");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == page(), "METRICS.md is old: GULLY_WRITE_REFERENCE=1 cargo test -p gully-telemetry");
}
