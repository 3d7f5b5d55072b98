//! The few things that the log wants from an operating system, so that tests can put a worse one beneath it.

mod disk;
#[cfg(test)]
pub(crate) mod model;

use std::ffi::OsString;
use std::fmt::Debug;
use std::io;
use std::path::Path;

use record::UnixNanos;

pub use disk::Disk;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// For reading; it must exist.
    Read,
    /// For reading and writing; it must exist.
    Write,
    /// For reading and writing; it must not exist. Mode 0600.
    CreateNew,
}

/// Files in directories, and what it takes to have them survive a power cut.
///
/// Implementations make one system call per call and hide nothing: short counts and interruptions are the caller's.
pub trait Storage: Clone + Debug + Send + Sync + 'static {
    /// An open file.
    type File: StoredFile;

    /// Opens or creates a file.
    fn open(&self, path: &Path, access: Access) -> io::Result<Self::File>;
    /// Makes a directory, mode 0700. [`io::ErrorKind::AlreadyExists`] when it is there.
    fn create_directory(&self, path: &Path) -> io::Result<()>;
    /// The names in a directory, in any order.
    fn list(&self, directory: &Path) -> io::Result<Vec<OsString>>;
    /// Gives a file another name in the same directory; a file of that name is replaced.
    fn rename_over(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// The same, but [`io::ErrorKind::AlreadyExists`] when there is a file of that name.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file's name.
    fn unlink(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a directory durable (fsync).
    fn sync_directory(&self, directory: &Path) -> io::Result<()>;
    /// The time.
    fn now(&self) -> UnixNanos;
}

/// An open file of a [`Storage`].
pub trait StoredFile: Debug + Send + Sync + 'static {
    /// Reads at an offset; 0 at the end of the file.
    fn pread(&self, octets: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes at an offset; fewer than all octets may be written.
    fn pwrite(&self, octets: &[u8], offset: u64) -> io::Result<usize>;
    /// Makes contents and size durable (fdatasync).
    fn sync_data(&self) -> io::Result<()>;
    /// Makes all of the file durable (fsync).
    fn sync_all(&self) -> io::Result<()>;
    /// Reserves room for octets 0 to `bytes`; what was not there reads as zeros, and the file is at least that long.
    fn allocate(&self, bytes: u64) -> io::Result<()>;
    /// Cuts the file, or lengthens it with zeros.
    fn truncate(&self, bytes: u64) -> io::Result<()>;
    /// The file's length.
    fn bytes(&self) -> io::Result<u64>;
    /// Takes the lock of the file without waiting; [`io::ErrorKind::WouldBlock`] when somebody else has it.
    fn lock(&self) -> io::Result<()>;
}

/// So many interruptions in a row are no accident.
const INTERRUPTIONS_MAX: usize = 100;

/// Calls again after an interruption by a signal.
pub(crate) fn again<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 0..INTERRUPTIONS_MAX {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
    call()
}

/// Writes all octets.
pub(crate) fn write_at(file: &impl StoredFile, mut octets: &[u8], mut offset: u64) -> io::Result<()> {
    while !octets.is_empty() {
        let written = again(|| file.pwrite(octets, offset))?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        octets = &octets[written..];
        offset += written as u64;
    }
    Ok(())
}

/// Reads until `octets` is full or the file ends; returns how many were read.
pub(crate) fn read_at(file: &impl StoredFile, octets: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < octets.len() {
        match again(|| file.pread(&mut octets[filled..], offset + filled as u64))? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// A page: what a disk that cannot read says no to.
const PAGE_BYTES: usize = 4096;

/// Like [`read_at`], but pages that the disk cannot read come as zeros; returns their octets as well.
pub(crate) fn read_readable_at(file: &impl StoredFile, octets: &mut [u8], offset: u64) -> io::Result<(usize, u64)> {
    match read_at(file, octets, offset) {
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => {}
        done => return done.map(|filled| (filled, 0)),
    }
    let (mut filled, mut unreadable) = (0, 0);
    let bytes_left = usize::try_from(file.bytes()?.saturating_sub(offset)).unwrap_or(usize::MAX);
    let wanted = octets.len().min(bytes_left);
    while filled < wanted {
        let to_page_end = PAGE_BYTES - (offset as usize + filled) % PAGE_BYTES;
        let piece = &mut octets[filled..wanted.min(filled + to_page_end)];
        match read_at(file, piece, offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(_) => {
                piece.fill(0);
                unreadable += piece.len() as u64;
                filled += piece.len();
            }
        }
    }
    Ok((filled, unreadable))
}
