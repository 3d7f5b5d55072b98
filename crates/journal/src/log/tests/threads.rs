//! A writer, readers and the removal of segments at the same time (L-04).

use std::sync::atomic::{AtomicU64, Ordering};

use record::Sequence;

use super::support::*;
use crate::log::{Disk, Item, Log, NewEntry};

const RECORDS: u64 = 30_000;

#[test]
fn readers_see_every_record_once_while_segments_come_and_go() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = Log::open(Disk, &directory.path().join("journal"), settings(64 << 10)).unwrap().log;
    let written = AtomicU64::new(0);
    let passed = [AtomicU64::new(0), AtomicU64::new(0)];
    std::thread::scope(|scope| {
        for passed in &passed {
            let mut reader = log.reader(at(0));
            let written = &written;
            scope.spawn(move || {
                let mut next = 0;
                while next < RECORDS {
                    match reader.next(at(written.load(Ordering::Acquire))).unwrap() {
                        Item::Entry(entry) => {
                            assert_eq!(entry.sequence, Sequence(next));
                            assert!(entry.payload == payload(next));
                            next += 1;
                        }
                        Item::End => {
                            passed.store(next, Ordering::Release);
                            std::thread::yield_now();
                        }
                        other => panic!("{other:?}"),
                    }
                }
                passed.store(next, Ordering::Release);
            });
        }
        let mut dropped = 0;
        while log.written() < at(RECORDS) {
            let from = log.written().next().0;
            for sequence in from..RECORDS.min(from + 50) {
                log.stage(NewEntry { kind: 1, flags: 2, records: 1, payload: &payload(sequence) }).unwrap();
            }
            written.store(log.write().unwrap().next().0, Ordering::Release);
            let slowest = passed.iter().map(|passed| passed.load(Ordering::Acquire)).min().unwrap();
            dropped += log.drop_before(at(slowest)).unwrap();
            assert_eq!(dropped, log.segments()[0].number - 1);
        }
    });
    log.drop_before(log.written()).unwrap();
    assert_eq!(log.segments().len(), 1);
    assert!(log.segments()[0].number > 50);
}
