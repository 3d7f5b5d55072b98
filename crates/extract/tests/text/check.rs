//! What the tests of all formats share.

use std::fs;
use std::path::Path;

use gully_extract::{Extractor, Input, Wanted};
use serde_json::Value;

use crate::support::{self, Found};

/// A labelled line of the corpus.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) class: String,
    pub(crate) message: Vec<u8>,
}

/// The classes that these tests are about.
pub(crate) const CLASSES: [&str; 5] =
    ["cf.cloud_controller.cef", "cf.credhub.cef", "bosh.director.cef", "cef", "cf.uaa.audit"];

/// The lines of [`CLASSES`].
pub(crate) fn corpus() -> Vec<Line> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let mut lines = Vec::new();
    for file in files {
        for line in fs::read_to_string(file).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| line[name].as_str().unwrap().to_owned();
            if CLASSES.contains(&text("class").as_str()) {
                let message = text("message").into_bytes();
                lines.push(Line { id: text("id"), class: text("class"), message });
            }
        }
    }
    assert!(lines.len() >= 256, "only {} lines", lines.len());
    lines
}

/// Takes `message` apart, which must be of `class`.
#[track_caller]
pub(crate) fn extract(message: &str, class: &str) -> Found {
    let found = support::extract(message.as_bytes(), "raw");
    assert_eq!(found.class, class, "{message}");
    found
}

/// OCSF class and activity of `message`.
pub(crate) fn ocsf(message: &str) -> (u16, u8) {
    let verdict = classify::classify(message.as_bytes());
    let input =
        Input { octets: message.as_bytes(), header: &verdict.header, class: verdict.class, flags: verdict.flags };
    let mut extractor = Extractor::new();
    let meaning = extractor.extract(&input, Wanted::ALL).events().next().unwrap().meaning();
    (meaning.ocsf_class, meaning.ocsf_activity)
}

/// Holds members of `found` to those of `expected`; `null` stands for one that must not be there.
#[track_caller]
pub(crate) fn holds(found: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&found[name], value, "{name} in {found:#}");
    }
}

/// Whether the record is marked as cut, in the flags and in the record alike.
#[track_caller]
pub(crate) fn is_truncated(found: &Found) -> bool {
    let is_marked = found.native["truncated"] == true;
    assert!(!is_marked || found.flags.contains(record::Flags::TRUNCATED_UPSTREAM), "{:#}", found.native);
    is_marked
}
