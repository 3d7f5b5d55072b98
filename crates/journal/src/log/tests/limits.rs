//! The ends of the ranges: sizes, numbers, the reserve.

use std::path::Path;

use record::{JournalId, Sequence};

use super::support::*;
use crate::log::storage::model::{Call, Fault, How, Model, Unsynced};
use crate::log::synced::{Synced, SyncedFile};
use crate::log::{Item, Log, LogErrorKind, NewEntry, PAYLOAD_BYTES_MAX, STATE_BYTES_MAX};
use rustix::io::Errno;

/// A journal that has come as far as `segment` and `sequence`.
fn advanced(segment: u64, sequence: u64) -> Model {
    let model = model();
    drop(open(&model, 4096).unwrap());
    let file = SyncedFile::open(&model, Path::new("/journal/synced"), JournalId(0xabcd)).unwrap().0;
    file.write(Synced { segment, offset: 64, next: Sequence(sequence) });
    model
}

/// W-15: numbers of records end with a refusal, and are never used twice.
#[test]
fn the_numbers_of_records_end_with_a_refusal() {
    let model = advanced(5, u64::MAX - 1000);
    let mut log = open(&model, 4096).unwrap().log;
    let mut next = u64::MAX - 1000;
    let refused = loop {
        match log.stage(NewEntry { kind: 1, flags: 2, records: 10, payload: &[1; 50] }) {
            Ok(sequence) => {
                assert_eq!(sequence, Sequence(next));
                next += 10;
            }
            Err(error) => break error,
        }
        log.write().unwrap();
        log.sync().unwrap();
    };
    assert_eq!((refused.kind(), refused.kind().exit_code()), (LogErrorKind::Exhausted, 78));
    assert_eq!(next, u64::MAX);
    drop(log);
    model.cut_power(Unsynced::Torn);
    let mut log = open(&model, 4096).unwrap().log;
    assert_eq!(log.written(), at(u64::MAX));
    let entry = NewEntry { kind: 1, flags: 2, records: 1, payload: &[] };
    assert_eq!(log.stage(entry).unwrap_err().kind(), LogErrorKind::Exhausted);
    let mut reader = log.reader(at(u64::MAX - 1000));
    let mut entries = 0;
    while let Item::Entry(entry) = reader.next(at(u64::MAX)).unwrap() {
        assert_eq!(entry.sequence.0, u64::MAX - 1000 + 10 * entries);
        entries += 1;
    }
    assert_eq!(entries, 100);
}

/// W-15: so do the numbers of segments.
#[test]
fn the_numbers_of_segments_end_with_a_refusal() {
    let model = advanced(u64::MAX - 3, 0);
    let mut log = open(&model, 4096).unwrap().log;
    let refused = loop {
        for sequence in log.written().next().0..log.written().next().0 + 10 {
            log.stage(NewEntry { kind: 1, flags: 2, records: 1, payload: &payload(sequence) }).unwrap();
        }
        match log.write().and_then(|_| log.sync()) {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(refused.kind(), LogErrorKind::Exhausted);
    let numbers = log.segments().iter().map(|segment| segment.number).collect::<Vec<_>>();
    assert_eq!(numbers, [1, u64::MAX - 2, u64::MAX - 1, u64::MAX]);
    let kept = log.synced();
    drop(log);
    model.kill();
    let log = open(&model, 4096).unwrap().log;
    assert_eq!((read_all(&log), log.written()), (Seen::of(0..kept.next().0), kept));
    drop(log);
    // Without the hint the last entries would have to be copied to a segment that has no number left.
    model.remove(Path::new("/journal/synced"));
    assert_eq!(open(&model, 4096).unwrap_err().kind(), LogErrorKind::Exhausted);
}

#[test]
fn the_largest_entry_comes_back_and_a_larger_one_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let settings = settings(64 << 20);
    let mut log = Log::open(crate::log::Disk, &directory.path().join("journal"), settings).unwrap().log;
    let octets = (0..=PAYLOAD_BYTES_MAX as u32).map(|place| (place >> 7) as u8).collect::<Vec<_>>();
    let entry = |payload| NewEntry { kind: 9, flags: 0x7f, records: u16::MAX, payload };
    assert_eq!(log.stage(entry(&octets)).unwrap_err().kind(), LogErrorKind::TooLarge);
    assert_eq!((log.staged_bytes(), log.written()), (0, at(0)));
    log.stage(entry(&octets[1..])).unwrap();
    log.stage(entry(&[])).unwrap();
    log.write().unwrap();
    let mut reader = log.reader(at(0));
    for expected in [&octets[1..], &[]] {
        let Item::Entry(read) = reader.next(log.written()).unwrap() else { panic!("an entry") };
        assert!(read.payload == expected);
        assert_eq!((read.kind, read.flags, read.records), (9, 0x7f, u16::MAX));
    }
    assert_eq!(reader.next(log.written()).unwrap(), Item::End);
    assert_eq!(log.written(), at(2 * u64::from(u16::MAX)));
}

#[test]
fn the_largest_state_of_a_cursor_comes_back_and_a_larger_one_is_refused() {
    let model = model();
    let log = open(&model, 4096).unwrap().log;
    let mut cursor = log.create_cursor("siem", at(0)).unwrap();
    for bytes in [0, 1, 4032, 4033, 20_000, STATE_BYTES_MAX, 5, STATE_BYTES_MAX] {
        let state = vec![bytes as u8; bytes];
        cursor.save(at(bytes as u64), &state).unwrap();
        assert_eq!(cursor.save(at(1), &vec![0; STATE_BYTES_MAX + 1]).unwrap_err().kind(), LogErrorKind::TooLarge);
        model.cut_power(Unsynced::Lost);
        let opened = open(&model, 4096).unwrap();
        drop((opened.log, std::mem::replace(&mut cursor, opened.cursors.into_iter().next().unwrap())));
        assert_eq!((cursor.position(), cursor.state()), (at(bytes as u64), &state[..]));
    }
}

#[test]
fn a_cursor_that_cannot_be_saved_is_saved_later_or_never() {
    for (call, errno, is_full) in [
        (Call::Pwrite, Errno::NOSPC, true),
        (Call::Pwrite, Errno::IO, false),
        (Call::SyncData, Errno::IO, false),
        (Call::SyncData, Errno::NOSPC, false),
    ] {
        let model = model();
        let log = open(&model, 4096).unwrap().log;
        let mut cursor = log.create_cursor("siem", at(3)).unwrap();
        model.fail(Fault { call, after: 0, times: 1, how: How::Error(errno) });
        let error = cursor.save(at(5), b"five").unwrap_err();
        assert_eq!(error.kind() == LogErrorKind::Full, is_full, "{call:?} {errno}");
        assert_eq!((cursor.position(), cursor.state()), (at(3), &b""[..]));
        match cursor.save(at(6), b"six") {
            Ok(()) => assert!(is_full),
            Err(error) => assert_eq!((error.kind(), is_full), (LogErrorKind::Dead, false)),
        }
    }
}

#[test]
fn a_removed_cursor_does_not_come_back() {
    let model = model();
    let log = open(&model, 4096).unwrap().log;
    let cursor = log.create_cursor("siem", at(3)).unwrap();
    assert_eq!(log.create_cursor("siem", at(9)).unwrap_err().kind(), LogErrorKind::CursorExists);
    cursor.remove().unwrap();
    drop(log);
    model.cut_power(Unsynced::Lost);
    assert!(open(&model, 4096).unwrap().cursors.is_empty());
}

#[test]
fn the_reserve_is_given_up_and_taken_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal");
    let mut settings = settings(4096);
    settings.reserve_bytes = 1 << 20;
    let mut log = Log::open(crate::log::Disk, &path, settings).unwrap().log;
    let bytes = || std::fs::metadata(path.join("reserve")).unwrap().len();
    assert_eq!((log.has_reserve(), bytes()), (true, 1 << 20));
    log.release_reserve().unwrap();
    assert_eq!((log.has_reserve(), bytes()), (false, 0));
    assert!(log.take_reserve());
    assert_eq!((log.has_reserve(), bytes()), (true, 1 << 20));
}

/// A journal whose segments' size was changed goes on, whichever way.
#[test]
fn the_size_of_segments_may_change() {
    let model = model();
    let mut end = 0;
    for segment_bytes in [8192, 65536, 4096, 20_000, 4096] {
        let mut log = open(&model, segment_bytes).unwrap().log;
        assert_eq!(read_all(&log), Seen::of(0..end));
        for _ in 0..8 {
            commit(&mut log, 9);
        }
        end = append(&mut log, 3).end;
        drop(log);
        model.kill();
    }
}
