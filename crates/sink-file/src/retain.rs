//! Which closed files are to go.

use std::time::SystemTime;

use crate::Retain;
use crate::closed::ClosedFile;

impl Retain {
    /// Whether anything is ever deleted.
    pub(crate) const fn is_limited(&self) -> bool {
        self.count.is_some() || self.age.is_some() || self.bytes.is_some()
    }

    /// Parts `files`, which are newest first, into those that stay and those that are beyond a limit. To know only some
    /// of all files is safe: what is beyond a limit among them is so among all.
    pub(crate) fn part(&self, files: Vec<ClosedFile>, now: SystemTime) -> (Vec<ClosedFile>, Vec<ClosedFile>) {
        let (mut place, mut bytes) = (0, 0_u64);
        files.into_iter().partition(|file| {
            place += 1;
            bytes = bytes.saturating_add(file.seen.bytes);
            let age = now.duration_since(file.at).unwrap_or_default();
            self.count.is_none_or(|most| place <= most)
                && self.age.is_none_or(|longest| age <= longest)
                && self.bytes.is_none_or(|most| bytes <= most)
        })
    }
}
