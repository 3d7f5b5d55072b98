//! Sinks that get into each other's way, and keys of theirs that have no effect.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::choices::{Encoding, Fsync, JournalKind};
use crate::config::Config;
use crate::piece::{PathPlaceholder, Piece};
use crate::report::Report;
use crate::sink::{FileTarget, Sink};

pub(super) fn check(config: &Config, report: &mut Report) {
    same_files(config, report);
    for sink in &config.sinks {
        if sink.embed_json && sink.encoding != Encoding::Json && !report.is_faulty(&sink.key("encoding")) {
            let found = format!("it with encoding = {:?}, where it has no effect", sink.encoding.word());
            report.warning(&sink.key("embed_json"), found, "it only with encoding = \"json\"");
        }
        if !sink.fields.is_empty() && sink.encoding != Encoding::Json && !report.is_faulty(&sink.key("encoding")) {
            let found = format!("it with encoding = {:?}, which has no place for them", sink.encoding.word());
            report.error(&sink.key("fields"), found, "it only with encoding = \"json\"");
        }
        if let Some(file) = sink.file() {
            check_file(sink, file, report);
        }
    }
    if config.journal.kind == JournalKind::Memory && config.journal.quota.is_some() && !report.is_faulty("journal.kind")
    {
        report.warning(
            "journal.quota",
            "it with kind = \"memory\", where it has no effect",
            "it only with kind = \"disk\", which a later version will have",
        );
    }
}

fn check_file(sink: &Sink, file: &FileTarget, report: &mut Report) {
    let fsync_interval = sink.key("fsync_interval");
    if file.fsync != Fsync::Interval && report.is_given(&fsync_interval) && !report.is_faulty(&sink.key("fsync")) {
        let found = format!("it with fsync = {:?}, where it has no effect", file.fsync.word());
        report.warning(&fsync_interval, found, "it only with fsync = \"interval\"");
    }
    for (key, mode) in [("mode", file.mode), ("directory_mode", file.directory_mode)] {
        if mode & 0o002 != 0 {
            let found = format!("\"{mode:04o}\", which lets everybody on this machine change records");
            report.warning(&sink.key(key), found, "a mode without write permission for others");
        }
    }
}

/// Two sinks that may write the same file would mix their lines and delete each other's files.
fn same_files(config: &Config, report: &mut Report) {
    let mut earlier: Vec<(&Sink, BTreeSet<PathBuf>)> = Vec::new();
    for sink in &config.sinks {
        let Some(file) = sink.file() else { continue };
        let files = files(sink, file, config);
        let shared = earlier.iter().find_map(|(other, others)| Some((other, files.intersection(others).next()?)));
        if let Some((other, file)) = shared {
            let found = format!("{}, which {} writes too", file.display(), other.key("path"));
            report.error(&sink.key("path"), found, "files of its own for each sink");
        }
        earlier.push((sink, files));
    }
}

/// Every file that the sink may write, with date and hour as they are: they are the same for all sinks.
/// At most classes × listeners of them.
fn files(sink: &Sink, file: &FileTarget, config: &Config) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for class in sink.classes() {
        for listener in &config.listeners {
            let fill = |piece| match piece {
                Piece::Literal(text) => text,
                Piece::Placeholder(PathPlaceholder::Class) => class,
                Piece::Placeholder(PathPlaceholder::Listener) => &listener.name,
                Piece::Placeholder(PathPlaceholder::Instance) => &config.instance,
                Piece::Placeholder(PathPlaceholder::Date) => "{date}",
                Piece::Placeholder(PathPlaceholder::Hour) => "{hour}",
            };
            let path = file.path.pieces().map(fill).collect::<String>();
            files.insert(comparable(&file.path.base.join(path)));
        }
    }
    files
}

/// `path` as the file system resolves it, as far as its beginning exists, and the rest without `.` and `name/..`: only for telling
/// whether two paths mean one file.
fn comparable(path: &Path) -> PathBuf {
    let existing = path.ancestors().find_map(|ancestor| Some((ancestor, ancestor.canonicalize().ok()?)));
    let (mut resolved, rest) = match existing {
        Some((ancestor, resolved)) => (resolved, path.strip_prefix(ancestor).unwrap_or(path)),
        None => (PathBuf::new(), path),
    };
    for part in rest.components() {
        let last_is_name = matches!(resolved.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if last_is_name => {
                resolved.pop();
            }
            part => resolved.push(part),
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_mean_one_file_look_alike() {
        let directory = tempfile::tempdir().unwrap();
        let at = |path: &str| comparable(&directory.path().join(path));
        assert_eq!(at("o/x"), at("./o//x"));
        assert_eq!(at("o/x"), at("o/../o/x"));
        std::fs::create_dir(directory.path().join("real")).unwrap();
        std::os::unix::fs::symlink("real", directory.path().join("link")).unwrap();
        assert_eq!(at("real/x"), at("link/x"));
        assert_ne!(at("o/x"), at("o/y"));
    }
}
