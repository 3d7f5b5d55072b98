//! One file that is open for appending.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, FileType, OFlags, Stat, fdatasync, fstat, fsync, ftruncate, statat, unlinkat};
use rustix::io::Errno;
use sink::Encoding;

use crate::base::Base;
use crate::counts::count;
use crate::{FileCounts, FileSettings, Fsync};

/// Whether the name still leads to the file is looked up this often at most.
const NAME_CHECK_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct OpenFile {
    file: File,
    /// Length with everything that was written, as far as we know.
    len: u64,
    /// Length at the last sync, or when it was opened.
    synced_len: u64,
    /// Where a failed write began, when its torn octets could not be cut off yet.
    torn_at: Option<u64>,
    named_checked_at: Instant,
    modified_unix_seconds: u64,
}

impl OpenFile {
    /// Opens the file `name` in `directory`, or makes it. A last line without its line feed gets one, so that the next
    /// record stands alone; the line itself may be another program's and stays.
    pub(crate) fn open(
        base: &Base,
        directory: &OwnedFd,
        name: &str,
        settings: &FileSettings,
        counts: &FileCounts,
    ) -> io::Result<Self> {
        let file = File::from(open_or_create(base, directory, name, settings)?);
        let stat = fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Errno::NXIO.into());
        }
        let len = size_of(&stat);
        let mut open = Self {
            file,
            len,
            synced_len: len,
            torn_at: None,
            named_checked_at: Instant::now(),
            modified_unix_seconds: u64::try_from(stat.st_mtime).unwrap_or(0),
        };
        open.end_torn_line(name, settings.encoding, counts)?;
        Ok(open)
    }

    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    /// When the file was last modified, as it was opened.
    pub(crate) const fn modified_unix_seconds(&self) -> u64 {
        self.modified_unix_seconds
    }

    fn end_torn_line(&mut self, name: &str, encoding: Encoding, counts: &FileCounts) -> io::Result<()> {
        let mut last = [b'\n'];
        if self.len > 0 {
            self.file.read_exact_at(&mut last, self.len - 1)?;
        }
        if last == *b"\n" {
            return Ok(());
        }
        count(&counts.torn_tails);
        if encoding == Encoding::Syslog {
            // A line feed would not end a counted frame: its reader has to find the next one anyhow.
            tracing::warn!(file = name, "the last frame of the file is torn, frames are appended behind it");
            return Ok(());
        }
        tracing::warn!(file = name, "the last line of the file had no line feed, one was added");
        self.file.write_all(b"\n")?;
        self.len += 1;
        Ok(())
    }

    /// Whether `name` in `directory` still leads to this file. Looks at most once a second, unless the file has no
    /// name at all any more.
    pub(crate) fn is_named(&mut self, directory: &OwnedFd, name: &str) -> io::Result<bool> {
        let own = fstat(&self.file)?;
        if own.st_nlink == 0 {
            return Ok(false);
        }
        if self.named_checked_at.elapsed() < NAME_CHECK_INTERVAL {
            return Ok(true);
        }
        self.named_checked_at = Instant::now();
        match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(named) => Ok((named.st_dev, named.st_ino) == (own.st_dev, own.st_ino)),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Takes note of the true length; counts when another program has made the file shorter.
    pub(crate) fn measure(&mut self, name: &str, counts: &FileCounts) -> io::Result<()> {
        if let Some(torn_at) = self.torn_at {
            ftruncate(&self.file, torn_at)?;
            self.torn_at = None;
            self.len = torn_at;
        }
        let len = size_of(&fstat(&self.file)?);
        if len < self.len {
            count(&counts.truncated_by_others);
            tracing::error!(
                file = name,
                written = self.len,
                found = len,
                "another program has cut the file, records are lost; let it rename the file and send HUP instead"
            );
            self.synced_len = self.synced_len.min(len);
        }
        self.len = len;
        Ok(())
    }

    /// Appends `lines`, all or none: what a failed write leaves behind is cut off again. Measure first.
    pub(crate) fn append(&mut self, lines: &[u8], counts: &FileCounts) -> io::Result<()> {
        let mut written = 0;
        while written < lines.len() {
            match self.file.write(&lines[written..]) {
                Ok(0) => return Err(self.take_back(written, Errno::NOSPC.into(), counts)),
                Ok(octets) => written += octets,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.take_back(written, error, counts)),
            }
        }
        self.len += lines.len() as u64;
        Ok(())
    }

    /// Cuts off the `written` octets of a write that failed with `error`, unless another program has appended behind.
    fn take_back(&mut self, written: usize, error: io::Error, counts: &FileCounts) -> io::Error {
        if written == 0 {
            return error;
        }
        let len_with_ours = self.len + written as u64;
        if !fstat(&self.file).is_ok_and(|stat| size_of(&stat) == len_with_ours) {
            count(&counts.torn_tails);
            tracing::error!(%error, "a torn line stays in a file that another program writes, too");
        } else if ftruncate(&self.file, self.len).is_err() {
            self.torn_at = Some(self.len);
        }
        error
    }

    /// Whether there is anything to sync.
    pub(crate) const fn is_dirty(&self) -> bool {
        self.len != self.synced_len
    }

    /// Syncs what was written.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        fdatasync(&self.file)?;
        self.synced_len = self.len;
        Ok(())
    }

    /// Cuts the file back to what was synced. After a failed sync the kernel may call lost pages clean, so a second
    /// sync would prove nothing: the records have to be written again.
    pub(crate) fn forget_unsynced(&mut self) {
        if ftruncate(&self.file, self.synced_len).is_err() {
            self.torn_at = Some(self.synced_len);
        }
        self.len = self.synced_len;
    }
}

fn open_or_create(base: &Base, directory: &OwnedFd, name: &str, settings: &FileSettings) -> io::Result<OwnedFd> {
    let append = OFlags::RDWR | OFlags::APPEND;
    loop {
        match base.open_at(directory, name, append, 0) {
            Err(Errno::NOENT) => {}
            opened => return Ok(opened?),
        }
        match base.open_at(directory, name, append | OFlags::CREATE | OFlags::EXCL, settings.mode) {
            // Somebody else made it between the two: open theirs.
            Err(Errno::EXIST) => {}
            made => {
                let made = made?;
                // What stays without its owner would be used as it is the next time.
                base.dress(&made, settings.mode).inspect_err(|_| {
                    let _ = unlinkat(directory, name, AtFlags::empty());
                })?;
                if settings.fsync != Fsync::Never {
                    fsync(directory)?;
                }
                return Ok(made);
            }
        }
    }
}

fn size_of(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}
