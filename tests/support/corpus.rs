//! The labelled lines in `tests/corpus`, whose README defines their members, and in `tests/producers`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::records::Record;

/// One labelled line.
#[derive(Debug)]
pub(crate) struct Line {
    /// Unique in the corpus.
    pub(crate) id: String,
    /// The file that it stands in, without its extension.
    pub(crate) file: String,
    /// What `message` is: `raw`, `rfc5424` or `rfc3164`.
    pub(crate) transport: String,
    /// The exact text.
    pub(crate) message: String,
    /// What it must be classed as.
    pub(crate) class: String,
    /// The header fields that must be found; nothing where the label does not say.
    pub(crate) syslog: Value,
    /// The fields by the producer's names that must be found; null where the label does not say.
    pub(crate) native: Value,
    /// The fields of the normalised event that must be found; null where the label does not say.
    pub(crate) ecs: Value,
    /// The whole JSON object, as it stands in its file.
    pub(crate) json: String,
}

/// All lines of all files, in a fixed order.
pub(crate) fn lines() -> Vec<Line> {
    let lines = lines_in("tests/corpus");
    assert!(lines.len() >= 552, "only {} lines in the corpus", lines.len());
    lines
}

/// The labelled lines that real programs wrote, in a fixed order.
pub(crate) fn producers() -> Vec<Line> {
    let lines = lines_in("tests/producers");
    assert!(lines.len() >= 424, "only {} lines by producers", lines.len());
    lines
}

fn lines_in(directory: &str) -> Vec<Line> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let entries = fs::read_dir(&directory).expect("the lines are part of the project");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable directory").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    files.iter().flat_map(|file| lines_of(file)).collect()
}

fn lines_of(file: &Path) -> Vec<Line> {
    let text = fs::read_to_string(file).expect("the corpus is UTF-8");
    let parse = |json: &str| {
        let value: Value = serde_json::from_str(json).expect("the corpus is JSON");
        let text = |member: &str| value[member].as_str().expect("a text member").to_owned();
        Line {
            id: text("id"),
            file: file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned(),
            transport: text("transport"),
            message: text("message"),
            class: text("class"),
            syslog: value["fields"]["syslog"].clone(),
            native: value["fields"]["native"].clone(),
            ecs: value["fields"]["ecs"].clone(),
            json: json.to_owned(),
        }
    };
    text.lines().map(parse).collect()
}

impl Line {
    /// The message as it arrives: a framing trailer at its end is not part of it.
    pub(crate) fn without_trailer(&self) -> &str {
        let line = self.message.strip_suffix('\n').unwrap_or(&self.message);
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// What differs between the label and `found`, which came of `text`; empty when it is right.
    pub(crate) fn faults(&self, text: &str, found: &Record) -> Vec<String> {
        let mut faults = Vec::new();
        if found.class() != self.class {
            faults.push(format!("{}: class {} instead of {}", self.id, found.class(), self.class));
        }
        // MSG is the end of the text, whatever was recognised as its header.
        if !text.ends_with(found.message()) {
            faults.push(format!("{}: message {:?} is not the end of {text:?}", self.id, found.message()));
        }
        for (name, expected) in self.syslog.as_object().into_iter().flatten() {
            let value = found.syslog(name);
            if value != expected {
                faults.push(format!("{}: syslog.{name} is {value} instead of {expected}", self.id));
            }
        }
        faults
    }

    /// What differs between the labelled fields and those of `found`, which was written with all sets of fields.
    pub(crate) fn field_faults(&self, found: &Record) -> Vec<String> {
        let mut faults = Vec::new();
        for (set, expected) in [("native", &self.native), ("ecs", &self.ecs)] {
            compare(&format!("{}: {set}", self.id), expected, found.member(set), &mut faults);
        }
        faults
    }
}

/// Members that `found` lacks or has otherwise. Further members of `found` are not looked at: a label asserts nothing about them.
fn compare(place: &str, expected: &Value, found: &Value, faults: &mut Vec<String>) {
    for (name, expected) in expected.as_object().into_iter().flatten() {
        match (name.as_str(), expected, &found[name]) {
            ("events", Value::Array(events), Value::Array(found)) if events.len() == found.len() => {
                for (number, (event, found)) in events.iter().zip(found).enumerate() {
                    compare(&format!("{place}.events[{number}]"), event, found, faults);
                }
            }
            (_, expected, found) if expected == found => {}
            (_, expected, found) => faults.push(format!("{place}.{name} is {found} instead of {expected}")),
        }
    }
}
