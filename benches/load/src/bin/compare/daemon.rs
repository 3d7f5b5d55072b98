//! The programs that are compared.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use gully_load::Framing;

use crate::options::Options;
use crate::row::{Output, Row};
use crate::settings;

/// A receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Daemon {
    Gully,
    Rsyslog,
    SyslogNg,
    /// The floor: copies whole frames and understands nothing.
    Copy,
}

/// Where a run takes place.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// An empty directory.
    pub(crate) directory: PathBuf,
    /// Where to listen.
    pub(crate) address: SocketAddr,
    /// For how many connections to make room.
    pub(crate) connections_max: usize,
}

impl Place {
    /// The one file that everything goes to.
    pub(crate) fn output(&self) -> PathBuf {
        self.directory.join("out.log")
    }
}

impl Daemon {
    pub(crate) const ALL: [Self; 4] = [Self::Gully, Self::Rsyslog, Self::SyslogNg, Self::Copy];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gully => "gully",
            Self::Rsyslog => "rsyslog",
            Self::SyslogNg => "syslog-ng",
            Self::Copy => "copy",
        }
    }

    /// Whether it can do such a row at all.
    pub(crate) fn can(self, output: Output) -> bool {
        self != Self::Copy || output == Output::Raw
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
        }
    }

    /// What it says about its version.
    pub(crate) fn version(self, options: &Options) -> String {
        let argument = match self {
            Self::Rsyslog => "-v",
            Self::Gully | Self::SyslogNg => "--version",
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
    pub(crate) fn command(self, options: &Options, place: &Place, row: Row) -> io::Result<(PathBuf, Vec<String>)> {
        let configuration = place.directory.join("configuration");
        let path = |name: &str| place.directory.join(name).display().to_string();
        let text = match self {
            Self::Gully => settings::gully(place, row),
            Self::Rsyslog => settings::rsyslog(place, row),
            Self::SyslogNg => settings::syslog_ng(place, row),
            Self::Copy => String::new(),
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
                let (address, output) = (place.address.to_string(), place.output().display().to_string());
                let framing = row.framing.name().into();
                vec!["copy".into(), "--listen".into(), address, "--file".into(), output, "--framing".into(), framing]
            }
        };
        Ok((self.program(options), arguments))
    }
}
