//! What appending costs without a sync, how many entries a second go to the disk with one fdatasync per MiB, and how fast they are read.
//!
//! `cargo run --release -p gully-journal --example log_speed -- DIRECTORY` on the disk that is to be measured.

use std::path::{Path, PathBuf};
use std::time::Instant;

use gully_journal::Position;
use gully_journal::log::{Disk, Item, Log, LogSettings, NewEntry, NewJournal};
use record::{JournalId, Sequence};

const GROUP_BYTES: usize = 1 << 20;
const PAYLOAD_BYTES: usize = 400;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::args_os().nth(1).map(PathBuf::from).ok_or("which directory?")?;
    let directory = directory.join("log_speed.tmp");
    let new = NewJournal { journal: JournalId(1), salt: 2, host: String::new() };
    let settings = LogSettings { segment_bytes: 64 << 20, reserve_bytes: 0, quarantine_bytes_max: 0, new };
    let mut log = Log::open(Disk, &directory, settings)?.log;
    let payload = (0..PAYLOAD_BYTES).map(|place| (place * 7) as u8).collect::<Vec<_>>();

    let stage = |log: &mut Log<Disk>| {
        let mut entries = 0;
        while log.staged_bytes() + PAYLOAD_BYTES < GROUP_BYTES {
            log.stage(NewEntry { kind: 1, flags: 0, records: 1, payload: &payload })?;
            entries += 1;
        }
        Ok::<u64, gully_journal::log::LogError>(entries)
    };

    let (mut staged, mut written, mut entries) = (0.0, 0.0, 0);
    for group in 0..401 {
        let start = Instant::now();
        let count = stage(&mut log)?;
        let middle = Instant::now();
        log.write()?;
        if group > 0 {
            staged += (middle - start).as_secs_f64();
            written += middle.elapsed().as_secs_f64();
            entries += count;
        }
        // Not counted: the sync comes once in a while, so that the kernel does not make the writer wait.
        if group % 16 == 0 {
            log.sync()?;
        }
    }
    let each = |seconds: f64| seconds * 1e9 / entries as f64;
    println!("{PAYLOAD_BYTES} octets: {:.1} ns to stage, {:.1} ns to write, per entry", each(staged), each(written));

    let start = Instant::now();
    let mut synced = 0;
    let mut worst = 0.0_f64;
    for _ in 0..200 {
        let group = Instant::now();
        synced += stage(&mut log)?;
        log.write()?;
        log.sync()?;
        worst = worst.max(group.elapsed().as_secs_f64());
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "one fdatasync per MiB: {:.0} entries/s, {:.0} MiB/s, worst group {:.1} ms",
        synced as f64 / seconds,
        200.0 / seconds,
        worst * 1e3
    );

    let end = log.written();
    let mut reader = log.reader(Position::before(Sequence(0)));
    let start = Instant::now();
    let mut read = 0_u64;
    while let Item::Entry(_) = reader.next(end)? {
        read += 1;
    }
    let nanoseconds = start.elapsed().as_secs_f64() * 1e9 / read as f64;
    println!("reading: {nanoseconds:.1} ns per entry");

    drop(log);
    let start = Instant::now();
    let settings = LogSettings { segment_bytes: 64 << 20, reserve_bytes: 0, quarantine_bytes_max: 0, new: again() };
    drop(Log::open(Disk, &directory, settings)?);
    println!("start: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    remove(&directory)
}

fn again() -> NewJournal {
    NewJournal { journal: JournalId(1), salt: 2, host: String::new() }
}

fn remove(directory: &Path) -> Result<(), Box<dyn std::error::Error>> {
    Ok(std::fs::remove_dir_all(directory)?)
}
