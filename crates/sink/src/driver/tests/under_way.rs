//! Several deliveries under way.

use super::*;

/// A bench whose sink leaves up to `under_way_max` batches under way, and has each of `deliveries` there.
async fn under_way(under_way_max: usize, deliveries: &[&[&str]]) -> Bench {
    let mut bench = Bench::with(MemorySink::leaving_under_way(under_way_max), ClassMask::ALL);
    bench.sink.reject(b"bad");
    for delivery in deliveries {
        append(&mut bench, delivery).await;
    }
    bench
}

/// Appends a batch, and gives the driver the time to hand it over.
async fn append(bench: &mut Bench, texts: &[&str]) {
    bench.append(&texts.iter().map(|text| (Cef, *text)).collect::<Vec<_>>());
    a_moment().await;
}

/// Settles one, and gives the driver the time to see it.
async fn settle_one(bench: &Bench) {
    bench.sink.settle(1);
    a_moment().await;
}

impl Bench {
    /// The first record of each batch that was handed over, in the order of the attempts.
    fn handed_over(&self) -> Vec<u64> {
        self.sink.handed_over().iter().map(|batch| batch[0].0).collect()
    }

    /// Settles all and comes to the end, with exactly `texts` kept in this order and nothing missing.
    async fn finish(&mut self, texts: &[&str]) {
        self.sink.settle(100);
        assert_eq!(self.drain().await, CLEAN);
        assert_eq!(self.sink.texts(), texts);
        assert!(self.law_holds());
    }
}

#[tokio::test(start_paused = true)]
async fn they_are_settled_oldest_first_and_the_cursor_moves_with_each() {
    local(async {
        let mut bench = under_way(3, &[&["a"], &["b", "c"], &["d"]]).await;
        assert_eq!((bench.sink.under_way(), bench.in_flight()), (3, 4));
        for in_flight in [3, 1, 0] {
            settle_one(&bench).await;
            assert_eq!(bench.in_flight(), in_flight);
            assert!(bench.law_holds());
        }
        bench.finish(&["a", "b", "c", "d"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn there_are_never_more_than_the_sink_wants() {
    local(async {
        let mut bench = under_way(2, &[&["a"], &["b"], &["c"], &["d"], &["e"]]).await;
        assert_eq!(bench.handed_over(), [0, 1]);
        settle_one(&bench).await;
        assert_eq!(bench.handed_over(), [0, 1, 2]);
        assert_eq!(bench.sink.handed_over()[2].len(), 3, "what came meanwhile comes together");
        bench.finish(&["a", "b", "c", "d", "e"]).await;
        assert_eq!(bench.sink.under_way_most(), 2);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn after_an_error_all_that_is_not_settled_is_given_again_oldest_first() {
    local(async {
        let mut bench = under_way(3, &[&["a"], &["b", "c"], &["d"]]).await;
        bench.sink.fail(passing("connection"));
        sleep(Duration::from_secs(1)).await;
        assert_eq!(bench.handed_over(), [0, 1, 3, 0, 1, 3]);
        assert_eq!(bench.sink.handed_over()[4].len(), 2, "whole");
        assert_eq!((bench.in_flight(), bench.meter.retried.load(Ordering::SeqCst)), (4, 1));
        bench.finish(&["a", "b", "c", "d"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_was_settled_before_an_error_is_not_given_again() {
    local(async {
        let mut bench = under_way(3, &[&["a"], &["b"], &["c"]]).await;
        bench.sink.settle(1);
        bench.sink.fail(passing("connection"));
        sleep(Duration::from_secs(1)).await;
        assert_eq!((bench.handed_over(), bench.in_flight()), (vec![0, 1, 2, 1, 2], 2));
        bench.finish(&["a", "b", "c"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_error_when_one_is_handed_over_takes_back_the_others_too() {
    local(async {
        let mut bench = under_way(3, &[&["a"], &["b"]]).await;
        bench.sink.refuse([passing("queue")]);
        append(&mut bench, &["c"]).await;
        assert_eq!((bench.sink.under_way(), bench.in_flight()), (0, 3));
        sleep(Duration::from_secs(1)).await;
        assert_eq!(bench.handed_over(), [0, 1, 2, 0, 1, 2]);
        bench.finish(&["a", "b", "c"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_error_while_they_are_given_again_begins_anew_with_the_oldest() {
    local(async {
        let mut bench = under_way(3, &[&["a"], &["b"], &["c"]]).await;
        bench.sink.fail(passing("connection"));
        bench.sink.refuse_after(1, [passing("queue")]);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(bench.handed_over(), [0, 1, 2, 0, 1, 0, 1, 2]);
        bench.finish(&["a", "b", "c"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_a_sink_has_kept_of_a_failed_batch_counts_once() {
    local(async {
        let mut bench = under_way(3, &[&["a", "b"], &["c", "d"]]).await;
        bench.sink.keep_early(3);
        bench.sink.fail(passing("connection"));
        sleep(Duration::from_secs(1)).await;
        assert_eq!((bench.delivered(), bench.in_flight()), (0, 4), "nothing was settled");
        bench.finish(&["a", "b", "c", "d"]).await;
        assert_eq!(bench.delivered(), 4);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_fatal_error_has_the_sink_rebuilt_before_anything_is_given_again() {
    local(async {
        let mut bench = under_way(3, &[&["a"], &["b"]]).await;
        let DeliveryError::Passing(trouble) = passing("fenced") else { unreachable!() };
        bench.sink.refuse_rebuild((0..5).map(|_| passing("no_broker")));
        bench.sink.fail(DeliveryError::Fatal(trouble));
        sleep(Duration::from_secs(1)).await;
        assert_eq!((bench.sink.rebuilt(), bench.sink.attempts()), (0, 2), "the first attempts to rebuild it fail");
        assert_eq!(bench.handle.alarm().unwrap().reason, "no_broker");
        sleep(Duration::from_secs(10)).await;
        assert_eq!((bench.sink.rebuilt(), bench.handed_over()), (1, vec![0, 1, 0, 1]));
        bench.finish(&["a", "b"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_takes_batches_and_then_fails_is_tried_ever_more_slowly() {
    local(async {
        let mut bench = under_way(2, &[&["a"], &["b"]]).await;
        (0..1000).for_each(|_| bench.sink.fail(passing("connection")));
        sleep(Duration::from_secs(60)).await;
        let retried = bench.meter.retried.load(Ordering::SeqCst);
        assert!((9..=13).contains(&retried), "{retried} retries in a minute");
        assert_eq!(bench.handle.alarm().unwrap().failures, retried);
        bench.abandon.cancel();
        bench.drain().await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_settled_batch_makes_the_next_pause_short_again() {
    local(async {
        let mut bench = under_way(2, &[&["a"], &["b"]]).await;
        (0..10).for_each(|_| bench.sink.fail(passing("connection")));
        bench.sink.settle(1);
        bench.sink.fail(passing("connection"));
        while bench.in_flight() == 2 {
            sleep(Duration::from_millis(1)).await;
        }
        // Its pause is 100 ms at most; without the success before it would be at least 15 s.
        let attempts = bench.sink.attempts();
        sleep(Duration::from_millis(101)).await;
        assert_eq!(bench.sink.attempts(), attempts + 1);
        bench.finish(&["a", "b"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_alarm_stays_until_something_is_settled() {
    local(async {
        let mut bench = under_way(2, &[&["a"], &["b"]]).await;
        bench.sink.fail(passing("connection"));
        sleep(Duration::from_secs(10)).await;
        assert_eq!(bench.sink.under_way(), 2);
        assert_eq!(bench.handle.alarm().unwrap().reason, "connection", "to be taken and maintained proves nothing");
        settle_one(&bench).await;
        assert_eq!((bench.handle.alarm(), bench.meter.stalled.load(Ordering::SeqCst)), (None, 0));
        bench.finish(&["a", "b"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn rejected_records_in_the_middle_become_dead_letters_in_their_turn() {
    local(async {
        let mut bench = under_way(3, &[&["a"], &["b", "bad 1", "c", "bad 2"], &["d"]]).await;
        for letters in [0, 2, 2] {
            settle_one(&bench).await;
            assert_eq!(bench.letters().len(), letters);
            assert!(bench.law_holds());
        }
        assert_eq!(bench.letters(), [2, 4]);
        bench.finish(&["a", "b", "c", "d"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn dead_letters_that_cannot_be_kept_hold_the_cursor_but_not_the_maintenance() {
    local(async {
        let mut bench = under_way(3, &[&["a", "bad"], &["b"], &["c"]]).await;
        bench.dead_letters.refuse(1000);
        bench.sink.settle(3);
        let maintained = bench.sink.maintained();
        sleep(Duration::from_secs(60)).await;
        assert_eq!((bench.in_flight(), bench.delivered()), (4, 0));
        assert!(bench.law_holds());
        assert_eq!(bench.handle.alarm().unwrap().reason, "dead_letters");
        assert_eq!(bench.sink.maintained(), maintained + 60);

        bench.dead_letters.refuse(0);
        bench.handle.reopen();
        a_moment().await;
        assert_eq!((bench.in_flight(), bench.letters(), bench.handle.alarm()), (0, vec![1], None));
        bench.finish(&["a", "b", "c"]).await;
        assert_eq!(bench.sink.attempts(), 3, "nothing was given again");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_settled_at_once_while_older_ones_are_under_way_counts_in_its_turn() {
    local(async {
        let mut bench = under_way(3, &[&["a"]]).await;
        bench.sink.settle_at_once(true);
        append(&mut bench, &["b"]).await;
        assert_eq!((bench.delivered(), bench.in_flight()), (0, 2), "the cursor never runs ahead");
        bench.sink.settle_at_once(false);
        bench.sink.fail(passing("connection"));
        sleep(Duration::from_secs(1)).await;
        assert_eq!(bench.handed_over(), [0, 1, 0], "only the first was not settled");
        bench.finish(&["b", "a"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_lost_under_way_breaks_the_law() {
    local(async {
        let mut bench = under_way(3, &[&["a"], &["b", "c"], &["d"]]).await;
        settle_one(&bench).await;
        bench.sink.lose(1);
        settle_one(&bench).await;
        assert_eq!((bench.delivered(), bench.in_flight()), (2, 1));
        assert!(!bench.law_holds(), "the loss must show");
        bench.sink.settle(1);
        assert_eq!(bench.drain().await, CLEAN);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_journal_waits_for_what_is_under_way() {
    local(async {
        let mut bench = under_way(3, &[&["a"], &["b"], &["c"]]).await;
        bench.journal.close();
        settle_one(&bench).await;
        bench.sink.fail(passing("connection"));
        sleep(Duration::from_secs(5)).await;
        assert!(!bench.running.is_finished() && !bench.sink.is_closed());
        assert_eq!(bench.handed_over(), [0, 1, 2, 1, 2]);
        bench.finish(&["a", "b", "c"]).await;
        assert!(bench.sink.is_closed());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_deadline_leaves_what_is_under_way() {
    local(async {
        let mut bench = under_way(3, &[&["1"], &["22", "bad"], &["4444"]]).await;
        settle_one(&bench).await;
        bench.abandon.cancel();
        assert_eq!(bench.drain().await, Outcome { left_records: 3, left_octets: 9, closed: true });
        assert_eq!((bench.delivered(), bench.meter.dropped.load(Ordering::SeqCst)), (1, 3));
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_deadline_leaves_letters_that_cannot_be_kept_but_not_their_neighbours() {
    local(async {
        let mut bench = under_way(3, &[&["1", "bad", "22"], &["4444"], &["88888888"]]).await;
        bench.dead_letters.refuse(1000);
        bench.sink.settle(1);
        sleep(Duration::from_secs(60)).await;
        bench.abandon.cancel();
        assert_eq!(bench.drain().await, Outcome { left_records: 3, left_octets: 15, closed: true });
        assert_eq!((bench.delivered(), bench.letters().len()), (2, 0));
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn letters_that_were_kept_are_not_left_behind() {
    local(async {
        let mut bench = under_way(3, &[&["1", "bad", "22"], &["4444"], &["88888888"]]).await;
        settle_one(&bench).await;
        bench.abandon.cancel();
        assert_eq!(bench.drain().await, Outcome { left_records: 2, left_octets: 12, closed: true });
        assert_eq!((bench.delivered(), bench.letters().len()), (2, 1));
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_a_rebuild_that_never_succeeds() {
    local(async {
        let mut bench = under_way(3, &[&["a"], &["b"]]).await;
        let DeliveryError::Passing(trouble) = passing("fenced") else { unreachable!() };
        bench.sink.refuse_rebuild((0..1000).map(|_| passing("no_broker")));
        bench.sink.fail(DeliveryError::Fatal(trouble));
        sleep(Duration::from_secs(60)).await;
        bench.abandon.cancel();
        assert_eq!(bench.drain().await.left_records, 2);
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_sink_is_maintained_while_batches_are_under_way() {
    local(async {
        let mut bench = under_way(1, &[&["a"]]).await;
        sleep(Duration::from_millis(10_500)).await;
        assert_eq!((bench.sink.maintained(), bench.sink.under_way()), (11, 1));
        bench.sink.refuse_maintenance([passing("metadata")]);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(bench.handle.alarm().unwrap().reason, "metadata");
        assert_eq!((bench.sink.under_way(), bench.sink.attempts()), (1, 1), "nothing is given again for it");
        bench.finish(&["a"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn reopening_leaves_what_is_under_way_and_cuts_a_pause_short() {
    local(async {
        let mut bench = under_way(3, &[&["a"], &["b"]]).await;
        bench.handle.reopen();
        a_moment().await;
        assert_eq!((bench.sink.reopened(), bench.sink.under_way(), bench.sink.attempts()), (1, 2, 2));

        (0..12).for_each(|_| bench.sink.fail(passing("connection")));
        while bench.meter.retried.load(Ordering::SeqCst) < 12 {
            sleep(Duration::from_secs(1)).await;
        }
        // The twelfth failure is followed by a pause of at least 15 s.
        assert_eq!(bench.sink.under_way(), 0);
        bench.handle.reopen();
        a_moment().await;
        assert_eq!((bench.sink.reopened(), bench.sink.under_way()), (2, 2));
        bench.finish(&["a", "b"]).await;
    })
    .await;
}
