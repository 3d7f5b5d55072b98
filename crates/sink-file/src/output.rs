//! One path that records go to: its buffer, its open file, its rotation.

use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use record::Sequence;
use rustix::fs::{AtFlags, RenameFlags, fsync, renameat, renameat_with, statat};
use rustix::io::Errno;

use crate::base::Base;
use crate::counts::count;
use crate::error::Failure;
use crate::name;
use crate::open_file::OpenFile;
use crate::open_paths::{OpenPath, OpenPaths};
use crate::pattern::{Group, Pattern};
use crate::{FileCounts, FileSettings, Fsync};

/// After a rotation that failed the file goes on to grow, and the next attempt waits this long.
const ROTATION_RETRY: Duration = Duration::from_secs(10);

/// What all outputs of a sink share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) base: Base,
    pub(crate) settings: FileSettings,
    pub(crate) pattern: Pattern,
    pub(crate) open_paths: OpenPaths,
    pub(crate) counts: Arc<FileCounts>,
}

#[derive(Debug)]
pub(crate) struct Output {
    /// The path below the base.
    pub(crate) path: String,
    /// Whose closed files its own are counted with.
    pub(crate) group: Group,
    /// When it is closed, because the date or hour in its path is long over; never for a path without a date.
    over_at: Option<SystemTime>,
    /// Encoded records that are not written yet, and the last of them.
    pub(crate) buffer: Vec<u8>,
    pub(crate) buffered: Buffered,
    /// When it was last chosen, for closing the one that was not for the longest time.
    pub(crate) chosen_at: u64,
    opened: Option<Opened>,
    rotation_due_not_before: Option<Instant>,
    /// Stamp and number of the last rotation. A number is not used again in the same second, even when the file that
    /// had it is gone: names of rotated files sort by age.
    last_rotation: (String, u32),
}

/// The records in a buffer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Buffered {
    pub(crate) records: u64,
    pub(crate) last: Sequence,
}

#[derive(Debug)]
struct Opened {
    directory: OwnedFd,
    file: OpenFile,
    /// The rotation period that the file's records belong to.
    period: u64,
    _open_path: OpenPath,
}

/// What of a delivery one file has, so that a retry does not write it again.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    /// The last record that was written.
    pub(crate) written: Option<Sequence>,
    /// The last record that was written and synced, or put aside with its file.
    pub(crate) synced: Option<Sequence>,
}

/// What a write did beside writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotated {
    Yes,
    No,
}

impl Output {
    pub(crate) fn new(path: String, group: Group, over_at: Option<SystemTime>) -> Self {
        Self {
            path,
            group,
            over_at,
            buffer: Vec::new(),
            buffered: Buffered::default(),
            chosen_at: 0,
            opened: None,
            rotation_due_not_before: None,
            last_rotation: (String::new(), 0),
        }
    }

    fn file_name(&self) -> &str {
        self.path.rsplit_once('/').map_or(&*self.path, |(_, name)| name)
    }

    fn directory(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(directory, _)| directory)
    }

    fn failure<'a>(&self, verb: &'static str, shared: &'a Shared) -> impl FnOnce(io::Error) -> Failure + use<'a> {
        let path: PathBuf = shared.base.path(&self.path);
        move |source| Failure { verb, path, source }
    }

    /// Writes what is buffered in one go, into a new file where rotation demands it. All or nothing: after an error the
    /// file is as it was. The buffer is the caller's to clear.
    pub(crate) fn write(&mut self, shared: &Shared, progress: &mut Progress) -> Result<Rotated, Failure> {
        if self.buffer.is_empty() {
            return Ok(Rotated::No);
        }
        self.make_sure_it_is_open(shared, progress)?;
        let rotated = self.rotate_if_due(self.buffer.len() as u64, shared, progress)?;
        if rotated == Rotated::Yes {
            self.make_sure_it_is_open(shared, progress)?;
        }
        let failure = self.failure("write", shared);
        if let Some(opened) = &mut self.opened {
            opened.file.append(&self.buffer, &shared.counts).map_err(failure)?;
        }
        progress.written = Some(self.buffered.last);
        Ok(rotated)
    }

    fn make_sure_it_is_open(&mut self, shared: &Shared, progress: &mut Progress) -> Result<(), Failure> {
        let is_open = self.look_at_open_file(shared).map_err(self.failure("look at", shared))?;
        if !is_open {
            if self.opened.is_some() {
                count(&shared.counts.reopened);
                let file = shared.base.path(&self.path);
                tracing::info!(file = %file.display(), "the file was moved or deleted, it is opened anew");
            }
            // A file that was moved still has records that must be safe before they are acknowledged.
            self.sync(shared, progress)?;
            self.opened = None;
            self.opened = Some(self.open(shared).map_err(self.failure("open", shared))?);
        }
        Ok(())
    }

    /// Whether the file is open and still the one of its name; takes note of its length then.
    fn look_at_open_file(&mut self, shared: &Shared) -> io::Result<bool> {
        let name = self.path.rsplit_once('/').map_or(&*self.path, |(_, name)| name);
        let Some(opened) = &mut self.opened else { return Ok(false) };
        if !opened.file.is_named(&opened.directory, name)? {
            return Ok(false);
        }
        opened.file.measure(name, &shared.counts)?;
        Ok(true)
    }

    fn open(&self, shared: &Shared) -> io::Result<Opened> {
        let ((directory, file), open_path) = shared.open_paths.open(&self.path, || {
            let directory = shared.base.make_directory(self.directory())?;
            let file = OpenFile::open(&shared.base, &directory, self.file_name(), &shared.settings, &shared.counts)?;
            Ok::<_, io::Error>((directory, file))
        })?;
        let modified = if file.len() == 0 { unix_seconds_now() } else { file.modified_unix_seconds() };
        let period = shared.settings.rotate.every.map_or(0, |every| modified / every.as_secs().max(1));
        Ok(Opened { directory, file, period, _open_path: open_path })
    }

    /// Rotates when `more` octets would make the file too long, or when its time is over.
    pub(crate) fn rotate_if_due(
        &mut self,
        more: u64,
        shared: &Shared,
        progress: &mut Progress,
    ) -> Result<Rotated, Failure> {
        let Some(opened) = &mut self.opened else { return Ok(Rotated::No) };
        let rotate = &shared.settings.rotate;
        let is_too_long = rotate.size_bytes.is_some_and(|size| opened.file.len().saturating_add(more) > size);
        let period = rotate.every.map_or(0, |every| unix_seconds_now() / every.as_secs().max(1));
        let is_too_old = period > opened.period;
        // Also after the clock was set back, so that a wrong time is not waited for.
        opened.period = opened.period.min(period);
        let may_try = self.rotation_due_not_before.is_none_or(|moment| Instant::now() >= moment);
        if opened.file.len() == 0 {
            opened.period = period;
            return Ok(Rotated::No);
        }
        if !(is_too_long || is_too_old) || !may_try {
            return Ok(Rotated::No);
        }

        // What the old file has must be safe before its name is gone; a failure here is like one of any sync.
        self.sync(shared, progress)?;
        let Some(opened) = self.opened.take() else { return Ok(Rotated::No) };
        let stamp = name::stamp(SystemTime::now());
        let after = if self.last_rotation.0 == stamp { self.last_rotation.1 } else { 0 };
        match put_aside(&opened.directory, self.file_name(), &stamp, after, shared) {
            Ok(number) => {
                self.last_rotation = (stamp, number);
                progress.synced = progress.written;
                self.rotation_due_not_before = None;
                count(&shared.counts.rotated);
                Ok(Rotated::Yes)
            }
            Err(error) => {
                count(&shared.counts.rotations_failed);
                let file = shared.base.path(&self.path);
                tracing::warn!(file = %file.display(), %error, "cannot rotate the file, it goes on to grow");
                self.rotation_due_not_before = Some(Instant::now() + ROTATION_RETRY);
                self.opened = Some(opened);
                Ok(Rotated::No)
            }
        }
    }

    /// Closes the file when its date or hour is long over at the moment `now`, so that it can be compressed; a record
    /// that comes even later opens it again.
    pub(crate) fn close_if_over(&mut self, now: SystemTime, shared: &Shared) -> Result<(), Failure> {
        if self.opened.is_some() && self.over_at.is_some_and(|over_at| now >= over_at) {
            self.sync(shared, &mut Progress::default())?;
            self.opened = None;
        }
        Ok(())
    }

    /// Syncs what was written, where the settings ask for it at all. With [`Fsync::Batch`] a failure takes back what
    /// was not synced: it was not acknowledged, and is delivered again.
    pub(crate) fn sync(&mut self, shared: &Shared, progress: &mut Progress) -> Result<(), Failure> {
        let failure = self.failure("sync", shared);
        let Some(opened) = &mut self.opened else { return Ok(()) };
        if shared.settings.fsync == Fsync::Never || !opened.file.is_dirty() {
            return Ok(());
        }
        match opened.file.sync() {
            Ok(()) => {
                progress.synced = progress.written;
                Ok(())
            }
            Err(source) if shared.settings.fsync == Fsync::Batch => {
                opened.file.forget_unsynced();
                progress.written = progress.synced;
                Err(failure(source))
            }
            Err(source) => {
                count(&shared.counts.syncs_failed);
                Err(failure(source))
            }
        }
    }
}

/// Renames the live file to the first name with a number behind `after` that no file has, makes that last, and says
/// which number it is.
fn put_aside(directory: &OwnedFd, live: &str, stamp: &str, after: u32, shared: &Shared) -> io::Result<u32> {
    let extension = shared.settings.path.extension();
    for number in after + 1.. {
        let name = name::rotated_name(live, extension, stamp, number);
        let is_taken = |name: &str| statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).is_ok();
        if is_taken(&name) || is_taken(&format!("{name}.zst")) || is_taken(&format!("{name}.gz")) {
            continue;
        }
        match renameat_with(directory, live, directory, &*name, RenameFlags::NOREPLACE) {
            Err(Errno::EXIST) => continue,
            // Some network file systems cannot promise not to replace; we have just looked.
            Err(Errno::INVAL | Errno::NOSYS) => renameat(directory, live, directory, &*name)?,
            renamed => renamed?,
        }
        if shared.settings.fsync != Fsync::Never {
            fsync(directory)?;
        }
        return Ok(number);
    }
    Err(Errno::EXIST.into())
}

fn unix_seconds_now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
