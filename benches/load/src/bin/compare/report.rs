//! The table, as Markdown, and where it goes.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::daemon::Daemon;
use crate::machine;
use crate::measure::{Idle, Outcome};
use crate::options::Options;
use crate::plot;
use crate::row::Row;
use crate::statistics::Spread;

/// All that was measured.
#[derive(Debug)]
pub(crate) struct Report {
    date: String,
    head: String,
    outcomes: Vec<(Row, Daemon, Outcome)>,
    instructions: Vec<(Row, Daemon, f64)>,
    idle: Vec<(Daemon, Idle)>,
}

impl Report {
    /// Says what is measured, and on what.
    ///
    /// # Errors
    /// When a daemon is not there.
    pub(crate) fn new(options: &Options) -> io::Result<Self> {
        let mut versions = Vec::new();
        for daemon in &options.daemons {
            let program = daemon.program(options);
            if !program.exists() {
                return Err(io::Error::other(format!("{} is missing: call benches/compare", program.display())));
            }
            versions.push(format!("{} ({})", daemon.name(), daemon.version(options)));
        }
        let head = format!(
            "Machine: {}. Commit {}.\nCompared: {}. Files in {}.\n",
            machine::description(),
            machine::commit(&options.root),
            versions.join(", "),
            options.work.parent().map_or_else(String::new, |parent| parent.display().to_string()),
        );
        let (outcomes, instructions, idle) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { date: machine::today(), head, outcomes, instructions, idle })
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

    /// Writes table and plot to `benches/results`, and returns where the table is.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(crate) fn write(&self, options: &Options) -> io::Result<PathBuf> {
        let directory = options.root.join("benches/results");
        fs::create_dir_all(&directory)?;
        fs::write(directory.join(format!("{}.svg", self.date)), plot::svg(&self.bars(options)))?;
        let path = directory.join(format!("{}.md", self.date));
        fs::write(&path, self.markdown(options))?;
        Ok(path)
    }

    fn markdown(&self, options: &Options) -> String {
        let mut text = format!(
            "# Side by side, {}\n\n{}\n![CPU time and throughput]({}.svg)\n\n",
            self.date, self.head, self.date
        );
        text.push_str(METHOD);
        text.push_str("\n| TCP to one file | daemon | runs | CPU s per million (user + system) | thousand/s | resident peak MiB | messages a run | all there |\n");
        text.push_str("|---|---|---|---|---|---|---|---|\n");
        for row in Row::all(options) {
            for daemon in &options.daemons {
                text.push_str(&self.line(row, *daemon));
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
    fn bars(&self, options: &Options) -> Vec<plot::Group> {
        let group = |row: Row| {
            let bars = options.daemons.iter().filter_map(|daemon| {
                let valid = || self.of(row, *daemon).filter(|outcome| outcome.fault.is_none());
                let cpu = Spread::of(valid().map(Outcome::cpu_per_million))?.median;
                let per_second = Spread::of(valid().map(|outcome| outcome.per_second))?.median;
                Some(plot::Bar { daemon: *daemon, cpu_per_million: cpu, thousand_per_second: per_second / 1000.0 })
            });
            plot::Group { title: row.to_string(), bars: bars.collect() }
        };
        Row::all(options).into_iter().map(group).filter(|group| !group.bars.is_empty()).collect()
    }
}

const METHOD: &str = "\
Each daemon receives the same 100,000 distinct messages (mean 706 octets) in a loop over TCP on loopback and writes one file. The
generator runs on the same machine. Daemons take turns, another one first each round; a figure is the median, with the least and
the greatest. CPU time is that of the daemon alone, user and system, from `/proc`, without its start and stop. Throughput is taken when
95 % of the octets are in the file. After the daemon has stopped, the messages in its file are counted; a run that lacks one is
invalid. `copy` is the floor: it finds frame boundaries and writes whole frames, and parses nothing. JSON members differ by daemon.
On a machine that others use, ratios between daemons in one table mean more than any figure alone.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Output;

    #[test]
    fn a_run_that_lacks_messages_is_marked() {
        let row = Row { output: Output::Raw, framing: gully_load::Framing::Newline, connections: 1 };
        let outcome = Outcome {
            messages: 10,
            per_second: 1000.0,
            user_per_million: 1.0,
            system_per_million: 0.5,
            resident_peak_kib: 2048,
            fault: Some("9 of 10 messages in the file".to_owned()),
        };
        let outcomes = vec![(row, Daemon::Copy, outcome)];
        let report = Report { date: String::new(), head: String::new(), outcomes, instructions: vec![], idle: vec![] };
        let line = report.line(row, Daemon::Copy);
        assert!(line.contains("**INVALID**: 9 of 10") && line.contains("1.50 (1.50–1.50) = 1.00 + 0.50"), "{line}");
        assert_eq!(report.line(row, Daemon::Gully), "");
    }
}
