//! Nothing is allocated per record once the buffers have grown.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use gully_extract::{Extractor, Input, Wanted};
use record::Class;
use serde_json::Value;

#[test]
fn warm_extractors_do_not_allocate() {
    const CLASSES: [Class; 6] =
        [Class::PksApi, Class::PksBroker, Class::PksTelemetry, Class::LogMessage, Class::AuditEvent, Class::Other];
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let files = fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    let frames: Vec<_> = files
        .flat_map(|file| {
            let text = fs::read_to_string(file).unwrap();
            text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
        })
        .map(|line| line["message"].as_str().unwrap().as_bytes().to_vec())
        .collect();
    let inputs: Vec<_> = frames
        .iter()
        .map(|frame| (frame, classify::classify(frame)))
        .filter(|(_, verdict)| CLASSES.contains(&verdict.class))
        .collect();
    assert!(inputs.len() > 150);

    let mut extractor = Extractor::new();
    let mut pass = || {
        let mut fields = 0;
        for (octets, verdict) in &inputs {
            let input = Input { octets, header: &verdict.header, class: verdict.class, flags: verdict.flags };
            let extraction = extractor.extract(&input, Wanted::ALL);
            fields += extraction.native().count();
            fields += extraction.events().map(|event| event.fields().count()).sum::<usize>();
        }
        black_box(fields)
    };
    let cold = allocation_counter::measure(|| _ = black_box(pass()));
    assert!(cold.count_total > 0, "the count counts");
    assert_eq!(allocation_counter::measure(|| _ = black_box(pass())).count_total, 0);
}
