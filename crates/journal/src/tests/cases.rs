//! What a journal promises, case by case.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::batches::{Returned, batch_of};
use crate::{Cursor, Delivery, Journal, JournalError, Position};
use record::Class::{Cef, Other, UaaAudit};
use record::{Class, ClassMask, JournalId, Sequence};

fn journal() -> Journal {
    Journal::memory(JournalId(7), u64::MAX)
}

fn append(journal: &Journal, classes: &[Class]) -> Position {
    journal.append(batch_of(classes, 10, &Arc::default())).unwrap().position
}

fn only(class: Class) -> ClassMask {
    [class].into_iter().collect()
}

/// What the cursor hands out without waiting; `None` when it would wait or has ended.
async fn at_once(cursor: &mut Cursor, bytes_max: u64) -> Option<Delivery> {
    tokio::select! {
        biased;
        delivery = cursor.next(bytes_max) => delivery,
        () = std::future::ready(()) => None,
    }
}

fn firsts(delivery: &Delivery) -> Vec<u64> {
    delivery.batches.iter().map(|(first, _)| first.0).collect()
}

#[tokio::test]
async fn sequences_have_no_gaps_even_for_records_that_nobody_takes() {
    let journal = journal();
    let mut cursor = journal.cursor("uaa", only(UaaAudit)).unwrap();
    assert_eq!(append(&journal, &[Other, Other]).next(), Sequence(2));
    let appended = journal.append(batch_of(&[UaaAudit, Other, Other], 10, &Arc::default())).unwrap();
    assert_eq!((appended.first, appended.position.next(), appended.unwanted), (Sequence(2), Sequence(5), 2));

    let delivery = at_once(&mut cursor, 100).await.unwrap();
    assert_eq!((firsts(&delivery), delivery.end, delivery.records), (vec![2], appended.position, 1));
}

#[tokio::test]
async fn a_cursor_begins_with_what_comes_after_it_was_opened() {
    let journal = journal();
    append(&journal, &[Other]);
    let mut cursor = journal.cursor("late", ClassMask::ALL).unwrap();
    assert_eq!((cursor.position(), cursor.in_flight()), (journal.end(), 0));
    append(&journal, &[Other]);
    assert_eq!(firsts(&at_once(&mut cursor, 100).await.unwrap()), [1]);
}

#[tokio::test]
async fn a_delivery_stops_at_its_size_but_has_at_least_one_batch() {
    let journal = journal();
    let mut cursor = journal.cursor("a", ClassMask::ALL).unwrap();
    for _ in 0..4 {
        append(&journal, &[Other; 10]);
    }
    assert_eq!(firsts(&at_once(&mut cursor, 1).await.unwrap()), [0]);
    assert_eq!(firsts(&at_once(&mut cursor, 20).await.unwrap()), [10, 20]);
    assert_eq!(firsts(&at_once(&mut cursor, 20).await.unwrap()), [30]);
    assert!(at_once(&mut cursor, 20).await.is_none());
}

#[tokio::test]
async fn deliveries_run_ahead_of_acks_and_one_ack_covers_several() {
    let journal = journal();
    let mut cursor = journal.cursor("a", ClassMask::ALL).unwrap();
    for _ in 0..3 {
        append(&journal, &[Other, Cef]);
    }
    at_once(&mut cursor, 1).await.unwrap();
    let second = at_once(&mut cursor, 1).await.unwrap();
    assert_eq!(cursor.in_flight(), 6);
    cursor.ack(second.end);
    assert_eq!((cursor.in_flight(), cursor.position()), (2, second.end));
    cursor.ack(Position::default());
    assert_eq!(cursor.in_flight(), 2, "an older ack changes nothing");
    cursor.ack(journal.end());
    assert_eq!(cursor.in_flight(), 2, "what was not handed out cannot be acknowledged");
    assert_eq!(firsts(&at_once(&mut cursor, 1).await.unwrap()), [4]);
}

#[tokio::test]
async fn a_position_inside_a_batch_leaves_the_batch_in_flight() {
    let journal = journal();
    let mut cursor = journal.cursor("a", ClassMask::ALL).unwrap();
    append(&journal, &[Other, Other]);
    at_once(&mut cursor, 1).await.unwrap();
    cursor.ack(Position::before(Sequence(1)));
    assert_eq!(cursor.in_flight(), 2);
}

#[tokio::test]
async fn after_a_rewind_everything_unacknowledged_comes_again() {
    let journal = journal();
    let mut cursor = journal.cursor("a", ClassMask::ALL).unwrap();
    for _ in 0..3 {
        append(&journal, &[Other]);
    }
    let first = at_once(&mut cursor, 1).await.unwrap();
    at_once(&mut cursor, 9).await.unwrap();
    cursor.ack(first.end);
    cursor.rewind();
    assert_eq!(firsts(&at_once(&mut cursor, 9).await.unwrap()), [1, 2]);
}

#[tokio::test]
async fn a_batch_is_freed_when_the_last_cursor_that_wants_it_has_acknowledged() {
    let journal = journal();
    let returned = Arc::new(Returned::default());
    let mut fast = journal.cursor("fast", ClassMask::ALL).unwrap();
    let mut slow = journal.cursor("slow", only(Cef)).unwrap();
    journal.append(batch_of(&[Other, Cef], 30, &returned)).unwrap();
    journal.append(batch_of(&[Other], 5, &returned)).unwrap();
    assert_eq!(journal.bytes_held(), 35);

    let delivery = at_once(&mut fast, 100).await.unwrap();
    let (both, fast_only) = (Arc::downgrade(&delivery.batches[0].1), Arc::downgrade(&delivery.batches[1].1));
    fast.ack(delivery.end);
    drop(delivery);
    assert!(both.upgrade().is_some() && fast_only.upgrade().is_none());
    assert_eq!((journal.bytes_held(), returned.0.load(Ordering::SeqCst)), (30, 5));

    let delivery = at_once(&mut slow, 100).await.unwrap();
    slow.ack(delivery.end);
    drop(delivery);
    assert!(both.upgrade().is_none());
    assert_eq!((journal.bytes_held(), returned.0.load(Ordering::SeqCst)), (0, 35));
}

#[test]
fn a_batch_that_nobody_takes_is_let_go_at_once() {
    let journal = journal();
    let returned = Arc::new(Returned::default());
    let _cursor = journal.cursor("cef", only(Cef)).unwrap();
    assert_eq!(journal.append(batch_of(&[Other; 3], 9, &returned)).unwrap().unwanted, 3);
    assert_eq!((journal.bytes_held(), returned.0.load(Ordering::SeqCst)), (0, 9));
}

#[test]
fn dropping_a_cursor_lets_go_of_what_it_held() {
    let journal = journal();
    let returned = Arc::new(Returned::default());
    let cursor = journal.cursor("a", ClassMask::ALL).unwrap();
    journal.append(batch_of(&[Other], 9, &returned)).unwrap();
    assert_eq!((cursor.in_flight(), cursor.octets_in_flight()), (1, 1));
    drop(cursor);
    assert_eq!((journal.bytes_held(), returned.0.load(Ordering::SeqCst)), (0, 9));
    assert_eq!(journal.in_flight(), []);
}

#[test]
fn in_flight_counts_the_records_of_each_cursors_classes() {
    let journal = journal();
    let _all = journal.cursor("all", ClassMask::ALL).unwrap();
    let _cef = journal.cursor("cef", only(Cef)).unwrap();
    append(&journal, &[Cef, Other, Cef]);
    let in_flight = journal.in_flight();
    let figures = in_flight.iter().map(|each| (&*each.cursor, each.records)).collect::<Vec<_>>();
    assert_eq!(figures, [("all", 3), ("cef", 2)]);
}

#[test]
fn a_full_journal_gives_the_batch_back_and_takes_it_when_there_is_room() {
    let journal = Journal::memory(JournalId(7), 10);
    let cursor = journal.cursor("a", ClassMask::ALL).unwrap();
    append(&journal, &[Other]);
    let refused = journal.append(batch_of(&[Other], 1, &Arc::default())).unwrap_err();
    assert_eq!(refused.error, JournalError::Full { held_bytes: 10, batch_bytes: 1, quota_bytes: 10 });
    drop(cursor);
    assert_eq!(journal.append(refused.batch).unwrap().first, Sequence(1));
}

#[test]
fn names_of_open_cursors_differ() {
    let journal = journal();
    let first = journal.cursor("a", ClassMask::ALL).unwrap();
    assert_eq!(journal.cursor("a", ClassMask::ALL).unwrap_err(), JournalError::CursorTaken { name: "a".to_owned() });
    drop(first);
    assert!(journal.cursor("a", ClassMask::ALL).is_ok());
}

#[tokio::test]
async fn a_closed_journal_refuses_appends_and_ends_its_cursors_after_the_last_batch() {
    let journal = journal();
    let mut cursor = journal.cursor("a", ClassMask::ALL).unwrap();
    append(&journal, &[Other]);
    journal.close();
    assert_eq!(journal.append(batch_of(&[Other], 1, &Arc::default())).unwrap_err().error, JournalError::Closed);
    let delivery = cursor.next(100).await.unwrap();
    assert!(cursor.next(100).await.is_none());
    cursor.ack(delivery.end);
    assert_eq!(cursor.in_flight(), 0);
}

#[tokio::test]
async fn what_is_appended_in_memory_is_as_durable_as_it_gets() {
    let journal = journal();
    let position = append(&journal, &[Other]);
    assert_eq!(journal.durable(position).await, Ok(()));
}

#[tokio::test]
async fn a_waiting_cursor_wakes_for_an_append_and_for_the_end() {
    let journal = journal();
    let mut cursor = journal.cursor("a", ClassMask::ALL).unwrap();
    let writer = journal.clone();
    let waiting = tokio::spawn(async move {
        let delivery = cursor.next(100).await.unwrap();
        (delivery.records, cursor.next(100).await.is_none())
    });
    tokio::task::yield_now().await;
    append(&writer, &[Other, Other]);
    tokio::task::yield_now().await;
    writer.close();
    assert_eq!(waiting.await.unwrap(), (2, true));
}

#[tokio::test]
async fn a_wait_that_is_cancelled_loses_no_wake_up() {
    let journal = journal();
    let mut cursor = journal.cursor("a", ClassMask::ALL).unwrap();
    for round in 0..100 {
        // The wait is registered, then cancelled; on even rounds after the append has already woken it.
        let mut wait = Box::pin(cursor.next(100));
        assert!(is_pending(&mut wait).await);
        if round % 2 == 0 {
            append(&journal, &[Other]);
        }
        drop(wait);
        if round % 2 == 1 {
            append(&journal, &[Other]);
        }
        let delivery = cursor.next(100).await.unwrap();
        assert_eq!(firsts(&delivery), [round]);
        cursor.ack(delivery.end);
    }
}

/// Polls once; whether it is still waiting.
async fn is_pending<F: Future + Unpin>(future: &mut F) -> bool {
    tokio::select! {
        biased;
        _ = future => false,
        () = std::future::ready(()) => true,
    }
}
