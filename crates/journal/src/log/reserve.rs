//! Room on the disk that is given up when there is no other.

use std::io;
use std::path::Path;

use super::LogError;
use super::error::At;
use super::storage::{Access, Storage, StoredFile, again};

/// A preallocated file.
#[derive(Debug)]
pub(crate) struct Reserve<F> {
    file: F,
    bytes: u64,
    is_held: bool,
}

impl<F: StoredFile> Reserve<F> {
    /// Opens or creates it, and takes the room if it is there, or gives it up.
    pub(crate) fn open<S: Storage<File = F>>(
        storage: &S,
        path: &Path,
        bytes: u64,
        is_taken: bool,
    ) -> Result<Self, LogError> {
        let file = match again(|| storage.open(path, Access::Write)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => again(|| storage.open(path, Access::CreateNew)),
            opened => opened,
        };
        let mut reserve = Self { file: file.at(path, "open")?, bytes, is_held: false };
        if !is_taken {
            reserve.release().at(path, "shorten")?;
            return Ok(reserve);
        }
        if reserve.file.bytes().at(path, "read")? > bytes {
            again(|| reserve.file.truncate(bytes)).at(path, "shorten")?;
        }
        reserve.take();
        Ok(reserve)
    }

    /// Takes the room again; whether there is any.
    pub(crate) fn take(&mut self) -> bool {
        if !self.is_held && self.bytes > 0 {
            let taken = again(|| self.file.allocate(self.bytes)).and_then(|()| self.file.sync_all());
            self.is_held = taken.is_ok();
            if !self.is_held {
                // What there is of it would only be missing elsewhere.
                let _ = self.file.truncate(0);
            }
        }
        self.is_held
    }

    /// Gives the room up.
    pub(crate) fn release(&mut self) -> io::Result<()> {
        again(|| self.file.truncate(0))?;
        self.is_held = false;
        Ok(())
    }

    pub(crate) const fn is_held(&self) -> bool {
        self.is_held
    }
}
