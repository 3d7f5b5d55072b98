//! Closed files: which there are, and what may be done to them.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Dir, FileType, Stat, fsync, statat};
use rustix::io::Errno;

use crate::name::Tail;
use crate::output::Shared;
use crate::pattern::{Group, Reading};

/// A file whose date or hour is over, and to which nothing was written for as long, counts as closed.
pub(crate) const GRACE: Duration = Duration::from_secs(2 * 3_600);

/// A round looks at this many files of one group, years of hours in about 6 MiB of memory; the rest waits for later ones.
const FILES_MAX: usize = 32_768;

/// A scan finds this many groups: all classes of more listeners than there are.
const GROUPS_MAX: usize = 4_096;

/// A file that was put aside, or whose date or hour is over.
#[derive(Debug)]
pub(crate) struct ClosedFile {
    /// The path of its directory below the base, with a slash behind it; empty for the base. Not opened: there may be a
    /// directory for each hour of years.
    directory: Arc<str>,
    pub(crate) name: String,
    pub(crate) tail: Tail,
    /// When it was put aside, or its date or hour ended.
    pub(crate) at: SystemTime,
    pub(crate) seen: Seen,
}

/// What tells a file from another one, and from itself when something was written to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    device: u64,
    inode: u64,
    pub(crate) bytes: u64,
    /// Seconds and nanoseconds.
    pub(crate) modified: (i64, i64),
}

impl Seen {
    /// Looks at `name` in `directory`: nothing unless it is a plain file. A link is not followed.
    pub(crate) fn look(directory: &OwnedFd, name: &str) -> io::Result<Option<Self>> {
        match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => Ok(Some(Self::of(&stat))),
            Ok(_) | Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    #[expect(clippy::unnecessary_cast, reason = "the types differ between platforms")]
    pub(crate) fn of(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            bytes: u64::try_from(stat.st_size).unwrap_or(0),
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        }
    }

    fn modified_at(&self) -> SystemTime {
        let seconds = Duration::from_secs(u64::try_from(self.modified.0).unwrap_or(0));
        SystemTime::UNIX_EPOCH.checked_add(seconds).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

impl ClosedFile {
    /// Its path below the base.
    pub(crate) fn path(&self) -> String {
        format!("{}{}", self.directory, self.name)
    }

    /// Opens its directory.
    pub(crate) fn directory(&self, shared: &Shared) -> io::Result<OwnedFd> {
        shared.base.existing_directory(&self.directory)
    }

    /// Takes its name away from `directory` by `step`, unless the sink has it open or it has changed since it was found.
    /// Whether it did.
    pub(crate) fn take_away(
        &self,
        shared: &Shared,
        directory: &OwnedFd,
        step: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<bool> {
        let open_paths = shared.open_paths.lock();
        let is_as_it_was = Seen::look(directory, &self.name)? == Some(self.seen);
        if open_paths.contains(&self.path()) || !is_as_it_was {
            return Ok(false);
        }
        step()?;
        drop(open_paths);
        fsync(directory)?;
        Ok(true)
    }
}

/// All groups that have a file below the base, closed or not.
pub(crate) fn groups(shared: &Shared, stop: &dyn Fn() -> bool) -> io::Result<BTreeSet<Group>> {
    let mut groups = BTreeSet::new();
    walk(shared, Reading::default(), stop, &mut |_, _, reading, _| {
        groups.insert(reading.group());
        Ok(groups.len() < GROUPS_MAX)
    })?;
    Ok(groups)
}

/// The closed files of `group` at the moment `now`, newest first. At most [`FILES_MAX`]; compressed ones only where
/// retention wants to know them.
pub(crate) fn closed_files(
    shared: &Shared,
    group: &Group,
    now: SystemTime,
    stop: &dyn Fn() -> bool,
) -> io::Result<Vec<ClosedFile>> {
    let mut found = Vec::new();
    let with_compressed = shared.settings.retain.is_limited();
    walk(shared, Reading::of(group), stop, &mut |directory, name, reading, tail| {
        if tail.is_compressed() && !with_compressed {
            return Ok(true);
        }
        let Some(at) = closed_at(shared, reading, tail) else { return Ok(true) };
        let Some(seen) = Seen::look(&directory.opened, name)? else { return Ok(true) };
        let file = ClosedFile { directory: Arc::clone(&directory.below), name: name.to_owned(), tail, at, seen };
        let is_closed = match tail {
            Tail::Rotated { .. } => true,
            Tail::Dated { .. } => at <= now,
            Tail::Live => {
                let quiet_since = at.max(seen.modified_at());
                quiet_since + GRACE <= now && !shared.open_paths.lock().contains(&file.path())
            }
        };
        if is_closed {
            found.push(file);
        }
        Ok(found.len() < FILES_MAX)
    })?;
    found.sort_by_key(|file| std::cmp::Reverse((file.at, file.tail.number())));
    Ok(found)
}

/// When a file of this name was closed, or will be.
fn closed_at(shared: &Shared, reading: &Reading<'_>, tail: Tail) -> Option<SystemTime> {
    match tail {
        Tail::Rotated { at, .. } => Some(at),
        Tail::Live | Tail::Dated { .. } => reading.end(shared.pattern.period()?),
    }
}

/// A directory that is being looked through.
struct Directory {
    opened: OwnedFd,
    /// As in [`ClosedFile`].
    below: Arc<str>,
}

/// Gets directory, name, and what path and name say, of a file that this sink could have made; says whether to go on.
type Visit<'v> = dyn FnMut(&Directory, &str, &Reading<'_>, Tail) -> io::Result<bool> + 'v;

/// Visits the files below the base whose paths the pattern can read, in no order, one directory after the other. What is
/// neither a directory nor a plain name, or belongs to others, is passed over.
fn walk(shared: &Shared, known: Reading<'_>, stop: &dyn Fn() -> bool, visit: &mut Visit<'_>) -> io::Result<()> {
    let base = Directory { opened: shared.base.open()?, below: Arc::from("") };
    walk_directory(shared, &base, 0, known, stop, visit).map(|_| ())
}

fn walk_directory(
    shared: &Shared,
    directory: &Directory,
    depth: usize,
    known: Reading<'_>,
    stop: &dyn Fn() -> bool,
    visit: &mut Visit<'_>,
) -> io::Result<bool> {
    let pattern = &shared.pattern;
    for entry in Dir::read_from(&directory.opened)? {
        let entry = entry?;
        // Our own names are all text.
        let Ok(name) = entry.file_name().to_str() else { continue };
        if stop() {
            return Ok(false);
        }
        if depth == pattern.depth() {
            let Some((reading, tail)) = pattern.read_file(name, known) else { continue };
            if !visit(directory, name, &reading, tail)? {
                return Ok(false);
            }
            continue;
        }
        let Some(reading) = pattern.read_directory(depth, name, known) else { continue };
        let inside = match shared.base.open_directory(&directory.opened, name) {
            Ok(opened) => Directory { opened, below: format!("{}{name}/", directory.below).into() },
            // Not a directory, a link, or gone meanwhile: nothing of ours is in there.
            Err(Errno::NOTDIR | Errno::LOOP | Errno::NOENT) => continue,
            Err(errno) => return Err(errno.into()),
        };
        if !walk_directory(shared, &inside, depth + 1, reading, stop, visit)? {
            return Ok(false);
        }
    }
    Ok(true)
}
