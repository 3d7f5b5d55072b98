//! Once its buffers have grown, an extractor allocates nothing for a Kubernetes or UCP record.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

use std::fs;
use std::hint::black_box;
use std::path::Path;

use classify::Verdict;
use gully_extract::{Extractor, Input, Wanted};
use record::Class;
use serde_json::Value;

/// The corpus' records of two classes, and what the classifier says of them.
fn records() -> Vec<(Vec<u8>, Verdict)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    let mut records = Vec::new();
    for file in files {
        for line in fs::read_to_string(file).unwrap().lines() {
            let label: Value = serde_json::from_str(line).unwrap();
            let octets = label["message"].as_str().unwrap().as_bytes().to_vec();
            let verdict = classify::classify(&octets);
            if matches!(verdict.class, Class::K8sAudit | Class::UcpAudit) {
                records.push((octets, verdict));
            }
        }
    }
    records
}

/// Takes all records apart and looks at all that was found.
fn extract_all(extractor: &mut Extractor, records: &[(Vec<u8>, Verdict)]) {
    for (octets, verdict) in records {
        let input = Input { octets, header: &verdict.header, class: verdict.class, flags: verdict.flags };
        let extraction = extractor.extract(&input, Wanted::ALL);
        extraction.native().for_each(|item| _ = black_box(item));
        for event in extraction.events() {
            event.fields().for_each(|field| _ = black_box(field));
        }
    }
}

#[test]
fn a_warm_extractor_allocates_nothing() {
    let records = records();
    assert!(records.len() > 80, "only {} records of the corpus", records.len());
    let mut extractor = Extractor::new();
    let cold = allocation_counter::measure(|| extract_all(&mut extractor, &records));
    assert!(cold.count_total > 0, "the counter counts");
    let warm = allocation_counter::measure(|| extract_all(&mut extractor, &records));
    assert_eq!(warm.count_total, 0);
}
