//! Started without any configuration it works, and says how to try it.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::gully::Gully;
use crate::support::records::Record;
use crate::support::wait::{SOON, wait_until};

/// The addresses that nobody configured; no other test uses them.
const ADMIN: ([u8; 4], u16) = ([127, 0, 0, 1], 9514);

/// One test, since the default ports are there only once.
#[test]
fn without_configuration_it_listens_and_tells_how_to_try_it() {
    let commands: [&[&OsStr]; 2] = [&[], &["run".as_ref()]];
    for arguments in commands {
        let directory = TempDir::new().unwrap();
        let gully = Gully::start(arguments, SocketAddr::from(ADMIN), directory);

        let greeting = gully.log();
        assert!(greeting.contains("127.0.0.1:5514"), "does not say where it listens:\n{greeting}");
        assert!(greeting.lines().count() <= 12, "a few lines were promised:\n{greeting}");

        let records = gully.directory().join("gully-data/records");
        run(logger_command(&greeting));
        wait_until("the record of the suggested command", SOON, || count(&records) == 1);
        for by in ["--udp", "--tcp", "--tcp --octet-count"] {
            run(&format!("logger --server 127.0.0.1 --port 5514 {by} --rfc5424 hello by {by}"));
        }
        wait_until("records by UDP and TCP", SOON, || count(&records) == 4);
        gully.assert_ledger();
        assert_eq!(gully.stop().code, Some(0));
    }
}

/// The command that the greeting suggests.
#[track_caller]
fn logger_command(greeting: &str) -> &str {
    let line = greeting.lines().find_map(|line| line.find("logger ").map(|at| line[at..].trim_end()));
    line.unwrap_or_else(|| panic!("no logger command in:\n{greeting}"))
}

#[track_caller]
fn run(command: &str) {
    let status = Command::new("sh").args(["-c", command]).status().unwrap();
    assert!(status.success(), "{command}: {status}");
}

fn count(directory: &Path) -> usize {
    // A line that is being written at this moment is not whole yet.
    std::panic::catch_unwind(|| Record::read_all(directory).len()).unwrap_or_default()
}
