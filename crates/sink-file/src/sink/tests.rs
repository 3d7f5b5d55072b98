//! The sink on real files.

mod dated;
mod failing;
mod rotation;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use ::sink::Encoding;
use ::sink::testing::{batch_at, batch_of};
use record::Class::{Cef, Other, UaaAudit};
use record::{Batch, ClassMask, JournalId};
use tempfile::TempDir;

use super::*;
use crate::Rotate;

/// 2026-11-21T10:15:00Z
const RECEIVED_AT: UnixNanos = UnixNanos(1_795_256_100_000_000_000);

/// A sink in a directory of its own, and the sequence of the next record.
struct Bench {
    directory: TempDir,
    sink: FileSink,
    next: Sequence,
}

impl Bench {
    fn new(template: &str) -> Self {
        Self::with(template, |_| {})
    }

    /// With settings that `change` has changed. Raw encoding, no sync.
    fn with(template: &str, change: impl FnOnce(&mut FileSettings)) -> Self {
        Self::in_directory(tempfile::tempdir().unwrap(), template, change)
    }

    fn in_directory(directory: TempDir, template: &str, change: impl FnOnce(&mut FileSettings)) -> Self {
        let path = format!("{}/base/{template}", directory.path().display()).parse().unwrap();
        let mut settings = FileSettings { fsync: Fsync::Never, ..FileSettings::new(path, Encoding::Raw) };
        change(&mut settings);
        Self { directory, sink: FileSink::open(settings).unwrap(), next: Sequence(0) }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.directory.path().join("base").join(below)
    }

    fn read(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).unwrap_or_else(|error| panic!("{below}: {error}"))
    }

    /// Numbers the records of `batches` on.
    fn number(&mut self, batches: Vec<Batch>) -> Vec<(Sequence, Arc<Batch>)> {
        let mut number = |batch: Batch| {
            let first = self.next;
            self.next = first.plus(batch.len() as u64);
            (first, Arc::new(batch))
        };
        batches.into_iter().map(&mut number).collect()
    }

    /// One attempt to deliver.
    fn attempt(&mut self, batches: &[(Sequence, Arc<Batch>)]) -> Result<u64, DeliveryError> {
        let batch = SinkBatch::new(JournalId(1), ClassMask::ALL, batches);
        match run(self.sink.deliver(&batch))? {
            ::sink::Progress::Settled(ack) => Ok(ack.records),
            ::sink::Progress::UnderWay => panic!("a file sink settles at once"),
        }
    }

    fn deliver(&mut self, batches: Vec<Batch>) {
        let batches = self.number(batches);
        let records = batches.iter().map(|(_, batch)| batch.len() as u64).sum::<u64>();
        assert_eq!(self.attempt(&batches), Ok(records));
    }

    /// Delivers one record of class `cef`.
    fn line(&mut self, octets: &str) {
        self.deliver(vec![batch_of(&[(Cef, octets)])]);
    }

    fn count(&self, counter: impl FnOnce(&FileCounts) -> &std::sync::atomic::AtomicU64) -> u64 {
        counter(&self.sink.counts()).load(Ordering::SeqCst)
    }

    /// Pretends that the last look at the file's name was long ago.
    fn expect_a_name_check(&self) {
        std::thread::sleep(Duration::from_millis(1_050));
    }
}

/// What `bench`'s sink shares with its housekeeper, with settings that `change` has changed: for rounds at any time.
fn shared_with(bench: &Bench, change: impl FnOnce(&mut FileSettings)) -> Shared {
    let shared = &bench.sink.shared;
    let mut settings = shared.settings.clone();
    change(&mut settings);
    Shared {
        base: Base::new(settings.path.base(), settings.dir_mode, settings.owner),
        pattern: settings.path.pattern(&settings.instance, settings.take),
        settings,
        open_paths: shared.open_paths.clone(),
        counts: Arc::clone(&shared.counts),
    }
}

/// The sink's futures never wait.
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(future)
}

/// Paths below `directory`, sorted.
fn files_below(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_below(&entry.path()).iter().map(|below| format!("{name}/{below}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

#[test]
fn records_are_appended_in_order_to_what_is_there() {
    let mut bench = Bench::new("{class}.log");
    fs::write(bench.path("cef.log"), "before\n").unwrap();
    bench.deliver(vec![batch_of(&[(Cef, "a"), (Other, "x"), (Cef, "b")]), batch_of(&[(Cef, "c")])]);
    bench.line("d");
    assert_eq!(bench.read("cef.log"), "before\na\nb\nc\nd\n");
    assert_eq!(bench.read("other.log"), "x\n");
}

#[test]
fn placeholders_name_class_listener_instance_and_the_hour_of_receipt() {
    let mut bench = Bench::with("{listener}/{instance}/{date}/{hour}-{class}.log", |settings| {
        settings.instance = "node-7".to_owned();
    });
    let hour_later = UnixNanos(RECEIVED_AT.0 + 3_600_000_000_000);
    bench.deliver(vec![
        batch_at("tls", RECEIVED_AT, &[(Cef, "a")]),
        batch_at("udp", RECEIVED_AT, &[(Cef, "b"), (UaaAudit, "c")]),
        batch_at("tls", hour_later, &[(Cef, "d")]),
    ]);
    let expected = [
        "tls/node-7/2026-11-21/10-cef.log",
        "tls/node-7/2026-11-21/11-cef.log",
        "udp/node-7/2026-11-21/10-cef.log",
        "udp/node-7/2026-11-21/10-cf.uaa.audit.log",
    ];
    assert_eq!(files_below(&bench.path("")), expected);
    assert_eq!(expected.map(|path| bench.read(path)), ["a\n", "d\n", "b\n", "c\n"]);
}

#[test]
fn files_and_directories_have_the_modes_of_the_settings() {
    let mut bench = Bench::with("{listener}/{class}.log", |settings| {
        settings.mode = 0o606;
        settings.dir_mode = 0o715;
    });
    bench.line("a");
    let mode = |below: &str| fs::metadata(bench.path(below)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("test/cef.log"), mode("test"), mode("")), (0o606, 0o715, 0o715));
}

#[test]
fn a_file_gets_the_owner_of_the_settings() {
    // Everybody may give a file to himself; only root could give it to others.
    let (uid, gid) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
    let (uid, gid) = if uid == 0 { (65_534, 65_534) } else { (uid, gid) };
    let mut bench = Bench::with("{class}.log", |settings| settings.owner = Some((uid, gid)));
    bench.line("a");
    let file = fs::metadata(bench.path("cef.log")).unwrap();
    assert_eq!((file.uid(), file.gid()), (uid, gid));
}

#[test]
fn a_value_that_is_no_plain_name_stalls_and_writes_nothing() {
    let mut bench = Bench::new("{listener}.log");
    let batches = bench.number(vec![batch_at("../x", RECEIVED_AT, &[(Cef, "a")])]);
    let error = bench.attempt(&batches).unwrap_err();
    assert!(matches!(&error, DeliveryError::Configuration(trouble) if trouble.reason == "path_value"), "{error}");
    assert_eq!(files_below(bench.directory.path()), Vec::<String>::new());
}

#[test]
fn a_link_in_the_place_of_a_file_or_directory_is_not_followed() {
    let mut bench = Bench::new("{class}/x.log");
    let outside = bench.directory.path().join("outside");
    fs::create_dir(&outside).unwrap();
    symlink(&outside, bench.path("cef")).unwrap();
    fs::create_dir(bench.path("other")).unwrap();
    symlink(outside.join("secret"), bench.path("other/x.log")).unwrap();
    for class in [Cef, Other] {
        let batches = bench.number(vec![batch_of(&[(class, "a")])]);
        let error = bench.attempt(&batches).unwrap_err();
        assert!(matches!(&error, DeliveryError::Configuration(trouble) if trouble.reason == "in_the_way"), "{error}");
        fs::remove_file(bench.path(if class == Cef { "cef" } else { "other/x.log" })).unwrap();
        assert_eq!(bench.attempt(&batches), Ok(1), "with the link gone it goes on");
    }
    assert_eq!(files_below(&outside), Vec::<String>::new());
}

#[test]
fn a_file_that_cannot_get_its_owner_is_not_used_as_it_is() {
    if rustix::process::getuid().is_root() {
        // Root may give files to anybody, so the user nobody does the test, from a copy that is within his reach.
        let within_reach = tempfile::tempdir().unwrap();
        fs::set_permissions(within_reach.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let program = within_reach.path().join("tests");
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let nobody = Command::new(&program)
            .args(["--exact", "sink::tests::a_file_that_cannot_get_its_owner_is_not_used_as_it_is"])
            .uid(65_534)
            .current_dir("/")
            .output();
        let output = nobody.expect("another user can execute a program in the directory for temporary files");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let mut bench = Bench::new("{class}/x.log");
    let shared = Arc::get_mut(&mut bench.sink.shared).unwrap();
    shared.base = Base::new(shared.settings.path.base(), 0o750, Some((0, 0)));
    for directory in [None, Some("cef")] {
        directory.iter().for_each(|directory| fs::create_dir(bench.path(directory)).unwrap());
        let batches = bench.number(vec![batch_of(&[(Cef, "a")])]);
        for _ in 0..2 {
            let error = bench.attempt(&batches).unwrap_err();
            assert!(
                matches!(&error, DeliveryError::Configuration(trouble) if trouble.reason == "permission"),
                "{error}"
            );
        }
        assert_eq!(files_below(&bench.path("")), Vec::<String>::new());
    }
}

#[test]
fn a_base_that_is_a_file_is_an_error_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("base"), "").unwrap();
    let path = format!("{}/base/{{class}}", directory.path().display()).parse().unwrap();
    let opened = FileSink::open(FileSettings::new(path, Encoding::Raw));
    assert!(matches!(opened, Err(FileSinkError::Base { .. })));
}

#[test]
fn settings_that_make_no_sense_are_errors_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = format!("{}/base/{{class}}", directory.path().display()).parse().unwrap();
    let good = FileSettings::new(path, Encoding::Raw);
    let zero = |settings: FileSettings| matches!(FileSink::open(settings), Err(FileSinkError::Zero { .. }));
    assert!(zero(FileSettings { open_files_max: 0, ..good.clone() }));
    assert!(zero(FileSettings { rotate: Rotate { size_bytes: Some(0), every: None }, ..good.clone() }));
    let instance = "../x".to_owned();
    assert!(matches!(FileSink::open(FileSettings { instance, ..good }), Err(FileSinkError::Instance(_))));
}

#[test]
fn with_one_open_file_every_line_still_arrives_in_order() {
    let mut bench = Bench::with("{class}.log", |settings| settings.open_files_max = 1);
    for round in 0..20 {
        let (a, b, c) = (format!("a{round}"), format!("b{round}"), format!("c{round}"));
        bench.deliver(vec![batch_of(&[(Cef, &a), (Other, &b), (Cef, &c)])]);
    }
    let expected = |names: &[&str]| {
        (0..20).flat_map(|round| names.iter().map(move |name| format!("{name}{round}\n"))).collect::<String>()
    };
    assert_eq!(bench.read("cef.log"), expected(&["a", "c"]));
    assert_eq!(bench.read("other.log"), expected(&["b"]));
    assert_eq!(bench.sink.outputs.len(), 1);
}

#[test]
fn a_delivery_larger_than_the_buffer_is_written_in_stretches() {
    let mut bench = Bench::with("{class}.log", |settings| settings.buffer_bytes = 100);
    let lines = (0..100).map(|number| format!("line {number}")).collect::<Vec<_>>();
    bench.deliver(lines.iter().map(|line| batch_of(&[(Cef, line), (Other, line)])).collect());
    let expected = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    assert_eq!((bench.read("cef.log"), bench.read("other.log")), (expected.clone(), expected));
}

#[test]
fn every_fsync_policy_writes_the_same() {
    for fsync in [Fsync::Never, Fsync::Interval(Duration::ZERO), Fsync::Batch] {
        let mut bench = Bench::with("{class}.log", |settings| settings.fsync = fsync);
        bench.line("a");
        run(bench.sink.maintain()).unwrap();
        bench.line("b");
        run(bench.sink.close()).unwrap();
        assert_eq!(bench.read("cef.log"), "a\nb\n");
    }
}

#[test]
fn a_torn_last_line_is_ended_before_the_next_record() {
    let mut bench = Bench::new("{class}.log");
    fs::write(bench.path("cef.log"), "whole\nto").unwrap();
    bench.line("a");
    assert_eq!((bench.read("cef.log"), bench.count(|counts| &counts.torn_tails)), ("whole\nto\na\n".to_owned(), 1));
}

#[test]
fn a_torn_counted_frame_is_noticed_and_left_alone() {
    let mut bench = Bench::with("{class}.log", |settings| settings.encoding = Encoding::Syslog);
    fs::write(bench.path("cef.log"), "20 <13>1 torn").unwrap();
    bench.line("a");
    let text = bench.read("cef.log");
    assert!(text.starts_with("20 <13>1 torn") && !text.starts_with("20 <13>1 torn\n"), "{text}");
    assert_eq!(bench.count(|counts| &counts.torn_tails), 1);
}

#[test]
fn after_a_rename_and_hup_every_line_is_in_one_of_the_two_files() {
    let mut bench = Bench::new("{class}.log");
    bench.line("a");
    fs::rename(bench.path("cef.log"), bench.path("cef.log.1")).unwrap();
    bench.line("b");
    bench.sink.reopen();
    bench.line("c");
    assert_eq!((bench.read("cef.log.1"), bench.read("cef.log")), ("a\nb\n".to_owned(), "c\n".to_owned()));
}

#[test]
fn a_renamed_file_is_noticed_without_hup_within_a_second() {
    let mut bench = Bench::new("{class}.log");
    bench.line("a");
    fs::rename(bench.path("cef.log"), bench.path("cef.log.1")).unwrap();
    bench.expect_a_name_check();
    bench.line("b");
    assert_eq!((bench.read("cef.log.1"), bench.read("cef.log")), ("a\n".to_owned(), "b\n".to_owned()));
    assert_eq!(bench.count(|counts| &counts.reopened), 1);
}

#[test]
fn a_deleted_file_is_made_anew_at_once() {
    let mut bench = Bench::new("{listener}/{class}.log");
    bench.line("a");
    fs::remove_dir_all(bench.path("")).unwrap();
    bench.line("b");
    assert_eq!((bench.read("test/cef.log"), bench.count(|counts| &counts.reopened)), ("b\n".to_owned(), 1));
}

#[test]
fn a_file_that_another_program_cut_is_counted_and_gets_no_hole() {
    let mut bench = Bench::new("{class}.log");
    bench.line("a long line that is copied away");
    OpenOptions::new().write(true).truncate(true).open(bench.path("cef.log")).unwrap();
    bench.line("b");
    assert_eq!((bench.read("cef.log"), bench.count(|counts| &counts.truncated_by_others)), ("b\n".to_owned(), 1));
}

#[test]
fn what_another_program_appends_stays() {
    let mut bench = Bench::new("{class}.log");
    bench.line("a");
    OpenOptions::new().append(true).open(bench.path("cef.log")).unwrap().write_all(b"theirs\n").unwrap();
    bench.line("b");
    assert_eq!(
        (bench.read("cef.log"), bench.count(|counts| &counts.truncated_by_others)),
        ("a\ntheirs\nb\n".to_owned(), 0)
    );
}
