//! A storage that is worse than any disk: what was not synced may be lost, in pieces of 512 octets and in any order; names that
//! were not synced may be lost too; and any call may be made to fail.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use record::UnixNanos;
use rustix::io::Errno;

use super::{Access, Storage, StoredFile};
use crate::log::crash;

const SECTOR_BYTES: u64 = 512;

#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    world: Arc<Mutex<World>>,
}

#[derive(Debug, Default)]
struct World {
    inodes: BTreeMap<u64, Inode>,
    directories: BTreeMap<PathBuf, Directory>,
    /// Files opened before the last crash belong to a dead process.
    life: u64,
    random: u64,
    faults: VecDeque<Fault>,
    unreadable: Option<(u64, Range<u64>)>,
    capacity: Option<u64>,
    calls_to_crash: Option<u64>,
    had_fault: bool,
    forgets_directory_syncs: bool,
    syncs_after_failure: u64,
    calls: BTreeMap<Call, u64>,
}

#[derive(Debug, Default)]
struct Inode {
    /// What a process sees.
    seen: Vec<u8>,
    /// What is on the medium.
    durable: Vec<u8>,
    /// What is on its way there.
    pending: Vec<Change>,
    locked_by: Option<u64>,
    sync_failed_in: Option<u64>,
}

#[derive(Debug, Clone)]
enum Change {
    Write(u64, Vec<u8>),
    Truncate(u64),
    Allocate(u64),
}

#[derive(Debug, Default)]
struct Directory {
    seen: BTreeMap<OsString, u64>,
    durable: BTreeMap<OsString, u64>,
    pending: Vec<Naming>,
}

#[derive(Debug, Clone)]
enum Naming {
    Add(OsString, u64),
    Remove(OsString),
    Rename(OsString, OsString, u64),
}

/// The calls that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Call {
    Open,
    Create,
    CreateDirectory,
    List,
    RenameOver,
    RenameNew,
    Unlink,
    SyncDirectory,
    Pread,
    Pwrite,
    SyncData,
    SyncAll,
    Allocate,
    Truncate,
}

/// A failure to come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) call: Call,
    /// After so many more calls that work.
    pub(crate) after: u64,
    /// So many calls in a row.
    pub(crate) times: u64,
    pub(crate) how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Error(Errno),
    /// Half of the octets are written.
    Short,
    /// The same, and then the process ends.
    CrashHalfWay,
}

/// What becomes of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsynced {
    Lost,
    Kept,
    /// Each sector, each change of a size, each name: at random.
    Torn,
}

#[derive(Debug)]
pub(crate) struct ModelFile {
    world: Arc<Mutex<World>>,
    inode: u64,
    life: u64,
    handle: u64,
}

impl Change {
    fn apply(&self, octets: &mut Vec<u8>) {
        match self {
            Self::Write(offset, written) => {
                let from = *offset as usize;
                octets.resize(octets.len().max(from + written.len()), 0);
                octets[from..from + written.len()].copy_from_slice(written);
            }
            Self::Truncate(bytes) => octets.resize(*bytes as usize, 0),
            Self::Allocate(bytes) => octets.resize(octets.len().max(*bytes as usize), 0),
        }
    }

    /// The same in pieces of which each may be lost.
    fn torn(self) -> Vec<Self> {
        let Self::Write(offset, octets) = self else { return vec![self] };
        let mut pieces = Vec::new();
        let mut from = 0;
        while from < octets.len() {
            let place = offset + from as u64;
            let to = octets.len().min(from + (SECTOR_BYTES - place % SECTOR_BYTES) as usize);
            pieces.push(Self::Write(place, octets[from..to].to_vec()));
            from = to;
        }
        pieces
    }
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<OsString, u64>) {
        match self {
            Self::Add(name, inode) => {
                names.insert(name.clone(), *inode);
            }
            Self::Remove(name) => {
                names.remove(name);
            }
            Self::Rename(from, to, inode) => {
                names.remove(from);
                names.insert(to.clone(), *inode);
            }
        }
    }
}

impl World {
    /// splitmix64.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn survives(&mut self, unsynced: Unsynced) -> bool {
        match unsynced {
            Unsynced::Lost => false,
            Unsynced::Kept => true,
            Unsynced::Torn => self.random() & 1 == 0,
        }
    }

    /// Counts the call, and fails when its time has come.
    fn call(&mut self, call: Call) -> io::Result<Option<How>> {
        *self.calls.entry(call).or_default() += 1;
        if let Some(calls) = &mut self.calls_to_crash {
            match calls.checked_sub(1) {
                Some(fewer) => *calls = fewer,
                None if call == Call::Pwrite => return Ok(Some(How::CrashHalfWay)),
                None => crash::now(),
            }
        }
        let Some(fault) = self.faults.front_mut().filter(|fault| fault.call == call) else { return Ok(None) };
        if fault.after > 0 {
            fault.after -= 1;
            return Ok(None);
        }
        let how = fault.how;
        self.had_fault = true;
        fault.times -= 1;
        if fault.times == 0 {
            self.faults.pop_front();
        }
        match how {
            How::Error(errno) => Err(errno.into()),
            How::Short | How::CrashHalfWay => Ok(Some(how)),
        }
    }

    /// Octets in all files that have a name.
    fn used(&self) -> u64 {
        let named = self.directories.values().flat_map(|directory| directory.seen.values());
        named.map(|inode| self.inodes[inode].seen.len() as u64).sum()
    }

    fn place(&mut self, path: &Path) -> io::Result<(&mut Directory, OsString)> {
        let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { return Err(Errno::INVAL.into()) };
        let directory = self.directories.get_mut(directory).ok_or(Errno::NOENT)?;
        Ok((directory, name.to_owned()))
    }

    fn rename(&mut self, from: &Path, to: &Path, is_over: bool) -> io::Result<()> {
        assert_eq!(from.parent(), to.parent(), "a name stays in its directory");
        let (directory, to) = self.place(to)?;
        let from = from.file_name().unwrap().to_owned();
        if !is_over && directory.seen.contains_key(&to) {
            return Err(Errno::EXIST.into());
        }
        let inode = *directory.seen.get(&from).ok_or(Errno::NOENT)?;
        let naming = Naming::Rename(from, to, inode);
        naming.apply(&mut directory.seen);
        directory.pending.push(naming);
        Ok(())
    }
}

impl Model {
    /// A storage with one empty directory.
    pub(crate) fn with_directory(path: &str, seed: u64) -> Self {
        let model = Self::default();
        model.world().random = seed;
        model.world().directories.insert(path.into(), Directory::default());
        model
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process ends; the kernel lives on.
    pub(crate) fn kill(&self) {
        let mut world = self.world();
        world.life += 1;
        world.faults.clear();
        world.calls_to_crash = None;
        world.inodes.values_mut().for_each(|inode| inode.locked_by = None);
    }

    /// The power is cut, and comes back.
    pub(crate) fn cut_power(&self, unsynced: Unsynced) {
        self.kill();
        let mut world = self.world();
        let mut inodes = std::mem::take(&mut world.inodes);
        for inode in inodes.values_mut() {
            for piece in std::mem::take(&mut inode.pending).into_iter().flat_map(Change::torn) {
                if world.survives(unsynced) {
                    piece.apply(&mut inode.durable);
                }
            }
            inode.seen = inode.durable.clone();
        }
        world.inodes = inodes;
        let mut directories = std::mem::take(&mut world.directories);
        for directory in directories.values_mut() {
            for naming in std::mem::take(&mut directory.pending) {
                if world.survives(unsynced) {
                    naming.apply(&mut directory.durable);
                }
            }
            directory.seen = directory.durable.clone();
        }
        world.directories = directories;
    }

    pub(crate) fn fail(&self, fault: Fault) {
        self.fail_no_more();
        self.world().faults.push_back(fault);
    }

    /// These calls fail, each once, one after the other.
    pub(crate) fn fail_in_turn(&self, calls: &[(Call, How)]) {
        let faults = calls.iter().map(|(call, how)| Fault { call: *call, after: 0, times: 1, how: *how });
        self.world().faults.extend(faults);
    }

    /// A read that touches these octets fails.
    pub(crate) fn fail_pages(&self, path: &Path, octets: Range<u64>) {
        let mut world = self.world();
        let (directory, name) = world.place(path).unwrap();
        let inode = directory.seen[&name];
        world.unreadable = Some((inode, octets));
    }

    /// The medium takes so many octets beyond those that are there, or any number.
    pub(crate) fn set_room(&self, bytes: Option<u64>) {
        let mut world = self.world();
        world.capacity = bytes.map(|bytes| world.used() + bytes);
    }

    /// The process ends at its n-th call from now on, counted from 0; in the middle of it, when it is a write.
    pub(crate) fn crash_at_call(&self, calls: u64) {
        self.world().calls_to_crash = Some(calls);
    }

    /// The process ends no more; whether it was to, and did not.
    pub(crate) fn crash_no_more(&self) -> bool {
        self.world().calls_to_crash.take().is_some()
    }

    /// No failure is to come any more; whether one was, and did not.
    pub(crate) fn fail_no_more(&self) -> bool {
        !std::mem::take(&mut self.world().faults).is_empty()
    }

    /// Whether the call failed that was to fail, since this was last asked.
    pub(crate) fn had_fault(&self) -> bool {
        std::mem::take(&mut self.world().had_fault)
    }

    /// What a log does that was written without the syncs of directories.
    pub(crate) fn forget_directory_syncs(&self) {
        self.world().forgets_directory_syncs = true;
    }

    /// How often a file was synced again after a failed sync.
    pub(crate) fn syncs_after_failure(&self) -> u64 {
        self.world().syncs_after_failure
    }

    pub(crate) fn calls(&self, call: Call) -> u64 {
        self.world().calls.get(&call).copied().unwrap_or(0)
    }

    /// The octets that a process sees in a file.
    pub(crate) fn octets(&self, path: &Path) -> Vec<u8> {
        let mut world = self.world();
        let (directory, name) = world.place(path).unwrap();
        let inode = directory.seen[&name];
        world.inodes[&inode].seen.clone()
    }

    /// Replaces a file's octets, on the medium too, or makes the file.
    pub(crate) fn put(&self, path: &Path, octets: Vec<u8>) {
        let mut world = self.world();
        let new = world.inodes.keys().next_back().map_or(1, |last| last + 1);
        let (directory, name) = world.place(path).unwrap();
        let inode = *directory.seen.entry(name.clone()).or_insert(new);
        directory.durable.insert(name, inode);
        let inode = world.inodes.entry(inode).or_default();
        inode.pending.clear();
        inode.durable = octets.clone();
        inode.seen = octets;
    }

    /// Removes a file, on the medium too.
    pub(crate) fn remove(&self, path: &Path) {
        let mut world = self.world();
        let (directory, name) = world.place(path).unwrap();
        directory.seen.remove(&name);
        directory.durable.remove(&name);
        directory.pending.clear();
    }

    /// Makes everything as it was when [`Model::everything`] was asked, on the medium too.
    pub(crate) fn restore(&self, everything: &BTreeMap<PathBuf, Vec<u8>>) {
        self.everything().keys().filter(|path| !everything.contains_key(*path)).for_each(|path| self.remove(path));
        everything.iter().for_each(|(path, octets)| self.put(path, octets.clone()));
    }

    /// All files with their octets, to compare.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let world = self.world();
        let mut all = BTreeMap::new();
        for (path, directory) in &world.directories {
            for (name, inode) in &directory.seen {
                all.insert(path.join(name), world.inodes[inode].seen.clone());
            }
        }
        all
    }
}

impl Storage for Model {
    type File = ModelFile;

    fn open(&self, path: &Path, access: Access) -> io::Result<ModelFile> {
        let mut world = self.world();
        world.call(if access == Access::CreateNew { Call::Create } else { Call::Open })?;
        let new = world.inodes.keys().next_back().map_or(1, |last| last + 1);
        let (directory, name) = world.place(path)?;
        let inode = match (directory.seen.get(&name), access) {
            (Some(_), Access::CreateNew) => return Err(Errno::EXIST.into()),
            (Some(inode), _) => *inode,
            (None, Access::CreateNew) => {
                directory.seen.insert(name.clone(), new);
                directory.pending.push(Naming::Add(name, new));
                world.inodes.insert(new, Inode::default());
                new
            }
            (None, _) => return Err(Errno::NOENT.into()),
        };
        let handle = world.random();
        Ok(ModelFile { world: Arc::clone(&self.world), inode, life: world.life, handle })
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        let mut world = self.world();
        world.call(Call::CreateDirectory)?;
        if world.directories.contains_key(path) {
            return Err(Errno::EXIST.into());
        }
        // A simplification: a directory itself is never lost.
        world.directories.insert(path.to_owned(), Directory::default());
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<OsString>> {
        let mut world = self.world();
        world.call(Call::List)?;
        let directory = world.directories.get(directory).ok_or(Errno::NOENT)?;
        Ok(directory.seen.keys().cloned().collect())
    }

    fn rename_over(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut world = self.world();
        world.call(Call::RenameOver)?;
        world.rename(from, to, true)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut world = self.world();
        world.call(Call::RenameNew)?;
        world.rename(from, to, false)
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        let mut world = self.world();
        world.call(Call::Unlink)?;
        let (directory, name) = world.place(path)?;
        directory.seen.remove(&name).ok_or(Errno::NOENT)?;
        directory.pending.push(Naming::Remove(name));
        Ok(())
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let mut world = self.world();
        world.call(Call::SyncDirectory)?;
        if !world.forgets_directory_syncs {
            let directory = world.directories.get_mut(directory).ok_or(Errno::NOENT)?;
            directory.pending.clear();
            directory.durable = directory.seen.clone();
        }
        Ok(())
    }

    fn now(&self) -> UnixNanos {
        UnixNanos(1_000_000_000)
    }
}

impl ModelFile {
    fn with<T>(&self, call: Call, act: impl FnOnce(&mut Inode, Option<How>) -> T) -> io::Result<T> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        if world.life != self.life {
            return Err(Errno::BADF.into());
        }
        let how = world.call(call)?;
        Ok(act(world.inodes.get_mut(&self.inode).expect("inodes stay"), how))
    }

    fn change(&self, call: Call, change: Change) -> io::Result<()> {
        self.check_room(&change)?;
        self.with(call, |inode, _| {
            change.apply(&mut inode.seen);
            inode.pending.push(change);
        })
    }

    fn check_room(&self, change: &Change) -> io::Result<()> {
        let world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let to = match change {
            Change::Write(offset, octets) => offset + octets.len() as u64,
            Change::Allocate(bytes) => *bytes,
            Change::Truncate(_) => return Ok(()),
        };
        let growth = to.saturating_sub(world.inodes[&self.inode].seen.len() as u64);
        match world.capacity {
            Some(capacity) if growth > 0 && world.used() + growth > capacity => Err(Errno::NOSPC.into()),
            _ => Ok(()),
        }
    }

    fn sync(&self, call: Call) -> io::Result<()> {
        let done = self.with(call, |inode, _| {
            for change in std::mem::take(&mut inode.pending) {
                change.apply(&mut inode.durable);
            }
            inode.sync_failed_in == Some(self.life)
        });
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        match done {
            Ok(is_after_failure) => world.syncs_after_failure += u64::from(is_after_failure),
            Err(_) if world.life != self.life => {}
            // Some of it may have got there. The pages count as clean: the next sync finds nothing to do, and says that all is well.
            Err(_) => {
                let mut inode = world.inodes.remove(&self.inode).unwrap();
                inode.sync_failed_in = Some(self.life);
                for piece in std::mem::take(&mut inode.pending).into_iter().flat_map(Change::torn) {
                    if world.survives(Unsynced::Torn) {
                        piece.apply(&mut inode.durable);
                    }
                }
                world.inodes.insert(self.inode, inode);
            }
        }
        done.map(|_| ())
    }
}

impl StoredFile for ModelFile {
    fn pread(&self, octets: &mut [u8], offset: u64) -> io::Result<usize> {
        let unreadable = self.world.lock().unwrap_or_else(PoisonError::into_inner).unreadable.clone();
        if let Some((inode, pages)) = unreadable
            && inode == self.inode
            && offset < pages.end
            && offset + octets.len() as u64 > pages.start
        {
            return Err(Errno::IO.into());
        }
        self.with(Call::Pread, |inode, how| {
            let from = inode.seen.len().min(offset as usize);
            let mut bytes = octets.len().min(inode.seen.len() - from);
            if how == Some(How::Short) {
                bytes = bytes.div_ceil(2);
            }
            octets[..bytes].copy_from_slice(&inode.seen[from..from + bytes]);
            bytes
        })
    }

    fn pwrite(&self, octets: &[u8], offset: u64) -> io::Result<usize> {
        self.check_room(&Change::Write(offset, octets.to_vec()))?;
        self.with(Call::Pwrite, |inode, how| {
            let bytes = if how.is_some() { octets.len().div_ceil(2) } else { octets.len() };
            let change = Change::Write(offset, octets[..bytes].to_vec());
            change.apply(&mut inode.seen);
            inode.pending.push(change);
            if how == Some(How::CrashHalfWay) {
                crash::now();
            }
            bytes
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.sync(Call::SyncData)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync(Call::SyncAll)
    }

    fn allocate(&self, bytes: u64) -> io::Result<()> {
        self.change(Call::Allocate, Change::Allocate(bytes))
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        self.change(Call::Truncate, Change::Truncate(bytes))
    }

    fn bytes(&self) -> io::Result<u64> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        if world.life != self.life {
            return Err(Errno::BADF.into());
        }
        Ok(world.inodes.entry(self.inode).or_default().seen.len() as u64)
    }

    fn lock(&self) -> io::Result<()> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let inode = world.inodes.entry(self.inode).or_default();
        match inode.locked_by {
            Some(holder) if holder != self.handle => Err(Errno::WOULDBLOCK.into()),
            _ => {
                inode.locked_by = Some(self.handle);
                Ok(())
            }
        }
    }
}

impl Drop for ModelFile {
    fn drop(&mut self) {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let handle = self.handle;
        if let Some(inode) = world.inodes.get_mut(&self.inode) {
            inode.locked_by = inode.locked_by.filter(|holder| *holder != handle);
        }
    }
}
