//! Flipped bits, missing octets, missing files, files that do not belong.

use std::collections::BTreeSet;

use rustix::io::Errno;

use super::support::*;
use crate::log::storage::model::{Call, Fault, How, Model, Unsynced};
use crate::log::{Log, LogErrorKind, Opened};

const SEGMENT_BYTES: u64 = 16 << 10;
const SEGMENT_HEADER_BYTES: u64 = 64;
const ENTRY_HEADER_BYTES: u64 = 28;
const RECORDS: u64 = 400;

/// A journal of several segments, closed.
fn filled() -> Model {
    let model = model();
    let mut log = open(&model, SEGMENT_BYTES).unwrap().log;
    for _ in 0..RECORDS / 4 {
        commit(&mut log, 4);
    }
    assert!(log.segments().len() > 3);
    model
}

fn reopen(model: &Model) -> Opened<Model> {
    model.kill();
    open(model, SEGMENT_BYTES).unwrap()
}

/// The octets of a segment's entries, by record.
fn places(log: &Log<Model>, number: u64) -> Vec<(u64, std::ops::Range<u64>)> {
    let segments = log.segments();
    let index = segments.iter().position(|segment| segment.number == number).unwrap();
    let end = segments.get(index + 1).map_or(log.written().next().0, |next| next.first.0);
    let mut offset = SEGMENT_HEADER_BYTES;
    let each = (segments[index].first.0..end).map(|sequence| {
        let from = offset;
        offset += ENTRY_HEADER_BYTES + payload(sequence).len() as u64;
        (sequence, from..offset)
    });
    each.collect()
}

fn change(model: &Model, number: u64, how: impl FnOnce(&mut Vec<u8>)) {
    let mut octets = model.octets(&segment_path(number));
    how(&mut octets);
    model.put(&segment_path(number), octets);
}

/// The octets of each file in the quarantine.
fn quarantined(model: &Model) -> Vec<Vec<u8>> {
    let files = model.everything().into_iter().filter(|(path, _)| path.starts_with("/journal/quarantine"));
    files.map(|(_, octets)| octets).collect()
}

/// The records that a gap says are lost.
fn lost(seen: &Seen) -> BTreeSet<u64> {
    seen.gaps.iter().cloned().flatten().collect()
}

fn all_but(lost: &BTreeSet<u64>) -> Vec<u64> {
    (0..RECORDS).filter(|sequence| !lost.contains(sequence)).collect()
}

/// W-01: one bit anywhere in a sealed segment costs the one record it is in; in the segment's beginning it costs none.
#[test]
fn a_flipped_bit_costs_exactly_one_record() {
    let model = filled();
    let log = reopen(&model).log;
    let places = places(&log, 2);
    drop(log);
    let whole = model.octets(&segment_path(2));
    for bit in (0..whole.len() * 8).step_by(199) {
        model.put(&segment_path(2), whole.clone());
        change(&model, 2, |octets| octets[bit / 8] ^= 1 << (bit % 8));
        let opened = reopen(&model);
        let seen = read_all(&opened.log);
        let octet = bit as u64 / 8;
        let hit = places.iter().find(|(_, place)| place.contains(&octet));
        let expected = hit.iter().map(|(sequence, _)| *sequence).collect::<BTreeSet<_>>();
        assert_eq!(lost(&seen), expected, "bit {bit}");
        assert_eq!(seen.records, all_but(&expected), "bit {bit}");
        match hit {
            Some((_, place)) => assert_eq!(seen.damaged, [(2, place.clone())], "bit {bit}"),
            None => assert_eq!(opened.recovery.damaged_beginnings, [2], "bit {bit}"),
        }
    }
    assert!(quarantined(&model).len() > 100);
}

/// W-01 in the last segment, whose last record is lost too if that is where the bit is.
#[test]
fn a_flipped_bit_in_the_last_segment_costs_one_record_too() {
    let model = filled();
    let log = reopen(&model).log;
    let last = log.segments().last().unwrap().number;
    let places = places(&log, last);
    drop(log);
    let before = model.everything();
    for (sequence, place) in &places {
        for octet in [place.start, place.start + 5, place.start + 13, place.end - 1] {
            model.restore(&before);
            change(&model, last, |octets| octets[octet as usize] ^= 0x10);
            let opened = reopen(&model);
            assert_eq!(opened.recovery.damage.len(), 1, "octet {octet}");
            assert_eq!(opened.log.written(), at(RECORDS));
            let seen = read_all(&opened.log);
            assert_eq!(lost(&seen), [*sequence].into(), "octet {octet}");
            assert_eq!(seen.records, all_but(&[*sequence].into()));
        }
    }
}

/// W-02: zeros cost what they touch, and nothing behind them.
#[test]
fn zeros_in_the_middle_cost_only_what_they_touch() {
    let model = filled();
    let log = reopen(&model).log;
    let places = places(&log, 2);
    drop(log);
    let whole = model.octets(&segment_path(2));
    for (from, bytes) in (0..whole.len()).step_by(61).flat_map(|from| [(from, 4096), (from, 100), (from, usize::MAX)]) {
        let to = from.saturating_add(bytes).min(whole.len());
        model.put(&segment_path(2), whole.clone());
        change(&model, 2, |octets| octets[from..to].fill(0));
        let touched = |place: &std::ops::Range<u64>| place.start < to as u64 && place.end > from as u64;
        let changed = |place: &std::ops::Range<u64>| {
            let both = place.start.max(from as u64) as usize..(place.end as usize).min(to);
            whole[both].iter().any(|octet| *octet != 0)
        };
        let expected =
            places.iter().filter(|(_, place)| touched(place) && changed(place)).map(|(sequence, _)| *sequence);
        let expected = expected.collect::<BTreeSet<_>>();
        let seen = read_all(&reopen(&model).log);
        assert_eq!(lost(&seen), expected, "{from}..{to}");
        assert_eq!(seen.records, all_but(&expected), "{from}..{to}");
    }
}

/// W-03: the last segment ends at each octet of its last three records; with the hint, and without it.
#[test]
fn a_segment_cut_anywhere_keeps_the_records_before_the_cut() {
    let model = filled();
    let log = reopen(&model).log;
    let last = log.segments().last().unwrap().number;
    let places = places(&log, last);
    drop(log);
    let before = model.everything();
    let end = places.last().unwrap().1.end;
    for has_hint in [true, false] {
        for cut in places[places.len() - 3].1.start..=end {
            model.restore(&before);
            if !has_hint {
                model.put(std::path::Path::new("/journal/synced"), Vec::new());
            }
            change(&model, last, |octets| octets.truncate(cut as usize));
            let mut log = reopen(&model).log;
            let kept = places.iter().take_while(|(_, place)| place.end <= cut).last().unwrap().0 + 1;
            let seen = read_all(&log);
            assert_eq!(seen.records, (0..kept).collect::<Vec<_>>(), "cut at {cut}");
            // The hint knows what had been acknowledged; without it nobody does.
            assert_eq!(lost(&seen), if has_hint { (kept..RECORDS).collect() } else { BTreeSet::new() });

            let written = commit(&mut log, 3);
            assert_eq!(written.start, if has_hint { RECORDS } else { kept });
            drop(log);
            model.cut_power(Unsynced::Lost);
            let log = open(&model, SEGMENT_BYTES).unwrap().log;
            assert_eq!(read_all(&log).records, (0..kept).chain(written).collect::<Vec<_>>());
        }
    }
}

/// W-04: what stands behind the last entry is ignored, and nobody's old entry is taken for one of ours.
#[test]
fn garbage_and_old_entries_behind_the_end_are_ignored() {
    let model = filled();
    let log = reopen(&model).log;
    let last = log.segments().last().unwrap().number;
    let end = places(&log, last).last().unwrap().1.end as usize;
    drop(log);
    let before = model.everything();
    let old = model.octets(&segment_path(1))[SEGMENT_HEADER_BYTES as usize..2000].to_vec();
    let own = model.octets(&segment_path(last))[SEGMENT_HEADER_BYTES as usize..end].to_vec();
    let garbage = (0..2000_u32).map(|place| (place.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>();
    let markers = [0xe9, 0x67, 0xb7, 0x79].repeat(500);
    for behind in [old, own, garbage, markers, vec![0; 3000], vec![1]] {
        model.restore(&before);
        change(&model, last, |octets| {
            octets.truncate(end);
            octets.extend_from_slice(&behind);
        });
        let mut opened = reopen(&model);
        let torn_bytes = behind.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1);
        assert_eq!(opened.recovery.torn_bytes, torn_bytes as u64);
        assert_eq!(read_all(&opened.log), Seen::of(0..RECORDS));
        commit(&mut opened.log, 4);
        assert_eq!(read_all(&opened.log), Seen::of(0..RECORDS + 4));
        // It is gone for good, even from a segment that is sealed and could not be cut.
        model.fail(Fault { call: Call::Truncate, after: 0, times: 1, how: How::Error(Errno::IO) });
        let segments = opened.log.segments().len();
        while opened.log.segments().len() == segments {
            commit(&mut opened.log, 4);
        }
        assert!(!model.fail_no_more());
        assert_eq!(read_all(&opened.log), Seen::of(0..opened.log.written().next().0));
    }
}

/// W-06, and whatever else a start does not understand: it refuses, and changes nothing.
#[test]
fn a_start_refuses_what_it_does_not_understand_and_changes_nothing() {
    let newer = |octets: &mut Vec<u8>, check: std::ops::Range<usize>, covered: std::ops::Range<usize>| {
        octets[8] = 2;
        let sum = crc32fast::hash(&octets[covered]);
        octets[check].copy_from_slice(&sum.to_le_bytes());
    };
    let other = {
        let model = model();
        let mut settings = settings(SEGMENT_BYTES);
        settings.new.journal.0 = 0x9999;
        let log = Log::open(model.clone(), std::path::Path::new(DIRECTORY), settings).unwrap().log;
        log.create_cursor("siem", at(0)).unwrap();
        model
    };
    type Harm<'a> = &'a dyn Fn(&Model);
    let cases: &[(&str, LogErrorKind, Harm<'_>)] = &[
        ("two files for a segment", LogErrorKind::DuplicateSegment, &|model| {
            model.put(&segment_path(77), model.octets(&segment_path(2)));
        }),
        ("a segment of another journal", LogErrorKind::WrongJournal, &|model| {
            model.put(&segment_path(2), other.octets(&segment_path(1)));
        }),
        ("a newer segment", LogErrorKind::NewerFormat, &|model| {
            change(model, 2, |octets| newer(octets, 60..64, 0..60));
        }),
        ("a cursor of another journal", LogErrorKind::WrongJournal, &|model| {
            model.put(&cursor_path("siem"), other.octets(&cursor_path("siem")));
        }),
        ("a newer cursor", LogErrorKind::NewerFormat, &|model| {
            let mut octets = other.octets(&cursor_path("siem"));
            let slot = octets.split_off(4096);
            let mut covered = slot[..64].to_vec();
            covered[8] = 2;
            let mut sum = crc32fast::Hasher::new();
            sum.update(&covered[..12]);
            sum.update(&covered[16..]);
            covered[12..16].copy_from_slice(&sum.finalize().to_le_bytes());
            octets.extend(covered);
            octets.resize(8192, 0);
            model.put(&cursor_path("siem"), octets);
        }),
        ("a cursor without a whole slot", LogErrorKind::CursorDamaged, &|model| {
            model.put(&cursor_path("siem"), vec![1; 8192]);
        }),
        ("an empty cursor", LogErrorKind::CursorDamaged, &|model| model.put(&cursor_path("siem"), Vec::new())),
        ("no identity", LogErrorKind::IdentityDamaged, &|model| model.remove(std::path::Path::new("/journal/journal"))),
        ("a damaged identity", LogErrorKind::IdentityDamaged, &|model| {
            model.put(std::path::Path::new("/journal/journal"), b"format = gully journal\n".to_vec());
        }),
    ];
    for (what, kind, harm) in cases {
        let model = filled();
        model.kill();
        // What a start would tidy up, if it went as far.
        model.put(&segment_path(9).with_extension("log.new"), vec![1, 2, 3]);
        change(&model, 4, |octets| octets[10_000..].fill(7));
        harm(&model);
        let before = model.everything();
        let error = open(&model, SEGMENT_BYTES).unwrap_err();
        assert_eq!((error.kind(), error.kind().exit_code()), (*kind, 78), "{what}: {error}");
        assert_eq!(model.everything(), before, "{what}");
    }
}

/// W-07.
#[test]
fn a_missing_segment_in_the_middle_is_counted_exactly() {
    let model = filled();
    let log = reopen(&model).log;
    let missing = places(&log, 2).into_iter().map(|(sequence, _)| sequence).collect::<BTreeSet<_>>();
    drop(log);
    model.remove(&segment_path(2));
    let opened = reopen(&model);
    assert_eq!(opened.recovery.missing_segments, std::slice::from_ref(&(2..3)));
    let mut reader = opened.log.reader(at(0));
    let seen = read(&mut reader, opened.log.written());
    assert_eq!((lost(&seen), seen.records), (missing.clone(), all_but(&missing)));
    assert_eq!(reader.counts().lost_records, missing.len() as u64);
}

/// W-08: a cursor knows how far the numbers have gone, even when nothing else does.
#[test]
fn missing_segments_at_either_end_leave_the_numbers_used_up() {
    for (removed, has_hint) in [("first", true), ("last", true), ("last", false), ("all", true), ("all", false)] {
        let model = filled();
        let log = reopen(&model).log;
        let mut cursor = log.create_cursor("siem", at(10)).unwrap();
        cursor.save(at(RECORDS), b"").unwrap();
        let numbers = log.segments().iter().map(|segment| segment.number).collect::<Vec<_>>();
        let (second, last) = (log.segments()[1].first.0, *log.segments().last().unwrap());
        drop((log, cursor));
        model.kill();
        let is_removed = |number: &u64| match removed {
            "first" => *number == numbers[0],
            "last" => *number == last.number,
            _ => true,
        };
        numbers.iter().filter(|number| is_removed(number)).for_each(|number| model.remove(&segment_path(*number)));
        if !has_hint {
            model.remove(std::path::Path::new("/journal/synced"));
        }
        let left = model.everything();

        let mut log = open(&model, SEGMENT_BYTES).unwrap().log;
        let written = commit(&mut log, 2);
        assert_eq!(written.start, RECORDS, "{removed}");
        let seen = read_from(&log, at(0));
        let expected = match removed {
            "first" => 0..second,
            "last" => last.first.0..RECORDS,
            _ => 0..RECORDS,
        };
        assert_eq!(lost(&seen), expected.clone().collect(), "{removed}");
        let kept = (0..RECORDS).filter(|sequence| !expected.contains(sequence)).chain(written);
        assert_eq!(seen.records, kept.collect::<Vec<_>>(), "{removed}");
        let is_new = |number: u64| !numbers.contains(&number);
        let active = log.segments().last().unwrap().number;
        assert!(removed == "first" || is_new(active), "{removed}: the number of a segment is not used twice");
        for (path, octets) in left.iter().filter(|(path, _)| path.starts_with("/journal/segments")) {
            if *path != segment_path(active) {
                assert_eq!(model.octets(path), *octets, "{removed}: {path:?} is as it was");
            }
        }
    }
}

/// W-05.
#[test]
fn one_damaged_slot_of_a_cursor_costs_one_step_back() {
    for (slot, expected) in [(0, 200), (1, 100)] {
        for octet in [0, 9, 13, 17, 30, 35, 50, 53, 64, 80] {
            let model = filled();
            let log = reopen(&model).log;
            let mut cursor = log.create_cursor("siem", at(0)).unwrap();
            cursor.save(at(50), b"").unwrap();
            cursor.save(at(100), &[7; 100]).unwrap();
            cursor.save(at(200), &[8; 100]).unwrap();
            drop((log, cursor));
            // Generation 4 is in slot 0, generation 3 in slot 1; the other one is hit.
            let path = cursor_path("siem");
            let mut octets = model.octets(&path);
            octets[(1 - slot) * 4096 + octet] ^= 0x40;
            model.put(&path, octets);
            let mut opened = reopen(&model);
            assert_eq!(opened.recovery.damaged_cursor_slots, ["siem"], "slot {slot}, octet {octet}");
            let cursor = &mut opened.cursors[0];
            assert_eq!((cursor.position(), cursor.damaged_slots()), (at(expected), 1));
            assert_eq!(cursor.state(), [if slot == 0 { 8 } else { 7 }; 100]);
            drop(opened);
            assert_eq!(reopen(&model).recovery.damaged_cursor_slots, [""; 0], "it was written again");
        }
    }
}

/// Entries that a start copied count once, although a power cut brought them back where they had been; what was torn is no loss, what was damaged is.
#[test]
fn entries_that_were_copied_and_came_back_count_once() {
    let model = model();
    let mut log = open(&model, SEGMENT_BYTES).unwrap().log;
    commit(&mut log, 5);
    append(&mut log, 5);
    let places = places(&log, 1);
    drop(log);
    change(&model, 1, |octets| {
        octets[places[4].1.start as usize + 9] ^= 1;
        octets[places[5].1.start as usize + 9] ^= 1;
    });
    let before = model.octets(&segment_path(1));
    let expected = Seen {
        records: [0, 1, 2, 3, 6, 7, 8, 9].into(),
        gaps: std::iter::once(4..5).collect(),
        skipped: std::iter::once(5..6).collect(),
        damaged: vec![(1, places[4].1.clone())],
    };
    let opened = reopen(&model);
    assert_eq!((opened.recovery.copied_entries, opened.recovery.damage.len()), (4, 1));
    assert_eq!(read_all(&opened.log), expected);
    drop(opened);
    model.put(&segment_path(1), before);
    let opened = reopen(&model);
    assert_eq!(opened.recovery.copied_entries, 0);
    let seen = read_all(&opened.log);
    assert_eq!((seen.records, seen.gaps, seen.skipped), (expected.records, expected.gaps, expected.skipped));
}

/// W-12: a journal restored from a backup has an older cursor; its records come again, under the same numbers.
#[test]
fn an_older_cursor_hands_the_same_records_out_again() {
    let model = filled();
    let log = reopen(&model).log;
    let mut cursor = log.create_cursor("siem", at(0)).unwrap();
    cursor.save(at(100), b"").unwrap();
    let backup = model.octets(&cursor_path("siem"));
    cursor.save(at(300), b"").unwrap();
    drop((log, cursor));
    model.put(&cursor_path("siem"), backup);
    let opened = reopen(&model);
    assert_eq!(read_from(&opened.log, opened.cursors[0].position()), Seen::of(100..RECORDS));
}

/// W-10, small: damage larger than the reader's buffer is gone through in steps, and the records behind it are found.
#[test]
fn large_damage_is_gone_through_in_steps() {
    let model = model();
    let segment_bytes = 8 << 20;
    let mut log = open(&model, segment_bytes).unwrap().log;
    while log.segments().len() < 2 {
        commit(&mut log, 500);
    }
    let end = log.written();
    let second = log.segments()[1].first.0;
    drop(log);
    let from = 1 << 20;
    change(&model, 1, |octets| {
        let to = octets.len() - 1000;
        octets[from..to].fill(0xe9);
    });
    model.kill();
    let log = open(&model, segment_bytes).unwrap().log;
    let mut reader = log.reader(at(0));
    let mut busy = 0;
    let (mut records, mut gaps) = (0, 0);
    loop {
        match reader.next(end).unwrap() {
            crate::log::Item::Entry(_) => records += 1,
            crate::log::Item::Gap(gap) => gaps += gap.end.0 - gap.start.0,
            crate::log::Item::Busy => busy += 1,
            crate::log::Item::End => break,
            _ => {}
        }
    }
    assert_eq!(records + gaps, end.next().0);
    assert!(gaps > second / 2, "{gaps} records lost of {second}");
    assert!(busy >= 12, "6 MiB searched and 6 MiB copied, 1 MiB at a time, took {busy} steps");
    let quarantined = quarantined(&model).iter().map(Vec::len).sum::<usize>();
    assert!((1..=1 << 20).contains(&quarantined), "the quarantine takes 1 MiB and no more, not {quarantined}");
    assert!(reader.counts().not_set_aside_bytes > 5 << 20);
}
