//! Why the log on disk could not do what it was asked.

use std::path::{Path, PathBuf};
use std::{fmt, io};

/// What went wrong, where, and what to do about it.
#[derive(Debug)]
pub struct LogError {
    kind: LogErrorKind,
    path: PathBuf,
    what: String,
    cause: Option<io::Error>,
}

/// The kinds of failure. Each asks for another remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LogErrorKind {
    /// Another process has the journal open.
    Locked,
    /// The system could not read or write.
    Io,
    /// An earlier write or sync failed; what is on the disk is not known, and nothing more is written.
    Dead,
    /// This user may not read or write there.
    Permission,
    /// A newer version wrote it.
    NewerFormat,
    /// No slot of a cursor's file can be trusted.
    CursorDamaged,
    /// There is a cursor of that name already: our bug, as a start hands out those that there are.
    CursorExists,
    /// The file that says who the journal is is missing or damaged.
    IdentityDamaged,
    /// Two files claim to be the same segment.
    DuplicateSegment,
    /// A file belongs to another journal.
    WrongJournal,
    /// There is no room on the disk. Nothing was written; try again when there is.
    Full,
    /// An entry or a group is larger than a segment can hold, or a state larger than a cursor may have.
    TooLarge,
    /// All numbers of records or segments are used up.
    Exhausted,
}

impl LogErrorKind {
    /// The exit code (sysexits) of a process that cannot go on because of it.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::CursorExists => 70,
            Self::Locked => 73,
            Self::Io | Self::Dead | Self::Full => 74,
            Self::Permission => 77,
            Self::TooLarge => 65,
            Self::NewerFormat
            | Self::CursorDamaged
            | Self::IdentityDamaged
            | Self::DuplicateSegment
            | Self::WrongJournal
            | Self::Exhausted => 78,
        }
    }

    const fn remedy(self) -> &'static str {
        match self {
            Self::Locked => "stop the other process, or give this one a directory of its own",
            Self::Io => "look at the disk and the kernel's log, then start again: what was acknowledged is kept",
            Self::Dead => "the process must end and start again: what was acknowledged is kept",
            Self::Permission => "let the user that runs gully own the directory and all in it; nothing was changed",
            Self::NewerFormat => "run the newer version again, or let it drain this journal first; nothing was changed",
            Self::CursorDamaged => {
                "run `gully journal repair` to set the cursor to the oldest record that is kept; nothing was changed"
            }
            Self::CursorExists => "use the one that the start found",
            Self::IdentityDamaged => "run `gully journal repair`, or restore the file; nothing was changed",
            Self::DuplicateSegment => "move the copy out of the directory; nothing was changed",
            Self::WrongJournal => "move the file back to the journal it came from; nothing was changed",
            Self::Full => "make room on the disk, or lower the journal's quota",
            Self::TooLarge => "larger segments take larger entries",
            Self::Exhausted => "let the sinks drain this journal, then begin a new one in another directory",
        }
    }
}

impl LogError {
    pub(crate) fn new(kind: LogErrorKind, path: &Path, what: impl Into<String>) -> Self {
        Self { kind, path: path.to_owned(), what: what.into(), cause: None }
    }

    /// A failed system call; `doing` completes the sentence "cannot …".
    pub(crate) fn io(path: &Path, doing: &str, cause: io::Error) -> Self {
        let kind = match cause.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => LogErrorKind::Permission,
            _ if is_full(&cause) => LogErrorKind::Full,
            _ => LogErrorKind::Io,
        };
        Self { kind, path: path.to_owned(), what: format!("cannot {doing}"), cause: Some(cause) }
    }

    /// A failed sync. Whatever the cause: what is on the disk is not known.
    pub(crate) fn sync(path: &Path, cause: io::Error) -> Self {
        Self { kind: LogErrorKind::Io, path: path.to_owned(), what: "cannot sync".to_owned(), cause: Some(cause) }
    }

    /// What kind of failure it is.
    #[must_use]
    pub const fn kind(&self) -> LogErrorKind {
        self.kind
    }

    /// The file or directory concerned.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.what)?;
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
        }
        write!(f, "; {}", self.kind.remedy())
    }
}

impl std::error::Error for LogError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

/// Whether a call failed for want of room.
pub(crate) fn is_full(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Turns a system call's failure into a [`LogError`] that says where and what.
pub(crate) trait At<T> {
    fn at(self, path: &Path, doing: &str) -> Result<T, LogError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path, doing: &str) -> Result<T, LogError> {
        self.map_err(|cause| LogError::io(path, doing, cause))
    }
}
