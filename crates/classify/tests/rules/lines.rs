//! The labelled lines of `tests/corpus` at the root of the project.

use std::fs;
use std::path::Path;

use gully_classify::header::{self, Located};
use record::Class;
use serde_json::Value;

/// A line, and what it is.
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) transport: String,
    pub(crate) message: Vec<u8>,
    pub(crate) class: Class,
}

impl Line {
    /// The header, read as what the label says it is.
    pub(crate) fn located(&self) -> Located {
        match self.transport.as_str() {
            "raw" => header::locate_raw(&self.message),
            "rfc5424" => header::locate_rfc5424(&self.message),
            "rfc3164" => header::locate_rfc3164(&self.message),
            other => panic!("{}: unknown transport {other}", self.id),
        }
    }
}

/// All lines of all files, in the order of the files' names.
pub(crate) fn all() -> Vec<Line> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut files: Vec<_> = fs::read_dir(directory)
        .expect("the corpus is part of the project")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let text: String = files.iter().map(|path| fs::read_to_string(path).expect("the corpus is UTF-8")).collect();
    text.lines().map(line).collect()
}

fn line(json: &str) -> Line {
    let label: Value = serde_json::from_str(json).expect("the corpus is JSON");
    let text = |key: &str| label[key].as_str().unwrap_or_else(|| panic!("no {key} in {json}")).to_owned();
    let class = text("class").parse().expect("labels are class names");
    Line { id: text("id"), transport: text("transport"), message: text("message").into_bytes(), class }
}
