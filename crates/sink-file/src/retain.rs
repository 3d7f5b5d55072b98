//! Which rotated files there are, and which of them are to go.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::SystemTime;

use rustix::fs::{AtFlags, Dir, FileType, statat};
use rustix::io::Errno;

use crate::Retain;
use crate::base::Base;
use crate::rotated::{Pattern, Piece, Rotation, matches};

/// A rotated file.
#[derive(Debug)]
pub(crate) struct RotatedFile {
    pub(crate) directory: Arc<OwnedFd>,
    pub(crate) name: String,
    pub(crate) rotation: Rotation,
    pub(crate) bytes: u64,
}

/// All rotated files of `pattern` below `base`, newest first.
pub(crate) fn rotated_files(base: &Base, pattern: &Pattern) -> io::Result<Vec<RotatedFile>> {
    let mut found = Vec::new();
    walk(base, Arc::new(base.open()?), &pattern.directories, pattern, &mut found)?;
    found.sort_by(|one, other| other.rotation.cmp(&one.rotation));
    Ok(found)
}

fn walk(
    base: &Base,
    directory: Arc<OwnedFd>,
    below: &[Vec<Piece>],
    pattern: &Pattern,
    found: &mut Vec<RotatedFile>,
) -> io::Result<()> {
    let Some((name_pieces, below)) = below.split_first() else {
        return list(directory, pattern, found);
    };
    for name in names(&directory)? {
        if !matches(name_pieces, &name) {
            continue;
        }
        match base.open_directory(&*directory, &name) {
            Ok(inner) => walk(base, Arc::new(inner), below, pattern, found)?,
            // Not a directory, a link, or gone meanwhile: nothing of ours is in there.
            Err(Errno::NOTDIR | Errno::LOOP | Errno::NOENT) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

fn list(directory: Arc<OwnedFd>, pattern: &Pattern, found: &mut Vec<RotatedFile>) -> io::Result<()> {
    for name in names(&directory)? {
        let Some(rotation) = pattern.rotation(&name) else { continue };
        let Ok(stat) = statat(&*directory, &*name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
            let bytes = u64::try_from(stat.st_size).unwrap_or(0);
            found.push(RotatedFile { directory: Arc::clone(&directory), name, rotation, bytes });
        }
    }
    Ok(())
}

/// The names in `directory` that are text; ours all are.
fn names(directory: &OwnedFd) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        names.extend(entry?.file_name().to_str().ok().map(str::to_owned));
    }
    Ok(names)
}

impl Retain {
    /// Whether anything is ever deleted.
    pub(crate) const fn is_limited(&self) -> bool {
        self.count.is_some() || self.age.is_some() || self.bytes.is_some()
    }

    /// Those of `files`, which are newest first, that are beyond a limit.
    pub(crate) fn surplus<'a>(&self, files: &'a [RotatedFile], now: SystemTime) -> Vec<&'a RotatedFile> {
        let mut bytes = 0_u64;
        let mut surplus = Vec::new();
        for (place, file) in files.iter().enumerate() {
            bytes = bytes.saturating_add(file.bytes);
            let age = now.duration_since(file.rotation.at).unwrap_or_default();
            let is_surplus = self.count.is_some_and(|most| place >= most)
                || self.age.is_some_and(|longest| age > longest)
                || self.bytes.is_some_and(|most| bytes > most);
            if is_surplus {
                surplus.push(file);
            }
        }
        surplus
    }
}
