//! The keys of the process as a whole.

use super::Fallback::{Absent, Value};
use super::{DAY, Form, KIB, Key, Kind, MIB, MINUTE, SIZE_MAX, Section};
use crate::choices::{JournalKind, LogFormat, LogLevel};

/// The listeners and sinks of a configuration that names none.
pub(crate) const EMBEDDED: &str = r#"
[listener.tcp]
address = "127.0.0.1:5514"
protocol = "tcp"

[listener.udp]
address = "127.0.0.1:5514"
protocol = "udp"

[sink.records]
kind = "file"
path = "./gully-data/records/{class}.jsonl"
"#;

pub(super) const TOP: Section = Section {
    name: "",
    form: Form::Single,
    selector: None,
    meaning: "Keys outside any section; they stand at the top of the file.",
    keys: &[
        Key {
            name: "data_dir",
            kind: Kind::Path,
            default: Value("\"./gully-data\""),
            only: &[],
            meaning: "The directory for what gully keeps itself: dead letters, and the records of the default sink.",
            worst: "Dead letters grow until somebody takes them away.",
        },
        Key {
            name: "instance",
            kind: Kind::Instance,
            default: Absent { so: "the host name, or \"gully\" when that is no such name", example: "\"collector-1\"" },
            only: &[],
            meaning: "The name of this instance in records and paths: 1 to 64 letters, digits, \".\", \"_\" and \"-\".",
            worst: "Two instances with one name cannot be told apart.",
        },
        Key {
            name: "strict",
            kind: Kind::Bool,
            default: Value("false"),
            only: &[],
            meaning: "Whether every warning is an error: running as root, a private key that others can read, and so on.",
            worst: "True: a configuration that worked may be refused after an update that warns of more.",
        },
    ],
};

pub(super) const JOURNAL: Section = Section {
    name: "journal",
    form: Form::Single,
    selector: Some("kind"),
    meaning: "Where records wait for their sinks.",
    keys: &[
        Key {
            name: "kind",
            kind: Kind::Choice(&JournalKind::CHOICES),
            default: Value("\"memory\""),
            only: &[],
            meaning: "What the journal is made of.",
            worst: "A crash loses what is in memory: at most `limits.memory`.",
        },
        Key {
            name: "quota",
            kind: Kind::Size { min: 64 * MIB, max: SIZE_MAX },
            default: Absent { so: "comes with kind = \"disk\"", example: "\"20GiB\"" },
            only: &[],
            meaning: "How much of the disk the journal may take. The memory journal has its bound in `limits.memory`, and does not use it.",
            worst: "This much of the disk.",
        },
    ],
};

pub(super) const ADMIN: Section = Section {
    name: "admin",
    form: Form::Single,
    selector: None,
    meaning: "The endpoint with /livez, /readyz and /metrics.",
    keys: &[
        Key {
            name: "address",
            kind: Kind::Address { off: true },
            default: Value("\"127.0.0.1:9514\""),
            only: &[],
            meaning: "Where it listens, or \"off\".",
            worst: "It has no password: whoever reaches it reads metrics, with the names of listeners and sinks.",
        },
        Key {
            name: "allow_remote",
            kind: Kind::Bool,
            default: Value("false"),
            only: &[],
            meaning: "Whether it may listen on an address that other machines reach.",
            worst: "See `address`.",
        },
    ],
};

pub(super) const LIMITS: Section = Section {
    name: "limits",
    form: Form::Single,
    selector: None,
    meaning: "What gully takes at most. `gully check` prints the whole bound.",
    keys: &[
        Key {
            name: "memory",
            kind: Kind::Size { min: MIB, max: SIZE_MAX },
            default: Value("\"256MiB\""),
            only: &[],
            meaning: "All records in memory together: unfinished frames, the journal, what sinks hold. When it is full, streams are not read and datagrams are dropped and counted. A quarter of what `udp_reserve` leaves is for unfinished frames.",
            worst: "This much, and beside it the cost of connections and open files.",
        },
        Key {
            name: "udp_reserve",
            kind: Kind::Size { min: 64 * KIB, max: SIZE_MAX },
            default: Absent { so: "an eighth of memory, at most 32MiB", example: "\"32MiB\"" },
            only: &[],
            meaning: "The part of `memory` that only datagrams may take, so that streams cannot starve them.",
            worst: "Streams have this much less.",
        },
    ],
};

pub(super) const DRAIN: Section = Section {
    name: "drain",
    form: Form::Single,
    selector: None,
    meaning: "How gully stops.",
    keys: &[
        Key {
            name: "pre",
            kind: Kind::Duration { min: 0, max: 60 * MINUTE, off: false },
            default: Value("\"0s\""),
            only: &[],
            meaning: "After the signal: how long it still accepts connections while it says that it is not ready, so that a load balancer notices.",
            worst: "Stopping takes this much longer.",
        },
        Key {
            name: "timeout",
            kind: Kind::Duration { min: 100, max: DAY, off: false },
            default: Value("\"30s\""),
            only: &[],
            meaning: "How long open connections and sinks have to finish after that.",
            worst: "What is not delivered by then is lost with a memory journal: it is counted in the last line of the log, and the exit code is 75.",
        },
    ],
};

pub(super) const LOG: Section = Section {
    name: "log",
    form: Form::Single,
    selector: None,
    meaning: "gully's own log, on standard error.",
    keys: &[
        Key {
            name: "format",
            kind: Kind::Choice(&LogFormat::CHOICES),
            default: Value("\"text\""),
            only: &[],
            meaning: "How a line is written.",
            worst: "Lines are limited per reason: about one per second each.",
        },
        Key {
            name: "level",
            kind: Kind::Choice(&LogLevel::CHOICES),
            default: Value("\"info\""),
            only: &[],
            meaning: "The least important event that is written.",
            worst: "\"debug\" and \"trace\" may show message bodies, and cost throughput.",
        },
    ],
};
