//! Compresses a rotated file beside itself.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;

use flate2::write::GzEncoder;
use rustix::fs::{AtFlags, OFlags, RenameFlags, fsync, renameat, renameat_with, statat, unlinkat};
use rustix::io::Errno;

use crate::Compression;
use crate::base::Base;

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

/// Replaces `name` in `directory` by its compressed form. At each step a crash leaves the old or the new file whole;
/// what is left over is cleared away by the next attempt. When `stop` says so, the old one stays.
pub(crate) fn compress(
    base: &Base,
    directory: &OwnedFd,
    name: &str,
    mode: u32,
    compression: Compression,
    stop: &dyn Fn() -> bool,
) -> io::Result<()> {
    let whole = format!("{name}{}", compression.suffix());
    if statat(directory, &*whole, AtFlags::SYMLINK_NOFOLLOW).is_err() {
        let partial = format!("{whole}.partial");
        remove_if_there(directory, &partial)?;
        let made = write_compressed(base, directory, name, &partial, mode, compression, stop);
        if let Err(error) = made {
            let _ = remove_if_there(directory, &partial);
            return Err(error);
        }
        match renameat_with(directory, &*partial, directory, &*whole, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS) => renameat(directory, &*partial, directory, &*whole)?,
            renamed => renamed?,
        }
        fsync(directory)?;
    }
    unlinkat(directory, name, AtFlags::empty())?;
    fsync(directory)?;
    Ok(())
}

fn write_compressed(
    base: &Base,
    directory: &OwnedFd,
    name: &str,
    partial: &str,
    mode: u32,
    compression: Compression,
    stop: &dyn Fn() -> bool,
) -> io::Result<()> {
    let from = File::from(base.open_at(directory, name, OFlags::RDONLY, 0)?);
    let to = File::from(base.open_at(directory, partial, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL, mode)?);
    base.dress(&to, mode)?;
    let to = match compression {
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
    to.sync_all()
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
