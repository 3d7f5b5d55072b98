//! The base directory, and the only ways below it.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{
    AtFlags, CWD, Gid, Mode, OFlags, ResolveFlags, Uid, fchmod, fchown, mkdirat, openat, openat2, unlinkat,
};
use rustix::io::Errno;

/// Opens files and directories below the base. One name at a time and never through a link, so that whatever stands
/// there, nothing outside is reached. How the base itself is reached is the operator's choice: it may be a link.
#[derive(Debug)]
pub(crate) struct Base {
    path: PathBuf,
    dir_mode: u32,
    owner: Option<(u32, u32)>,
    /// Cleared when the kernel, or a filter in front of it, does not have openat2.
    has_openat2: AtomicBool,
}

impl Base {
    pub(crate) fn new(path: &Path, dir_mode: u32, owner: Option<(u32, u32)>) -> Self {
        Self { path: path.to_owned(), dir_mode, owner, has_openat2: AtomicBool::new(true) }
    }

    /// The full path of what lies at `below`, for messages.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.path.join(below)
    }

    /// Opens the base, and makes it when it is missing. Opened anew each time, since it may have been replaced.
    pub(crate) fn open(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match openat(CWD, &self.path, flags, Mode::empty()) {
            Err(Errno::NOENT) => {
                DirBuilder::new().recursive(true).mode(self.dir_mode).create(&self.path)?;
                let made = openat(CWD, &self.path, flags, Mode::empty())?;
                // What stays without its owner would be used as it is the next time.
                self.dress(&made, self.dir_mode).inspect_err(|_| {
                    let _ = fs::remove_dir(&self.path);
                })?;
                Ok(made)
            }
            opened => Ok(opened?),
        }
    }

    /// Opens the directory at `below`, names with slashes between them; makes what is missing.
    pub(crate) fn make_directory(&self, below: &str) -> io::Result<OwnedFd> {
        let mut directory = self.open()?;
        for name in below.split('/').filter(|name| !name.is_empty()) {
            directory = match self.open_directory(&directory, name) {
                Err(Errno::NOENT) => self.make(&directory, name)?,
                opened => opened?,
            };
        }
        Ok(directory)
    }

    /// Opens the existing directory at `below`, names with slashes between them or behind.
    pub(crate) fn existing_directory(&self, below: &str) -> io::Result<OwnedFd> {
        let mut names = below.split('/').filter(|name| !name.is_empty());
        names.try_fold(self.open()?, |directory, name| Ok(self.open_directory(&directory, name)?))
    }

    fn make(&self, directory: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
        match mkdirat(directory, name, Mode::from_raw_mode(self.dir_mode)) {
            Ok(()) => {
                let made = self.open_directory(directory, name)?;
                let dressed = self.dress(&made, self.dir_mode);
                dressed.inspect_err(|_| {
                    let _ = unlinkat(directory, name, AtFlags::REMOVEDIR);
                })?;
                Ok(made)
            }
            // Somebody else was faster: it is theirs to dress.
            Err(Errno::EXIST) => Ok(self.open_directory(directory, name)?),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Opens the existing directory `name` in `directory`.
    pub(crate) fn open_directory(&self, directory: impl AsFd, name: &str) -> rustix::io::Result<OwnedFd> {
        self.open_at(directory, name, OFlags::RDONLY | OFlags::DIRECTORY, 0)
    }

    /// Opens `name` in `directory`, never through a link. NONBLOCK keeps a planted FIFO from blocking us.
    pub(crate) fn open_at(
        &self,
        directory: impl AsFd,
        name: &str,
        flags: OFlags,
        mode: u32,
    ) -> rustix::io::Result<OwnedFd> {
        if name.contains('/') || matches!(name, "" | "." | "..") {
            return Err(Errno::INVAL);
        }
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
        let mode = Mode::from_raw_mode(mode);
        if self.has_openat2.load(Ordering::Relaxed) {
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
            match openat2(directory.as_fd(), name, flags, mode, resolve) {
                // Old container runtimes answer PERM for system calls that they do not know.
                Err(Errno::NOSYS | Errno::PERM) => {}
                opened => return opened,
            }
        }
        let opened = openat(directory, name, flags, mode);
        if opened.is_ok() {
            // openat2 failed where openat does not: no need to ask it again.
            self.has_openat2.store(false, Ordering::Relaxed);
        }
        opened
    }

    /// Gives what the sink has made its mode, whatever the umask, and its owner.
    pub(crate) fn dress(&self, made: impl AsFd, mode: u32) -> io::Result<()> {
        fchmod(made.as_fd(), Mode::from_raw_mode(mode))?;
        if let Some((uid, gid)) = self.owner {
            fchown(made, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))?;
        }
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn forget_openat2(&self) {
        self.has_openat2.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    const NEW_FILE: OFlags = OFlags::WRONLY.union(OFlags::CREATE);

    /// Runs `check` with a base inside a directory, once with openat2 and once as on a kernel without it.
    fn both_ways(check: impl Fn(&Base, &Path)) {
        for has_openat2 in [true, false] {
            let outside = tempfile::tempdir().unwrap();
            let base = Base::new(&outside.path().join("base"), 0o751, None);
            if !has_openat2 {
                base.forget_openat2();
            }
            base.open().unwrap();
            check(&base, outside.path());
        }
    }

    #[test]
    fn missing_directories_are_made_with_their_mode() {
        both_ways(|base, outside| {
            base.make_directory("a/b").unwrap();
            base.make_directory("a/b/c").unwrap();
            for below in ["", "a", "a/b", "a/b/c"] {
                let mode = fs::metadata(outside.join("base").join(below)).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o751, "{below}");
            }
        });
    }

    #[test]
    fn a_directory_that_is_a_link_is_not_followed() {
        both_ways(|base, outside| {
            fs::create_dir(outside.join("elsewhere")).unwrap();
            symlink(outside.join("elsewhere"), outside.join("base/a")).unwrap();
            assert!(base.make_directory("a").is_err() && base.make_directory("a/b").is_err());
            assert_eq!(fs::read_dir(outside.join("elsewhere")).unwrap().count(), 0);
        });
    }

    #[test]
    fn a_file_that_is_a_link_is_not_followed_wherever_it_points() {
        both_ways(|base, outside| {
            fs::write(outside.join("base/inside"), "").unwrap();
            symlink(outside.join("secret"), outside.join("base/x")).unwrap();
            symlink("inside", outside.join("base/y")).unwrap();
            let directory = base.open().unwrap();
            for name in ["x", "y"] {
                assert_eq!(base.open_at(&directory, name, NEW_FILE, 0o600).unwrap_err(), Errno::LOOP);
            }
            assert!(!outside.join("secret").exists());
        });
    }

    #[test]
    fn names_with_slashes_or_dots_alone_are_refused() {
        both_ways(|base, outside| {
            let directory = base.open().unwrap();
            for name in ["..", ".", "", "../x", "/etc/x", "a/b"] {
                assert_eq!(base.open_at(&directory, name, NEW_FILE, 0o600).unwrap_err(), Errno::INVAL, "{name}");
            }
            assert!(base.make_directory("a/../../x").is_err());
            assert!(!outside.join("x").exists());
        });
    }

    #[test]
    fn a_base_that_was_removed_is_made_again() {
        both_ways(|base, outside| {
            fs::remove_dir(outside.join("base")).unwrap();
            base.make_directory("a").unwrap();
            assert!(outside.join("base/a").is_dir());
        });
    }
}
