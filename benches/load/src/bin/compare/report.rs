//! The tables, as Markdown, and where they go: a page for rows that end in files, and one for those that end in Kafka.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::broker::Broker;
use crate::daemon::Daemon;
use crate::machine;
use crate::measure::{Idle, Outcome};
use crate::options::Options;
use crate::plot;
use crate::row::{Destination, Row};
use crate::statistics::Spread;

/// All that was measured.
#[derive(Debug)]
pub(crate) struct Report {
    date: String,
    machine: String,
    versions: Vec<(Daemon, String)>,
    outcomes: Vec<(Row, Daemon, Outcome)>,
    instructions: Vec<(Row, Daemon, f64)>,
    idle: Vec<(Daemon, Idle)>,
}

impl Report {
    /// Looks at what is measured, and on what.
    ///
    /// # Errors
    /// When a daemon is not there.
    pub(crate) fn new(options: &Options) -> io::Result<Self> {
        let mut versions = Vec::new();
        let rows = Row::all(options);
        for daemon in options.daemons.iter().filter(|daemon| rows.iter().any(|row| daemon.can(*row))) {
            let program = daemon.program(options);
            if !program.exists() {
                return Err(io::Error::other(format!("{} is missing: call benches/compare", program.display())));
            }
            versions.push((*daemon, format!("{} ({})", daemon.name(), daemon.version(options))));
        }
        let machine = format!("Machine: {}. Commit {}.", machine::description(), machine::commit(&options.root));
        let (outcomes, instructions, idle) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { date: machine::today(), machine, versions, outcomes, instructions, idle })
    }

    pub(crate) fn add(&mut self, row: Row, daemon: Daemon, outcome: Outcome) {
        self.outcomes.push((row, daemon, outcome));
    }

    pub(crate) fn add_instructions(&mut self, row: Row, daemon: Daemon, instructions: f64) {
        self.instructions.push((row, daemon, instructions));
    }

    pub(crate) fn add_idle(&mut self, daemon: Daemon, idle: Idle) {
        self.idle.push((daemon, idle));
    }

    /// Writes pages and plots to `benches/results`, and returns where the pages are. What was not measured has no page.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(crate) fn write(&self, options: &Options) -> io::Result<Vec<PathBuf>> {
        let directory = options.root.join("benches/results");
        fs::create_dir_all(&directory)?;
        let mut written = Vec::new();
        for (destination, suffix) in [(Destination::File, ""), (Destination::Kafka, "-kafka")] {
            let rows: Vec<_> = Row::all(options).into_iter().filter(|row| row.destination == destination).collect();
            if rows.is_empty() {
                continue;
            }
            let name = format!("{}{suffix}", self.date);
            fs::write(directory.join(format!("{name}.svg")), plot::svg(&self.bars(&rows, options)))?;
            let mut text = format!("# Side by side, {}\n\n{}\n", self.date, self.machine);
            text.push_str(&self.compared(destination, options));
            write!(text, "\n![CPU time and throughput]({name}.svg)\n\n").expect("a string takes all");
            text.push_str(&match destination {
                Destination::File => self.file_page(&rows, options),
                Destination::Kafka => self.kafka_page(&rows, options),
            });
            let path = directory.join(format!("{name}.md"));
            fs::write(&path, text)?;
            written.push(path);
        }
        Ok(written)
    }

    /// Which programs were compared, and where their output went.
    fn compared(&self, destination: Destination, options: &Options) -> String {
        let rows = Row::all(options);
        let can = |daemon: Daemon| rows.iter().any(|row| row.destination == destination && daemon.can(*row));
        let named = self.versions.iter().filter(|(daemon, _)| can(*daemon)).map(|(_, version)| version.as_str());
        let named = named.collect::<Vec<_>>().join(", ");
        let place = options.work.parent().map_or_else(String::new, |parent| parent.display().to_string());
        match destination {
            Destination::File => format!("Compared: {named}. Files in {place}.\n"),
            Destination::Kafka => {
                format!("Compared: {named}. One broker, Kafka {}, its data in {place}.\n", Broker::version(options))
            }
        }
    }

    fn file_page(&self, rows: &[Row], options: &Options) -> String {
        let mut text = FILE_METHOD.to_owned();
        text.push_str("\n| TCP to one file | daemon | runs | CPU s per million (user + system) | thousand/s | resident peak MiB | messages a run | all there |\n");
        text.push_str("|---|---|---|---|---|---|---|---|\n");
        for row in rows {
            for daemon in &options.daemons {
                text.push_str(&self.line(*row, *daemon));
            }
        }
        if !self.instructions.is_empty() {
            text.push_str(
                "\n| user instructions per message (callgrind, slope) | daemon | instructions |\n|---|---|---|\n",
            );
            for (row, daemon, instructions) in &self.instructions {
                writeln!(text, "| {row} | {} | {instructions:.0} |", daemon.name()).expect("a string takes all");
            }
        }
        if let Some(connections) = options.idle.filter(|_| !self.idle.is_empty()) {
            writeln!(
                text,
                "\n| {connections} idle TCP connections | resident before, MiB | after, MiB | KiB per connection |\n|---|---|---|---|"
            )
            .expect("a string takes all");
            for (daemon, idle) in &self.idle {
                let mib = |kib: u64| kib as f64 / 1024.0;
                let (before, after) = (mib(idle.before_kib), mib(idle.after_kib));
                let each = idle.kib_per_connection(connections);
                writeln!(text, "| {} | {before:.1} | {after:.1} | {each:.2} |", daemon.name())
                    .expect("a string takes all");
            }
        }
        text
    }

    fn kafka_page(&self, rows: &[Row], options: &Options) -> String {
        let mut text = KAFKA_METHOD.to_owned();
        text.push_str("\n| TCP to one topic | daemon | runs | CPU s per million (user + system) | thousand/s | resident peak MiB | messages a run | all there |\n");
        text.push_str("|---|---|---|---|---|---|---|---|\n");
        for row in rows {
            for daemon in &options.daemons {
                text.push_str(&self.line(*row, *daemon));
            }
        }
        text.push_str("\n| broker | while it served | its CPU s per million |\n|---|---|---|\n");
        for row in rows {
            for daemon in &options.daemons {
                let of_broker = self.of(*row, *daemon).map(|outcome| outcome.broker_per_million);
                if let Some(cpu) = Spread::of(of_broker) {
                    writeln!(text, "| {row} | {} | {} |", daemon.name(), cpu.text(2)).expect("a string takes all");
                }
            }
        }
        text.push_str("\n| gully, round by round | throughput in the bare loop's | in that of the one without headers | CPU time of the better peer in gully's |\n|---|---|---|---|\n");
        for row in rows {
            let pace = |limit| self.ratio(*row, limit, |gully, limit| gully.per_second / limit.per_second);
            let cpu = |peer| self.ratio(*row, peer, |gully, peer| peer.cpu_per_million() / gully.cpu_per_million());
            let peers = [Daemon::Rsyslog, Daemon::SyslogNg].into_iter().filter_map(cpu);
            let better = peers.min_by(|one, other| one.median.total_cmp(&other.median));
            let text_of = |ratio: Option<Spread>| ratio.map_or_else(String::new, |ratio| ratio.text(2));
            let (bare, no_headers) = (text_of(pace(Daemon::Bare)), text_of(pace(Daemon::BareNoHeaders)));
            writeln!(text, "| {row} | {bare} | {no_headers} | {} |", text_of(better)).expect("a string takes all");
        }
        text
    }

    /// What gully and `other` did in the same rounds, set against each other; nothing when one of them was not measured.
    fn ratio(&self, row: Row, other: Daemon, of: fn(&Outcome, &Outcome) -> f64) -> Option<Spread> {
        Spread::of(self.of(row, Daemon::Gully).zip(self.of(row, other)).map(|(gully, other)| of(gully, other)))
    }

    /// The line of one row and daemon, over all rounds; nothing when it was not measured.
    fn line(&self, row: Row, daemon: Daemon) -> String {
        let outcomes: Vec<_> = self.of(row, daemon).collect();
        let spread = |figure: fn(&Outcome) -> f64| Spread::of(outcomes.iter().map(|outcome| figure(outcome)));
        let (Some(cpu), Some(pace)) = (spread(Outcome::cpu_per_million), spread(|outcome| outcome.per_second / 1000.0))
        else {
            return String::new();
        };
        let median = |figure| spread(figure).map_or(f64::NAN, |spread| spread.median);
        let (user, system) = (median(|outcome| outcome.user_per_million), median(|outcome| outcome.system_per_million));
        let resident = median(|outcome| outcome.resident_peak_kib as f64 / 1024.0);
        let faults: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.fault.as_deref()).collect();
        let valid = if faults.is_empty() { "yes".to_owned() } else { format!("**INVALID**: {}", faults.join("; ")) };
        format!(
            "| {row} | {} | {} | {} = {user:.2} + {system:.2} | {} | {resident:.0} | {} | {valid} |\n",
            daemon.name(),
            outcomes.len(),
            cpu.text(2),
            pace.text(0),
            outcomes[0].messages,
        )
    }

    fn of(&self, row: Row, daemon: Daemon) -> impl Iterator<Item = &Outcome> {
        let same = move |(of_row, of_daemon, _): &&(Row, Daemon, Outcome)| *of_row == row && *of_daemon == daemon;
        self.outcomes.iter().filter(same).map(|(_, _, outcome)| outcome)
    }

    /// What the plot shows: medians of valid runs.
    fn bars(&self, rows: &[Row], options: &Options) -> Vec<plot::Group> {
        let group = |row: Row| {
            let bars = options.daemons.iter().filter_map(|daemon| {
                let valid = || self.of(row, *daemon).filter(|outcome| outcome.fault.is_none());
                let cpu = Spread::of(valid().map(Outcome::cpu_per_million))?.median;
                let per_second = Spread::of(valid().map(|outcome| outcome.per_second))?.median;
                Some(plot::Bar { daemon: *daemon, cpu_per_million: cpu, thousand_per_second: per_second / 1000.0 })
            });
            plot::Group { title: row.to_string(), bars: bars.collect() }
        };
        rows.iter().copied().map(group).filter(|group| !group.bars.is_empty()).collect()
    }
}

const FILE_METHOD: &str = "\
Each daemon receives the same 100,000 distinct messages (mean 706 octets) in a loop over TCP on loopback and writes one file. The
generator runs on the same machine. Daemons take turns, another one first each round; a figure is the median, with the least and
the greatest. CPU time is that of the daemon alone, user and system, from `/proc`, without its start and stop. Throughput is taken when
95 % of the octets are in the file. After the daemon has stopped, the messages in its file are counted; a run that lacks one is
invalid. `copy` is the floor: it finds frame boundaries and writes whole frames, and parses nothing. JSON members differ by daemon.
On a machine that others use, ratios between daemons in one table mean more than any figure alone.
";

const KAFKA_METHOD: &str = "\
Each daemon receives the same 100,000 distinct messages (mean 706 octets) in a loop over TCP on loopback, one per line, and writes
them to a fresh topic with 4 partitions. Generator, daemon and broker share the machine. All wait for acks=all, are idempotent,
compress with lz4, gather for at most 50 ms and 1 MB, and give every message the sender's address as its key, so that its order is
kept: on loopback that is one partition. gully adds five headers to each message; the peers, in these versions, have none to add.
`bare` is librdkafka's limit: gully's values, key and headers lie ready in memory, and a loop hands them to a client with gully's
settings. It receives nothing, so no generator takes part of the machine from it. `bare-no-headers` leaves the headers out.
Daemons take turns, another one first each round; a figure is the median, with the least and the greatest. CPU time is that of the
daemon alone, user and system, from `/proc`, without its start and stop. Throughput is taken when 95 % of the messages are in the
topic. After the daemon has stopped, the ends of the partitions are added up; a run with more or fewer messages than were sent is
invalid. JSON members differ by daemon.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Output;

    #[test]
    fn a_run_that_lacks_messages_is_marked() {
        let (destination, output) = (Destination::File, Output::Raw);
        let row = Row { destination, output, framing: gully_load::Framing::Newline, connections: 1 };
        let outcome = Outcome {
            messages: 10,
            per_second: 1000.0,
            user_per_million: 1.0,
            system_per_million: 0.5,
            broker_per_million: 0.0,
            resident_peak_kib: 2048,
            fault: Some("9 of 10 messages in the file".to_owned()),
        };
        let outcomes = vec![(row, Daemon::Copy, outcome)];
        let (date, machine) = (String::new(), String::new());
        let report = Report { date, machine, versions: vec![], outcomes, instructions: vec![], idle: vec![] };
        let line = report.line(row, Daemon::Copy);
        assert!(line.contains("**INVALID**: 9 of 10") && line.contains("1.50 (1.50–1.50) = 1.00 + 0.50"), "{line}");
        assert_eq!(report.line(row, Daemon::Gully), "");
    }
}
