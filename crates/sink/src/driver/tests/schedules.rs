//! Random schedules: whatever fails, in whatever order, each record is delivered, a dead letter or filtered exactly once.

use ::select::Condition;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;

use super::*;

/// What happens next. Numbers are small, so that most of it meets.
#[derive(Debug, Clone)]
enum Step {
    Append(Vec<Kind>),
    Settle(usize),
    KeepEarly(usize),
    Fail(fn(Trouble) -> DeliveryError),
    Refuse(usize, fn(Trouble) -> DeliveryError),
    RefuseRebuild,
    RefuseLetters(u64),
    RefuseMaintenance,
    Reopen,
    Wait(u64),
}

/// What a record is to the sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Good,
    Rejected,
    /// What the filter leaves out, of good ones and of those that would be rejected.
    Noise,
    RejectedNoise,
    /// Of a class that the sink does not take.
    Foreign,
}

impl Kind {
    fn record(self) -> (Class, &'static str) {
        match self {
            Self::Good => (Cef, "good"),
            Self::Rejected => (Cef, "evil"),
            Self::Noise => (Cef, "GOOD"),
            Self::RejectedNoise => (Cef, "eviL"),
            Self::Foreign => (Other, "none"),
        }
    }
}

const RECORD_OCTETS: u64 = 4;

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        4 => Just(Kind::Good),
        1 => Just(Kind::Rejected),
        3 => Just(Kind::Noise),
        1 => Just(Kind::RejectedNoise),
        1 => Just(Kind::Foreign),
    ]
}

/// Leaves out noise.
fn filter() -> Filter {
    Filter::new(Some(Condition::parse(r#"not msg matches "[A-Z]""#).unwrap()), [])
}

fn error() -> impl Strategy<Value = fn(Trouble) -> DeliveryError> {
    select(vec![DeliveryError::Passing as fn(Trouble) -> _, DeliveryError::Configuration, DeliveryError::Fatal])
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => vec(kind(), 1..5).prop_map(Step::Append),
        6 => (1_usize..4).prop_map(Step::Settle),
        2 => (1_usize..8).prop_map(Step::KeepEarly),
        2 => error().prop_map(Step::Fail),
        2 => (0_usize..3, error()).prop_map(|(taken, error)| Step::Refuse(taken, error)),
        1 => Just(Step::RefuseRebuild),
        1 => (0_u64..4).prop_map(Step::RefuseLetters),
        1 => Just(Step::RefuseMaintenance),
        1 => Just(Step::Reopen),
        4 => (1_u64..3000).prop_map(Step::Wait),
    ]
}

/// A bench, and everything that was appended.
struct Run {
    bench: Bench,
    appended: Vec<Kind>,
}

impl Run {
    fn start(sink: MemorySink) -> Self {
        sink.reject(b"evi");
        Self { bench: Bench::selecting(sink, [Cef].into_iter().collect(), filter()), appended: Vec::new() }
    }

    async fn take(&mut self, step: Step) {
        let trouble = || Trouble { reason: "test", what: String::new(), remedy: String::new() };
        let sink = &self.bench.sink;
        match step {
            Step::Append(kinds) => {
                let records = kinds.iter().map(|kind| kind.record()).collect::<Vec<_>>();
                self.bench.journal.append(batch_of(&records)).unwrap();
                self.bench.accepted += kinds.iter().filter(|kind| **kind != Kind::Foreign).count() as u64;
                self.appended.extend(kinds);
            }
            Step::Settle(batches) => sink.settle(batches),
            Step::KeepEarly(records) => sink.keep_early(records),
            Step::Fail(error) => sink.fail(error(trouble())),
            Step::Refuse(taken, error) => sink.refuse_after(taken, [error(trouble())]),
            Step::RefuseRebuild => sink.refuse_rebuild([passing("rebuild")]),
            Step::RefuseLetters(attempts) => self.bench.dead_letters.refuse(attempts),
            Step::RefuseMaintenance => sink.refuse_maintenance([passing("maintenance")]),
            Step::Reopen => self.bench.handle.reopen(),
            Step::Wait(milliseconds) => sleep(Duration::from_millis(milliseconds)).await,
        }
        a_moment().await;
    }

    /// Sequences of the records of this kind.
    fn sequences(&self, kind: Kind) -> Vec<u64> {
        let places = self.appended.iter().enumerate();
        places.filter(|(_, of)| **of == kind).map(|(place, _)| place as u64).collect()
    }

    fn kept(&self) -> Vec<u64> {
        self.bench.sink.records().iter().map(|(id, _)| id.sequence.0).collect()
    }

    /// At any time: nothing is kept twice or out of order, the cursor is not ahead of what is kept, the law holds.
    fn check(&self) -> TestCaseResult {
        let (kept, letters) = (self.kept(), self.bench.letters());
        prop_assert!(kept.is_sorted_by(|a, b| a < b) && letters.is_sorted_by(|a, b| a < b), "{kept:?} {letters:?}");
        let passed = self.bench.accepted - self.bench.in_flight();
        let places = self.appended.iter().enumerate().filter(|(_, kind)| **kind != Kind::Foreign);
        for (place, kind) in places.take(passed as usize) {
            let expected = (*kind == Kind::Good, *kind == Kind::Rejected);
            let found = (kept.contains(&(place as u64)), letters.contains(&(place as u64)));
            prop_assert_eq!(found, expected, "the cursor has passed {}: {:?} {:?}", place, kept, letters);
        }
        prop_assert!(self.bench.law_holds());
        Ok(())
    }

    /// With nothing more in the way, all comes to its end.
    async fn finish(&mut self) -> TestCaseResult {
        self.bench.dead_letters.refuse(0);
        self.bench.sink.settle(1000);
        prop_assert_eq!(self.bench.drain().await, CLEAN);
        prop_assert_eq!(self.kept(), self.sequences(Kind::Good));
        prop_assert_eq!(self.bench.letters(), self.sequences(Kind::Rejected));
        let noise = self.sequences(Kind::Noise).len() + self.sequences(Kind::RejectedNoise).len();
        prop_assert_eq!(self.bench.filtered(), noise as u64);
        prop_assert!(self.bench.law_holds());
        Ok(())
    }

    /// What is given up at the deadline is exactly what was not ended before.
    async fn abandon(&mut self) -> TestCaseResult {
        let (ended, filtered) = (self.bench.meter.ended(), self.bench.filtered());
        self.bench.abandon.cancel();
        let outcome = self.bench.drain().await;
        prop_assert!(self.bench.law_holds(), "{outcome:?}");
        prop_assert_eq!(outcome.left_octets, outcome.left_records * RECORD_OCTETS);
        prop_assert_eq!(outcome.left_records, self.bench.meter.dropped.load(Ordering::SeqCst));
        let filtered_late = self.bench.filtered() - filtered;
        let taken_late = self.bench.accepted - ended - outcome.left_records - filtered_late;
        prop_assert!(taken_late <= self.kept().len() as u64, "{outcome:?}");
        Ok(())
    }
}

proptest! {
    #[test]
    fn each_record_is_delivered_or_a_dead_letter_exactly_once_and_in_order(
        under_way_max in 0_usize..5,
        steps in vec(step(), 1..40),
        is_abandoned in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        LocalSet::new().block_on(&runtime, async {
            let sink = match under_way_max {
                0 => MemorySink::new(),
                _ => MemorySink::leaving_under_way(under_way_max),
            };
            let mut run = Run::start(sink);
            for step in steps {
                run.take(step).await;
                run.check()?;
            }
            if is_abandoned { run.abandon().await } else { run.finish().await }
        })?;
    }
}
