//! A sink's place on the disk: two slots, written in turn, so that one of them is always whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crc32fast::Hasher;
use record::{JournalId, Sequence};

use super::LogError;
use super::catalogue::Shared;
use super::crash::crash_point;
use super::entry::part;
use super::error::{At, LogErrorKind};
use super::identity::FORMAT_VERSION;
use super::paths::create_whole;
use super::storage::{Access, Storage, StoredFile, again, read_readable_at, write_at};
use crate::Position;

/// The largest state that a sink may keep with its place, in octets.
pub const STATE_BYTES_MAX: usize = 64 << 10;

const MAGIC: [u8; 8] = *b"GULLYCUR";
const HEADER_BYTES: usize = 64;
const SLOT_BYTES_UNIT: usize = 4096;
const FILE_BYTES_MAX: usize = 2 * (STATE_BYTES_MAX + SLOT_BYTES_UNIT);

/// A cursor's file, open. Saving is what makes an acknowledgement outlive the process.
#[derive(Debug)]
pub struct CursorFile<S: Storage> {
    shared: Arc<Shared<S>>,
    name: String,
    path: PathBuf,
    file: S::File,
    slot_bytes: usize,
    saved: Slot,
    damaged_slots: usize,
    is_dead: bool,
    // Memory to work in.
    next: Slot,
    octets: Vec<u8>,
}

/// What a slot says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Slot {
    generation: u64,
    position: Sequence,
    segment: u64,
    state: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    Whole(Slot, u32),
    Empty,
    Damaged,
    Newer(u32),
    OfJournal(JournalId),
}

/// A cursor's file, read but not yet in use.
#[derive(Debug)]
pub(crate) struct FoundCursor<F> {
    name: String,
    path: PathBuf,
    file: F,
    slot_bytes: usize,
    saved: Slot,
    damaged_slots: usize,
}

impl<F: StoredFile> FoundCursor<F> {
    /// Reads the file of the cursor `name`.
    pub(crate) fn read<S: Storage<File = F>>(
        storage: &S,
        path: PathBuf,
        name: String,
        journal: JournalId,
    ) -> Result<Self, LogError> {
        let file = again(|| storage.open(&path, Access::Write)).at(&path, "open")?;
        let mut octets = vec![0; FILE_BYTES_MAX];
        let (read, _) = read_readable_at(&file, &mut octets, 0).at(&path, "read")?;
        octets.truncate(read);
        let (slot_bytes, saved, damaged_slots) =
            choose(&octets, journal).map_err(|(kind, what)| LogError::new(kind, &path, what))?;
        Ok(Self { name, path, file, slot_bytes, saved, damaged_slots })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn has_damage(&self) -> bool {
        self.damaged_slots > 0
    }

    pub(crate) fn position(&self) -> Sequence {
        self.saved.position
    }

    /// The number of the newest segment when it was saved.
    pub(crate) fn segment(&self) -> u64 {
        self.saved.segment
    }

    pub(crate) fn with<S: Storage<File = F>>(self, shared: &Arc<Shared<S>>) -> CursorFile<S> {
        let Self { name, path, file, slot_bytes, saved, damaged_slots } = self;
        CursorFile {
            shared: Arc::clone(shared),
            name,
            path,
            file,
            slot_bytes,
            saved,
            damaged_slots,
            is_dead: false,
            next: Slot::default(),
            octets: Vec::new(),
        }
    }
}

/// The slot that counts, the size of the slots, and how many of them are damaged.
fn choose(octets: &[u8], journal: JournalId) -> Result<(usize, Slot, usize), (LogErrorKind, String)> {
    let half = octets.len() / 2 / SLOT_BYTES_UNIT * SLOT_BYTES_UNIT;
    let first = Slot::decode(octets, journal);
    // The file may have lost its end: an intact first slot knows how long it is itself.
    let slot_bytes = match first {
        Found::Whole(_, slot_bytes) => slot_bytes as usize,
        _ => half.max(SLOT_BYTES_UNIT),
    };
    let second = Slot::decode(octets.get(slot_bytes..).unwrap_or_default(), journal);
    let mut damaged_slots = 0;
    let mut best = None::<Slot>;
    for found in [first, second] {
        match found {
            Found::Newer(version) => {
                let what =
                    format!("has format version {version}, newer than {FORMAT_VERSION}, which this program knows");
                return Err((LogErrorKind::NewerFormat, what));
            }
            Found::OfJournal(other) => {
                let what = format!("belongs to journal {:016x}, not to {:016x}", other.0, journal.0);
                return Err((LogErrorKind::WrongJournal, what));
            }
            Found::Whole(slot, _) if best.as_ref().is_none_or(|best| best.generation < slot.generation) => {
                best = Some(slot);
            }
            Found::Whole(..) | Found::Empty => {}
            Found::Damaged => damaged_slots += 1,
        }
    }
    match best {
        Some(slot) => Ok((slot_bytes, slot, damaged_slots)),
        None => Err((LogErrorKind::CursorDamaged, "neither of its two slots is whole".to_owned())),
    }
}

impl Slot {
    fn decode(octets: &[u8], journal: JournalId) -> Found {
        if octets.len() < HEADER_BYTES || octets[..8] != MAGIC {
            let is_empty = octets.len() >= HEADER_BYTES && octets[..HEADER_BYTES].iter().all(|octet| *octet == 0);
            return if is_empty { Found::Empty } else { Found::Damaged };
        }
        let state_bytes = u32::from_le_bytes(part(octets, 52)) as usize;
        let written = octets.get(..HEADER_BYTES.saturating_add(state_bytes)).filter(|_| state_bytes <= STATE_BYTES_MAX);
        let Some(written) = written.filter(|written| check(written).to_le_bytes() == octets[12..16]) else {
            return Found::Damaged;
        };
        let number = |from| u64::from_le_bytes(part(octets, from));
        let version = u32::from_le_bytes(part(octets, 8));
        let slot_bytes = u32::from_le_bytes(part(octets, 48));
        if version > FORMAT_VERSION {
            return Found::Newer(version);
        }
        if number(16) != journal.0 {
            return Found::OfJournal(JournalId(number(16)));
        }
        let state = written[HEADER_BYTES..].to_vec();
        Found::Whole(
            Self { generation: number(24), position: Sequence(number(32)), segment: number(40), state },
            slot_bytes,
        )
    }

    fn encode(&self, journal: JournalId, slot_bytes: usize, octets: &mut Vec<u8>) {
        octets.clear();
        octets.resize(HEADER_BYTES, 0);
        octets.extend_from_slice(&self.state);
        octets[..8].copy_from_slice(&MAGIC);
        octets[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        octets[16..24].copy_from_slice(&journal.0.to_le_bytes());
        octets[24..32].copy_from_slice(&self.generation.to_le_bytes());
        octets[32..40].copy_from_slice(&self.position.0.to_le_bytes());
        octets[40..48].copy_from_slice(&self.segment.to_le_bytes());
        octets[48..52].copy_from_slice(&(slot_bytes as u32).to_le_bytes());
        octets[52..56].copy_from_slice(&(self.state.len() as u32).to_le_bytes());
        let check = check(octets);
        octets[12..16].copy_from_slice(&check.to_le_bytes());
    }
}

/// Of a slot's header, but for the checksum itself, and its state.
fn check(written: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(&written[..12]);
    hasher.update(&written[16..]);
    hasher.finalize()
}

/// Slots large enough for a state, with some room to grow.
fn slot_bytes_for(state_bytes: usize) -> usize {
    (HEADER_BYTES + state_bytes).next_multiple_of(SLOT_BYTES_UNIT)
}

impl<S: Storage> CursorFile<S> {
    /// Makes the file of a new cursor.
    pub(crate) fn create(shared: &Arc<Shared<S>>, name: &str, position: Position) -> Result<Self, LogError> {
        let path = shared.paths.cursor(name);
        if again(|| shared.storage.open(&path, Access::Read)).is_ok() {
            return Err(LogError::new(LogErrorKind::CursorExists, &path, "there is a cursor of this name"));
        }
        let segment = shared.catalogue().last_number();
        let saved = Slot { generation: 1, position: position.next(), segment, state: Vec::new() };
        let mut octets = Vec::new();
        let slot_bytes = SLOT_BYTES_UNIT;
        let file = write_whole(shared, &path, &saved, slot_bytes, true, &mut octets)?;
        Ok(FoundCursor { name: name.to_owned(), path, file, slot_bytes, saved, damaged_slots: 0 }.with(shared))
    }

    /// The cursor's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The place that was saved last.
    #[must_use]
    pub fn position(&self) -> Position {
        Position::before(self.saved.position)
    }

    /// The state that was saved with it.
    #[must_use]
    pub fn state(&self) -> &[u8] {
        &self.saved.state
    }

    /// How many of the two slots could not be read when the file was opened. One is usual after a power cut; what was
    /// delivered since the other one was written is then delivered again.
    #[must_use]
    pub const fn damaged_slots(&self) -> usize {
        self.damaged_slots
    }

    /// Saves what was found once more: it may be in the kernel's memory only, and a damaged slot is whole again afterwards.
    pub(crate) fn save_again(&mut self) -> Result<(), LogError> {
        let state = std::mem::take(&mut self.saved.state);
        match self.save(self.position(), &state) {
            // No reason not to start: it is as safe as it was.
            Err(error) if error.kind() == LogErrorKind::Full => {
                self.saved.state = state;
                Ok(())
            }
            saved => saved,
        }
    }

    /// Saves a place and what the sink wants to know there again. When it returns, a power cut does not take it away.
    ///
    /// One write and one fdatasync; when the state has outgrown its slot, a new file.
    ///
    /// # Errors
    /// [`LogErrorKind::TooLarge`] for a state of more than [`STATE_BYTES_MAX`]; nothing was changed. After a failed sync it is not known
    /// which place is on the disk, and each later call fails.
    pub fn save(&mut self, position: Position, state: &[u8]) -> Result<(), LogError> {
        if self.is_dead {
            return Err(LogError::new(LogErrorKind::Dead, &self.path, "an earlier write or sync of it failed"));
        }
        if state.len() > STATE_BYTES_MAX {
            let what = format!("a state of {} octets is more than {STATE_BYTES_MAX}", state.len());
            return Err(LogError::new(LogErrorKind::TooLarge, &self.path, what));
        }
        let Some(generation) = self.saved.generation.checked_add(1) else {
            return Err(LogError::new(LogErrorKind::Exhausted, &self.path, "all generations are used up"));
        };
        self.next.state.clear();
        self.next.state.extend_from_slice(state);
        self.next.generation = generation;
        self.next.position = position.next();
        self.next.segment = self.shared.catalogue().last_number();
        let done = if slot_bytes_for(state.len()) <= self.slot_bytes { self.write_slot() } else { self.grow() };
        match &done {
            Ok(()) => std::mem::swap(&mut self.saved, &mut self.next),
            // Without room nothing was begun that cannot be begun again.
            Err(error) => self.is_dead = error.kind() != LogErrorKind::Full,
        }
        done
    }

    fn write_slot(&mut self) -> Result<(), LogError> {
        self.next.encode(self.shared.identity.journal, self.slot_bytes, &mut self.octets);
        let offset = self.next.generation % 2 * self.slot_bytes as u64;
        #[cfg(any(test, feature = "crash-points"))]
        write_at(&self.file, &self.octets[..self.octets.len() / 2], offset).at(&self.path, "write")?;
        crash_point!("cursor.half_written");
        write_at(&self.file, &self.octets, offset).at(&self.path, "write")?;
        crash_point!("cursor.written");
        self.file.sync_data().map_err(|cause| LogError::sync(&self.path, cause))
    }

    fn grow(&mut self) -> Result<(), LogError> {
        // Twice what is needed now: a state that grew will grow again.
        let slot_bytes = slot_bytes_for((2 * self.next.state.len()).min(STATE_BYTES_MAX));
        let Self { shared, path, next, octets, .. } = self;
        self.file = write_whole(shared, path, next, slot_bytes, false, octets)?;
        self.slot_bytes = slot_bytes;
        Ok(())
    }

    /// Removes the file: the sink is no more.
    ///
    /// # Errors
    /// When the system says no.
    pub fn remove(self) -> Result<(), LogError> {
        let Self { shared, path, .. } = self;
        again(|| shared.storage.unlink(&path)).at(&path, "remove")?;
        let directory = &shared.paths.cursors;
        shared.storage.sync_directory(directory).map_err(|cause| LogError::sync(directory, cause))
    }
}

/// Makes a file with one written slot.
fn write_whole<S: Storage>(
    shared: &Shared<S>,
    path: &Path,
    slot: &Slot,
    slot_bytes: usize,
    is_new: bool,
    octets: &mut Vec<u8>,
) -> Result<S::File, LogError> {
    slot.encode(shared.identity.journal, slot_bytes, octets);
    create_whole(&shared.storage, path, is_new, |file| {
        again(|| file.allocate(2 * slot_bytes as u64))?;
        write_at(file, octets, slot.generation % 2 * slot_bytes as u64)
    })
}
