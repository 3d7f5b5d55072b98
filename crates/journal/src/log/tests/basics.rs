//! What a log does when nothing goes wrong.

use std::path::Path;

use super::support::*;
use crate::log::{Disk, Log, LogErrorKind, NewEntry};

#[test]
fn what_was_appended_is_read_over_many_segments_and_after_a_start() {
    let model = model();
    let mut log = open(&model, 4096).unwrap().log;
    let mut reader = log.reader(at(0));
    for _ in 0..60 {
        let numbers = commit(&mut log, 5);
        assert_eq!(read(&mut reader, log.written()), Seen::of(numbers));
    }
    assert!(log.segments().len() > 5);
    assert_eq!(read_all(&log), Seen::of(0..300));
    assert_eq!(read_from(&log, at(123)), Seen::of(123..300));
    let segments = log.segments();
    drop(log);

    let mut opened = open(&model, 4096).unwrap();
    assert_eq!(opened.recovery, Default::default());
    assert_eq!(opened.log.segments(), segments);
    commit(&mut opened.log, 5);
    assert_eq!(read_all(&opened.log), Seen::of(0..305));
}

#[test]
fn the_real_disk_does_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal");
    let open = || Log::open(Disk, &path, settings(64 << 10)).unwrap();
    let mut log = open().log;
    let mut cursor = log.create_cursor("siem", at(0)).unwrap();
    for _ in 0..20 {
        commit(&mut log, 100);
    }
    assert!(log.segments().len() > 3);
    assert_eq!(read_all(&log), Seen::of(0..2000));
    assert_eq!(Log::open(Disk, &path, settings(64 << 10)).unwrap_err().kind(), LogErrorKind::Locked);
    cursor.save(at(1500), b"state").unwrap();
    cursor.save(at(1600), &[7; 50_000]).unwrap();
    assert!(log.drop_before(cursor.position()).unwrap() > 2);
    let oldest = log.oldest();
    drop((log, cursor));

    let opened = open();
    assert_eq!(opened.recovery, Default::default());
    assert_eq!((opened.cursors[0].position(), opened.cursors[0].state()), (at(1600), &[7; 50_000][..]));
    assert_eq!(opened.log.oldest(), oldest);
    assert_eq!(read_from(&opened.log, at(1600)), Seen::of(1600..2000));
    assert_eq!(opened.log.disk_bytes(), disk_bytes(&path.join("segments")));
}

fn disk_bytes(directory: &Path) -> u64 {
    let files = std::fs::read_dir(directory).unwrap();
    files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

#[test]
fn a_group_goes_into_one_segment_and_no_further() {
    let model = model();
    let mut log = open(&model, 4096).unwrap().log;
    let entry = |payload| NewEntry { kind: 1, flags: 2, records: 1, payload };
    log.stage(entry(&[0; 4096 - 64 - 28])).unwrap();
    assert_eq!(log.stage(entry(&[])).unwrap_err().kind(), LogErrorKind::TooLarge);
    log.discard();
    assert_eq!(log.stage(entry(&[0; 4096 - 64 - 27])).unwrap_err().kind(), LogErrorKind::TooLarge);
    assert_eq!(log.stage(entry(&[])).unwrap().0, 0);
}
