//! The programs that are compared, each with the settings that served it best when they were tried.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use gully_load::Framing;

use crate::options::Options;
use crate::row::{Output, Row};

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
            Self::Gully => gully(place, row),
            Self::Rsyslog => rsyslog(place, row),
            Self::SyslogNg => syslog_ng(place, row),
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

fn gully(place: &Place, row: Row) -> String {
    let encoding = match row.output {
        Output::Raw => "raw",
        Output::Json => "json",
    };
    let framing = match row.framing {
        Framing::Newline => "newline",
        Framing::Counted => "octet-counting",
    };
    let (directory, output) = (display(&place.directory), display(&place.output()));
    let (address, connections_max) = (place.address, place.connections_max);
    format!(
        r#"data_dir = "{directory}/data"

[listener.bench]
address = "{address}"
protocol = "tcp"
framing = "{framing}"
connections_max = {connections_max}

[sink.out]
kind = "file"
path = "{output}"
encoding = "{encoding}"

[admin]
address = "off"
"#
    )
}

fn rsyslog(place: &Place, row: Row) -> String {
    let template = match row.output {
        Output::Raw => "raw",
        Output::Json => "json",
    };
    let (directory, output) = (display(&place.directory), display(&place.output()));
    let (address, port) = (place.address.ip(), place.address.port());
    format!(
        r#"global(workDirectory="{directory}" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off")
main_queue(queue.size="10000" queue.type="LinkedList")
template(name="raw" type="string" string="%rawmsg%\n")
template(name="json" type="list") {{
  constant(value="{{")
  property(outname="timestamp" name="timereported" dateFormat="rfc3339" format="jsonf") constant(value=",")
  property(outname="host" name="hostname" format="jsonf") constant(value=",")
  property(outname="severity" name="syslogseverity-text" format="jsonf") constant(value=",")
  property(outname="facility" name="syslogfacility-text" format="jsonf") constant(value=",")
  property(outname="appname" name="app-name" format="jsonf") constant(value=",")
  property(outname="procid" name="procid" format="jsonf") constant(value=",")
  property(outname="msgid" name="msgid" format="jsonf") constant(value=",")
  property(outname="sdata" name="structured-data" format="jsonf") constant(value=",")
  property(outname="message" name="msg" format="jsonf")
  constant(value="}}\n")
}}
module(load="imptcp" threads="2")
ruleset(name="r" parser="rsyslog.rfc5424" queue.type="fixedArray" queue.size="100000" queue.dequeueBatchSize="2048"
        queue.workerThreads="1" queue.workerThreadMinimumMessages="20000" queue.timeoutEnqueue="600000") {{
  action(type="omfile" file="{output}" template="{template}" ioBufferSize="256k" flushOnTXEnd="off" asyncWriting="on")
}}
input(type="imptcp" port="{port}" address="{address}" ruleset="r" socketBacklog="1000")
"#
    )
}

fn syslog_ng(place: &Place, row: Row) -> String {
    let template = match row.output {
        Output::Raw => "$RAWMSG",
        Output::Json => "$(format-json --scope rfc5424)",
    };
    // The driver `syslog` counts octets, `network` takes lines.
    let (driver, parse) = match row.framing {
        Framing::Newline => ("network", "syslog-protocol,"),
        Framing::Counted => ("syslog", ""),
    };
    let connections = place.connections_max;
    // A connection gets an equal part of the window, and at least 10 of it.
    let window = 200_000.max(connections * 10);
    let (address, port, output) = (place.address.ip(), place.address.port(), display(&place.output()));
    format!(
        r#"@version: 3.38
options {{ threaded(yes); keep-hostname(yes); keep-timestamp(yes); use-dns(no); use-fqdn(no); dns-cache(no); chain-hostnames(no);
  log-msg-size(65536); log-fifo-size(2000000); flush-lines(1000); stats-freq(0); stats-level(0); time-reopen(1); create-dirs(no); }};
source s {{ {driver}(ip("{address}") port({port}) transport("tcp") max-connections({connections}) log-iw-size({window})
  log-fetch-limit(1000) flags({parse}no-multi-line,store-raw-message)); }};
destination d {{ file("{output}" template("{template}\n")); }};
log {{ source(s); destination(d); flags(flow-control); }};
"#
    )
}

fn display(path: &Path) -> String {
    path.display().to_string()
}
