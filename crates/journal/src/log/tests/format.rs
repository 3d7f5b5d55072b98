//! `FORMAT.md`, followed by a program that shares nothing with the log but the checksum.

use std::collections::BTreeMap;
use std::path::Path;

use super::support::*;
use crate::log::{Disk, Log};

fn u32_at(octets: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(octets[at..at + 4].try_into().unwrap())
}

fn u64_at(octets: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(octets[at..at + 8].try_into().unwrap())
}

fn check(parts: &[&[u8]]) -> u32 {
    crc32fast::hash(&parts.concat())
}

/// The records of a segment's file, as the page says to read them.
fn records(octets: &[u8], journal: u64, salt: u64, number: u64) -> Vec<(u64, Vec<u8>)> {
    assert_eq!(&octets[..8], b"GULLYSEG");
    assert_eq!((u32_at(octets, 8), u32_at(octets, 12), u32_at(octets, 56)), (1, 0, 0));
    assert_eq!((u64_at(octets, 16), u64_at(octets, 24), u64_at(octets, 48)), (journal, number, salt));
    assert_eq!(u32_at(octets, 60), check(&[&octets[..60]]));
    let mut found = Vec::new();
    let mut at = 64;
    while octets.len() - at >= 28 && octets[at..at + 4] == [0xe9, 0x67, 0xb7, 0x79] {
        let header = &octets[at..at + 28];
        let payload = &octets[at + 28..at + 28 + u32_at(header, 4) as usize];
        assert_eq!(u32_at(header, 20), check(&[payload]));
        let place = [journal, salt, number, at as u64].map(u64::to_le_bytes).concat();
        assert_eq!(u32_at(header, 24), check(&[&place, &header[..24]]));
        assert_eq!(u16::from_le_bytes(header[10..12].try_into().unwrap()), 1);
        found.push((u64_at(header, 12), payload.to_vec()));
        at += 28 + payload.len();
    }
    assert!(octets[at..].iter().all(|octet| *octet == 0));
    found
}

#[test]
fn another_program_can_read_a_journal_by_the_page() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal");
    let mut log = Log::open(Disk, &path, settings(16 << 10)).unwrap().log;
    for _ in 0..100 {
        commit(&mut log, 5);
    }
    let mut cursor = log.create_cursor("to siem", at(0)).unwrap();
    cursor.save(at(123), b"place").unwrap();
    let hint = std::fs::read(path.join("synced")).unwrap();
    drop(log);

    let text = std::fs::read_to_string(path.join("journal")).unwrap();
    let (covered, sum) = text.split_at(text.find("check = ").unwrap());
    assert_eq!(sum, format!("check = {:08x}\n", check(&[covered.as_bytes()])));
    let pairs = covered.lines().map(|line| line.split_once(" = ").unwrap()).collect::<BTreeMap<_, _>>();
    assert_eq!((pairs["format"], pairs["version"], pairs["host"]), ("gully journal", "1", "here"));
    let hexadecimal = |key| u64::from_str_radix(pairs[key], 16).unwrap();
    let (journal, salt) = (hexadecimal("journal"), hexadecimal("salt"));
    assert_eq!((journal, salt), (0xabcd, 0x1234_5678_9abc_def0));

    let mut all = Vec::new();
    let mut last = 0;
    for number in 1.. {
        let Ok(octets) = std::fs::read(path.join(format!("segments/{number:016x}.log"))) else { break };
        assert_eq!(u64_at(&octets, 32), all.len() as u64, "the first sequence");
        all.extend(records(&octets, journal, salt, number));
        last = number;
    }
    assert_eq!(all, (0..500).map(|sequence| (sequence, payload(sequence))).collect::<Vec<_>>());

    let octets = std::fs::read(path.join("cursors/to%20siem")).unwrap();
    assert_eq!(octets.len(), 8192);
    // Generation 1 was the making of the file, generation 2 the saving.
    for (slot, generation, position, state) in [(1, 1, 0, &b""[..]), (0, 2, 123, b"place")] {
        let slot = &octets[slot * 4096..];
        assert_eq!((&slot[..8], u32_at(slot, 8)), (&b"GULLYCUR"[..], 1));
        assert_eq!(u32_at(slot, 12), check(&[&slot[..12], &slot[16..64 + state.len()]]));
        assert_eq!((u64_at(slot, 16), u64_at(slot, 24), u64_at(slot, 32)), (journal, generation, position));
        assert_eq!((u64_at(slot, 40), u32_at(slot, 48), u64_at(slot, 56)), (last, 4096, 0));
        assert_eq!((u32_at(slot, 52), &slot[64..64 + state.len()]), (state.len() as u32, state));
    }

    assert_eq!((&hint[..8], hint.len()), (&b"GULLYSYN"[..], 44));
    assert_eq!((u64_at(&hint, 8), u64_at(&hint, 16), u64_at(&hint, 32)), (journal, last, 500));
    assert_eq!(u32_at(&hint, 40), check(&[&hint[..40]]));
    check_modes(&path);
}

fn check_modes(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for (name, mode) in
        [("", 0o700), ("segments", 0o700), ("cursors", 0o700), ("quarantine", 0o700), ("journal", 0o600)]
    {
        let found = std::fs::metadata(path.join(name)).unwrap().permissions().mode();
        assert_eq!(found & 0o777, mode, "{name}");
    }
}
