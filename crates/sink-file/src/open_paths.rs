//! Which paths the sink has open, so that the housekeeper leaves these alone.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The paths below the base that are open for writing. Files are opened, and taken away by their live name, under its
/// lock only; so no record is ever written to a file that has been read for the last time.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenPaths(Arc<Mutex<HashSet<String>>>);

/// Keeps a path among the open ones.
#[derive(Debug)]
pub(crate) struct OpenPath {
    paths: OpenPaths,
    path: String,
}

impl OpenPaths {
    /// As long as the guard lives, no file is opened.
    pub(crate) fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does `open`, and counts `path` among the open ones if it succeeds.
    pub(crate) fn open<T, E>(&self, path: &str, open: impl FnOnce() -> Result<T, E>) -> Result<(T, OpenPath), E> {
        let mut paths = self.lock();
        let opened = open()?;
        paths.insert(path.to_owned());
        Ok((opened, OpenPath { paths: self.clone(), path: path.to_owned() }))
    }
}

impl Drop for OpenPath {
    fn drop(&mut self) {
        self.paths.lock().remove(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_open_until_it_is_let_go() {
        let paths = OpenPaths::default();
        let (_, open) = paths.open("a", || Ok::<_, ()>(())).unwrap();
        assert!(paths.open("b", || Err::<(), _>(())).is_err());
        assert!(paths.lock().contains("a") && !paths.lock().contains("b"));
        drop(open);
        assert!(paths.lock().is_empty());
    }
}
