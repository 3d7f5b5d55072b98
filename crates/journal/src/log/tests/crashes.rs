//! Random histories, and crashes at each named point.

use proptest::collection::vec;
use proptest::prelude::*;
use rustix::io::Errno;

use super::history::{CURSORS, History, POINTS, Step};
use super::support::*;
use crate::log::storage::model::{Call, Fault, How, Unsynced};

const SEGMENT_BYTES: u64 = 8192;

fn unsynced() -> impl Strategy<Value = Option<Unsynced>> {
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(Unsynced::Lost)),
        1 => Just(Some(Unsynced::Kept)),
        4 => Just(Some(Unsynced::Torn)),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    let call = prop::sample::select(vec![
        Call::Open,
        Call::Create,
        Call::RenameNew,
        Call::RenameOver,
        Call::Unlink,
        Call::SyncDirectory,
        Call::Pwrite,
        Call::SyncData,
        Call::SyncData,
        Call::SyncAll,
        Call::Allocate,
        Call::Truncate,
    ]);
    let how = prop::sample::select(vec![
        How::Error(Errno::IO),
        How::Error(Errno::NOSPC),
        How::Error(Errno::INTR),
        How::Error(Errno::DQUOT),
        How::Short,
    ]);
    (call, 0..6_u64, 1..3_u64, how).prop_map(|(call, after, times, how)| Fault { call, after, times, how })
}

fn step(has_faults: bool) -> impl Strategy<Value = Step> {
    let sizes = prop_oneof![6 => 0..700_usize, 1 => Just(0), 1 => 4000..8000_usize];
    let save = (0..CURSORS.len(), any::<u8>(), prop::bool::weighted(0.1), prop_oneof![0..300_usize, 0..20_000_usize]);
    let crash_at = (prop::sample::select(POINTS), 1..4_u64, unsynced());
    prop_oneof![
        8 => vec(sizes, 1..12).prop_map(Step::Append),
        5 => Just(Step::Sync),
        3 => save.prop_map(|(cursor, way, is_ahead, state_bytes)| Step::Save { cursor, way, is_ahead, state_bytes }),
        2 => Just(Step::Drop),
        2 => unsynced().prop_map(Step::Crash),
        2 => crash_at.prop_map(|(point, arrival, unsynced)| Step::CrashAt { point, arrival, unsynced }),
        if has_faults { 2 } else { 0 } => fault().prop_map(Step::Fail),
    ]
}

/// 2,000 cases, or more if PROPTEST_CASES says so.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.max(2000), failure_persistence: None, ..usual }
}

proptest! {
    #![proptest_config(config())]

    /// P-04, L-05.
    #[test]
    fn what_was_acknowledged_survives_every_crash(seed: u64, steps in vec(step(false), 1..40)) {
        let mut history = History::new(SEGMENT_BYTES, seed);
        steps.iter().for_each(|step| history.step(step));
        history.finish();
    }

    #[test]
    fn what_was_acknowledged_survives_failing_calls_as_well(seed: u64, steps in vec(step(true), 1..40)) {
        let mut history = History::new(SEGMENT_BYTES, seed);
        steps.iter().for_each(|step| history.step(step));
        let model = history.model.clone();
        history.finish();
        prop_assert_eq!(model.syncs_after_failure(), 0);
    }
}

/// K-04 for this layer: each point, at its 1st, 2nd and 10th occurrence, with everything that the power may do.
#[test]
fn every_crash_point_is_reached_and_survived() {
    for point in POINTS {
        for arrival in [1, 2, 10] {
            for unsynced in [None, Some(Unsynced::Lost), Some(Unsynced::Kept), Some(Unsynced::Torn)] {
                for seed in 0..9 {
                    let mut history = History::new(SEGMENT_BYTES, seed);
                    history.step(&Step::CrashAt { point, arrival, unsynced });
                    let is_in_recovery = *point == "recovery.copied";
                    for round in 0..400 {
                        history.step(&Step::Append(vec![500, 20, 900, 300]));
                        if round % 3 == 0 {
                            history.step(&Step::Sync);
                            history.step(&Step::Save { cursor: 0, way: 255, is_ahead: false, state_bytes: 100 });
                            history.step(&Step::Save { cursor: 1, way: 200, is_ahead: false, state_bytes: 9 });
                        }
                        if round % 8 == 0 {
                            history.step(&Step::Drop);
                        }
                        if is_in_recovery && round % 3 == 1 {
                            history.restart();
                        }
                        if history.crashes > 0 {
                            break;
                        }
                    }
                    assert!(history.crashes > 0, "{point} is not reached {arrival} times");
                    history.finish();
                }
            }
        }
    }
}

/// Every call that a journal makes may be its last, a write also half way; and then each of up to five starts may be ended too (K-03).
#[test]
fn every_call_may_be_the_last_and_so_may_those_of_the_starts_that_follow() {
    let steps = [
        Step::Append(vec![500, 20, 900]),
        Step::Sync,
        Step::Append(vec![3000, 2000, 100]),
        Step::Save { cursor: 0, way: 255, is_ahead: false, state_bytes: 100 },
        Step::Append(vec![3000, 2000]),
        Step::Sync,
        Step::Save { cursor: 1, way: 255, is_ahead: false, state_bytes: 9000 },
        Step::Save { cursor: 0, way: 255, is_ahead: false, state_bytes: 200 },
        Step::Drop,
        Step::Append(vec![10, 10, 10]),
    ];
    for unsynced in [None, Some(Unsynced::Lost), Some(Unsynced::Kept), Some(Unsynced::Torn)] {
        for starts in 0..=5 {
            let mut call = 0;
            loop {
                let mut history = History::new(SEGMENT_BYTES, call);
                history.starts_end_at = (0..starts).map(|start| (call * 13 + start * 7) % 45).collect();
                history.crash_at_call(call, unsynced);
                steps.iter().chain(&steps).for_each(|step| history.step(step));
                if history.model.crash_no_more() {
                    break;
                }
                assert!(history.crashes > 0);
                history.finish();
                call += 1;
            }
            assert!(call > 50, "{call} calls");
        }
    }
}

/// P-02: it is the sync of the directory that keeps a segment, and this model notices when it is forgotten.
#[test]
fn a_segment_whose_directory_was_not_synced_is_lost() {
    for is_forgotten in [false, true] {
        let model = model();
        drop(open(&model, 4096).unwrap());
        if is_forgotten {
            model.forget_directory_syncs();
        }
        let mut log = open(&model, 4096).unwrap().log;
        for _ in 0..20 {
            commit(&mut log, 10);
        }
        assert!(log.segments().len() > 1);
        drop(log);
        model.cut_power(Unsynced::Lost);
        let log = open(&model, 4096).unwrap().log;
        let seen = read_all(&log);
        if is_forgotten {
            let kept = seen.records.len() as u64;
            assert_eq!(seen, Seen::of(0..kept));
            assert!(0 < kept && kept < 200, "only the first segment is left");
        } else {
            assert_eq!(seen, Seen::of(0..200));
        }
    }
}
