//! The real storage.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use record::UnixNanos;
use rustix::fs::{CWD, FallocateFlags, FlockOperation, OFlags, RenameFlags};
use rustix::fs::{fallocate, fdatasync, flock, fsync, ftruncate, renameat_with};
use rustix::io::Errno;

use super::{Access, Storage, StoredFile};

/// The file system of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Storage for Disk {
    type File = File;

    fn open(&self, path: &Path, access: Access) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(access != Access::Read).create_new(access == Access::CreateNew).mode(0o600);
        options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(path)
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        DirBuilder::new().mode(0o700).create(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<OsString>> {
        std::fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
    }

    fn rename_over(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // Some network file systems cannot. The lock keeps others away between the look and the renaming.
            Err(Errno::INVAL | Errno::NOSYS) if !to.try_exists()? => std::fs::rename(from, to),
            Err(Errno::INVAL | Errno::NOSYS) => Err(io::ErrorKind::AlreadyExists.into()),
            done => Ok(done?),
        }
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        Ok(fsync(File::open(directory)?)?)
    }

    fn now(&self) -> UnixNanos {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixNanos(u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX))
    }
}

// By rustix where the standard library would call again after an interruption: a sync is never repeated unasked.
impl StoredFile for File {
    fn pread(&self, octets: &mut [u8], offset: u64) -> io::Result<usize> {
        self.read_at(octets, offset)
    }

    fn pwrite(&self, octets: &[u8], offset: u64) -> io::Result<usize> {
        self.write_at(octets, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(fdatasync(self)?)
    }

    fn sync_all(&self) -> io::Result<()> {
        Ok(fsync(self)?)
    }

    fn allocate(&self, bytes: u64) -> io::Result<()> {
        match fallocate(self, FallocateFlags::empty(), 0, bytes) {
            // Some file systems cannot; a full disk is then found by a write.
            Err(Errno::OPNOTSUPP) if self.bytes()? < bytes => self.truncate(bytes),
            Err(Errno::OPNOTSUPP) => Ok(()),
            done => Ok(done?),
        }
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        Ok(ftruncate(self, bytes)?)
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn lock(&self) -> io::Result<()> {
        Ok(flock(self, FlockOperation::NonBlockingLockExclusive)?)
    }
}
