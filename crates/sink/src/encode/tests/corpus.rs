//! The labelled lines, as records to encode.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// A labelled line.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) transport: String,
    pub(super) message: String,
    /// What an extractor must find: `native` and `ecs`.
    pub(super) fields: Value,
}

/// Every line of the corpus.
pub(super) static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let text: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let lines: Vec<_> = text.lines().map(Line::parse).collect();
    assert!(lines.len() > 500, "the corpus has {} lines", lines.len());
    lines
});

impl Line {
    fn parse(line: &str) -> Self {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        Self { id: text("id"), transport: text("transport"), message: text("message"), fields: line["fields"].clone() }
    }

    pub(super) fn sample(&self) -> Sample {
        located(self.message.as_bytes(), &self.transport)
    }
}

/// Octets as a listener would have taken them.
pub(super) fn located(frame: &[u8], transport: &str) -> Sample {
    let located = match transport {
        "raw" => classify::header::locate_raw(frame),
        "rfc5424" => classify::header::locate_rfc5424(frame),
        "rfc3164" => classify::header::locate_rfc3164(frame),
        _ => classify::header::locate(frame),
    };
    let verdict = classify::classify_located(frame, located);
    let broken = if std::str::from_utf8(frame).is_err() { Flags::INVALID_UTF8 } else { Flags::NONE };
    let flags = verdict.flags | broken;
    Sample { header: verdict.header, class: verdict.class, flags, ..Sample::plain(frame) }
}

/// Octets that tend to mean something to somebody.
const HOSTILE: &[&[u8]] = &[
    b"=",
    b"|",
    b"\\",
    b"\"",
    b"\n",
    b"\r\n",
    b" src=",
    b" cs1=",
    b"\\n",
    b"\\=",
    b"\0",
    b"\x1b[2J",
    b"\xff",
    b"\xe2\x80\xa8",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b" ",
    b"\t",
    b"null",
    b"\\u0000",
    b"\\ud800",
    b"CEF:0|",
    "\u{202e}".as_bytes(),
];

/// Lines of the corpus with pieces cut out, put in twice, or replaced by hostile octets, classified as they are then.
pub(super) fn damaged() -> impl Strategy<Value = Sample> {
    let line = (0..LINES.len()).prop_map(|index| &LINES[index]);
    let edit = (any::<prop::sample::Index>(), 0_usize..12, prop::sample::select(HOSTILE), 0_u8..4);
    (line, prop::collection::vec(edit, 0..4)).prop_map(|(line, edits)| {
        let mut octets = line.message.clone().into_bytes();
        for (place, length, hostile, kind) in edits {
            let start = place.index(octets.len() + 1);
            let end = (start + length).min(octets.len());
            match kind {
                0 => octets.truncate(start),
                1 => drop(octets.splice(start..end, hostile.iter().copied())),
                2 => drop(octets.splice(start..start, hostile.iter().copied())),
                _ => drop(octets.drain(start..end)),
            }
        }
        located(&octets, &line.transport)
    })
}
