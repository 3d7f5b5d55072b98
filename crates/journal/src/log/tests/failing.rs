//! Calls that fail.

use std::path::Path;

use rustix::io::Errno;

use super::support::*;
use crate::log::storage::model::{Call, Fault, How, Model, Unsynced};
use crate::log::{Log, LogErrorKind, NewEntry};

const SEGMENT_BYTES: u64 = 8192;

fn fail(model: &Model, call: Call, after: u64, times: u64, how: How) {
    model.fail(Fault { call, after, times, how });
}

/// D-07: whichever sync fails first, nothing is synced any more, nothing more is acknowledged, and nothing acknowledged is lost.
#[test]
fn after_a_failed_sync_the_log_is_dead() {
    for nth in 0..50 {
        let model = model();
        let mut log = open(&model, SEGMENT_BYTES).unwrap().log;
        fail(&model, Call::SyncData, nth, 1, How::Error(Errno::IO));
        let mut acknowledged = at(0);
        let error = loop {
            append_or_roll(&mut log);
            match log.sync() {
                Ok(position) => acknowledged = position,
                Err(error) => break error,
            }
        };
        assert_eq!((error.kind(), error.kind().exit_code()), (LogErrorKind::Io, 74));
        let syncs = model.calls(Call::SyncData) + model.calls(Call::SyncAll) + model.calls(Call::SyncDirectory);
        let writes = model.calls(Call::Pwrite);
        assert!(log.is_dead());
        for _ in 0..3 {
            assert_eq!(log.sync().unwrap_err().kind(), LogErrorKind::Dead);
            assert_eq!(log.write().unwrap_err().kind(), LogErrorKind::Dead);
            assert_eq!(log.drop_before(acknowledged).unwrap_err().kind(), LogErrorKind::Dead);
            assert_eq!(log.create_cursor("new", acknowledged).unwrap_err().kind(), LogErrorKind::Dead);
        }
        assert_eq!(model.calls(Call::SyncData) + model.calls(Call::SyncAll) + model.calls(Call::SyncDirectory), syncs);
        assert_eq!(model.calls(Call::Pwrite), writes);
        drop(log);

        // The kernel shows what it could not write. What the next process hands out must be on the disk all the same.
        model.kill();
        let log = open(&model, SEGMENT_BYTES).unwrap().log;
        let seen = read_all(&log);
        assert!(seen.records.len() as u64 >= acknowledged.next().0);
        drop(log);
        model.cut_power(Unsynced::Lost);
        assert_eq!(read_all(&open(&model, SEGMENT_BYTES).unwrap().log), seen);
        assert_eq!(model.syncs_after_failure(), 0);
    }
}

fn append_or_roll(log: &mut Log<Model>) {
    let from = log.written().next().0;
    for sequence in from..from + 7 {
        log.stage(NewEntry { kind: 1, flags: 2, records: 1, payload: &payload(sequence) }).unwrap();
    }
    // A new segment begins with a sync of the old one, which may be the one that fails.
    if let Err(error) = log.write() {
        assert_eq!(error.kind(), LogErrorKind::Io);
    }
}

/// What a failed call leads to.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// It is done all the same.
    Done,
    /// Nothing was done; the same call works once there is room.
    Full,
    Dead,
}

/// D-08: each call that appending makes, and each way in which it may fail.
#[test]
fn each_failing_call_has_a_defined_outcome() {
    use Outcome::{Dead, Done, Full};
    let eio = How::Error(Errno::IO);
    let nospc = How::Error(Errno::NOSPC);
    let dquot = How::Error(Errno::DQUOT);
    let intr = How::Error(Errno::INTR);
    let fbig = How::Error(Errno::FBIG);
    let rofs = How::Error(Errno::ROFS);
    let table = [
        (Call::Pwrite, eio, Dead),
        (Call::Pwrite, nospc, Full),
        (Call::Pwrite, dquot, Full),
        (Call::Pwrite, fbig, Dead),
        (Call::Pwrite, intr, Done),
        (Call::Pwrite, How::Short, Done),
        (Call::SyncData, eio, Dead),
        (Call::SyncData, nospc, Dead),
        (Call::SyncData, dquot, Dead),
        (Call::SyncData, intr, Dead),
        (Call::SyncAll, eio, Dead),
        (Call::SyncDirectory, eio, Dead),
        (Call::SyncDirectory, nospc, Dead),
        (Call::Create, nospc, Full),
        (Call::Create, dquot, Full),
        (Call::Create, rofs, Dead),
        (Call::Create, How::Error(Errno::MFILE), Dead),
        (Call::Create, intr, Done),
        (Call::Allocate, nospc, Full),
        (Call::Allocate, dquot, Full),
        (Call::Allocate, intr, Done),
        (Call::Allocate, eio, Dead),
        (Call::RenameNew, nospc, Full),
        (Call::RenameNew, eio, Dead),
        (Call::RenameNew, intr, Done),
        // Giving back the rest of a sealed segment is not worth a failure.
        (Call::Truncate, eio, Done),
        (Call::Truncate, intr, Done),
    ];
    for (call, how, expected) in table {
        let model = model();
        let mut log = open(&model, SEGMENT_BYTES).unwrap().log;
        commit(&mut log, 6);
        let acknowledged = log.synced();
        // The next group needs a new segment, and so all the calls there are.
        let before = log.segments().len();
        let staged = |sequence: &u64| {
            log.stage(NewEntry { kind: 1, flags: 2, records: 1, payload: &payload(*sequence) }).is_ok()
        };
        let end = (6..).take_while(staged).last().unwrap() + 1;
        // The hint is written without a care for failures; the entries are what must fail.
        let after = if call == Call::Pwrite { 2 } else { 0 };
        fail(&model, call, after, 1, how);
        let done = log.write().and_then(|_| log.sync());
        assert!(!model.fail_no_more(), "{call:?} was not called");
        let outcome = match &done {
            Ok(_) => Done,
            Err(error) if error.kind() == LogErrorKind::Full => Full,
            Err(_) => Dead,
        };
        assert_eq!(outcome, expected, "{call:?} {how:?}: {done:?}");
        assert_eq!(log.is_dead(), expected == Dead, "{call:?} {how:?}");
        if expected == Full {
            assert_eq!(log.synced(), acknowledged);
            log.write().and_then(|_| log.sync()).unwrap();
        }
        if expected != Dead {
            assert_eq!(log.segments().len(), before + 1);
            assert_eq!(read_all(&log), Seen::of(0..end), "{call:?} {how:?}");
        }
        let kept = log.synced().next().0;
        drop(log);
        model.cut_power(Unsynced::Torn);
        let seen = read_all(&open(&model, SEGMENT_BYTES).unwrap().log);
        assert!(seen.records.starts_with(&(0..kept).collect::<Vec<_>>()), "{call:?} {how:?}: {seen:?}");
        assert!(seen.damaged.is_empty() && seen.gaps.is_empty(), "{call:?} {how:?}: {seen:?}");
    }
}

/// A call that is interrupted for ever is no endless loop.
#[test]
fn interruptions_without_end_are_a_failure() {
    let model = model();
    let mut log = open(&model, SEGMENT_BYTES).unwrap().log;
    log.stage(NewEntry { kind: 1, flags: 2, records: 1, payload: b"" }).unwrap();
    fail(&model, Call::Pwrite, 0, 1000, How::Error(Errno::INTR));
    assert_eq!(log.write().unwrap_err().kind(), LogErrorKind::Io);
}

/// What a full disk left half written is not found again as an entry.
#[test]
fn what_a_full_disk_left_behind_goes_before_the_next_write() {
    let model = model();
    let mut log = open(&model, SEGMENT_BYTES).unwrap().log;
    commit(&mut log, 3);
    for sequence in 3..20 {
        log.stage(NewEntry { kind: 1, flags: 2, records: 1, payload: &payload(sequence) }).unwrap();
    }
    fail(&model, Call::Pwrite, 0, 1, How::Short);
    let writes = model.calls(Call::Pwrite);
    log.write().unwrap();
    assert_eq!(model.calls(Call::Pwrite), writes + 2);
    for sequence in 20..30 {
        log.stage(NewEntry { kind: 1, flags: 2, records: 1, payload: &payload(sequence) }).unwrap();
    }
    model.fail_in_turn(&[(Call::Pwrite, How::Short), (Call::Pwrite, How::Error(Errno::NOSPC))]);
    assert_eq!(log.write().unwrap_err().kind(), LogErrorKind::Full);
    log.discard();
    append(&mut log, 1);
    drop(log);
    model.kill();
    assert_eq!(read_all(&open(&model, SEGMENT_BYTES).unwrap().log), Seen::of(0..21));
}

/// W-09: what may not be read or written ends the start with 77, and nothing is removed.
#[test]
fn a_start_without_permission_refuses_and_changes_nothing() {
    for (call, after) in [
        (Call::Open, 0),
        (Call::Open, 1),
        (Call::Open, 2),
        (Call::Open, 3),
        (Call::List, 0),
        (Call::List, 1),
        (Call::Unlink, 0),
    ] {
        for errno in [Errno::ACCESS, Errno::PERM, Errno::ROFS] {
            let model = model();
            let mut log = open(&model, SEGMENT_BYTES).unwrap().log;
            log.create_cursor("siem", at(0)).unwrap();
            commit(&mut log, 10);
            drop(log);
            model.kill();
            model.put(&segment_path(9).with_extension("log.new"), vec![1]);
            let before = model.everything();
            fail(&model, call, after, 1, How::Error(errno));
            let error = open(&model, SEGMENT_BYTES).unwrap_err();
            assert_eq!((error.kind(), error.kind().exit_code()), (LogErrorKind::Permission, 77), "{call:?} {after}");
            assert_eq!(model.everything(), before);
        }
    }
}

/// D-10: pages of a sealed segment that the disk cannot read cost the records in them.
#[test]
fn unreadable_pages_are_damage_and_no_more() {
    let model = model();
    let mut log = open(&model, 64 << 10).unwrap().log;
    while log.segments().len() < 2 {
        commit(&mut log, 20);
    }
    let mut reader = log.reader(at(0));
    model.fail_pages(&segment_path(1), 8192..16384);
    let seen = read(&mut reader, log.written());
    assert_eq!(reader.counts().unreadable_bytes, 8192);
    assert!(seen.damaged.iter().all(|(segment, octets)| *segment == 1 && octets.start < 16384 && octets.end > 8192));
    assert_eq!(seen.gaps.len(), 1);
    let lost = seen.gaps[0].clone();
    assert!((8192 / 250..8192 / 28).contains(&(lost.end - lost.start)), "{lost:?}");
    assert_eq!(seen.records, (0..lost.start).chain(lost.end..log.written().next().0).collect::<Vec<_>>());
}

#[test]
fn a_second_process_is_turned_away() {
    let model = model();
    let log = open(&model, SEGMENT_BYTES).unwrap().log;
    let before = model.everything();
    let error = open(&model, SEGMENT_BYTES).unwrap_err();
    assert_eq!((error.kind(), error.kind().exit_code()), (LogErrorKind::Locked, 73));
    assert_eq!(model.everything(), before);
    drop(log);
    open(&model, SEGMENT_BYTES).unwrap();
}

/// D-03 and D-06, small: fill the disk, drain, and fill it again; each round takes as much, and nothing is lost.
#[test]
fn a_disk_may_fill_up_again_and_again() {
    let model = model();
    let mut log = open(&model, SEGMENT_BYTES).unwrap().log;
    let mut cursor = log.create_cursor("siem", at(0)).unwrap();
    model.set_room(Some(5 * SEGMENT_BYTES));
    let mut rounds = Vec::new();
    for _ in 0..10 {
        let from = log.written();
        loop {
            let sequence = log.written().next().0;
            log.stage(NewEntry { kind: 1, flags: 2, records: 1, payload: &payload(sequence) }).unwrap();
            match log.write() {
                Ok(_) => {}
                Err(error) => {
                    assert_eq!(error.kind(), LogErrorKind::Full);
                    log.discard();
                    break;
                }
            }
        }
        log.sync().unwrap();
        assert_eq!(read_from(&log, from), Seen::of(from.next().0..log.written().next().0));
        rounds.push((log.segments().len(), log.written().next().0 - from.next().0));
        cursor.save(log.synced(), b"all").unwrap();
        log.drop_before(cursor.position()).unwrap();
        assert!(log.disk_bytes() <= SEGMENT_BYTES);
    }
    assert!(rounds[1..].iter().all(|(segments, _)| segments.abs_diff(rounds[0].0) <= 1), "{rounds:?}");
    assert!(rounds.iter().all(|(_, records)| *records > 200), "{rounds:?}");
}

/// A full disk is no reason not to start: what is there can be drained, and then there is room again.
#[test]
fn a_start_on_a_full_disk_hands_out_what_is_there() {
    for unsynced in [None, Some(Unsynced::Lost), Some(Unsynced::Torn)] {
        for reserve_bytes in [0, 20_000] {
            let model = model();
            let open = || {
                let mut settings = settings(SEGMENT_BYTES);
                settings.reserve_bytes = reserve_bytes;
                Log::open(model.clone(), Path::new(DIRECTORY), settings)
            };
            let mut log = open().unwrap().log;
            assert_eq!(log.has_reserve(), reserve_bytes > 0);
            log.create_cursor("siem", at(0)).unwrap();
            commit(&mut log, 30);
            append(&mut log, 10);
            drop(log);
            match unsynced {
                None => model.kill(),
                Some(unsynced) => model.cut_power(unsynced),
            }
            // Room for the tail that may have to be copied, or hardly any; then the reserve is given up.
            model.set_room(Some(if reserve_bytes > 0 { 10 } else { 7000 }));
            let mut opened = open().unwrap();
            let seen = read_all(&opened.log);
            assert!(seen.records.starts_with(&(0..30).collect::<Vec<_>>()), "{seen:?}");
            opened.cursors[0].save(opened.log.written(), b"").unwrap();
            while opened.log.write().is_ok() {
                let sequence = opened.log.written().next().0;
                opened.log.stage(NewEntry { kind: 1, flags: 2, records: 1, payload: &payload(sequence) }).unwrap();
            }
            assert!(!opened.log.is_dead());
            model.set_room(None);
            opened.log.write().and_then(|_| opened.log.sync()).unwrap();
            assert_eq!(opened.log.take_reserve(), reserve_bytes > 0);
        }
    }
}
