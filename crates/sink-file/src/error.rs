//! What goes wrong with files, and what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use rustix::io::Errno;
use sink::{DeliveryError, Trouble};

/// Why a file sink could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileSinkError {
    /// The base directory could not be made or opened.
    #[error("cannot use the directory {}: {source}", path.display())]
    Base {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The instance name cannot be part of a path.
    #[error("found the instance name {0:?}, expected 1 to 64 of A-Z a-z 0-9 . _ - that do not begin with a dot")]
    Instance(String),
    /// A setting that makes no sense.
    #[error("found {key} = 0, expected at least {least}")]
    Zero {
        /// The setting.
        key: &'static str,
        /// Its least value.
        least: &'static str,
    },
    /// The thread that compresses and deletes closed files could not be started.
    #[error("cannot start the thread for closed files: {0}")]
    Thread(io::Error),
}

/// Something that could not be done to a file.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What: `open`, `write`.
    pub(crate) verb: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.verb, self.path.display(), self.source)
    }
}

impl From<Failure> for DeliveryError {
    fn from(failure: Failure) -> Self {
        let errno = failure.source.raw_os_error().map(Errno::from_raw_os_error);
        let (reason, remedy, kind): (_, _, fn(Trouble) -> Self) = match errno {
            Some(Errno::NOSPC) => ("no_space", "free space on this file system", Self::Passing),
            Some(Errno::DQUOT) => ("no_space", "free space or raise the disk quota of this user", Self::Passing),
            Some(Errno::FBIG) => {
                ("file_too_large", "rotate by size or raise the file size limit (LimitFSIZE)", Self::Passing)
            }
            Some(Errno::IO) => ("io", "look at the kernel log for errors of this disk", Self::Passing),
            Some(Errno::MFILE | Errno::NFILE) => {
                ("open_files", "lower open_files_max or raise the limit of open files (LimitNOFILE)", Self::Passing)
            }
            Some(Errno::ACCESS | Errno::PERM) => {
                ("permission", "let this user write here, see the owner and mode of the directory", Self::Configuration)
            }
            Some(Errno::ROFS) => ("read_only", "mount this file system for writing", Self::Configuration),
            Some(Errno::LOOP | Errno::NOTDIR | Errno::ISDIR | Errno::NXIO | Errno::XDEV) => (
                "in_the_way",
                "remove what is in the way; links below the base directory are not followed",
                Self::Configuration,
            ),
            _ => ("io", "see the error of the system", Self::Passing),
        };
        kind(Trouble { reason, what: failure.to_string(), remedy: remedy.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(errno: Errno, reason: &str, passing: bool) {
        let failure = Failure { verb: "write", path: "/x/y.jsonl".into(), source: errno.into() };
        match DeliveryError::from(failure) {
            DeliveryError::Passing(trouble) if passing => {
                assert_eq!(trouble.reason, reason);
                assert!(trouble.what.contains("/x/y.jsonl") && !trouble.remedy.is_empty());
            }
            DeliveryError::Configuration(trouble) if !passing => assert_eq!(trouble.reason, reason),
            other => panic!("{errno} became {other:?}"),
        }
    }

    #[test]
    fn a_full_disk_passes_and_a_missing_permission_is_configuration() {
        check(Errno::NOSPC, "no_space", true);
        check(Errno::DQUOT, "no_space", true);
        check(Errno::FBIG, "file_too_large", true);
        check(Errno::IO, "io", true);
        check(Errno::MFILE, "open_files", true);
        check(Errno::ACCESS, "permission", false);
        check(Errno::ROFS, "read_only", false);
        check(Errno::LOOP, "in_the_way", false);
    }
}
