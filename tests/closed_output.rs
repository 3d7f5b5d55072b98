//! Nobody reads what gully prints, or it cannot be written: that is no reason to lose a record, or to make a noise.

use std::fs::File;
use std::io;
use std::process::Stdio;

use crate::support::client::send;
use crate::support::gully::command;
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    check_log(broken_pipe());
    check_log(File::options().write(true).open("/dev/full").unwrap());
}

/// Runs with `log` as standard error, and gives it reasons to log all the time.
#[track_caller]
fn check_log(log: impl Into<Stdio>) {
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.json_sink();
    let gully = setup.start_by_shell("exec 2>&0 </dev/null; exec \"$@\"", log);
    for count in 1..=10 {
        send(address, b"GET / HTTP/1.1\r\n\r\n");
        let probes = || gully.metrics().sum("gully_connection_probes_total", &[("listener", "tcp")]);
        wait_until("a probe in the metrics", SOON, || probes() == count);
        gully.hang_up();
        send(address, b"<14>1 - - - - - - nobody reads the log\n");
        gully.wait_for_delivered(count, SOON);
    }
    gully.assert_ledger();
    assert_eq!(gully.stop().code, Some(0));
}

#[test]
fn a_reader_that_has_gone_ends_a_command_quietly() {
    let mut setup = Setup::new();
    setup.listener("tcp", "tcp", "");
    setup.json_sink();
    setup.write();
    let commands: &[&[&str]] = &[
        &["config", "schema"],
        &["config", "defaults"],
        &["config", "init"],
        &["check", "--config", "gully.toml"],
        &["explain"],
        &["--help"],
        &["--version"],
    ];
    for arguments in commands {
        let input = setup.directory().join("input");
        std::fs::write(&input, "<14>1 - - - - - - hello\n").unwrap();
        let mut command = command(setup.directory());
        command.args(*arguments).stdin(File::open(input).unwrap());
        let output = command.stdout(broken_pipe()).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?} says {said}");
        assert!(!said.to_lowercase().contains("pipe") && !said.contains("panicked"), "{arguments:?} says {said}");
    }
}

/// The writing end of a pipe that nobody reads any more.
fn broken_pipe() -> io::PipeWriter {
    let (_, writer) = io::pipe().unwrap();
    writer
}
