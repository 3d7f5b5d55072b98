//! Rotation, compression and retention.

use std::fs::File;
use std::io::Read;

use flate2::read::GzDecoder;

use super::*;
use crate::closed::closed_files;
use crate::pattern::Group;
use crate::{Compression, Retain, name};

fn rotate_at(size_bytes: u64) -> impl FnOnce(&mut FileSettings) {
    move |settings| settings.rotate.size_bytes = Some(size_bytes)
}

/// Waits until `done`, for what the thread for rotated files does; a minute is for ever.
fn wait_until(done: impl Fn() -> bool) {
    for _ in 0..600 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("waited for a minute in vain");
}

/// The rotated files of `cef.log`, oldest first, as the retention sees them.
fn rotated_names(bench: &Bench) -> Vec<String> {
    let shared = shared_with(bench, |settings| settings.retain.count = Some(1));
    let files = closed_files(&shared, &cef(), SystemTime::now(), &|| false).unwrap();
    files.into_iter().rev().map(|file| file.name).collect()
}

/// The group of class `cef`, where the path names the class only.
fn cef() -> Group {
    Group { class: Some(Cef), listener: None }
}

pub(super) fn decompressed(path: &Path) -> String {
    let mut text = String::new();
    let file = File::open(path).unwrap();
    match path.extension().unwrap().to_str().unwrap() {
        "zst" => zstd::Decoder::new(file).unwrap().read_to_string(&mut text).unwrap(),
        "gz" => GzDecoder::new(file).read_to_string(&mut text).unwrap(),
        other => panic!("{other}"),
    };
    text
}

#[test]
fn a_file_is_put_aside_before_it_would_become_too_long() {
    let mut bench = Bench::with("{class}.log", rotate_at(10));
    for line in ["1234", "5678", "9abc", "a line that is too long for any file", "d"] {
        bench.line(line);
    }
    let texts = rotated_names(&bench).iter().map(|name| bench.read(name)).collect::<Vec<_>>();
    assert_eq!(texts, ["1234\n5678\n", "9abc\n", "a line that is too long for any file\n"]);
    assert_eq!((bench.read("cef.log"), bench.count(|counts| &counts.rotated)), ("d\n".to_owned(), 3));
}

#[test]
fn one_delivery_may_fill_several_files() {
    let mut bench = Bench::with("{class}.log", rotate_at(10));
    let batch = ["1234", "5678", "9abc", "def0", "1"].map(|line| (Cef, line));
    bench.deliver(vec![batch_of(&batch)]);
    let mut text = rotated_names(&bench).iter().map(|name| bench.read(name)).collect::<String>();
    text.push_str(&bench.read("cef.log"));
    assert_eq!(text, "1234\n5678\n9abc\ndef0\n1\n");
    assert_eq!(bench.count(|counts| &counts.rotated), 2);
}

#[test]
fn records_that_do_not_fit_into_a_file_together_get_a_file_each() {
    let mut bench = Bench::with("{class}.log", rotate_at(10));
    bench.deliver(vec![batch_of(&["123456", "789abc", "d", "e"].map(|line| (Cef, line)))]);
    let texts = rotated_names(&bench).iter().map(|name| bench.read(name)).collect::<Vec<_>>();
    assert_eq!(
        (&texts[..], bench.read("cef.log")),
        (&["123456\n", "789abc\nd\n"].map(str::to_owned)[..], "e\n".to_owned())
    );
}

#[test]
fn a_file_of_an_earlier_period_is_put_aside_when_it_is_opened() {
    let mut bench = Bench::with("{class}.log", |settings| settings.rotate.every = Some(Duration::from_secs(86_400)));
    fs::write(bench.path("cef.log"), "old\n").unwrap();
    let two_days_ago = SystemTime::now() - Duration::from_secs(2 * 86_400);
    File::options().append(true).open(bench.path("cef.log")).unwrap().set_modified(two_days_ago).unwrap();
    bench.line("new");
    let [old] = &rotated_names(&bench)[..] else { panic!("one rotated file") };
    assert_eq!((bench.read(old), bench.read("cef.log")), ("old\n".to_owned(), "new\n".to_owned()));
}

#[test]
fn an_open_file_is_put_aside_when_its_period_ends_without_a_new_record() {
    let mut bench = Bench::with("{class}.log", |settings| settings.rotate.every = Some(Duration::from_secs(1)));
    bench.line("a");
    wait_until_rotated(&mut bench);
    assert_eq!(rotated_names(&bench).iter().map(|name| bench.read(name)).collect::<String>(), "a\n");
    assert!(!bench.path("cef.log").exists());
    run(bench.sink.maintain()).unwrap();
    assert_eq!(bench.count(|counts| &counts.rotated), 1, "there is nothing to rotate twice");
    bench.line("b");
    assert!(bench.path("cef.log").exists());
}

fn wait_until_rotated(bench: &mut Bench) {
    for _ in 0..600 {
        run(bench.sink.maintain()).unwrap();
        if bench.count(|counts| &counts.rotated) > 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("waited for a minute in vain");
}

#[test]
fn a_rotated_name_that_is_taken_is_not_overwritten() {
    let mut bench = Bench::with("{class}.log", rotate_at(5));
    // Names for this second and the next few, as if another process had just made them.
    let now = SystemTime::now();
    let taken = (0..120).map(|second| {
        let stamp = name::stamp(now + Duration::from_secs(second));
        name::rotated_name("cef.log", ".log", &stamp, 1) + if second % 2 == 0 { "" } else { ".gz" }
    });
    let taken = taken.collect::<Vec<_>>();
    taken.iter().for_each(|name| fs::write(bench.path(name), "theirs").unwrap());
    bench.line("1234");
    bench.line("5678");
    assert!(taken.iter().all(|name| bench.read(name) == "theirs"));
    assert_eq!(files_below(&bench.path("")).len(), 120 + 2);
}

#[test]
fn rotated_files_are_compressed_and_read_back() {
    for (compression, suffix) in [(Compression::Zstd, ".log.zst"), (Compression::Gzip, ".log.gz")] {
        let mut bench = Bench::with("{class}.log", |settings| {
            settings.rotate.size_bytes = Some(10);
            settings.compression = compression;
        });
        ["1234", "5678", "9abc"].iter().for_each(|line| bench.line(line));
        wait_until(|| bench.count(|counts| &counts.compressed) == 1);
        let [name] = &rotated_names(&bench)[..] else { panic!("one rotated file") };
        assert!(name.ends_with(suffix), "{name}");
        assert_eq!(decompressed(&bench.path(name)), "1234\n5678\n");
        let mode = fs::metadata(bench.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode, bench.read("cef.log")), (0o640, "9abc\n".to_owned()));
    }
}

#[test]
fn what_a_crash_left_uncompressed_is_compressed_after_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let base = directory.path().join("base");
    fs::create_dir(&base).unwrap();
    // One that was not begun, one that was cut short, one that was done but for the removal.
    for (second, leftover) in [(1, None), (2, Some(".zst.partial")), (3, Some(".zst"))] {
        let name = format!("cef.20261121T10150{second}Z-1.log");
        fs::write(base.join(&name), format!("{second}\n")).unwrap();
        if let Some(leftover) = leftover {
            fs::write(base.join(name + leftover), zstd::encode_all(&b"3\n"[..], 3).unwrap()).unwrap();
        }
    }
    let mut bench = Bench::in_directory(directory, "{class}.log", |settings| settings.compression = Compression::Zstd);
    wait_until(|| bench.count(|counts| &counts.compressed) == 3);
    bench.line("a");
    let names = rotated_names(&bench);
    let texts = names.iter().map(|name| decompressed(&bench.path(name))).collect::<Vec<_>>();
    assert_eq!(texts, ["1\n", "2\n", "3\n"]);
    assert_eq!(files_below(&bench.path("")).len(), 4, "nothing is left over");
}

#[test]
fn retention_by_count_deletes_the_oldest_and_only_what_rotation_made() {
    let others = ["cef.log.1", "cef.20261121T101500Z-1.log.bak", "cef.2026-11-20.log", "other.20261121T101500Z-1.log"];
    let mut bench = Bench::with("{class}.log", |settings| {
        settings.rotate.size_bytes = Some(5);
        settings.retain.count = Some(2);
    });
    others.iter().for_each(|name| fs::write(bench.path(name), "theirs").unwrap());
    ["1", "2", "3", "4", "5", "6"].iter().for_each(|line| bench.line(&line.repeat(4)));
    wait_until(|| rotated_names(&bench).len() == 2);
    let texts = rotated_names(&bench).iter().map(|name| bench.read(name)).collect::<Vec<_>>();
    assert_eq!(texts, ["4444\n", "5555\n"]);
    assert!(others.iter().all(|name| bench.read(name) == "theirs"));
}

#[test]
fn retention_counts_over_all_dates_of_one_class() {
    let mut bench = Bench::with("{date}/{class}.log", |settings| {
        settings.rotate.size_bytes = Some(5);
        settings.retain.count = Some(1);
    });
    for day in ["2026-11-18", "2026-11-19", "not-a-date"] {
        fs::create_dir(bench.path(day)).unwrap();
        fs::write(bench.path(&format!("{day}/cef.20261119T000000Z-1.log")), "old").unwrap();
    }
    bench.line("1234");
    bench.line("5678");
    wait_until(|| bench.count(|counts| &counts.deleted) == 2);
    assert!(bench.path("not-a-date/cef.20261119T000000Z-1.log").exists());
    assert_eq!(files_below(&bench.path("2026-11-21")).len(), 2);
}

#[test]
fn retention_by_age_and_by_bytes_takes_what_is_beyond_the_limit() {
    let bench = Bench::new("{class}.log");
    for (stamp, bytes) in [("20261121T100000Z", 10), ("20261121T110000Z", 20), ("20261121T120000Z", 30)] {
        fs::write(bench.path(&format!("cef.{stamp}-1.log")), vec![b'x'; bytes]).unwrap();
    }
    let shared = shared_with(&bench, |settings| settings.retain.count = Some(1));
    let files = || closed_files(&shared, &cef(), SystemTime::now(), &|| false).unwrap();
    let noon = files()[0].at;
    let surplus = |retain: Retain| retain.part(files(), noon).1.iter().map(|file| file.seen.bytes).collect::<Vec<_>>();
    let hours = |hours: u64| Some(Duration::from_secs(3_600 * hours));
    assert_eq!(surplus(Retain { age: hours(1), ..Retain::default() }), [10]);
    assert_eq!(surplus(Retain { age: hours(0), ..Retain::default() }), [20, 10]);
    assert_eq!(surplus(Retain { bytes: Some(50), ..Retain::default() }), [10]);
    assert_eq!(surplus(Retain { bytes: Some(49), ..Retain::default() }), [20, 10]);
    assert_eq!(surplus(Retain { count: Some(0), ..Retain::default() }), [30, 20, 10]);
    assert_eq!(surplus(Retain::default()), [0; 0]);
}
