//! Writers and cursors on threads of their own: nothing lost, nothing twice, nobody left asleep.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use super::batches::{Returned, batch_of};
use crate::{Journal, Position};
use record::{Class, ClassMask, JournalId};

const WRITER_COUNT: u64 = 4;
const BATCHES_EACH: u64 = 5_000;
const BATCH: [Class; 3] = [Class::Cef, Class::Other, Class::Other];

/// Reads to the end on a runtime of its own, as the thread of a sink does, and returns how many records it was given.
fn drain(journal: &Journal, name: &'static str, take: ClassMask) -> thread::JoinHandle<u64> {
    let mut cursor = journal.cursor(name, take).unwrap();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut records, mut end) = (0, Position::default());
            while let Some(delivery) = cursor.next(64).await {
                for (first, _) in &delivery.batches {
                    assert_eq!(*first, end.next(), "batches follow each other");
                    end = Position::before(first.plus(BATCH.len() as u64));
                }
                records += delivery.records;
                cursor.ack(delivery.end);
            }
            assert_eq!(cursor.in_flight(), 0);
            records
        })
    })
}

#[test]
fn many_writers_and_cursors_neither_lose_nor_sleep() {
    let journal = Journal::memory(JournalId(1), u64::MAX);
    let returned = Arc::new(Returned::default());
    let all = drain(&journal, "all", ClassMask::ALL);
    let cef = drain(&journal, "cef", ClassMask::parse("cef").unwrap());
    let writers = (0..WRITER_COUNT).map(|_| {
        let (journal, returned) = (journal.clone(), Arc::clone(&returned));
        thread::spawn(move || {
            for round in 0..BATCHES_EACH {
                journal.append(batch_of(&BATCH, 3, &returned)).unwrap();
                if round % 64 == 0 {
                    thread::yield_now(); // lets the cursors run dry and fall asleep now and then
                }
            }
        })
    });
    writers.collect::<Vec<_>>().into_iter().for_each(|writer| writer.join().unwrap());
    journal.close();

    let batches = WRITER_COUNT * BATCHES_EACH;
    assert_eq!((all.join().unwrap(), cef.join().unwrap()), (3 * batches, batches));
    assert_eq!((journal.bytes_held(), returned.0.load(Ordering::SeqCst)), (0, 3 * batches));
}

#[test]
fn a_cursor_that_keeps_pace_is_woken_for_every_single_append() {
    let journal = Journal::memory(JournalId(1), u64::MAX);
    let mut cursor = journal.cursor("a", ClassMask::ALL).unwrap();
    let (acknowledged, next) = std::sync::mpsc::channel();
    let reader = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            while let Some(delivery) = cursor.next(1).await {
                cursor.ack(delivery.end);
                acknowledged.send(delivery.end).unwrap();
            }
        });
    });
    // A lost wake-up would leave both sides waiting for each other.
    for _ in 0..BATCHES_EACH {
        let position = journal.append(batch_of(&BATCH, 0, &Arc::default())).unwrap().position;
        assert_eq!(next.recv().unwrap(), position);
    }
    journal.close();
    reader.join().unwrap();
}
