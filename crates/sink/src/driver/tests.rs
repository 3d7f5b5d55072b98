//! The driver beside a sink that misbehaves, on paused time; the ledger's law after each run.

mod filtered;
mod schedules;
mod under_way;

use std::sync::atomic::Ordering;
use std::time::Duration;

use journal::Journal;
use record::Class::{Cef, Other};
use record::{Class, ClassMask, JournalId, Sequence};
use tokio::task::{JoinHandle, LocalSet};
use tokio::time::sleep;

use super::*;
use crate::testing::{MemoryDeadLetters, MemorySink, SumMeter, batch_of, passing};
use crate::{Progress, Rejected};

/// A journal, a driver at work on it, and everything to look at it from outside.
struct Bench {
    journal: Journal,
    sink: MemorySink,
    dead_letters: MemoryDeadLetters,
    meter: Arc<SumMeter>,
    abandon: CancellationToken,
    handle: DriverHandle,
    running: JoinHandle<Outcome>,
    accepted: u64,
}

impl Bench {
    fn start(take: ClassMask) -> Self {
        Self::with(MemorySink::new(), take)
    }

    fn with(sink: MemorySink, take: ClassMask) -> Self {
        Self::selecting(sink, take, Filter::default())
    }

    fn selecting(sink: MemorySink, take: ClassMask, filter: Filter) -> Self {
        let journal = Journal::memory(JournalId(1), u64::MAX);
        let (dead_letters, meter) = (MemoryDeadLetters::default(), Arc::<SumMeter>::default());
        let cursor = journal.cursor("memory", take).unwrap();
        let settings = DriverSettings::default();
        let (driver, handle) = Driver::new(sink.clone(), cursor, dead_letters.clone(), Arc::clone(&meter), settings);
        let abandon = CancellationToken::new();
        let running = tokio::task::spawn_local(driver.select(filter).run(abandon.clone()));
        Self { journal, sink, dead_letters, meter, abandon, handle, running, accepted: 0 }
    }

    fn append(&mut self, records: &[(Class, &str)]) {
        self.journal.append(batch_of(records)).unwrap();
        self.accepted += records.len() as u64;
    }

    /// Closes the journal and lets the driver come to its end.
    async fn drain(&mut self) -> Outcome {
        self.journal.close();
        (&mut self.running).await.unwrap()
    }

    /// accepted = delivered + dead-lettered + filtered + dropped + in flight
    fn law_holds(&self) -> bool {
        self.accepted == self.meter.ended() + self.in_flight()
    }

    fn in_flight(&self) -> u64 {
        self.journal.in_flight().iter().map(|cursor| cursor.records).sum()
    }

    fn letters(&self) -> Vec<u64> {
        self.dead_letters.letters().iter().map(|(id, _)| id.sequence.0).collect()
    }

    fn delivered(&self) -> u64 {
        self.meter.delivered.load(Ordering::SeqCst)
    }

    fn filtered(&self) -> u64 {
        self.meter.filtered.load(Ordering::SeqCst)
    }
}

/// Runs `test` with tasks that need not be `Send`, as on a sink's own thread.
async fn local(test: impl Future<Output = ()>) {
    LocalSet::new().run_until(test).await;
}

/// Lets the driver do what it can do at once.
async fn a_moment() {
    sleep(Duration::from_millis(1)).await;
}

const CLEAN: Outcome = Outcome { left_records: 0, left_octets: 0, closed: true };

#[tokio::test(start_paused = true)]
async fn records_arrive_in_order_and_the_law_holds() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        bench.append(&[(Cef, "a"), (Other, "b")]);
        bench.append(&[(Other, "c")]);
        assert_eq!(bench.drain().await, CLEAN);
        assert_eq!(bench.sink.texts(), ["a", "b", "c"]);
        assert!(bench.law_holds() && bench.sink.is_closed());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn only_the_classes_of_the_sink_count() {
    local(async {
        let mut bench = Bench::start([Cef].into_iter().collect());
        bench.append(&[(Cef, "a"), (Other, "b"), (Cef, "c")]);
        bench.drain().await;
        assert_eq!((bench.sink.texts(), bench.delivered()), (vec!["a".to_owned(), "c".to_owned()], 2));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_record_that_the_sink_loses_breaks_the_law() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        bench.sink.lose(1);
        bench.append(&[(Cef, "a"), (Cef, "b")]);
        assert_eq!(bench.drain().await, CLEAN, "the cursor moves all the same");
        assert_eq!(bench.sink.texts(), ["b"]);
        assert!(!bench.law_holds(), "the loss must show");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_passing_failure_is_retried_until_it_passes_and_nothing_moves_meanwhile() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        bench.sink.refuse((0..20).map(|_| passing("no_space")));
        bench.append(&[(Cef, "a"), (Cef, "b")]);
        sleep(Duration::from_secs(60)).await;
        assert_eq!(bench.journal.in_flight()[0].records, 2);
        assert!(bench.law_holds());
        let alarm = bench.handle.alarm().unwrap();
        assert_eq!((alarm.reason, alarm.failures), ("no_space", bench.sink.attempts()));
        assert_eq!(bench.meter.stalled.load(Ordering::SeqCst), 1);

        sleep(Duration::from_secs(20 * 30)).await;
        assert_eq!((bench.handle.alarm(), bench.meter.stalled.load(Ordering::SeqCst)), (None, 0));
        assert_eq!(bench.drain().await, CLEAN);
        assert_eq!((bench.sink.texts(), bench.sink.attempts()), (vec!["a".to_owned(), "b".to_owned()], 21));
        assert_eq!(bench.meter.retried.load(Ordering::SeqCst), 20);
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_configuration_error_is_retried_like_a_passing_one() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        let DeliveryError::Passing(trouble) = passing("permission") else { unreachable!() };
        bench.sink.refuse([DeliveryError::Configuration(trouble)]);
        bench.append(&[(Cef, "a")]);
        assert_eq!(bench.drain().await, CLEAN);
        assert_eq!((bench.sink.texts().len(), bench.sink.rebuilt()), (1, 0));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn after_a_fatal_error_the_sink_is_rebuilt_before_the_batch_comes_again() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        let DeliveryError::Passing(trouble) = passing("fenced") else { unreachable!() };
        bench.sink.refuse([DeliveryError::Fatal(trouble)]);
        bench.append(&[(Cef, "a")]);
        assert_eq!(bench.drain().await, CLEAN);
        assert_eq!((bench.sink.texts().len(), bench.sink.rebuilt()), (1, 1));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn rejected_records_become_dead_letters_and_their_neighbours_arrive_in_order() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        bench.sink.reject(b"bad");
        bench.append(&[(Cef, "a"), (Cef, "bad 1"), (Cef, "b"), (Other, "bad 2")]);
        bench.append(&[(Cef, "c")]);
        assert_eq!(bench.drain().await, CLEAN);
        assert_eq!(bench.sink.texts(), ["a", "b", "c"]);
        assert_eq!(bench.letters(), [1, 3]);
        assert!(bench.dead_letters.letters().iter().all(|(_, reason)| *reason == "poison"));
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_rejection_of_a_record_that_was_not_given_shows_in_the_ledger() {
    /// Rejects one record of each batch, but names another.
    struct Confused;

    impl Sink for Confused {
        async fn deliver(&mut self, batch: &SinkBatch<'_>) -> Result<Progress, DeliveryError> {
            let stranger = Rejected { record: Sequence(99), reason: "poison", what: String::new() };
            Ok(Progress::Settled(Ack { records: batch.len() - 1, rejected: vec![stranger] }))
        }
    }

    let journal = Journal::memory(JournalId(1), u64::MAX);
    let cursor = journal.cursor("memory", ClassMask::ALL).unwrap();
    let (dead_letters, meter) = (MemoryDeadLetters::default(), Arc::<SumMeter>::default());
    let settings = DriverSettings::default();
    let (driver, _) = Driver::new(Confused, cursor, dead_letters.clone(), Arc::clone(&meter), settings);
    journal.append(batch_of(&[(Cef, "a"), (Cef, "b")])).unwrap();
    journal.close();
    assert_eq!(driver.run(CancellationToken::new()).await, CLEAN, "the cursor moves all the same");
    assert_eq!((meter.ended(), dead_letters.letters().len()), (1, 0), "one of two is missing");
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_nothing_but_rejected_records_is_settled() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        bench.sink.reject(b"bad");
        bench.append(&[(Cef, "bad")]);
        assert_eq!(bench.drain().await, CLEAN);
        assert_eq!((bench.delivered(), bench.dead_letters.letters().len()), (0, 1));
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn dead_letters_that_cannot_be_kept_are_tried_again_and_kept_once() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        bench.sink.reject(b"bad");
        bench.dead_letters.refuse(3);
        bench.append(&[(Cef, "a"), (Cef, "bad")]);
        assert_eq!(bench.drain().await, CLEAN);
        assert_eq!((bench.sink.texts().len(), bench.letters().len(), bench.handle.alarm()), (1, 1, None));
        assert_eq!(bench.meter.retried.load(Ordering::SeqCst), 3);
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_a_stalled_delivery_and_tells_what_is_left() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        bench.append(&[(Cef, "first")]);
        sleep(Duration::from_secs(1)).await;
        bench.sink.stall(true);
        bench.append(&[(Cef, "four"), (Cef, "five5")]);
        bench.append(&[(Other, "1")]);
        sleep(Duration::from_secs(1)).await;
        bench.abandon.cancel();
        assert_eq!(bench.drain().await, Outcome { left_records: 3, left_octets: 10, closed: true });
        assert_eq!((bench.delivered(), bench.meter.dropped.load(Ordering::SeqCst)), (1, 3));
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_a_pause_between_attempts() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        bench.sink.refuse((0..1000).map(|_| passing("connection")));
        bench.append(&[(Cef, "a")]);
        sleep(Duration::from_secs(300)).await;
        bench.abandon.cancel();
        assert_eq!(bench.drain().await.left_records, 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_became_a_dead_letter_is_not_left_behind_at_the_deadline() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        bench.sink.reject(b"poison");
        bench.append(&[(Cef, "poison")]);
        sleep(Duration::from_secs(1)).await;
        bench.sink.stall(true);
        bench.append(&[(Cef, "good")]);
        sleep(Duration::from_secs(60)).await;
        bench.abandon.cancel();
        assert_eq!(bench.drain().await, Outcome { left_records: 1, left_octets: 4, closed: true });
        assert_eq!(bench.dead_letters.letters().len(), 1);
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_closed_journal_is_emptied_before_the_driver_ends() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        bench.sink.stall(true);
        (0..10).for_each(|_| bench.append(&[(Cef, "a")]));
        bench.journal.close();
        sleep(Duration::from_secs(5)).await;
        assert!(!bench.running.is_finished());
        bench.sink.stall(false);
        assert_eq!(bench.drain().await, CLEAN);
        assert_eq!(bench.delivered(), 10);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn reopening_works_while_idle_and_cuts_a_pause_short() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        sleep(Duration::from_secs(1)).await;
        bench.handle.reopen();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(bench.sink.reopened(), 1);

        bench.sink.refuse((0..12).map(|_| passing("permission")));
        bench.append(&[(Cef, "a")]);
        while bench.sink.attempts() < 12 {
            sleep(Duration::from_secs(1)).await;
        }
        // The twelfth failure is followed by a pause of at least 15 s.
        bench.handle.reopen();
        sleep(Duration::from_secs(1)).await;
        assert_eq!((bench.sink.reopened(), bench.delivered()), (2, 1));
        bench.drain().await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_fails_again_and_again_is_not_maintained_between_the_attempts() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        a_moment().await;
        bench.sink.refuse((0..10).map(|_| passing("no_space")));
        bench.append(&[(Cef, "a")]);
        sleep(Duration::from_secs(10)).await;
        assert!(bench.sink.attempts() > 5);
        assert_eq!(bench.sink.maintained(), 1, "it would forget what it has of the delivery");
        sleep(Duration::from_secs(60)).await;
        assert_eq!(bench.drain().await, CLEAN);
        assert!(bench.sink.maintained() > 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_alarm_of_the_maintenance_lasts_until_a_maintenance_succeeds() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        a_moment().await;
        bench.sink.refuse_maintenance((0..5).map(|_| passing("sync")));
        for _ in 0..5 {
            sleep(Duration::from_secs(1)).await;
            bench.append(&[(Cef, "a")]);
            a_moment().await;
            assert_eq!(bench.handle.alarm().unwrap().reason, "sync", "deliveries go on beside it");
        }
        assert_eq!((bench.delivered(), bench.sink.attempts()), (5, 5), "nothing is given again for it");
        sleep(Duration::from_secs(1)).await;
        assert_eq!(bench.handle.alarm(), None);
        bench.drain().await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_sink_is_maintained_every_second() {
    local(async {
        let mut bench = Bench::start(ClassMask::ALL);
        sleep(Duration::from_millis(10_500)).await;
        assert_eq!(bench.sink.maintained(), 11);
        bench.drain().await;
    })
    .await;
}
