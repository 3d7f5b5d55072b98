//! A sink that gets only a part of its records.

use ::select::Condition;

use super::*;

/// A bench whose sink leaves up to `under_way_max` batches under way, and gets no records that begin with `noise`.
fn bench(under_way_max: usize) -> Bench {
    let filter = Filter::new(Some(Condition::parse(r#"not msg starts_with "noise""#).unwrap()), []);
    let sink = MemorySink::leaving_under_way(under_way_max);
    sink.reject(b"bad");
    Bench::selecting(sink, ClassMask::ALL, filter)
}

/// Appends a batch, and gives the driver the time to hand it over.
async fn append(bench: &mut Bench, texts: &[&str]) {
    bench.append(&texts.iter().map(|text| (Cef, *text)).collect::<Vec<_>>());
    a_moment().await;
}

/// The records of each batch that was handed over, in the order of the attempts.
fn handed_over(bench: &Bench) -> Vec<Vec<u64>> {
    let sequences = |batch: &Vec<Sequence>| batch.iter().map(|sequence| sequence.0).collect();
    bench.sink.handed_over().iter().map(sequences).collect()
}

#[tokio::test(start_paused = true)]
async fn the_sink_gets_what_is_selected_and_the_rest_is_counted() {
    local(async {
        let mut bench = bench(1);
        bench.sink.settle(2);
        append(&mut bench, &["noise", "a", "noise", "b"]).await;
        append(&mut bench, &["c"]).await;
        assert_eq!(bench.drain().await, CLEAN);
        assert_eq!(handed_over(&bench), [vec![1, 3], vec![4]]);
        assert_eq!((bench.delivered(), bench.filtered()), (3, 2));
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_delivery_of_noise_is_settled_without_the_sink() {
    local(async {
        let mut bench = bench(1);
        append(&mut bench, &["noise 1", "noise 2"]).await;
        assert_eq!((bench.in_flight(), bench.filtered(), bench.sink.attempts()), (0, 2, 0));
        assert_eq!(bench.drain().await, CLEAN);
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn deliveries_of_noise_take_up_no_room_and_wait_for_their_turn() {
    local(async {
        let mut bench = bench(2);
        for texts in [&["a"], &["noise"], &["noise"], &["noise"], &["b"], &["noise"], &["c"]] {
            append(&mut bench, texts).await;
        }
        assert_eq!((handed_over(&bench), bench.sink.under_way()), (vec![vec![0], vec![4]], 2));
        assert_eq!((bench.in_flight(), bench.filtered()), (7, 0), "the cursor never runs ahead");
        bench.sink.settle(1);
        a_moment().await;
        assert_eq!((bench.in_flight(), bench.filtered(), handed_over(&bench).len()), (3, 3, 3));
        bench.sink.settle(2);
        assert_eq!(bench.drain().await, CLEAN);
        assert_eq!((bench.sink.texts(), bench.filtered()), (vec!["a".into(), "b".into(), "c".into()], 4));
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_given_again_is_the_same_selection() {
    local(async {
        let mut bench = bench(3);
        append(&mut bench, &["noise", "a", "b"]).await;
        append(&mut bench, &["noise"]).await;
        append(&mut bench, &["c", "noise"]).await;
        bench.sink.fail(passing("connection"));
        sleep(Duration::from_secs(1)).await;
        assert_eq!(handed_over(&bench), [vec![1, 2], vec![4], vec![1, 2], vec![4]]);
        assert_eq!((bench.in_flight(), bench.filtered()), (6, 0), "nothing is settled");
        bench.sink.settle(2);
        assert_eq!(bench.drain().await, CLEAN);
        assert_eq!((bench.delivered(), bench.filtered()), (3, 3));
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn noise_never_becomes_a_dead_letter() {
    local(async {
        let mut bench = bench(1);
        bench.sink.settle(1);
        append(&mut bench, &["noise bad", "bad", "a"]).await;
        assert_eq!(bench.drain().await, CLEAN);
        assert_eq!((bench.letters(), bench.delivered(), bench.filtered()), (vec![1], 1, 1));
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_noise_is_not_left_behind() {
    local(async {
        let mut bench = bench(2);
        append(&mut bench, &["noise", "22"]).await;
        append(&mut bench, &["noise"]).await;
        append(&mut bench, &["noise", "4444"]).await;
        bench.abandon.cancel();
        assert_eq!(bench.drain().await, Outcome { left_records: 2, left_octets: 6, closed: true });
        assert_eq!(bench.filtered(), 3);
        assert!(bench.law_holds());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_only_letters_that_cannot_be_kept_are_left_of_their_delivery() {
    local(async {
        let mut bench = bench(2);
        bench.dead_letters.refuse(1000);
        append(&mut bench, &["noise", "a", "bad"]).await;
        append(&mut bench, &["noise", "88888888"]).await;
        bench.sink.settle(1);
        sleep(Duration::from_secs(60)).await;
        bench.abandon.cancel();
        assert_eq!(bench.drain().await, Outcome { left_records: 2, left_octets: 11, closed: true });
        assert_eq!((bench.delivered(), bench.filtered(), bench.letters().len()), (1, 2, 0));
        assert!(bench.law_holds());
    })
    .await;
}
