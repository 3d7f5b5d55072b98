//! Octets that are no entries, kept for people to look at.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::paths::Paths;
use super::storage::{Access, Storage, StoredFile, again, write_at};

/// Copies into the quarantine, up to a limit. All of it is best effort: what cannot be copied is counted by whoever reports
/// the damage, and the original stays in its segment until the sinks have passed it.
#[derive(Debug)]
pub(crate) struct Quarantine {
    bytes_left: AtomicU64,
}

impl Quarantine {
    /// Allows for `bytes_max` in all, those included that are there already.
    pub(crate) fn open<S: Storage>(storage: &S, paths: &Paths, bytes_max: u64) -> Self {
        let names = storage.list(&paths.quarantine).unwrap_or_default();
        let used = names.iter().map(|name| size(storage, &paths.quarantine.join(name))).sum::<u64>();
        Self { bytes_left: AtomicU64::new(bytes_max.saturating_sub(used)) }
    }

    /// Copies octets that stand at `offset` of a segment; nothing when they are zeros. Whether they are there now.
    pub(crate) fn set_aside<S: Storage>(
        &self,
        storage: &S,
        paths: &Paths,
        segment: u64,
        offset: u64,
        octets: &[u8],
    ) -> bool {
        let Some(last) = octets.iter().rposition(|octet| *octet != 0) else { return true };
        let octets = &octets[..=last];
        let bytes = octets.len() as u64;
        let took =
            self.bytes_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok();
        if !took {
            return false;
        }
        let path = paths.aside(segment, offset);
        match write(storage, paths, &path, octets) {
            Ok(()) => true,
            Err(error) => {
                self.bytes_left.fetch_add(bytes, Ordering::Relaxed);
                // Somebody came by here before.
                error.kind() == io::ErrorKind::AlreadyExists
            }
        }
    }
}

fn write<S: Storage>(storage: &S, paths: &Paths, path: &Path, octets: &[u8]) -> io::Result<()> {
    let file = again(|| storage.open(path, Access::CreateNew))?;
    let written = write_at(&file, octets, 0).and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = storage.unlink(path);
        return Err(error);
    }
    storage.sync_directory(&paths.quarantine)
}

fn size<S: Storage>(storage: &S, path: &Path) -> u64 {
    storage.open(path, Access::Read).and_then(|file| file.bytes()).unwrap_or(0)
}
