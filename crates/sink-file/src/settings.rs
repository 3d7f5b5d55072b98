//! What a file sink can be told.

use std::time::Duration;

use record::ClassMask;
use sink::Encoding;

use crate::PathTemplate;

/// The settings of one file sink. Two sinks must not share a path.
///
/// Memory: at most `buffer_bytes` of encoded records wait to be written, plus one record; spare buffers hold at most
/// eight times as much. Descriptors: two for each of `open_files_max` files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSettings {
    /// Where records go.
    pub path: PathTemplate,
    /// The value of `{instance}`.
    pub instance: String,
    /// The classes whose records it is given. Files of other classes that lie beside its own are another sink's, and are
    /// neither compressed nor deleted.
    pub take: ClassMask,
    /// How records are written.
    pub encoding: Encoding,
    /// When a file is put aside and a new one begun.
    pub rotate: Rotate,
    /// How closed files are compressed.
    pub compression: Compression,
    /// Which closed files are deleted.
    pub retain: Retain,
    /// Permission bits of files, whatever the umask.
    pub mode: u32,
    /// Permission bits of directories that the sink makes, whatever the umask.
    pub dir_mode: u32,
    /// User and group of files and of directories that the sink makes; those of the process when there is none.
    pub owner: Option<(u32, u32)>,
    /// When written records are synced to the disk.
    pub fsync: Fsync,
    /// How many files are open at once; the one not used for the longest time is closed for another. At least one.
    pub open_files_max: usize,
    /// How many octets of encoded records are gathered before they are written.
    pub buffer_bytes: usize,
}

impl FileSettings {
    /// Plain settings for `path`: no rotation, mode 0640, directories 0750, a sync each second, 64 files, 1 MiB.
    #[must_use]
    pub fn new(path: PathTemplate, encoding: Encoding) -> Self {
        Self {
            path,
            instance: "gully".to_owned(),
            take: ClassMask::ALL,
            encoding,
            rotate: Rotate::default(),
            compression: Compression::None,
            retain: Retain::default(),
            mode: 0o640,
            dir_mode: 0o750,
            owner: None,
            fsync: Fsync::Interval(Duration::from_secs(1)),
            open_files_max: 64,
            buffer_bytes: 1 << 20,
        }
    }
}

/// When a file is put aside and a new one begun. An empty file is never rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rotate {
    /// Before a file would become longer than this many bytes. A single record that is longer still gets its file.
    pub size_bytes: Option<u64>,
    /// At multiples of this since 1970-01-01 00:00 UTC, so `1d` rotates at midnight UTC. Whole seconds, at least one.
    /// Files that are open are rotated on time, others when they are opened again.
    pub every: Option<Duration>,
}

/// How closed files are compressed, on a thread of its own: those that were rotated, and those of a path with `{date}`
/// whose date (or hour) was over two hours ago by the clock and to which nothing was written for as long. What comes even
/// later begins the file anew, which is then compressed as `2026-11-21.jsonl.2.zst`, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// Zstandard, level 3; adds `.zst` to the name.
    Zstd,
    /// gzip, level 6; adds `.gz` to the name.
    Gzip,
}

/// Which closed files are deleted: those beyond any of the limits, oldest first.
///
/// Counts for the files of one class and listener together, as far as the path names them, whatever `{date}` and `{hour}`
/// in their names. Closed are the same files as for [`Compression`]. Only names that this sink makes, with its instance
/// and its classes, are ever deleted; that is looked at after each rotation, at the start, and at each full hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retain {
    /// How many files stay.
    pub count: Option<usize>,
    /// How long a file stays after its rotation, or after the end of its date or hour.
    pub age: Option<Duration>,
    /// How many bytes stay.
    pub bytes: Option<u64>,
}

/// When written records are synced to the disk (fdatasync), and so what an acknowledgement means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fsync {
    /// Left to the kernel. Acknowledged records survive a crash of the process, but not of the machine.
    Never,
    /// This often. Acknowledged records of the last interval may be lost with the machine.
    Interval(Duration),
    /// Before each acknowledgement.
    Batch,
}
