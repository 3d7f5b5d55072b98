//! A daemon that runs, watched through `/proc`.

use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A running daemon. Killed, by its process id, when dropped.
#[derive(Debug)]
pub(crate) struct Process(Child);

/// Linux counts CPU time for `/proc` in hundredths of a second on all common machines (USER_HZ).
const TICKS_PER_SECOND: f64 = 100.0;

impl Process {
    /// Starts `program`; its output goes to the file `log`.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn start(program: &Path, arguments: &[String], log: &Path) -> io::Result<Self> {
        let log = File::create(log)?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().map_err(|error| {
            let text = format!("{} does not start ({error}); run tests/run once", program.display());
            io::Error::new(error.kind(), text)
        })?;
        Ok(Self(child))
    }

    /// Waits until it listens on `address`. Looks it up in `/proc`, since a connection would be work.
    ///
    /// # Errors
    /// When it ends, or does not listen in time.
    pub(crate) fn wait_until_listening(&mut self, address: SocketAddr, limit: Duration) -> io::Result<()> {
        let port = format!(":{:04X}", address.port());
        let listens = |line: &str| {
            let mut fields = line.split_whitespace().skip(1);
            let local = fields.next().unwrap_or_default();
            // State 0A is LISTEN.
            local.ends_with(&port) && fields.nth(1) == Some("0A")
        };
        let started = Instant::now();
        while started.elapsed() < limit {
            if let Some(status) = self.0.try_wait()? {
                return Err(io::Error::other(format!("the daemon ended with {status}")));
            }
            if fs::read_to_string("/proc/net/tcp")?.lines().any(listens) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err(io::Error::other("the daemon does not listen"))
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// CPU seconds so far: in its own code, and in the kernel for it.
    ///
    /// # Errors
    /// When it is gone.
    pub(crate) fn cpu_seconds(&self) -> io::Result<(f64, f64)> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id()))?;
        // The second field, the name in parentheses, may hold blanks; utime and stime are fields 14 and 15.
        let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        let mut ticks = rest.split(' ').skip(11).map(|field| field.parse::<f64>().unwrap_or(0.0));
        let mut next = || ticks.next().unwrap_or(0.0) / TICKS_PER_SECOND;
        Ok((next(), next()))
    }

    /// A line of `/proc/PID/status` in KiB, such as `VmHWM`, the most memory it ever had resident.
    ///
    /// # Errors
    /// When it is gone.
    pub(crate) fn status_kib(&self, name: &str) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        Ok(line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0))
    }

    /// Sends TERM and waits for the end; kills it after `limit`.
    ///
    /// # Errors
    /// When it cannot be signalled or waited for.
    pub(crate) fn stop(&mut self, limit: Duration) -> io::Result<()> {
        // The standard library cannot send TERM, and a kill would lose what a daemon still buffers.
        Command::new("kill").args(["-TERM", &self.id().to_string()]).status()?;
        let started = Instant::now();
        while self.0.try_wait()?.is_none() {
            if started.elapsed() > limit {
                self.0.kill()?;
                self.0.wait()?;
                return Err(io::Error::other("the daemon did not stop by itself"));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.0.kill().ok();
            self.0.wait().ok();
        }
    }
}
