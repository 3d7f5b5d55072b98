//! Sinks that write files.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use sink_file::{Compression, FileCounts, FileSettings, FileSink, Fsync, PathTemplate, Retain, Rotate};
use telemetry::{FileMetrics, FileNumbers};

use super::Publish;
use crate::exit::{Exit, Failure};

pub(super) fn open(
    sink: &config::Sink,
    target: &config::FileTarget,
    instance: &str,
) -> Result<(FileSink, FileMeter), Failure> {
    let file = FileSink::open(settings(sink, target, instance)?)
        .with_context(|| format!("sink.{}", sink.name))
        .map_err(|cause| Failure::new(Exit::CannotCreate, cause))?;
    let meter = FileMeter { counts: file.counts(), metrics: FileMetrics::new(&sink.name) };
    Ok((file, meter))
}

fn settings(sink: &config::Sink, file: &config::FileTarget, instance: &str) -> Result<FileSettings, Failure> {
    let path = file.path.to_path();
    let wrong = |cause: anyhow::Error| Failure::new(Exit::Configuration, cause);
    let text = path.to_str().with_context(|| format!("sink.{}.path is not UTF-8", sink.name)).map_err(wrong)?;
    let path = text.parse::<PathTemplate>().with_context(|| format!("sink.{}.path", sink.name)).map_err(wrong)?;
    let mut settings = FileSettings::new(path, super::encoding(sink));
    settings.take = super::take(sink);
    settings.instance = instance.to_owned();
    settings.rotate = Rotate { size_bytes: file.rotate.size, every: file.rotate.every };
    settings.compression = match file.compression {
        config::Compression::None => Compression::None,
        config::Compression::Zstd => Compression::Zstd,
        config::Compression::Gzip => Compression::Gzip,
    };
    let count = file.retain.count.map(|count| count as usize);
    settings.retain = Retain { count, age: file.retain.age, bytes: file.retain.bytes };
    (settings.mode, settings.dir_mode) = (file.mode, file.directory_mode);
    settings.owner = file.owner.as_ref().map(owner);
    settings.fsync = match file.fsync {
        config::Fsync::Never => Fsync::Never,
        config::Fsync::Interval => Fsync::Interval(file.fsync_interval.max(Duration::from_millis(1))),
        config::Fsync::Batch => Fsync::Batch,
    };
    settings.open_files_max = file.open_files_max as usize;
    Ok(settings)
}

/// User and group; what is not given stays the process's own.
fn owner(owner: &config::Owner) -> (u32, u32) {
    let user = owner.user_id.unwrap_or_else(|| rustix::process::geteuid().as_raw());
    let group = owner.group_id.unwrap_or_else(|| rustix::process::getegid().as_raw());
    (user, group)
}

/// What a file sink counts, and the metrics that show it.
pub(super) struct FileMeter {
    counts: Arc<FileCounts>,
    metrics: FileMetrics,
}

impl Publish for FileMeter {
    fn publish(&self) {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counts = &*self.counts;
        self.metrics.publish(&FileNumbers {
            reopened: of(&counts.reopened),
            rotations: of(&counts.rotated),
            rotation_failures: of(&counts.rotations_failed),
            compressed: of(&counts.compressed),
            deleted: of(&counts.deleted),
            housekeeping_failures: of(&counts.housekeeping_failed),
            truncated_by_others: of(&counts.truncated_by_others),
            torn_tails: of(&counts.torn_tails),
            sync_failures: of(&counts.syncs_failed),
        });
    }
}
