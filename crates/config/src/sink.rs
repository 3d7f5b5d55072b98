//! `[sink.NAME]`, checked.

use std::time::Duration;

use crate::choices::{Compression, Encoding, Fsync, SinkKind};
use crate::classes::{CLASSES, matches};
use crate::owner::Owner;
use crate::template::PathTemplate;
use crate::values::Values;

/// A sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sink {
    /// Its name, `[A-Za-z0-9_-]{1,64}`.
    pub name: String,
    /// What it writes to.
    pub kind: SinkKind,
    /// The classes it takes: names of [`CLASSES`], a prefix and `.*`, or `*`. At least one, and each names a class.
    pub take: Vec<String>,
    /// The files.
    pub path: PathTemplate,
    /// What is written for a record.
    pub encoding: Encoding,
    /// A message that is JSON stands in the record as JSON.
    pub embed_json: bool,
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
    /// Files open at once; about 2 MiB each.
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

impl Sink {
    /// `None` without a path, or when its kind is not known.
    pub(crate) fn from_values(name: &str, values: &Values) -> Option<Self> {
        if values.is_unusable {
            return None;
        }
        let (rotate, retain) = (values.table("rotate"), values.table("retain"));
        Some(Self {
            name: name.to_owned(),
            kind: values.word("kind"),
            take: values.texts("take"),
            path: values.template_if_given("path")?,
            encoding: values.word("encoding"),
            embed_json: values.flag("embed_json"),
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

    /// The names of the classes it takes.
    pub fn classes(&self) -> impl Iterator<Item = &'static str> {
        let is_taken = |class: &&str| self.take.iter().any(|pattern| matches(pattern, class));
        CLASSES.iter().copied().filter(is_taken)
    }

    /// The full key of one of its keys.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("sink.{}.{name}", self.name)
    }
}
