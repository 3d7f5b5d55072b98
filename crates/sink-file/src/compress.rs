//! Compresses a closed file beside itself.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;

use flate2::write::GzEncoder;
use rustix::fs::{AtFlags, FileType, OFlags, RenameFlags, fstat, fsync, renameat, renameat_with, statat, unlinkat};
use rustix::io::Errno;

use crate::Compression;
use crate::closed::{ClosedFile, Seen};
use crate::name::{SUFFIXES, Tail, dated_name};
use crate::output::Shared;

/// Octets between two looks at whether to stop, and the buffer for them.
const CHUNK_BYTES: usize = 256 << 10;

impl Compression {
    /// What it adds to a name.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Zstd => ".zst",
            Self::Gzip => ".gz",
        }
    }
}

/// Replaces `file` by its compressed form, which gets its time of modification. Whether it did: not when records came
/// meanwhile. At each step a crash leaves the old or the new file whole; what is left over is cleared away by the next
/// attempt. When `stop` says so, the old one stays.
pub(crate) fn compress(shared: &Shared, file: &ClosedFile, stop: &dyn Fn() -> bool) -> io::Result<bool> {
    let directory = &file.directory(shared)?;
    let remove = || Ok(unlinkat(directory, &*file.name, AtFlags::empty())?);
    let Some(whole) = free_name(file, directory, shared.settings.compression)? else {
        return file.take_away(shared, directory, remove);
    };
    let partial = format!("{whole}.partial");
    remove_if_there(directory, &partial)?;
    let replaced = write_compressed(shared, file, directory, &partial, stop).and_then(|is_written| {
        let replace = || {
            rename(directory, &partial, &whole)?;
            fsync(directory)?;
            remove()
        };
        if is_written { file.take_away(shared, directory, replace) } else { Ok(false) }
    });
    if !matches!(replaced, Ok(true)) {
        let _ = remove_if_there(directory, &partial);
    }
    replaced
}

/// A name for the compressed form of `file` that no file has. None when the compressed form is there and whole: a crash
/// came before the file itself could be removed.
fn free_name(file: &ClosedFile, directory: &OwnedFd, compression: Compression) -> io::Result<Option<String>> {
    let is_rotated = matches!(file.tail, Tail::Rotated { .. });
    let numbers = if is_rotated { 1..=1 } else { 1..=u32::MAX };
    for number in numbers {
        let name = dated_name(&file.name, number);
        let mut is_free = true;
        for suffix in SUFFIXES {
            let stat = match statat(directory, format!("{name}{suffix}"), AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT) => continue,
                stat => stat?,
            };
            is_free = false;
            let is_plain = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
            // The name of a file that was put aside is not used twice. That of a date is, when records come late; then
            // the time of modification tells what the compressed file was made of.
            if is_plain && (is_rotated || Seen::of(&stat).modified == file.seen.modified) {
                return Ok(None);
            }
        }
        if is_free {
            return Ok(Some(name + compression.suffix()));
        }
    }
    Err(Errno::EXIST.into())
}

fn rename(directory: &OwnedFd, from: &str, to: &str) -> io::Result<()> {
    match renameat_with(directory, from, directory, to, RenameFlags::NOREPLACE) {
        // Some network file systems cannot promise not to replace; we have just looked.
        Err(Errno::INVAL | Errno::NOSYS) => Ok(renameat(directory, from, directory, to)?),
        renamed => Ok(renamed?),
    }
}

/// Whether it did: not when the file is another one by now.
fn write_compressed(
    shared: &Shared,
    file: &ClosedFile,
    directory: &OwnedFd,
    partial: &str,
    stop: &dyn Fn() -> bool,
) -> io::Result<bool> {
    let (base, settings) = (&shared.base, &shared.settings);
    let from = File::from(base.open_at(directory, &file.name, OFlags::RDONLY, 0)?);
    if Seen::of(&fstat(&from)?) != file.seen {
        return Ok(false);
    }
    let modified = from.metadata()?.modified()?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
    let to = File::from(base.open_at(directory, partial, flags, settings.mode)?);
    let to = match settings.compression {
        Compression::None => to,
        Compression::Zstd => {
            let mut encoder = zstd::Encoder::new(to, 3)?;
            copy(from, &mut encoder, stop)?;
            encoder.finish()?
        }
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(to, flate2::Compression::default());
            copy(from, &mut encoder, stop)?;
            encoder.finish()?
        }
    };
    // Before the file changes hands: only its owner may set its times.
    to.set_modified(modified)?;
    base.dress(&to, settings.mode)?;
    to.sync_all()?;
    Ok(true)
}

fn copy(mut from: impl Read, to: &mut impl Write, stop: &dyn Fn() -> bool) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        if stop() {
            return Err(io::Error::other("the sink is being closed, the file will be compressed after the next start"));
        }
        match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(octets) => to.write_all(&chunk[..octets])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn remove_if_there(directory: &OwnedFd, name: &str) -> rustix::io::Result<()> {
    match unlinkat(directory, name, AtFlags::empty()) {
        Err(Errno::NOENT) => Ok(()),
        removed => removed,
    }
}
