//! One file of the log: its beginning, and how it comes into being.

use std::path::Path;

use record::{JournalId, Sequence, UnixNanos};

use super::crash::crash_point;
use super::entry::{Seal, part};
use super::error::{At, LogErrorKind, is_full};
use super::identity::FORMAT_VERSION;
use super::paths::create_whole;
use super::storage::{Access, Storage, StoredFile, again, read_readable_at, write_at};
use super::{Identity, LogError};

/// Octets of a segment's beginning; the first entry follows.
pub(crate) const SEGMENT_HEADER_BYTES: usize = 64;
const MAGIC: [u8; 8] = *b"GULLYSEG";

/// The beginning of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) journal: JournalId,
    pub(crate) number: u64,
    pub(crate) first: Sequence,
    pub(crate) created_at: UnixNanos,
    pub(crate) salt: u64,
}

/// What stands at the beginning of a segment's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beginning {
    Whole(SegmentHeader),
    Newer(u32),
    Damaged,
}

impl SegmentHeader {
    pub(crate) const fn new(identity: &Identity, number: u64, first: Sequence, created_at: UnixNanos) -> Self {
        Self { journal: identity.journal, number, first, created_at, salt: identity.salt }
    }

    fn encode(&self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut octets = [0; SEGMENT_HEADER_BYTES];
        octets[..8].copy_from_slice(&MAGIC);
        octets[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        octets[16..24].copy_from_slice(&self.journal.0.to_le_bytes());
        octets[24..32].copy_from_slice(&self.number.to_le_bytes());
        octets[32..40].copy_from_slice(&self.first.0.to_le_bytes());
        octets[40..48].copy_from_slice(&self.created_at.0.to_le_bytes());
        octets[48..56].copy_from_slice(&self.salt.to_le_bytes());
        let check = crc32fast::hash(&octets[..60]);
        octets[60..].copy_from_slice(&check.to_le_bytes());
        octets
    }

    pub(crate) fn decode(octets: &[u8]) -> Beginning {
        let Some(octets) = octets.first_chunk::<SEGMENT_HEADER_BYTES>() else { return Beginning::Damaged };
        if octets[..8] != MAGIC || crc32fast::hash(&octets[..60]).to_le_bytes() != octets[60..] {
            return Beginning::Damaged;
        }
        match u32::from_le_bytes(part(octets, 8)) {
            FORMAT_VERSION => {}
            version if version > FORMAT_VERSION => return Beginning::Newer(version),
            _ => return Beginning::Damaged,
        }
        let number = |from| u64::from_le_bytes(part(octets, from));
        Beginning::Whole(Self {
            journal: JournalId(number(16)),
            number: number(24),
            first: Sequence(number(32)),
            created_at: UnixNanos(number(40)),
            salt: number(48),
        })
    }

    /// Reads the beginning of the segment `number` at `path`. `None` when it is damaged.
    ///
    /// # Errors
    /// When the file is of another journal, a copy of another segment, or of a newer version.
    pub(crate) fn read<F: StoredFile>(
        file: &F,
        path: &Path,
        identity: &Identity,
        number: u64,
    ) -> Result<Option<Self>, LogError> {
        let mut octets = [0; SEGMENT_HEADER_BYTES];
        let (read, _) = read_readable_at(file, &mut octets, 0).at(path, "read")?;
        match Self::decode(&octets[..read]) {
            Beginning::Damaged => Ok(None),
            Beginning::Newer(version) => {
                let what =
                    format!("has format version {version}, newer than {FORMAT_VERSION}, which this program knows");
                Err(LogError::new(LogErrorKind::NewerFormat, path, what))
            }
            Beginning::Whole(header) if header.journal != identity.journal || header.salt != identity.salt => {
                let what = format!("belongs to journal {:016x}, not to {:016x}", header.journal.0, identity.journal.0);
                Err(LogError::new(LogErrorKind::WrongJournal, path, what))
            }
            Beginning::Whole(header) if header.number != number => {
                let what = format!("is a copy of segment {:016x}, as its beginning says", header.number);
                Err(LogError::new(LogErrorKind::DuplicateSegment, path, what))
            }
            Beginning::Whole(header) => Ok(Some(header)),
        }
    }
}

/// How many octets to reserve for a segment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) wanted: u64,
    pub(crate) needed: u64,
}

/// A segment that is written to.
#[derive(Debug)]
pub(crate) struct Segment<F> {
    pub(crate) number: u64,
    pub(crate) file: F,
    pub(crate) seal: Seal,
    /// Where the next entry goes.
    pub(crate) offset: u64,
    /// What was reserved.
    pub(crate) bytes: u64,
}

impl<F: StoredFile> Segment<F> {
    /// Makes a segment; when it returns, a power cut does not take it away.
    ///
    /// It is made as large as wanted, or if the disk has no room for that, as large as needed. `fill` may write
    /// entries from the first place on, before anybody sees the file, and returns where they end.
    pub(crate) fn create<S: Storage<File = F>>(
        storage: &S,
        path: &Path,
        header: SegmentHeader,
        Room { wanted, needed }: Room,
        fill: impl FnOnce(&F, &Seal) -> std::io::Result<u64>,
    ) -> Result<Self, LogError> {
        let seal = Seal::new(header.journal, header.salt, header.number);
        let (mut offset, mut bytes) = (SEGMENT_HEADER_BYTES as u64, wanted);
        let file = create_whole(storage, path, true, |file| {
            crash_point!("segment.created");
            if let Err(cause) = again(|| file.allocate(wanted)) {
                if needed == wanted || !is_full(&cause) {
                    return Err(cause);
                }
                bytes = needed;
                again(|| file.truncate(0))?;
                again(|| file.allocate(needed))?;
            }
            write_at(file, &header.encode(), 0)?;
            offset = fill(file, &seal)?;
            Ok(())
        })?;
        crash_point!("segment.directory_synced");
        Ok(Self { number: header.number, file, seal, offset, bytes })
    }

    /// Opens one that exists, to go on writing at `offset`.
    pub(crate) fn open<S: Storage<File = F>>(
        storage: &S,
        path: &Path,
        identity: &Identity,
        number: u64,
        offset: u64,
    ) -> Result<Self, LogError> {
        let file = again(|| storage.open(path, Access::Write)).at(path, "open")?;
        let bytes = file.bytes().at(path, "read")?;
        Ok(Self { number, file, seal: Seal::new(identity.journal, identity.salt, number), offset, bytes })
    }

    /// Makes zeros of all behind `offset`, and reserves `bytes` again.
    pub(crate) fn cut(&mut self, offset: u64, bytes: u64) -> std::io::Result<()> {
        again(|| self.file.truncate(offset))?;
        again(|| self.file.allocate(bytes))?;
        self.offset = offset;
        self.bytes = bytes;
        Ok(())
    }
}
