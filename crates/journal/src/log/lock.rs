//! One process per journal.

use std::io;
use std::path::Path;

use super::LogError;
use super::error::{At, LogErrorKind};
use super::storage::{Access, Storage, StoredFile, again};

/// Holds the lock until it is dropped; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock<F> {
    _file: F,
}

impl<F: StoredFile> Lock<F> {
    pub(crate) fn take<S: Storage<File = F>>(storage: &S, path: &Path) -> Result<Self, LogError> {
        let file = match again(|| storage.open(path, Access::CreateNew)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => again(|| storage.open(path, Access::Write)),
            opened => opened,
        };
        let file = file.at(path, "open")?;
        match again(|| file.lock()) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                Err(LogError::new(LogErrorKind::Locked, path, "another process has this journal open"))
            }
            locked => locked.at(path, "lock").map(|()| Self { _file: file }),
        }
    }
}
