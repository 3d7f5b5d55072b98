//! The checked configuration.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::address::Address;
use crate::choices::{JournalKind, LogFormat, LogLevel};
use crate::document::{Sections, load_text};
use crate::listener::Listener;
use crate::names::default_instance;
use crate::redaction::Redaction;
use crate::sink::{Sink, Target};
use crate::template::PathTemplate;
use crate::test::Test;
use crate::values::Values;

/// A checked configuration: every value is within its limits, and they fit together.
///
/// What each key means, its unit and its worst case are in [`reference_markdown`](crate::reference_markdown); the fields here have the same names.
/// Paths are absolute, or relative to the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The directory for what gully keeps itself.
    pub data_dir: PathBuf,
    /// The name of this instance, `[A-Za-z0-9._-]{1,64}` and neither `.` nor `..`: safe in a path.
    pub instance: String,
    /// Warnings are errors. In an [`Outcome`](crate::Outcome) they already are; whoever finds more later heeds it too.
    pub strict: bool,
    /// At least one, in the order of the file.
    pub listeners: Vec<Listener>,
    /// At least one, in the order of the file.
    pub sinks: Vec<Sink>,
    /// Where records wait for their sinks.
    pub journal: Journal,
    /// What is replaced by fingerprints before anything is stored.
    pub redaction: Redaction,
    /// The admin endpoint.
    pub admin: Admin,
    /// What gully takes at most.
    pub limits: Limits,
    /// How it stops.
    pub drain: Drain,
    /// Its own log.
    pub log: Log,
    /// Lines, and what should become of them; in the order of the file.
    pub tests: Vec<Test>,
}

/// `[journal]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// What it is made of.
    pub kind: JournalKind,
    /// Bytes of disk that it may take; the memory journal does not use it.
    pub quota: Option<u64>,
}

/// `[admin]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// Where the endpoint listens, an IP address or a host and a port; `None` when it is off.
    pub address: Option<Address>,
    /// The address may be one that other machines reach.
    pub allow_remote: bool,
}

/// `[limits]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of records in memory, all together.
    pub memory: u64,
    /// Bytes of it that only datagrams may take. Less than `memory`.
    pub udp_reserve: u64,
}

/// `[drain]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drain {
    /// How long connections are still accepted after the signal to stop. May be 0.
    pub pre: Duration,
    /// How long connections and sinks then have to finish. Never 0.
    pub timeout: Duration,
}

/// `[log]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// How a line is written.
    pub format: LogFormat,
    /// The least important event that is written.
    pub level: LogLevel,
}

impl Config {
    /// The configuration without a file: TCP and UDP on 127.0.0.1:5514, one file per class under `./gully-data/records`,
    /// the admin endpoint on 127.0.0.1:9514.
    #[must_use]
    pub fn embedded() -> Self {
        load_text("", None, &|_| None).config.expect("the defaults are a right configuration")
    }

    /// How many connections all listeners together take at most.
    #[must_use]
    pub fn connections_max(&self) -> u64 {
        let streams = self.listeners.iter().filter(|listener| listener.protocol.is_stream());
        streams.map(|listener| u64::from(listener.connections_max)).sum()
    }

    pub(crate) fn from_sections(sections: &Sections) -> Self {
        let data_dir = sections.top.path_if_given("data_dir").unwrap_or_default();
        let mut sinks =
            sections.sinks.iter().filter_map(|(name, values)| Sink::from_values(name, values)).collect::<Vec<_>>();
        if sections.are_embedded {
            for sink in &mut sinks {
                if let Target::File(file) = &mut sink.target {
                    file.path = below(&data_dir, &file.path);
                }
            }
        }
        let listeners = sections.listeners.iter().filter_map(|(name, values)| Listener::from_values(name, values));
        Self {
            data_dir,
            instance: sections.top.text_if_given("instance").unwrap_or_else(default_instance),
            strict: sections.top.flag("strict"),
            listeners: listeners.collect(),
            sinks,
            journal: Journal { kind: sections.journal.word("kind"), quota: sections.journal.number_if_given("quota") },
            redaction: Redaction::from_values(&sections.redaction),
            admin: Admin {
                address: sections.admin.address_if_given("address"),
                allow_remote: sections.admin.flag("allow_remote"),
            },
            limits: Limits::from_values(&sections.limits),
            drain: Drain { pre: sections.drain.duration("pre"), timeout: sections.drain.duration("timeout") },
            log: Log { format: sections.log.word("format"), level: sections.log.word("level") },
            tests: sections.tests.iter().filter_map(|(number, values)| Test::from_values(*number, values)).collect(),
        }
    }
}

impl Limits {
    /// The most that [`Self::udp_reserve`] is by default.
    pub(crate) const UDP_RESERVE_DEFAULT_MAX: u64 = 32 << 20;

    fn from_values(values: &Values) -> Self {
        let memory = values.number("memory");
        let default = (memory / 8).min(Self::UDP_RESERVE_DEFAULT_MAX);
        Self { memory, udp_reserve: values.number_if_given("udp_reserve").unwrap_or(default) }
    }
}

/// The default sink's path, in the data directory that the file gives.
fn below(data_dir: &Path, default: &PathTemplate) -> PathTemplate {
    PathTemplate { base: data_dir.join("records"), pattern: default.pattern.clone() }
}
