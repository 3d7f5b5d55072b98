//! The programs that are compared.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use gully_load::Framing;

use crate::options::Options;
use crate::row::{Destination, Output, Row};
use crate::target::Target;
use crate::{settings, values};

/// A receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Daemon {
    Gully,
    Rsyslog,
    SyslogNg,
    /// The floor for files: copies whole frames and understands nothing.
    Copy,
    /// librdkafka's limit: hands over what gully would, and receives nothing.
    Bare,
    /// The same without headers.
    BareNoHeaders,
}

/// Where a run takes place.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    /// An empty directory.
    pub(crate) directory: PathBuf,
    /// Where to listen.
    pub(crate) address: SocketAddr,
    /// For how many connections to make room.
    pub(crate) connections_max: usize,
    /// How many messages will come.
    pub(crate) messages: u64,
    /// The one file or topic that everything goes to.
    pub(crate) target: Target<'a>,
}

impl Daemon {
    pub(crate) const ALL: [Self; 6] =
        [Self::Gully, Self::Rsyslog, Self::SyslogNg, Self::Copy, Self::Bare, Self::BareNoHeaders];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gully => "gully",
            Self::Rsyslog => "rsyslog",
            Self::SyslogNg => "syslog-ng",
            Self::Copy => "copy",
            Self::Bare => "bare",
            Self::BareNoHeaders => "bare-no-headers",
        }
    }

    /// Whether it can do such a row at all.
    pub(crate) fn can(self, row: Row) -> bool {
        match self {
            Self::Gully | Self::Rsyslog | Self::SyslogNg => true,
            Self::Copy => row.destination == Destination::File && row.output == Output::Raw,
            Self::Bare | Self::BareNoHeaders => row.destination == Destination::Kafka,
        }
    }

    /// Whether messages come to it over TCP, and not from a file that it has read before.
    pub(crate) const fn receives(self) -> bool {
        !matches!(self, Self::Bare | Self::BareNoHeaders)
    }

    /// Whether it is a syslog daemon, and not a limit to compare with.
    pub(crate) const fn is_syslog(self) -> bool {
        matches!(self, Self::Gully | Self::Rsyslog | Self::SyslogNg)
    }

    /// The framing in its output file; nothing means a line per message.
    pub(crate) fn output_framing(self, row: Row) -> Framing {
        if self == Self::Copy { row.framing } else { Framing::Newline }
    }

    /// Its program.
    pub(crate) fn program(self, options: &Options) -> PathBuf {
        let peer = |name: &str| options.root.join("target/peers/bin").join(name);
        match self {
            Self::Gully => options.binaries.join("gully"),
            Self::Rsyslog => peer("rsyslogd"),
            Self::SyslogNg => peer("syslog-ng"),
            Self::Copy => options.binaries.join("load"),
            Self::Bare | Self::BareNoHeaders => options.binaries.join("examples/bare_loop"),
        }
    }

    /// What it says about its version.
    pub(crate) fn version(self, options: &Options) -> String {
        let argument = match self {
            Self::Rsyslog => "-v",
            Self::Gully | Self::SyslogNg | Self::Bare | Self::BareNoHeaders => "--version",
            Self::Copy => return "part of the benches".to_owned(),
        };
        let output = Command::new(self.program(options)).arg(argument).output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        // "rsyslogd  8.2302.0 (aka 2023.02) compiled with:"
        let words: Vec<_> = text.lines().next().unwrap_or("unknown").split_whitespace().take(3).collect();
        words.join(" ").trim_end_matches(" (aka").to_owned()
    }

    /// The command that starts it in the foreground, after its configuration has been written.
    ///
    /// # Errors
    /// When the configuration cannot be written.
    pub(crate) fn command(self, options: &Options, place: &Place<'_>, row: Row) -> io::Result<(PathBuf, Vec<String>)> {
        let configuration = place.directory.join("configuration");
        let path = |name: &str| place.directory.join(name).display().to_string();
        let text = match self {
            Self::Gully => settings::gully(place, row),
            Self::Rsyslog => settings::rsyslog(place, row),
            Self::SyslogNg => settings::syslog_ng(place, row),
            Self::Copy | Self::Bare | Self::BareNoHeaders => String::new(),
        };
        fs::write(&configuration, text)?;
        let configuration = configuration.display().to_string();
        let arguments = match self {
            Self::Gully => vec!["run".into(), "--config".into(), configuration],
            Self::Rsyslog => vec!["-n".into(), "-i".into(), "NONE".into(), "-f".into(), configuration],
            Self::SyslogNg => vec![
                "--foreground".into(),
                "--no-caps".into(),
                "--worker-threads=4".into(),
                format!("--cfgfile={configuration}"),
                format!("--persist-file={}", path("persist")),
                format!("--pidfile={}", path("pid")),
                format!("--control={}", path("control")),
            ],
            Self::Copy => {
                let (address, output) = (place.address.to_string(), place.target.name());
                let framing = row.framing.name().into();
                vec!["copy".into(), "--listen".into(), address, "--file".into(), output, "--framing".into(), framing]
            }
            Self::Bare | Self::BareNoHeaders => {
                let Target::Topic(topic) = &place.target else {
                    return Err(io::Error::other("the bare loop writes to topics only"));
                };
                let options = [
                    ("--listen", place.address.to_string()),
                    ("--brokers", topic.broker.address.to_string()),
                    ("--topic", topic.name.clone()),
                    ("--messages", place.messages.to_string()),
                    ("--values", values::path(options, row.output).display().to_string()),
                    ("--headers", if self == Self::Bare { "five" } else { "none" }.to_owned()),
                ];
                options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
            }
        };
        Ok((self.program(options), arguments))
    }
}
