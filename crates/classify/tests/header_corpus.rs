//! The header of every line of the labelled corpus.

use std::path::Path;

use gully_classify::header::{Located, locate};
use record::{Dialect, Flags, ShortSpan};
use serde_json::{Map, Value};

struct Line {
    id: String,
    transport: String,
    message: Vec<u8>,
    syslog: Map<String, Value>,
}

fn corpus() -> Vec<Line> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the corpus is a folder") {
        let path = entry.expect("the corpus can be listed").path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            let text = std::fs::read_to_string(path).expect("the corpus is UTF-8");
            lines.extend(text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).map(line));
        }
    }
    lines.sort_by(|a, b| a.id.cmp(&b.id));
    lines
}

fn line(value: Value) -> Line {
    let text = |member: &str| value[member].as_str().expect("the member is text").to_owned();
    let syslog = value["fields"]["syslog"].as_object().cloned().unwrap_or_default();
    Line { id: text("id"), transport: text("transport"), message: text("message").into_bytes(), syslog }
}

/// What was found, by the names that the corpus uses.
fn found(line: &Line, located: &Located) -> Map<String, Value> {
    let spans = located.spans;
    let mut members = Map::new();
    let mut text = |name: &str, span: ShortSpan| {
        if !span.is_absent() {
            members.insert(
                name.to_owned(),
                std::str::from_utf8(span.of(&line.message)).expect("a header in the corpus is UTF-8").into(),
            );
        }
    };
    text("timestamp", spans.timestamp);
    text("hostname", spans.hostname);
    text("procid", spans.procid);
    text("msgid", spans.msgid);
    match spans.dialect {
        Dialect::Rfc5424 => text("app_name", spans.app_name),
        _ => text("tag", spans.app_name),
    }
    if spans.dialect == Dialect::Rfc5424 {
        members.insert("version".to_owned(), 1.into());
    }
    if let Some(pri) = spans.pri {
        members.insert("pri".to_owned(), pri.value().into());
    }
    members
}

#[test]
fn every_labelled_header_is_found() {
    let mut wrong = String::new();
    let mut lines = 0;
    for line in corpus().iter().filter(|line| line.transport != "raw") {
        lines += 1;
        let located = locate(&line.message);
        let mut expected = line.syslog.clone();
        let sd = expected.remove("sd");
        let found = found(line, &located);
        let sd_found = !located.spans.structured_data.is_empty();
        let dialect = located.spans.dialect.name();
        if expected != found || sd_found != sd.is_some() || dialect != line.transport {
            wrong.push_str(&format!(
                "{} {dialect}\n  found    {found:?} sd {sd_found}\n  expected {expected:?} sd {sd:?}\n",
                line.id
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(lines >= 84, "the corpus holds {lines} lines with a header");
}

#[test]
fn a_header_of_the_corpus_has_no_fault() {
    let expected = Flags::NO_PRI | Flags::NO_PROVENANCE | Flags::SD_NAME_LENGTH;
    for line in corpus().iter().filter(|line| line.transport != "raw") {
        let flags = locate(&line.message).flags;
        let minus_one = if line.message.starts_with(b"<-1>") { Flags::PRI_SYNTAX } else { Flags::NONE };
        assert_eq!(flags | expected | minus_one, expected | minus_one, "{}", line.id);
    }
}

#[test]
fn a_raw_line_of_the_corpus_is_msg_as_a_whole() {
    let mut lines = 0;
    for line in corpus().iter().filter(|line| line.transport == "raw") {
        lines += 1;
        let spans = locate(&line.message).spans;
        assert_eq!((spans.dialect, spans.msg), (Dialect::Unknown, 0), "{}", line.id);
    }
    assert!(lines >= 400, "the corpus holds {lines} raw lines");
}

#[test]
fn msg_begins_where_the_record_does() {
    let begins: [(&str, &[u8]); 9] = [
        ("m-syslog-001", b"[2026-01-20T04:56:26.322731Z] uaa - 11"),
        ("m-syslog-004", b"I, [2026-01-20T04:56:26.384189 #19]"),
        ("m-syslog-008", b"2026/01/20 03:49:06 CEF:0|"),
        ("m-syslog-019", b"CEF:0|"),
        ("m-syslog-025", b"CEF:0|"),
        ("m-syslog-026", b"{\"kind\""),
        ("m-syslog-028", b"{\"audit\""),
        ("m-syslog-033", b"[2015-08-26 04:57:46.033] uaa - 4176"),
        ("m-syslog-035", b"@cee: {"),
    ];
    let corpus = corpus();
    for (id, begin) in begins {
        let line = corpus.iter().find(|line| line.id == id).unwrap();
        let message = locate(&line.message).spans.message(&line.message);
        assert!(message.starts_with(begin), "{id}: {}", message.escape_ascii());
    }
}
