//! The hint how far the last segment is on the disk.
//!
//! After a failed fdatasync the kernel may show octets that are not on the disk. They cannot be told from others by reading; but
//! as long as the kernel runs, it also shows what was written here last.

use std::io;
use std::path::Path;

use record::{JournalId, Sequence};

use super::LogError;
use super::entry::part;
use super::error::At;
use super::storage::{Access, Storage, StoredFile, again, read_at, write_at};

const BYTES: usize = 44;
const MAGIC: [u8; 8] = *b"GULLYSYN";

/// What is on the disk for sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Synced {
    pub(crate) segment: u64,
    /// All before it.
    pub(crate) offset: u64,
    /// The number behind the last record before `offset`.
    pub(crate) next: Sequence,
}

/// The file it is written to.
#[derive(Debug)]
pub(crate) struct SyncedFile<F> {
    file: F,
    journal: JournalId,
}

impl<F: StoredFile> SyncedFile<F> {
    /// Opens or creates the file, and reads what it says, if that can be trusted.
    pub(crate) fn open<S: Storage<File = F>>(
        storage: &S,
        path: &Path,
        journal: JournalId,
    ) -> Result<(Self, Option<Synced>), LogError> {
        let file = match again(|| storage.open(path, Access::Write)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => again(|| storage.open(path, Access::CreateNew)),
            opened => opened,
        };
        let file = file.at(path, "open")?;
        let mut octets = [0; BYTES];
        let synced = match read_at(&file, &mut octets, 0) {
            Ok(BYTES) => Synced::decode(&octets, journal),
            _ => None,
        };
        Ok((Self { file, journal }, synced))
    }

    /// Writes it down. A failure leaves an older hint, which is as true.
    pub(crate) fn write(&self, synced: Synced) {
        let _ = write_at(&self.file, &synced.encode(self.journal), 0);
    }
}

impl Synced {
    fn encode(self, journal: JournalId) -> [u8; BYTES] {
        let mut octets = [0; BYTES];
        octets[..8].copy_from_slice(&MAGIC);
        octets[8..16].copy_from_slice(&journal.0.to_le_bytes());
        octets[16..24].copy_from_slice(&self.segment.to_le_bytes());
        octets[24..32].copy_from_slice(&self.offset.to_le_bytes());
        octets[32..40].copy_from_slice(&self.next.0.to_le_bytes());
        let check = crc32fast::hash(&octets[..40]);
        octets[40..].copy_from_slice(&check.to_le_bytes());
        octets
    }

    fn decode(octets: &[u8; BYTES], journal: JournalId) -> Option<Self> {
        let number = |from| u64::from_le_bytes(part(octets, from));
        let is_right = octets[..8] == MAGIC
            && octets[8..16] == journal.0.to_le_bytes()
            && octets[40..] == crc32fast::hash(&octets[..40]).to_le_bytes();
        is_right.then(|| Self { segment: number(16), offset: number(24), next: Sequence(number(32)) })
    }
}
