//! What to compare, and how long.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::daemon::Daemon;
use crate::row::{Destination, Output, Row};

const USAGE: &str = "options of benches/compare:
  --daemons A,B     of gully, rsyslog, syslog-ng, copy, bare, bare-no-headers (all)
  --rows A,B        of raw-lf, raw-oct, json-lf, json-oct, kafka-raw, kafka-json (all)
  --rounds N        how often each is measured (3)
  --messages N      in each run, instead of a number that suits the daemon
  --idle N          also memory per idle connection, with N of them
  --instructions    also user instructions per message, by callgrind";

/// The options of one comparison.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) daemons: Vec<Daemon>,
    pub(crate) rows: Vec<String>,
    pub(crate) rounds: usize,
    pub(crate) idle: Option<usize>,
    pub(crate) instructions: bool,
    /// The project's directory.
    pub(crate) root: PathBuf,
    /// Where gully, `load` and the examples were built.
    pub(crate) binaries: PathBuf,
    /// Where daemons put their files: memory when there is room, so that no disk is measured.
    pub(crate) work: PathBuf,
    messages: Option<u64>,
}

impl Options {
    /// Reads the command line. The script sets `GULLY_ROOT`.
    ///
    /// # Errors
    /// A sentence about what is wrong, with the usage.
    pub(crate) fn from_arguments() -> io::Result<Self> {
        let arguments: Vec<_> = env::args().skip(1).collect();
        let executable = env::current_exe()?;
        let binaries = executable.parent().expect("a program lies in a directory").to_owned();
        let mut options = Self {
            daemons: Daemon::ALL.to_vec(),
            rows: ["raw-lf", "raw-oct", "json-lf", "json-oct", "kafka-raw", "kafka-json"].map(str::to_owned).to_vec(),
            rounds: 3,
            idle: None,
            instructions: false,
            root: env::var_os("GULLY_ROOT").map_or_else(|| PathBuf::from("."), PathBuf::from),
            binaries,
            work: work_directory()?,
            messages: None,
        };
        let mut arguments = arguments.iter().map(String::as_str);
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| wrong(name));
            let number = |text: &str| text.parse::<u64>().map_err(|_| wrong(name));
            match name {
                "--daemons" => {
                    let named = |name: &str| Daemon::ALL.iter().copied().find(|daemon| daemon.name() == name);
                    let daemons = value()?.split(',').map(|name| named(name).ok_or_else(|| wrong(name)));
                    options.daemons = daemons.collect::<io::Result<_>>()?;
                }
                "--rows" => options.rows = value()?.split(',').map(str::to_owned).collect(),
                "--rounds" => options.rounds = number(value()?)? as usize,
                "--messages" => options.messages = Some(number(value()?)?),
                "--idle" => options.idle = Some(number(value()?)? as usize),
                "--instructions" => options.instructions = true,
                other => return Err(wrong(other)),
            }
        }
        Ok(options)
    }

    /// How many messages a run takes: enough for some seconds of work, few enough for a file in memory.
    pub(crate) fn messages(&self, daemon: Daemon, row: Row) -> u64 {
        let raw = match (row.destination, daemon) {
            (Destination::File, Daemon::Rsyslog) => 700_000,
            (Destination::File, Daemon::SyslogNg) => 800_000,
            (Destination::File, _) => 3_000_000,
            (Destination::Kafka, Daemon::Rsyslog | Daemon::SyslogNg) => 500_000,
            (Destination::Kafka, _) => 1_500_000,
        };
        let suited = if row.output == Output::Json { raw * 6 / 10 } else { raw };
        self.messages.unwrap_or(suited)
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{what:?} is not understood\n{USAGE}"))
}

/// `/dev/shm` when 10 GB of memory are free, else a directory beside the build.
fn work_directory() -> io::Result<PathBuf> {
    const NEEDED_KB: u64 = 10_000_000;
    let memory = fs::read_to_string("/proc/meminfo")?;
    let available = memory.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let available_kb = available.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0);
    let parent =
        if Path::new("/dev/shm").is_dir() && available_kb > NEEDED_KB { "/dev/shm".into() } else { env::temp_dir() };
    Ok(parent.join(format!("gully-compare-{}", std::process::id())))
}

/// An address on loopback that is free now.
///
/// # Errors
/// When there is none.
pub(crate) fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?.local_addr()
}
