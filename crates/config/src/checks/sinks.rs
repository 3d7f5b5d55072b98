//! Sinks that get into each other's way, and keys of theirs that have no effect.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::choices::{Encoding, Fsync, JournalKind};
use crate::config::Config;
use crate::report::Report;
use crate::sink::Sink;
use crate::template::Piece;

pub(super) fn check(config: &Config, report: &mut Report) {
    same_files(config, report);
    for sink in &config.sinks {
        without_effect(sink, report);
        for (key, mode) in [("mode", sink.mode), ("directory_mode", sink.directory_mode)] {
            if mode & 0o002 != 0 {
                let found = format!("\"{mode:04o}\", which lets everybody on this machine change records");
                report.warning(&sink.key(key), found, "a mode without write permission for others");
            }
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

fn without_effect(sink: &Sink, report: &mut Report) {
    let fsync_interval = sink.key("fsync_interval");
    if sink.fsync != Fsync::Interval && report.is_given(&fsync_interval) && !report.is_faulty(&sink.key("fsync")) {
        let found = format!("it with fsync = {:?}, where it has no effect", sink.fsync.word());
        report.warning(&fsync_interval, found, "it only with fsync = \"interval\"");
    }
    if sink.embed_json && sink.encoding != Encoding::Json && !report.is_faulty(&sink.key("encoding")) {
        let found = format!("it with encoding = {:?}, where it has no effect", sink.encoding.word());
        report.warning(&sink.key("embed_json"), found, "it only with encoding = \"json\"");
    }
}

/// Two sinks that may write the same file would mix their lines and delete each other's files.
fn same_files(config: &Config, report: &mut Report) {
    let mut earlier: Vec<(&Sink, BTreeSet<PathBuf>)> = Vec::new();
    for sink in &config.sinks {
        let files = files(sink, config);
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
fn files(sink: &Sink, config: &Config) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for class in sink.classes() {
        for listener in &config.listeners {
            let fill = |piece| match piece {
                Piece::Literal(text) => text,
                Piece::Class => class,
                Piece::Listener => &listener.name,
                Piece::Instance => &config.instance,
                Piece::Date => "{date}",
                Piece::Hour => "{hour}",
            };
            let path = sink.path.pieces().map(fill).collect::<String>();
            // Components drop what does not tell paths apart, such as a doubled slash.
            files.insert(sink.path.base.join(path).components().collect());
        }
    }
    files
}
