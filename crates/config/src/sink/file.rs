//! A sink that writes files.

use std::time::Duration;

use crate::choices::{Compression, Fsync};
use crate::owner::Owner;
use crate::template::PathTemplate;
use crate::values::Values;

/// The keys of a sink with kind = "file".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileTarget {
    /// The files.
    pub path: PathTemplate,
    /// When a new file is begun.
    pub rotate: Rotate,
    /// How closed files are compressed.
    pub compression: Compression,
    /// Which closed files are kept.
    pub retain: Retain,
    /// Permissions of new files.
    pub mode: u32,
    /// Permissions of new directories.
    pub directory_mode: u32,
    /// Whom new files and directories belong to; `None`: to the process.
    pub owner: Option<Owner>,
    /// When files are put on the disk.
    pub fsync: Fsync,
    /// How often, with [`Fsync::Interval`].
    pub fsync_interval: Duration,
    /// Files open at once.
    pub open_files_max: u32,
}

/// When a file is closed and a new one begun; with both `None`, never.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rotate {
    /// Bytes that a file does not grow beyond, but for a single longer record.
    pub size: Option<u64>,
    /// Age, from full multiples of it in UTC.
    pub every: Option<Duration>,
}

/// Which closed files are kept; `None`: no such limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retain {
    /// How many of each path.
    pub count: Option<u32>,
    /// How long.
    pub age: Option<Duration>,
    /// How many bytes in all.
    pub bytes: Option<u64>,
}

impl FileTarget {
    /// `None` without a path.
    pub(super) fn from_values(values: &Values) -> Option<Self> {
        let (rotate, retain) = (values.table("rotate"), values.table("retain"));
        Some(Self {
            path: values.template_if_given("path")?,
            rotate: Rotate { size: rotate.number_if_given("size"), every: rotate.duration_if_given("every") },
            compression: values.word("compression"),
            retain: Retain {
                count: retain.count_if_given("count"),
                age: retain.duration_if_given("age"),
                bytes: retain.number_if_given("bytes"),
            },
            mode: values.count("mode"),
            directory_mode: values.count("directory_mode"),
            owner: values.owner_if_given("owner"),
            fsync: values.word("fsync"),
            fsync_interval: values.duration("fsync_interval"),
            open_files_max: values.count("open_files_max"),
        })
    }
}
