//! What appending and reading cost in allocations.

use super::support::*;
use crate::log::{Disk, Item, Log, NewEntry};

#[test]
fn appending_and_reading_allocate_nothing_once_warm() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal");
    let mut log = Log::open(Disk, &path, settings(8 << 20)).unwrap().log;
    let octets = [7; 300];
    let mut write = |groups: usize| {
        for _ in 0..groups {
            for _ in 0..50 {
                log.stage(NewEntry { kind: 1, flags: 0, records: 1, payload: &octets }).unwrap();
            }
            log.write().unwrap();
        }
        log.written()
    };
    write(1);
    let appending = allocation_counter::measure(|| {
        write(100);
    });
    assert_eq!(appending.count_total, 0);

    let end = log.written();
    let mut reader = log.reader(at(0));
    assert!(matches!(reader.next(end), Ok(Item::Entry(_))));
    let mut records = 0;
    let reading = allocation_counter::measure(|| {
        while let Ok(Item::Entry(_)) = reader.next(end) {
            records += 1;
        }
    });
    assert_eq!((records, reading.count_total), (101 * 50 - 1, 0));
}
