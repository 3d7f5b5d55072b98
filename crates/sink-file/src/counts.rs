//! What happened to files.

use std::sync::atomic::{AtomicU64, Ordering};

/// Events of one file sink since it was opened. Updated from two threads, read from any.
#[derive(Debug, Default)]
pub struct FileCounts {
    /// Files opened anew because somebody had moved or deleted them.
    pub reopened: AtomicU64,
    /// Files put aside.
    pub rotated: AtomicU64,
    /// Rotations that failed; the file goes on to grow.
    pub rotations_failed: AtomicU64,
    /// Closed files compressed.
    pub compressed: AtomicU64,
    /// Closed files deleted.
    pub deleted: AtomicU64,
    /// Attempts to compress or delete that failed; they are made again.
    pub housekeeping_failed: AtomicU64,
    /// Times a file was shorter than what was written into it (`copytruncate`): records were lost by another program.
    pub truncated_by_others: AtomicU64,
    /// Files whose last line had no line feed when they were opened, or that could not be cut back after a failed write.
    pub torn_tails: AtomicU64,
    /// Syncs by interval that failed: acknowledged records may not survive a crash of the machine.
    pub syncs_failed: AtomicU64,
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
