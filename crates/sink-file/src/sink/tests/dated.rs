//! Files whose date or hour is over.

use std::fs::File;

use super::rotation::decompressed;
use super::*;
use crate::Compression;
use crate::closed::GRACE;
use crate::housekeeper::look_after_all;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// The end of 2026-11-21, the day of [`RECEIVED_AT`].
const MIDNIGHT: Duration = Duration::from_secs(1_795_305_600);

fn at(since_1970: Duration) -> SystemTime {
    SystemTime::UNIX_EPOCH + since_1970
}

/// Makes a file that was last written at `modified`.
fn make(bench: &Bench, below: &str, text: &str, modified: Duration) {
    let path = bench.path(below);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    touch(bench, below, modified);
}

fn touch(bench: &Bench, below: &str, modified: Duration) {
    File::options().append(true).open(bench.path(below)).unwrap().set_modified(at(modified)).unwrap();
}

/// A round of the housekeeper at the moment `now`, with settings that `change` has changed.
fn round(bench: &Bench, now: Duration, change: impl FnOnce(&mut FileSettings)) {
    look_after_all(&shared_with(bench, change), at(now), &|| false).unwrap();
}

fn zstd(settings: &mut FileSettings) {
    settings.compression = Compression::Zstd;
}

fn check_files(bench: &Bench, expected: &[&str]) {
    assert_eq!(files_below(&bench.path("")), expected);
}

#[test]
fn a_day_is_compressed_two_hours_after_its_end() {
    let bench = Bench::new("{class}/{date}.jsonl");
    make(&bench, "cef/2026-11-21.jsonl", "a\n", MIDNIGHT - HOUR);
    make(&bench, "other/2026-11-22.jsonl", "b\n", MIDNIGHT - HOUR);
    round(&bench, MIDNIGHT + GRACE - HOUR, zstd);
    check_files(&bench, &["cef/2026-11-21.jsonl", "other/2026-11-22.jsonl"]);
    round(&bench, MIDNIGHT + GRACE, zstd);
    check_files(&bench, &["cef/2026-11-21.jsonl.zst", "other/2026-11-22.jsonl"]);
    assert_eq!(decompressed(&bench.path("cef/2026-11-21.jsonl.zst")), "a\n");
    let modified = fs::metadata(bench.path("cef/2026-11-21.jsonl.zst")).unwrap().modified().unwrap();
    assert_eq!((modified, bench.count(|counts| &counts.compressed)), (at(MIDNIGHT - HOUR), 1));
}

#[test]
fn an_hour_is_compressed_two_hours_after_its_end() {
    let bench = Bench::new("{date}/{hour}/{class}.log");
    make(&bench, "2026-11-21/23/cef.log", "a\n", MIDNIGHT - HOUR);
    make(&bench, "2026-11-21/22/cef.log", "b\n", MIDNIGHT - HOUR);
    round(&bench, MIDNIGHT + HOUR, zstd);
    check_files(&bench, &["2026-11-21/22/cef.log.zst", "2026-11-21/23/cef.log"]);
}

#[test]
fn a_file_that_was_written_late_waits_for_as_long_again() {
    let bench = Bench::new("{date}.log");
    make(&bench, "2026-11-21.log", "a\n", MIDNIGHT + 5 * HOUR);
    round(&bench, MIDNIGHT + 5 * HOUR + GRACE - Duration::from_secs(1), zstd);
    check_files(&bench, &["2026-11-21.log"]);
    round(&bench, MIDNIGHT + 5 * HOUR + GRACE, zstd);
    check_files(&bench, &["2026-11-21.log.zst"]);
}

#[test]
fn a_file_that_the_sink_has_open_is_left_alone_until_the_sink_closes_it() {
    let mut bench = Bench::new("{date}/{class}.log");
    bench.line("a");
    touch(&bench, "2026-11-21/cef.log", MIDNIGHT);
    round(&bench, MIDNIGHT + DAY, zstd);
    round(&bench, MIDNIGHT + DAY, |settings| settings.retain.age = Some(Duration::ZERO));
    check_files(&bench, &["2026-11-21/cef.log"]);

    bench.sink.maintain_at(at(MIDNIGHT + GRACE - HOUR)).unwrap();
    assert_eq!(bench.sink.shared.open_paths.lock().len(), 1, "still open");
    bench.sink.maintain_at(at(MIDNIGHT + GRACE)).unwrap();
    assert_eq!(bench.sink.shared.open_paths.lock().len(), 0);
    round(&bench, MIDNIGHT + DAY, zstd);
    check_files(&bench, &["2026-11-21/cef.log.zst"]);
}

#[test]
fn what_comes_late_for_a_compressed_day_is_compressed_beside_it() {
    let mut bench = Bench::new("{date}.log");
    for (number, line) in ["a", "b", "c"].iter().enumerate() {
        bench.line(line);
        assert_eq!(bench.read("2026-11-21.log"), format!("{line}\n"), "a new file of the same name");
        touch(&bench, "2026-11-21.log", MIDNIGHT + (number as u32) * DAY);
        bench.sink.maintain_at(at(MIDNIGHT + 3 * DAY)).unwrap();
        let gzip = |settings: &mut FileSettings| settings.compression = Compression::Gzip;
        round(&bench, MIDNIGHT + 3 * DAY, if number == 1 { gzip } else { zstd });
    }
    check_files(&bench, &["2026-11-21.log.2.gz", "2026-11-21.log.3.zst", "2026-11-21.log.zst"]);
    let texts = ["2026-11-21.log.zst", "2026-11-21.log.2.gz", "2026-11-21.log.3.zst"];
    assert_eq!(texts.map(|name| decompressed(&bench.path(name))), ["a\n", "b\n", "c\n"]);
    assert_eq!(bench.count(|counts| &counts.reopened), 0);
}

#[test]
fn a_crash_before_the_plain_file_was_removed_leaves_no_duplicate() {
    let bench = Bench::new("{date}.log");
    make(&bench, "2026-11-21.log", "a\n", MIDNIGHT);
    round(&bench, MIDNIGHT + DAY, zstd);
    make(&bench, "2026-11-21.log", "a\n", MIDNIGHT);
    make(&bench, "2026-11-20.log", "b\n", MIDNIGHT - DAY);
    make(&bench, "2026-11-20.log.zst.partial", "cut short", MIDNIGHT - DAY);
    round(&bench, MIDNIGHT + DAY, zstd);
    check_files(&bench, &["2026-11-20.log.zst", "2026-11-21.log.zst"]);
    assert_eq!(decompressed(&bench.path("2026-11-20.log.zst")), "b\n");
}

#[test]
fn nothing_is_touched_that_the_template_could_not_have_made() {
    let take = |settings: &mut FileSettings| settings.take = ClassMask::parse("cef").unwrap();
    let bench = Bench::with("{class}/{instance}-{date}.log", take);
    let theirs = [
        "cef/2026-11-20.log",
        "cef/gully-2026-11-20.log.bak",
        "cef/gully-2026-11-20.log.xz",
        "cef/gully-2026-11-31.log",
        "cef/gully-2026-11-20/x",
        "cef/node-2-2026-11-20.log",
        "gully-2026-11-20.log",
        "no.class/gully-2026-11-20.log",
        "other/gully-2026-11-20.log",
    ];
    theirs.iter().for_each(|below| make(&bench, below, "theirs", MIDNIGHT - DAY));
    let outside = bench.directory.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("gully-2026-11-20.log"), "outside").unwrap();
    symlink(outside.join("gully-2026-11-20.log"), bench.path("cef/gully-2026-11-19.log")).unwrap();
    fs::remove_dir_all(bench.path("other")).unwrap();
    symlink(&outside, bench.path("other")).unwrap();

    let before = files_below(bench.directory.path());
    round(&bench, MIDNIGHT + 9 * DAY, |settings| {
        take(settings);
        zstd(settings);
        settings.retain.age = Some(Duration::ZERO);
    });
    round(&bench, MIDNIGHT + 9 * DAY, |settings| {
        zstd(settings);
        settings.retain.count = Some(0);
    });
    assert_eq!(files_below(bench.directory.path()), before);
}

#[test]
fn a_link_with_the_name_of_the_compressed_file_is_not_replaced() {
    let bench = Bench::new("{date}.log");
    make(&bench, "2026-11-21.log", "a\n", MIDNIGHT);
    symlink("nowhere", bench.path("2026-11-21.log.zst")).unwrap();
    round(&bench, MIDNIGHT + DAY, zstd);
    check_files(&bench, &["2026-11-21.log.2.zst", "2026-11-21.log.zst"]);
    assert!(bench.path("2026-11-21.log.zst").is_symlink());
}

#[test]
fn age_counts_from_the_end_of_the_date_whatever_the_time_of_modification() {
    let bench = Bench::new("{class}/{date}.log");
    let month = MIDNIGHT + 30 * DAY;
    make(&bench, "cef/2026-11-20.log.zst", "1", month);
    make(&bench, "cef/2026-11-20.log.2.gz", "2", month);
    make(&bench, "cef/2026-11-20.log", "3", month - DAY);
    make(&bench, "cef/2026-11-21.log", "4", MIDNIGHT);
    make(&bench, "cef/2026-11-21.20261121T110000Z-1.log", "5", MIDNIGHT);
    let age = |settings: &mut FileSettings| settings.retain.age = Some(30 * DAY);
    round(&bench, month - DAY, age);
    assert_eq!(files_below(&bench.path("")).len(), 5);
    round(&bench, month, age);
    check_files(&bench, &["cef/2026-11-21.log"]);
}

#[test]
fn retention_counts_dated_files_of_each_class_and_listener_by_themselves() {
    let bench = Bench::new("{listener}/{class}-{date}.log");
    let names = ["tls/cef-2026-11-18.log", "tls/cef-2026-11-19.log.zst", "tls/cef-2026-11-20.log"];
    let others = ["tls/other-2026-11-18.log", "udp/cef-2026-11-18.log"];
    names.iter().chain(&others).for_each(|below| make(&bench, below, "12345", MIDNIGHT - 2 * DAY));
    round(&bench, MIDNIGHT + DAY, |settings| settings.retain.count = Some(2));
    check_files(&bench, &[names[1], names[2], others[0], others[1]]);
    round(&bench, MIDNIGHT + DAY, |settings| settings.retain.bytes = Some(5));
    check_files(&bench, &[names[2], others[0], others[1]]);
    assert_eq!(bench.count(|counts| &counts.deleted), 2);
}

#[test]
fn an_hour_without_a_date_is_never_over() {
    let bench = Bench::new("{hour}.log");
    make(&bench, "09.log", "a\n", MIDNIGHT - 9 * DAY);
    round(&bench, MIDNIGHT + DAY, |settings| {
        zstd(settings);
        settings.retain.count = Some(0);
    });
    check_files(&bench, &["09.log"]);
}

#[test]
fn one_file_that_cannot_be_compressed_does_not_keep_the_others_waiting() {
    let bench = Bench::new("{date}.log");
    make(&bench, "2026-11-20.log", "a\n", MIDNIGHT - DAY);
    make(&bench, "2026-11-21.log", "b\n", MIDNIGHT);
    fs::create_dir(bench.path("2026-11-21.log.zst.partial")).unwrap();
    assert!(look_after_all(&shared_with(&bench, zstd), at(MIDNIGHT + DAY), &|| false).is_err());
    check_files(&bench, &["2026-11-20.log.zst", "2026-11-21.log"]);
    assert_eq!(bench.count(|counts| &counts.housekeeping_failed), 1);
}
