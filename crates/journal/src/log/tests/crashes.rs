//! Random histories, and crashes at each named point.

use proptest::collection::vec;
use proptest::prelude::*;
use rustix::io::Errno;

use super::history::{CURSORS, History, POINTS, Step};
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

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
