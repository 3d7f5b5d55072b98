//! `gully explain` where the corpus does not reach.

use crate::support::gully::run_once;

/// More than any listener takes in a frame, and more than `explain` reads for one line.
#[test]
fn a_line_beyond_the_limit_is_an_error_and_no_answer() {
    let directory = tempfile::tempdir().unwrap();
    let line = vec![b'x'; 70 * 1024 * 1024];
    for arguments in [&["explain", "--json"][..], &["explain"]] {
        let arguments: Vec<_> = arguments.iter().map(AsRef::as_ref).collect();
        let output = run_once(directory.path(), &arguments, &line);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(65), "{said}");
        assert!(output.stdout.is_empty(), "answered {} octets", output.stdout.len());
        assert!(said.contains("input:1:"), "does not name the line: {said}");
    }
}

/// What was answered before the bad line stays an answer.
#[test]
fn the_lines_before_a_bad_one_are_answered() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["explain", "--input", "jsonl", "--json"].map(AsRef::as_ref);
    let output = run_once(directory.path(), &arguments, b"{\"message\":\"good\"}\nnot an object\n");
    assert_eq!(output.status.code(), Some(65));
    assert_eq!(output.stdout.iter().filter(|octet| **octet == b'\n').count(), 1);
}
