//! What real programs make of a record: each one is still read as what it is.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::client::{counted, send};
use crate::support::corpus::{Line, lines, producers};
use crate::support::gully::run_once;
use crate::support::peers::{Dialect, Route, rsyslog, syslog_ng};
use crate::support::process::Process;
use crate::support::records::Record;
use crate::support::setup::Setup;

const PATIENCE: Duration = Duration::from_secs(60);

/// Lines captured from programs that do not run here: API servers, log drivers, agents.
#[test]
fn captured_lines_are_read_as_labelled() {
    let lines = producers();
    let input: String = lines.iter().flat_map(|line| [&line.json, "\n"]).collect();
    let directory = TempDir::new().unwrap();
    let arguments = ["explain", "--json", "--input", "jsonl"].map(AsRef::as_ref);
    let output = run_once(directory.path(), &arguments, input.as_bytes());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let records: Vec<_> = answers.lines().map(Record::parse).collect();
    assert_eq!(records.len(), lines.len());
    let faults: Vec<_> = lines
        .iter()
        .zip(&records)
        .flat_map(|(line, record)| [line.faults(&line.message, record), line.field_faults(record)].concat())
        .collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn rsyslog_changes_no_field() {
    check_daemon(rsyslog::start_as, Route::TcpNewline, Dialect::Rfc5424);
}

#[test]
fn rsyslog_with_a_header_of_rfc_3164_changes_no_field() {
    check_daemon(rsyslog::start_as, Route::TcpNewline, Dialect::Rfc3164);
}

#[test]
fn rsyslog_with_octet_counting_changes_no_field() {
    check_daemon(rsyslog::start_as, Route::TcpCounted, Dialect::Rfc5424);
}

#[test]
fn syslog_ng_changes_no_field() {
    check_daemon(syslog_ng::start_as, Route::TcpNewline, Dialect::Rfc5424);
}

#[test]
fn syslog_ng_with_a_header_of_rfc_3164_changes_no_field() {
    check_daemon(syslog_ng::start_as, Route::TcpNewline, Dialect::Rfc3164);
}

#[test]
fn syslog_ng_with_octet_counting_changes_no_field() {
    check_daemon(syslog_ng::start_as, Route::TcpCounted, Dialect::Rfc5424);
}

/// A daemon as a sender: state directory, file of lines, target, route, header.
type Start = fn(&Path, &Path, SocketAddr, Route<'_>, Dialect) -> Process;

/// Sends the records of the corpus through the daemon and without it, and compares what was read of each.
#[track_caller]
fn check_daemon(start: Start, route: Route<'_>, dialect: Dialect) {
    let lines = file_lines();
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.json_sink_with_fields();
    let gully = setup.start();

    let direct: Vec<u8> =
        lines.iter().flat_map(|line| counted(format!("<14>1 - - - - - - {}", line.message).as_bytes())).collect();
    send(address, &direct);
    gully.wait_for_delivered(lines.len() as u64, PATIENCE);

    let state = TempDir::new().unwrap();
    let file = state.path().join("lines");
    fs::write(&file, lines.iter().flat_map(|line| [&line.message, "\n"]).collect::<String>()).unwrap();
    let _daemon = start(state.path(), &file, address, route, dialect);
    gully.wait_for_delivered(2 * lines.len() as u64, PATIENCE);

    let records = gully.records();
    let (direct, relayed) = records.split_at(lines.len());
    let extracted = direct.iter().filter(|record| record.member("native").is_object()).count();
    assert!(extracted > 300, "fields in only {extracted} records");
    let faults: Vec<_> = lines
        .iter()
        .zip(direct.iter().zip(relayed))
        .filter(|(_, (direct, relayed))| read(direct) != read(relayed))
        .map(|(line, (direct, relayed))| format!("{}: {:?}\ninstead of {:?}", line.id, read(relayed), read(direct)))
        .collect();
    assert!(faults.is_empty(), "{} of {} lines differ:\n{}", faults.len(), lines.len(), faults.join("\n"));
    gully.assert_ledger();
}

/// What was read of a record.
fn read(record: &Record) -> (&str, &Value, &Value) {
    (record.class(), record.member("native"), record.member("ecs"))
}

/// The records of the corpus that a file of lines can hold.
fn file_lines() -> Vec<Line> {
    let mut lines = lines();
    lines.retain(|line| {
        line.transport == "raw" && !line.message.contains(['\n', '\0']) && !line.message.trim().is_empty()
    });
    assert!(lines.len() > 400, "only {} lines", lines.len());
    lines
}
