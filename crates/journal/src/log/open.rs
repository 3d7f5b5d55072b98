//! Opening a journal's directory, or making one.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::{JournalId, Sequence};

use super::catalogue::{Catalogue, Listed, Shared};
use super::cursor_file::FoundCursor;
use super::entry::Seal;
use super::error::{At, LogErrorKind};
use super::lock::Lock;
use super::paths::{Paths, UNFINISHED, decoded, segment_number};
use super::quarantine::Quarantine;
use super::recover::{LastSegment, Recovery, Surroundings};
use super::reserve::Reserve;
use super::segment::{Room, SEGMENT_HEADER_BYTES, Segment, SegmentHeader};
use super::storage::{Access, Storage, StoredFile, again};
use super::synced::{Synced, SyncedFile};
use super::walk::{Step, Walk};
use super::writer::{Parts, exhausted};
use super::{CursorFile, Identity, Log, LogError};

/// How a journal is kept.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// Size of a segment, in octets. A group of entries goes into one segment whole, so that no group can be larger.
    pub segment_bytes: u64,
    /// Room that is reserved and can be given up when the disk is full, in octets; 0 for none.
    pub reserve_bytes: u64,
    /// Most octets that the quarantine takes.
    pub quarantine_bytes_max: u64,
    /// Who the journal is, if there is none yet.
    pub new: NewJournal,
}

/// A journal that is made because there is none.
#[derive(Debug, Clone)]
pub struct NewJournal {
    /// Its number: random.
    pub journal: JournalId,
    /// Random too, and told to nobody: keeps others from writing what looks like an entry.
    pub salt: u64,
    /// The name of this machine; for people.
    pub host: String,
}

/// An open journal.
#[derive(Debug)]
pub struct Opened<S: Storage> {
    /// Where to append.
    pub log: Log<S>,
    /// The cursors there are, by name.
    pub cursors: Vec<CursorFile<S>>,
    /// What the start found and did.
    pub recovery: Recovery,
}

/// A segment that was found.
#[derive(Debug)]
struct FoundSegment {
    number: u64,
    bytes: u64,
    header: Option<SegmentHeader>,
}

impl<S: Storage> Log<S> {
    /// Opens the journal in `directory`, or makes one there. Its parent must exist.
    ///
    /// Costs a look at each cursor and at the beginning of each segment, and a walk through the last segment.
    ///
    /// # Errors
    /// Each kind but [`LogErrorKind::Dead`] and [`LogErrorKind::TooLarge`]. What was found is then as it was. A full disk is an error only
    /// when the reserve is used up as well.
    pub fn open(storage: S, directory: &Path, settings: LogSettings) -> Result<Opened<S>, LogError> {
        match Self::try_open(storage.clone(), directory, &settings, true) {
            Err(error) if error.kind() == LogErrorKind::Full && settings.reserve_bytes > 0 => {
                Self::try_open(storage, directory, &settings, false)
            }
            opened => opened,
        }
    }

    fn try_open(
        storage: S,
        directory: &Path,
        settings: &LogSettings,
        takes_reserve: bool,
    ) -> Result<Opened<S>, LogError> {
        let paths = Paths::below(directory);
        make_directories(&storage, &paths)?;
        let mut recovery = Recovery::default();
        let Found { lock, identity, cursors, segments, unfinished } =
            Found::look(&storage, &paths, settings, &mut recovery)?;

        // From here on nothing is refused any more.
        let (synced_file, synced) = SyncedFile::open(&storage, &paths.synced, identity.journal)?;
        for path in unfinished {
            again(|| storage.unlink(&path)).at(&path, "remove an unfinished file")?;
            recovery.unfinished_files += 1;
        }
        let reserve = Reserve::open(&storage, &paths.reserve, settings.reserve_bytes, takes_reserve)?;
        // A process that was killed may have left names that are not on the disk.
        for directory in [&paths.segments, &paths.cursors, &paths.directory] {
            storage.sync_directory(directory).map_err(|cause| LogError::sync(directory, cause))?;
        }

        let quarantine = Quarantine::open(&storage, &paths, settings.quarantine_bytes_max);
        let mentioned = Mentioned {
            next: cursors.iter().map(FoundCursor::position).chain(synced.map(|synced| synced.next)).max(),
            segment: cursors.iter().map(FoundCursor::segment).chain(synced.map(|synced| synced.segment)).max(),
        };
        let around = Surroundings {
            storage: &storage,
            paths: &paths,
            quarantine: &quarantine,
            identity: &identity,
            segment_bytes: settings.segment_bytes,
        };
        let Settled { active, listed, next } = settle(&around, &segments, synced, &mentioned, &mut recovery)?;
        synced_file.write(Synced { segment: active.number, offset: active.offset, next });

        let catalogue = Catalogue { segments: listed, written: active.offset };
        let shared = Arc::new(Shared::new(storage, paths, identity, quarantine, catalogue));
        let mut cursors = cursors.into_iter().map(|cursor| cursor.with(&shared)).collect::<Vec<_>>();
        cursors.iter_mut().try_for_each(CursorFile::save_again)?;
        let segment_bytes = settings.segment_bytes;
        let log = Self::new(Parts { shared, lock, reserve, synced_file, active, next, segment_bytes });
        Ok(Opened { log, cursors, recovery })
    }
}

/// What is there, read and understood.
struct Found<F> {
    lock: Lock<F>,
    identity: Identity,
    cursors: Vec<FoundCursor<F>>,
    segments: Vec<FoundSegment>,
    unfinished: Vec<PathBuf>,
}

impl<F: StoredFile> Found<F> {
    /// Changes nothing, unless there is nothing: then it makes the identity of a new journal.
    fn look<S: Storage<File = F>>(
        storage: &S,
        paths: &Paths,
        settings: &LogSettings,
        recovery: &mut Recovery,
    ) -> Result<Self, LogError> {
        let lock = Lock::take(storage, &paths.lock)?;
        let (names, unfinished) = look_around(storage, paths, recovery)?;
        let identity = match Identity::read(storage, &paths.identity)? {
            Some(identity) => identity,
            None if names.segments.is_empty() && names.cursors.is_empty() => {
                Identity::create(storage, &paths.identity, &settings.new)?
            }
            None => {
                let what = "is missing, but there are segments or cursors";
                return Err(LogError::new(LogErrorKind::IdentityDamaged, &paths.identity, what));
            }
        };
        recovery.other_host = Some(&identity.host).filter(|host| **host != settings.new.host).cloned();
        let cursors = read_cursors(storage, paths, names.cursors, identity.journal, recovery)?;
        let segments = read_segments(storage, paths, &names.segments, &identity, recovery)?;
        Ok(Self { lock, identity, cursors, segments, unfinished })
    }
}

/// The largest numbers that cursors and the hint mention: they are used up, whatever the segments say.
struct Mentioned {
    next: Option<Sequence>,
    segment: Option<u64>,
}

/// A log that can be written to.
struct Settled<F> {
    active: Segment<F>,
    listed: VecDeque<Listed>,
    next: Sequence,
}

/// Settles the last segment, or makes one.
fn settle<S: Storage>(
    around: &Surroundings<'_, S>,
    segments: &[FoundSegment],
    synced: Option<Synced>,
    mentioned: &Mentioned,
    recovery: &mut Recovery,
) -> Result<Settled<S::File>, LogError> {
    let mut listed = list(around, segments)?;
    let last_number = listed.last().map(|last| last.number).max(mentioned.segment).unwrap_or(0);
    let (mut active, mut next) = (None, None);
    // If a later segment was there once, the last one that is there now was sealed.
    if let Some(last) = segments.last().filter(|last| last.number == last_number) {
        let settled = settle_last(around, last, synced, recovery)?;
        if let (Some(header), Some(old)) = (settled.fresh, listed.last_mut()) {
            old.bytes = settled.old_bytes;
            listed.push(Listing { number: header.number, first: Some(header.first), bytes: settled.active.bytes });
        } else if let Some(last) = listed.last_mut() {
            last.bytes = settled.active.bytes;
        }
        (active, next) = (Some(settled.active), settled.next);
    }
    for older in segments.iter().rev().skip(usize::from(active.is_some())) {
        if next.is_some() {
            break;
        }
        next = next_behind(around, older)?;
    }
    let next = next.max(mentioned.next).unwrap_or_default();
    let active = match active {
        Some(active) => active,
        None => {
            let number = last_number.checked_add(1).ok_or_else(|| exhausted(around.paths))?;
            let header = SegmentHeader::new(around.identity, number, next, around.storage.now());
            let begin = SEGMENT_HEADER_BYTES as u64;
            let room = Room { wanted: around.segment_bytes, needed: begin };
            let path = around.paths.segment(number);
            let segment = Segment::create(around.storage, &path, header, room, |_, _| Ok(begin))?;
            listed.push(Listing { number, first: Some(next), bytes: segment.bytes });
            segment
        }
    };
    Ok(Settled { active, listed: with_firsts(listed, next), next })
}

fn make_directories<S: Storage>(storage: &S, paths: &Paths) -> Result<(), LogError> {
    for directory in [&paths.directory, &paths.segments, &paths.cursors, &paths.quarantine] {
        match again(|| storage.create_directory(directory)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => {
                made.at(directory, "make the directory")?;
                let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty());
                let parent = parent.unwrap_or(Path::new("."));
                storage.sync_directory(parent).map_err(|cause| LogError::sync(parent, cause))?;
            }
        }
    }
    Ok(())
}

/// The names that mean something.
struct Names {
    segments: Vec<u64>,
    cursors: Vec<String>,
}

fn look_around<S: Storage>(
    storage: &S,
    paths: &Paths,
    recovery: &mut Recovery,
) -> Result<(Names, Vec<PathBuf>), LogError> {
    let (mut names, mut unfinished) = (Names { segments: Vec::new(), cursors: Vec::new() }, Vec::new());
    for name in storage.list(&paths.segments).at(&paths.segments, "list")? {
        match segment_number(&name) {
            Some(number) => names.segments.push(number),
            None if name.as_encoded_bytes().ends_with(UNFINISHED.as_bytes()) => {
                unfinished.push(paths.segments.join(name));
            }
            None => recovery.ignored_names.push(name.to_string_lossy().into_owned()),
        }
    }
    for name in storage.list(&paths.cursors).at(&paths.cursors, "list")? {
        match decoded(&name) {
            Some(cursor) => names.cursors.push(cursor),
            None if name.as_encoded_bytes().ends_with(UNFINISHED.as_bytes()) => {
                unfinished.push(paths.cursors.join(name));
            }
            None => recovery.ignored_names.push(name.to_string_lossy().into_owned()),
        }
    }
    names.segments.sort_unstable();
    names.cursors.sort_unstable();
    Ok((names, unfinished))
}

fn read_cursors<S: Storage>(
    storage: &S,
    paths: &Paths,
    names: Vec<String>,
    journal: JournalId,
    recovery: &mut Recovery,
) -> Result<Vec<FoundCursor<S::File>>, LogError> {
    let mut cursors = Vec::with_capacity(names.len());
    for name in names {
        let cursor = FoundCursor::read(storage, paths.cursor(&name), name, journal)?;
        if cursor.has_damage() {
            recovery.damaged_cursor_slots.push(cursor.name().to_owned());
        }
        cursors.push(cursor);
    }
    Ok(cursors)
}

fn read_segments<S: Storage>(
    storage: &S,
    paths: &Paths,
    numbers: &[u64],
    identity: &Identity,
    recovery: &mut Recovery,
) -> Result<Vec<FoundSegment>, LogError> {
    let mut segments = Vec::<FoundSegment>::with_capacity(numbers.len());
    for &number in numbers {
        let path = paths.segment(number);
        let file = again(|| storage.open(&path, Access::Read)).at(&path, "open")?;
        let bytes = file.bytes().at(&path, "read")?;
        let header = SegmentHeader::read(&file, &path, identity, number)?;
        if header.is_none() {
            recovery.damaged_beginnings.push(number);
        }
        if let Some(before) = segments.last()
            && before.number + 1 < number
        {
            recovery.missing_segments.push(Range { start: before.number + 1, end: number });
        }
        segments.push(FoundSegment { number, bytes, header });
    }
    Ok(segments)
}

/// A segment to list, with its first number as far as it is known.
struct Listing {
    number: u64,
    first: Option<Sequence>,
    bytes: u64,
}

/// The segments with the first number of each; where the beginning is damaged, that of its first entry.
fn list<S: Storage>(around: &Surroundings<'_, S>, segments: &[FoundSegment]) -> Result<Vec<Listing>, LogError> {
    let mut listed = Vec::with_capacity(segments.len() + 1);
    for found in segments {
        let first = match found.header {
            Some(header) => Some(header.first),
            None => first_entry(around, found)?,
        };
        listed.push(Listing { number: found.number, first, bytes: found.bytes });
    }
    Ok(listed)
}

/// A segment in which there is nothing to begin with ends where it begins.
fn with_firsts(listed: Vec<Listing>, next: Sequence) -> VecDeque<Listed> {
    let mut segments = VecDeque::with_capacity(listed.len());
    let mut following = next;
    for Listing { number, first, bytes } in listed.into_iter().rev() {
        following = first.unwrap_or(following);
        segments.push_front(Listed { number, first: following, bytes });
    }
    segments
}

fn first_entry<S: Storage>(around: &Surroundings<'_, S>, found: &FoundSegment) -> Result<Option<Sequence>, LogError> {
    let (mut walk, path) = walk(around, found)?;
    loop {
        match walk.step().at(&path, "read")? {
            Step::Entry { header, .. } => return Ok(Some(header.sequence)),
            Step::End => return Ok(None),
            Step::Hole(_) | Step::Searching => {}
        }
    }
}

/// The number behind the last record of a segment.
fn next_behind<S: Storage>(around: &Surroundings<'_, S>, found: &FoundSegment) -> Result<Option<Sequence>, LogError> {
    let (mut walk, path) = walk(around, found)?;
    let first = found.header.map(|header| header.first);
    Ok(LastSegment::inspect(&mut walk, first, None).at(&path, "read")?.next)
}

fn walk<S: Storage>(around: &Surroundings<'_, S>, found: &FoundSegment) -> Result<(Walk<S::File>, PathBuf), LogError> {
    let path = around.paths.segment(found.number);
    let file = again(|| around.storage.open(&path, Access::Read)).at(&path, "open")?;
    let seal = Seal::new(around.identity.journal, around.identity.salt, found.number);
    Ok((Walk::new(file, seal, found.bytes, Vec::new()), path))
}

/// What became of the last segment.
struct LastSettled<F> {
    active: Segment<F>,
    fresh: Option<SegmentHeader>,
    old_bytes: u64,
    next: Option<Sequence>,
}

fn settle_last<S: Storage>(
    around: &Surroundings<'_, S>,
    found: &FoundSegment,
    synced: Option<Synced>,
    recovery: &mut Recovery,
) -> Result<LastSettled<S::File>, LogError> {
    let (mut walk, path) = walk(around, found)?;
    let begin = SEGMENT_HEADER_BYTES as u64;
    let segment = Segment::open(around.storage, &path, around.identity, found.number, begin)?;
    let synced = synced.filter(|synced| synced.segment == found.number);
    let first = found.header.map(|header| header.first);
    let last = LastSegment::inspect(&mut walk, first, synced).at(&path, "read")?;
    let (next, old_bytes) = (last.next, last.sure);
    let (active, fresh) = last.settle(around, &mut walk, segment, recovery)?;
    Ok(LastSettled { active, fresh, old_bytes, next })
}
