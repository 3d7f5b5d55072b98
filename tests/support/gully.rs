//! The built program, run as its users run it.

use std::ffi::OsStr;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, Signal, prlimit};
use tempfile::TempDir;

use super::http;
use super::metrics::Metrics;
use super::process::Process;
use super::records::Record;
use super::wait::{SOON, wait_until};

/// A running gully. Dropped, it is killed, and its log is printed when the test failed.
pub(crate) struct Gully {
    process: Process,
    admin: SocketAddr,
    directory: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Exit {
    /// The exit code; nothing when a signal killed it.
    pub(crate) code: Option<i32>,
    /// All that it printed.
    pub(crate) output: String,
    /// What it left behind.
    pub(crate) directory: TempDir,
}

/// A command that runs the built program in `directory`.
pub(crate) fn command(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gully"));
    command.current_dir(directory).stdin(Stdio::null());
    command
}

/// Runs a subcommand that ends by itself, feeds it `input`, and returns what it printed.
pub(crate) fn run_once(directory: &Path, arguments: &[&OsStr], input: &[u8]) -> Output {
    let input_file = directory.join("standard-input");
    fs::write(&input_file, input).expect("the temporary directory is writable");
    let input_file = fs::File::open(input_file).expect("it was just written");
    command(directory).args(arguments).stdin(input_file).output().expect("gully starts")
}

impl Gully {
    /// Starts gully in `directory` and waits until `/readyz` says yes.
    pub(crate) fn start(arguments: &[&OsStr], admin: SocketAddr, directory: TempDir) -> Self {
        Self::start_by(command(directory.path()).args(arguments), admin, directory)
    }

    /// The same with a command of the test's own.
    pub(crate) fn start_by(command: &mut Command, admin: SocketAddr, directory: TempDir) -> Self {
        let process = Process::start("gully", command);
        let mut gully = Self { process, admin, directory };
        wait_until("a ready gully", SOON, || {
            let ended = gully.process.ended();
            assert!(ended.is_none(), "gully ended with {ended:?} instead of getting ready");
            gully.readiness() == Some(200)
        });
        gully
    }

    /// The status of `/readyz`; nothing when nobody answers.
    pub(crate) fn readiness(&self) -> Option<u16> {
        http::get(self.admin, "/readyz").ok().map(|(status, _)| status)
    }

    /// All metrics now.
    #[track_caller]
    pub(crate) fn metrics(&self) -> Metrics {
        Metrics::parse(&self.metrics_text())
    }

    /// The same as they are printed.
    #[track_caller]
    pub(crate) fn metrics_text(&self) -> String {
        let (status, text) = http::get(self.admin, "/metrics").expect("the admin endpoint answers");
        assert_eq!(status, 200, "{text}");
        text
    }

    /// Waits until the sink `records` has delivered `count` records in all, and checks that it is not more.
    #[track_caller]
    pub(crate) fn wait_for_delivered(&self, count: u64, limit: Duration) {
        let delivered = || self.metrics().sum("gully_records_delivered_total", &[("sink", "records")]);
        wait_until(&format!("{count} delivered records (see metrics)"), limit, || delivered() >= count);
        assert_eq!(delivered(), count, "more records than were sent");
    }

    /// Checks that the ledger is in balance. Records on their way get a moment to arrive.
    #[track_caller]
    pub(crate) fn assert_ledger(&self) {
        let mut faults = Vec::new();
        for _ in 0..50 {
            faults = self.metrics().ledger_faults();
            if faults.is_empty() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the ledger is out of balance: {faults:#?}");
    }

    /// The records in all files of the sink `records`, in the order in which gully accepted them.
    #[track_caller]
    pub(crate) fn records(&self) -> Vec<Record> {
        Record::read_all(&self.directory().join("records"))
    }

    /// Where it runs.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.process.output()
    }

    /// Makes every write beyond `bytes` of a file fail, much as a full disk does; `None` lets it write again.
    pub(crate) fn limit_file_bytes(&self, bytes: Option<u64>) {
        let limit = Rlimit { current: bytes, maximum: None };
        let id = rustix::process::Pid::from_raw(self.process.id() as i32);
        prlimit(id, Resource::Fsize, limit).expect("the limits of a child can be set");
    }

    /// Panics when it ever had more memory resident than `bound_bytes`.
    #[track_caller]
    pub(crate) fn assert_memory_within(&self, bound_bytes: u64) {
        let mib = |bytes: u64| bytes / (1024 * 1024);
        let peak_bytes = self.resident_bytes_peak();
        println!("peak resident memory {} MiB, bound {} MiB", mib(peak_bytes), mib(bound_bytes));
        assert!(peak_bytes <= bound_bytes, "{} MiB resident, bound {} MiB", mib(peak_bytes), mib(bound_bytes));
    }

    /// The most memory it ever had resident, in bytes (`VmHWM`).
    fn resident_bytes_peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("gully runs");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("Linux tells VmHWM");
        let kib: u64 = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("VmHWM is a number");
        kib * 1024
    }

    /// Sends TERM.
    pub(crate) fn terminate(&self) {
        self.process.signal(Signal::TERM);
    }

    /// Sends HUP.
    pub(crate) fn hang_up(&self) {
        self.process.signal(Signal::HUP);
    }

    /// Waits until it ends by itself.
    #[track_caller]
    pub(crate) fn wait(mut self, limit: Duration) -> Exit {
        let status = self.process.wait(limit);
        Exit { code: status.code(), output: self.process.output(), directory: self.directory }
    }

    /// Sends TERM and waits for the end.
    #[track_caller]
    pub(crate) fn stop(self) -> Exit {
        self.terminate();
        self.wait(Duration::from_secs(60))
    }
}

impl Exit {
    /// The records that the sink `records` left, in the order in which gully accepted them.
    #[track_caller]
    pub(crate) fn records(&self) -> Vec<Record> {
        Record::read_all(&self.directory.path().join("records"))
    }

    /// The last line that it printed.
    pub(crate) fn last_line(&self) -> &str {
        self.output.trim_end().lines().next_back().unwrap_or_default()
    }
}
