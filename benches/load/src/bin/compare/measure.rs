//! One run of one daemon.

use std::fs;
use std::io;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use gully_load::corpus::Corpus;
use gully_load::{Framing, idle as connections, send};

use crate::broker::Broker;
use crate::daemon::{Daemon, Place};
use crate::options::{Options, free_address};
use crate::process::Process;
use crate::row::{Destination, Output, Row};
use crate::target::Target;

/// How long a run may take.
const LIMIT: Duration = Duration::from_secs(300);
/// The file has not grown for this long: the daemon has written what it had.
const QUIET: Duration = Duration::from_millis(1_500);
/// The same for a topic, where a client may take its time to begin, and to try again.
const QUIET_TOPIC: Duration = Duration::from_secs(10);
/// A daemon that writes to Kafka gets this long to find its broker before messages come.
const CONNECT: Duration = Duration::from_secs(1);
/// The same where everything takes some fifty times as long.
const QUIET_UNDER_CALLGRIND: Duration = Duration::from_secs(20);

/// A run to be measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) daemon: Daemon,
    pub(crate) row: Row,
    pub(crate) options: &'a Options,
    pub(crate) corpus: &'a Corpus,
    /// For rows that go to Kafka.
    pub(crate) broker: Option<&'a Broker>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) messages: u64,
    /// Messages per second, taken when 95 % of all were there, so that timers at the end do not count.
    pub(crate) per_second: f64,
    /// CPU seconds of the daemon for a million messages: its own code, and the kernel for it.
    pub(crate) user_per_million: f64,
    pub(crate) system_per_million: f64,
    /// CPU seconds of the Kafka broker for a million messages.
    pub(crate) broker_per_million: f64,
    pub(crate) resident_peak_kib: u64,
    /// Why the figures do not count.
    pub(crate) fault: Option<String>,
}

impl Outcome {
    /// CPU seconds of the daemon for a million messages.
    pub(crate) fn cpu_per_million(&self) -> f64 {
        self.user_per_million + self.system_per_million
    }

    /// One line.
    pub(crate) fn summary(&self) -> String {
        let fault = self.fault.as_ref().map(|fault| format!("; INVALID: {fault}")).unwrap_or_default();
        format!(
            "{:.0} k/s, {:.2} CPU s per million, {} MiB{fault}",
            self.per_second / 1000.0,
            self.cpu_per_million(),
            self.resident_peak_kib / 1024
        )
    }
}

impl<'a> Run<'a> {
    /// Starts the daemon, sends `messages`, waits until they are in its file or topic, stops it, and counts.
    ///
    /// # Errors
    /// When the daemon does not start or the generator fails. Missing messages are no error but a fault in the outcome.
    pub(crate) fn measure(self, messages: u64) -> io::Result<Outcome> {
        let place = self.place("run", messages)?;
        let (program, arguments) = self.daemon.command(self.options, &place, self.row)?;
        let mut process = self.start(&program, &arguments, &place)?;
        let quiet_enough = match self.row.destination {
            Destination::File => QUIET,
            Destination::Kafka => {
                thread::sleep(CONNECT);
                QUIET_TOPIC
            }
        };
        let broker_cpu = || self.broker.map_or(Ok(0.0), Broker::cpu_seconds);
        let ((user_before, system_before), broker_before) = (process.cpu_seconds()?, broker_cpu()?);
        let growth = self.feed(&place, quiet_enough)?;
        let ((user, system), broker) = (process.cpu_seconds()?, broker_cpu()?);
        let resident_peak_kib = process.status_kib("VmHWM")?;
        let stopped = process.stop(Duration::from_secs(60));

        let fault = stopped.err().map(|error| error.to_string()).or(self.fault(&place)?);
        let amount = place.target.amount()?;
        fs::remove_dir_all(&place.directory)?;
        let millions = messages as f64 / 1e6;
        Ok(Outcome {
            messages,
            per_second: messages as f64 / growth.seconds_until(amount),
            user_per_million: (user - user_before) / millions,
            system_per_million: (system - system_before) / millions,
            broker_per_million: (broker - broker_before) / millions,
            resident_peak_kib,
            fault,
        })
    }

    /// Has the daemon write `messages` to a file, and returns the file.
    ///
    /// # Errors
    /// As [`Self::measure`], and when messages are missing.
    pub(crate) fn file_of(self, messages: u64) -> io::Result<PathBuf> {
        let place = self.place("file", messages)?;
        let (program, arguments) = self.daemon.command(self.options, &place, self.row)?;
        let mut process = self.start(&program, &arguments, &place)?;
        self.feed(&place, QUIET)?;
        process.stop(Duration::from_secs(60))?;
        match (self.fault(&place)?, place.target) {
            (None, Target::File(path)) => Ok(path),
            (fault, _) => Err(io::Error::other(fault.unwrap_or_else(|| "there is no file".to_owned()))),
        }
    }

    /// User instructions per message: the slope between two runs under callgrind, so that start and stop do not count.
    ///
    /// # Errors
    /// As [`Self::measure`], and when valgrind is missing or messages are.
    pub(crate) fn instructions(self) -> io::Result<f64> {
        const FEW: u64 = 5_000;
        const MANY: u64 = 25_000;
        let (few, many) = (self.instructions_of(FEW)?, self.instructions_of(MANY)?);
        Ok(many.saturating_sub(few) as f64 / (MANY - FEW) as f64)
    }

    fn instructions_of(self, messages: u64) -> io::Result<u64> {
        let place = self.place("callgrind", messages)?;
        let (program, arguments) = self.daemon.command(self.options, &place, self.row)?;
        let profile = place.directory.join("callgrind.%p");
        let mut valgrind: Vec<String> =
            ["--tool=callgrind", "--trace-children=yes", "--quiet"].map(str::to_owned).to_vec();
        valgrind.push(format!("--callgrind-out-file={}", profile.display()));
        valgrind.push(program.display().to_string());
        valgrind.extend(arguments);
        let mut process = self.start(Path::new("valgrind"), &valgrind, &place)?;
        let id = process.id();
        self.feed(&place, QUIET_UNDER_CALLGRIND)?;
        process.stop(Duration::from_secs(120))?;
        if let Some(fault) = self.fault(&place)? {
            return Err(io::Error::other(format!("{} under callgrind: {fault}", self.daemon.name())));
        }
        let text = fs::read_to_string(place.directory.join(format!("callgrind.{id}")))?;
        let totals = text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
        fs::remove_dir_all(&place.directory)?;
        totals.ok_or_else(|| io::Error::other("callgrind wrote no totals"))
    }

    fn place(self, name: &str, messages: u64) -> io::Result<Place<'a>> {
        let mut place = place(self.options, name, 64, messages)?;
        if self.row.destination == Destination::Kafka {
            let broker = self.broker.ok_or_else(|| io::Error::other("the broker was not started"))?;
            place.target = Target::Topic(broker.topic()?);
        }
        Ok(place)
    }

    fn start(self, program: &Path, arguments: &[String], place: &Place<'_>) -> io::Result<Process> {
        let log = place.directory.join("log");
        let mut process = Process::start(program, arguments, &log)?;
        process.wait_until_listening(place.address, Duration::from_secs(60)).map_err(|error| {
            let said = fs::read_to_string(&log).unwrap_or_default();
            io::Error::other(format!("{}: {error}; it said:\n{said}", self.daemon.name()))
        })?;
        Ok(process)
    }

    /// Sends, and watches the file or topic grow until all is in it or nothing more comes.
    fn feed(self, place: &Place<'_>, quiet_enough: Duration) -> io::Result<Growth> {
        let (address, messages, connections) = (place.address, place.messages, self.row.connections);
        let expected = match place.target {
            Target::File(_) => (self.row.output == Output::Raw)
                .then(|| send::message_bytes(self.corpus, connections, messages) + messages)
                .filter(|_| self.daemon.output_framing(self.row) == Framing::Newline),
            Target::Topic(_) => Some(messages),
        };
        let send = || match self.daemon.receives() {
            true => send::tcp(address, self.corpus, connections, messages),
            false => TcpStream::connect(address).map(drop),
        };
        thread::scope(|scope| {
            let mut growth = Growth::begin();
            let sender = scope.spawn(send);
            loop {
                thread::sleep(place.target.look_every());
                let amount = place.target.amount()?;
                let quiet = growth.note(amount);
                let all = expected.is_some_and(|expected| amount >= expected);
                if sender.is_finished() && (all || quiet > quiet_enough) || quiet > LIMIT {
                    break;
                }
            }
            sender.join().expect("a sender does not panic")?;
            Ok(growth)
        })
    }

    /// What is wrong with the file or topic; nothing when it holds as many messages as were sent.
    fn fault(self, place: &Place<'_>) -> io::Result<Option<String>> {
        let (found, messages) = (place.target.messages(self.daemon.output_framing(self.row))?, place.messages);
        Ok((found != messages).then(|| format!("{found} messages there, {messages} sent")))
    }
}

/// Memory of a daemon before and after many idle connections.
#[derive(Debug, Clone)]
pub(crate) struct Idle {
    pub(crate) before_kib: u64,
    pub(crate) after_kib: u64,
}

impl Idle {
    /// How much each connection takes of the daemon's resident memory. Kernel memory for sockets is not in it.
    pub(crate) fn kib_per_connection(&self, connections: usize) -> f64 {
        self.after_kib.saturating_sub(self.before_kib) as f64 / connections as f64
    }
}

/// Opens `count` connections that send one message each and then nothing, and looks at the daemon's memory.
///
/// # Errors
/// As [`Run::measure`], and when the messages do not arrive.
pub(crate) fn idle(daemon: Daemon, count: usize, options: &Options) -> io::Result<Idle> {
    let place = place(options, "idle", count + 64, count as u64)?;
    let (destination, output) = (Destination::File, Output::Raw);
    let row = Row { destination, output, framing: Framing::Newline, connections: count };
    let (program, arguments) = daemon.command(options, &place, row)?;
    let mut process = Process::start(&program, &arguments, &place.directory.join("log"))?;
    process.wait_until_listening(place.address, Duration::from_secs(60))?;
    thread::sleep(Duration::from_secs(1));
    let before_kib = process.status_kib("VmRSS")?;
    let open = connections::open(place.address, count)?;
    let started = Instant::now();
    while place.target.messages(Framing::Newline).unwrap_or(0) < place.messages {
        if started.elapsed() > Duration::from_secs(120) {
            return Err(io::Error::other(format!("{}: not all idle connections were served", daemon.name())));
        }
        thread::sleep(Duration::from_millis(100));
    }
    thread::sleep(Duration::from_secs(2));
    let after_kib = process.status_kib("VmRSS")?;
    drop(open);
    process.stop(Duration::from_secs(60))?;
    fs::remove_dir_all(&place.directory)?;
    Ok(Idle { before_kib, after_kib })
}

/// A new directory with a file to come, and an address on loopback that is free now.
fn place(options: &Options, name: &str, connections_max: usize, messages: u64) -> io::Result<Place<'static>> {
    let directory = options.work.join(name);
    if directory.exists() {
        fs::remove_dir_all(&directory)?;
    }
    fs::create_dir_all(&directory)?;
    let target = Target::File(directory.join("out.log"));
    Ok(Place { directory, address: free_address()?, connections_max, messages, target })
}

/// How much was there over time: octets in the file, or messages in the topic.
#[derive(Debug)]
struct Growth {
    started: Instant,
    grew_at: Instant,
    /// Seconds since the start, and the amount then.
    samples: Vec<(f64, u64)>,
}

impl Growth {
    fn begin() -> Self {
        let now = Instant::now();
        Self { started: now, grew_at: now, samples: vec![(0.0, 0)] }
    }

    /// Notes an amount and returns how long it has been the same.
    fn note(&mut self, amount: u64) -> Duration {
        let now = Instant::now();
        if self.samples.last().is_some_and(|(_, last)| amount > *last) {
            self.samples.push((now.duration_since(self.started).as_secs_f64(), amount));
            self.grew_at = now;
        }
        now.duration_since(self.grew_at)
    }

    /// How long all of it would have taken at the pace of the first 95 %.
    fn seconds_until(&self, all: u64) -> f64 {
        const PART: f64 = 0.95;
        let wanted = all as f64 * PART;
        let reached = self.samples.windows(2).find(|pair| pair[1].1 as f64 >= wanted);
        let Some([(time_before, before), (time, amount)]) = reached.and_then(|pair| <[_; 2]>::try_from(pair).ok())
        else {
            return f64::NAN;
        };
        let share = (wanted - before as f64) / (amount - before) as f64;
        (time_before + (time - time_before) * share) / PART
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_twentieth_does_not_count() {
        let now = Instant::now();
        let samples = vec![(0.0, 0), (1.0, 50), (2.0, 95), (60.0, 100)];
        let growth = Growth { started: now, grew_at: now, samples };
        assert!((growth.seconds_until(100) - 2.0 / 0.95).abs() < 1e-9);
        assert!((growth.seconds_until(50) - (47.5 / 50.0) / 0.95).abs() < 1e-9);
    }
}
