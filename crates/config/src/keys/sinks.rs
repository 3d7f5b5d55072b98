//! `[sink.NAME]`: where records go.

use super::Fallback::{Absent, Required, Value};
use super::{DAY, KIB, Key, Kind, MINUTE, SECOND, SIZE_MAX, Section};
use crate::choices::{Compression, Encoding, FIELD_SETS, Fsync, SinkKind};

pub(super) const SINK: Section = Section {
    name: "sink",
    named: true,
    selector: Some("kind"),
    meaning: "Where records go. One section per sink; every sink gets its own copy of each record that it takes.",
    keys: KEYS,
};

const FILE: &[&str] = &["file"];

const KEYS: &[Key] = &[
    Key {
        name: "kind",
        kind: Kind::Choice(&SinkKind::CHOICES),
        default: Value("\"file\""),
        only: &[],
        meaning: "What the sink writes to.",
        worst: "A sink that cannot write stalls; when `limits.memory` is full, streams wait and datagrams are dropped and counted.",
    },
    Key {
        name: "take",
        kind: Kind::List { of: &Kind::ClassPattern, min: 1 },
        default: Value("[\"*\"]"),
        only: &[],
        meaning: "The classes of records it takes: names, a prefix and \".*\", or \"*\" for all.",
        worst: "A record whose class no sink takes is dropped and counted.",
    },
    Key {
        name: "path",
        kind: Kind::Template,
        default: Required { example: "\"/var/log/gully/{class}/{date}.jsonl\"" },
        only: FILE,
        meaning: "The files, with {class}, {listener}, {instance}, {date} and {hour} filled in. Nothing is written outside the directory before the first placeholder; missing directories are made.",
        worst: "One file per class, listener and hour, whichever are named: see `open_files_max`.",
    },
    Key {
        name: "encoding",
        kind: Kind::Choice(&Encoding::CHOICES),
        default: Value("\"json\""),
        only: &[],
        meaning: "What is written for a record.",
        worst: "\"json\" takes about 400 octets more than the record, and up to six times its length for control characters.",
    },
    Key {
        name: "embed_json",
        kind: Kind::Bool,
        default: Value("false"),
        only: &[],
        meaning: "With encoding = \"json\": a message that is a JSON object stands in the record as JSON, not as text.",
        worst: "Readers must be ready for members of any type.",
    },
    Key {
        name: "fields",
        kind: Kind::List { of: &Kind::Choice(&FIELD_SETS), min: 0 },
        default: Value("[]"),
        only: &[],
        meaning: "With encoding = \"json\": sets of extracted fields to add to the record.",
        worst: "None is there yet.",
    },
    Key {
        name: "rotate",
        kind: Kind::Table(ROTATE),
        default: Value("{}"),
        only: FILE,
        meaning: "When a file is closed and a new one begun, whichever comes first.",
        worst: "Without it a file grows until the disk is full, unless {date} begins new ones.",
    },
    Key {
        name: "compression",
        kind: Kind::Choice(&Compression::CHOICES),
        default: Value("\"none\""),
        only: FILE,
        meaning: "How closed files are compressed: rotated ones, and with {date} in the path those whose date, or hour, was over two hours ago and that were not written for as long. Records that come even later make a second file, FILE.2.zst.",
        worst: "While it works, one file exists twice; it takes a core while it lasts. Looked for at the start, after a rotation and at full hours.",
    },
    Key {
        name: "retain",
        kind: Kind::Table(RETAIN),
        default: Value("{}"),
        only: FILE,
        meaning: "Which closed files are kept, the same ones as for `compression`, by limits for each class and listener that the path names; one that breaks any limit is deleted, the oldest first.",
        worst: "Without it files are kept for ever, and fill the disk. Only names that this sink makes are deleted, so not those of another `instance`.",
    },
    Key {
        name: "mode",
        kind: Kind::Mode { max: 0o777 },
        default: Value("\"0640\""),
        only: FILE,
        meaning: "Permissions of new files, in octal.",
        worst: "Audit records name people and addresses: whoever may read the files learns them.",
    },
    Key {
        name: "directory_mode",
        kind: Kind::Mode { max: 0o7777 },
        default: Value("\"0750\""),
        only: FILE,
        meaning: "Permissions of directories that are made, in octal.",
        worst: "Whoever may write to the directory can remove the files.",
    },
    Key {
        name: "owner",
        kind: Kind::Owner,
        default: Absent { so: "the user and group of the process", example: "\"root:adm\"" },
        only: FILE,
        meaning: "Whom new files and directories belong to: \"user:group\", \"user\" or \":group\", names of /etc/passwd and /etc/group or numbers.",
        worst: "Needs CAP_CHOWN, or a group that the process is in; without it the sink cannot make its files, and stalls.",
    },
    Key {
        name: "fsync",
        kind: Kind::Choice(&Fsync::CHOICES),
        default: Value("\"interval\""),
        only: FILE,
        meaning: "When the kernel is asked to put what was written on the disk.",
        worst: "A power cut loses what was written since the last time; a crash of gully alone loses nothing of it.",
    },
    Key {
        name: "fsync_interval",
        kind: Kind::Duration { min: 10, max: 10 * MINUTE, off: false },
        default: Value("\"1s\""),
        only: FILE,
        meaning: "With fsync = \"interval\": the time between two of them; looked at every second, or more often when it is shorter.",
        worst: "A power cut loses the records of this long, and those of a delivery that was being written when it was due.",
    },
    Key {
        name: "open_files_max",
        kind: Kind::Integer { min: 1, max: 65_536 },
        default: Value("64"),
        only: FILE,
        meaning: "How many files are open at once; beyond it the least recently used is closed and opened again when needed.",
        worst: "Two file descriptors each. Memory does not grow with it: about 1 MiB of encoded records waits for all files together.",
    },
    Key {
        name: "brokers",
        kind: Kind::Later,
        default: Absent { so: "comes with kind = \"kafka\"", example: "[\"kafka-1:9093\"]" },
        only: &["kafka"],
        meaning: "The brokers to begin with.",
        worst: "None can be reached: the sink stalls.",
    },
    Key {
        name: "topic",
        kind: Kind::Later,
        default: Absent { so: "comes with kind = \"kafka\"", example: "\"audit.{class}\"" },
        only: &["kafka"],
        meaning: "The topic, with placeholders from a closed set.",
        worst: "A topic that the cluster does not have: the sink stalls.",
    },
];

const ROTATE: &[Key] = &[
    Key {
        name: "size",
        kind: Kind::Size { min: KIB, max: SIZE_MAX },
        default: Absent { so: "no rotation by size", example: "\"512MiB\"" },
        only: &[],
        meaning: "A file is closed before it would grow beyond this size, and gets a name with the time and a number.",
        worst: "A single record may be longer: its file then is as long as the record.",
    },
    Key {
        name: "every",
        kind: Kind::Duration { min: SECOND, max: 366 * DAY, off: false },
        default: Absent { so: "no rotation by time", example: "\"1d\"" },
        only: &[],
        meaning: "A file is closed at each full multiple of this since 1970, in UTC: \"1d\" is midnight, \"7d\" midnight at the start of each Thursday.",
        worst: "Short: many small files. A file that was closed for want of `open_files_max` waits for its next record.",
    },
];

const RETAIN: &[Key] = &[
    Key {
        name: "count",
        kind: Kind::Integer { min: 1, max: 1_000_000 },
        default: Absent { so: "any number", example: "30" },
        only: &[],
        meaning: "How many closed files are kept of each class and listener that the path names, over all dates and hours.",
        worst: "Older ones are deleted, read or not.",
    },
    Key {
        name: "age",
        kind: Kind::Duration { min: MINUTE, max: 36_600 * DAY, off: false },
        default: Absent { so: "any age", example: "\"90d\"" },
        only: &[],
        meaning: "How long closed files are kept, from their rotation or the end of their date or hour.",
        worst: "Older ones are deleted, read or not, up to an hour later than that.",
    },
    Key {
        name: "bytes",
        kind: Kind::Size { min: KIB, max: SIZE_MAX },
        default: Absent { so: "any size", example: "\"20GiB\"" },
        only: &[],
        meaning: "How much the closed files of each class and listener that the path names may take together.",
        worst: "All classes together take as many times this. The files in use come on top, `rotate.size` each.",
    },
];
