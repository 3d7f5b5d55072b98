//! Compares receivers side by side: the same messages, the same machine, taking turns. Called by `benches/compare`.
//!
//! A figure counts only when all that was sent is in the receiver's file or topic; the report marks every other as invalid.

mod broker;
mod daemon;
mod machine;
mod measure;
mod options;
mod plot;
mod process;
mod report;
mod row;
mod settings;
mod statistics;
mod target;
mod values;
mod wire;

use std::process::ExitCode;
use std::{fs, io};

use gully_load::Framing;
use gully_load::corpus::Corpus;

use broker::Broker;
use daemon::Daemon;
use measure::Run;
use options::Options;
use row::{Destination, Output, Row};

/// Messages before the first run that goes to Kafka.
const WARM_UP: u64 = 1_000_000;

fn main() -> ExitCode {
    let done = Options::from_arguments().and_then(|options| {
        let done = compare(&options);
        fs::remove_dir_all(&options.work).ok();
        done
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("compare: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(options: &Options) -> io::Result<()> {
    let mut report = report::Report::new(options)?;
    let corpora = [Framing::Newline, Framing::Counted].map(Corpus::render);
    let corpus = |framing| &corpora[usize::from(framing == Framing::Counted)];
    let broker = start_broker(options, corpus(Framing::Newline))?;
    let broker = broker.as_ref();

    for round in 0..options.rounds {
        for row in Row::all(options) {
            // Another one goes first each round, so that no daemon always runs on the machine that its neighbour left warm.
            let mut daemons: Vec<_> = options.daemons.iter().copied().filter(|daemon| daemon.can(row)).collect();
            let turn = round % daemons.len().max(1);
            daemons.rotate_left(turn);
            for daemon in daemons {
                let run = Run { daemon, row, options, corpus: corpus(row.framing), broker };
                let outcome = run.measure(options.messages(daemon, row))?;
                eprintln!("round {}: {row}, {}: {}", round + 1, daemon.name(), outcome.summary());
                report.add(row, daemon, outcome);
            }
        }
        // What there is so far is worth keeping when the next round is interrupted.
        report.write(options)?;
    }
    if options.instructions {
        let to_file = |row: &Row| row.connections == 1 && row.destination == Destination::File;
        for row in Row::all(options).into_iter().filter(to_file) {
            for daemon in options.daemons.iter().copied().filter(|daemon| daemon.can(row)) {
                let run = Run { daemon, row, options, corpus: corpus(row.framing), broker };
                // One daemon that is too slow under callgrind must not cost the figures of the others.
                match run.instructions() {
                    Ok(instructions) => {
                        eprintln!("instructions: {row}, {}: {instructions:.0} per message", daemon.name());
                        report.add_instructions(row, daemon, instructions);
                    }
                    Err(error) => eprintln!("instructions: {row}, {}: not measured: {error}", daemon.name()),
                }
            }
        }
    }
    if let Some(connections) = options.idle {
        for daemon in options.daemons.iter().copied().filter(|daemon| daemon.is_syslog()) {
            let idle = measure::idle(daemon, connections, options)?;
            eprintln!("idle: {}: {:.1} KiB per connection", daemon.name(), idle.kib_per_connection(connections));
            report.add_idle(daemon, idle);
        }
    }
    for path in report.write(options)? {
        println!("{}", path.display());
    }
    Ok(())
}

/// Starts a broker when rows go to Kafka, and makes ready what they need.
fn start_broker(options: &Options, corpus: &Corpus) -> io::Result<Option<Broker>> {
    let rows: Vec<_> = Row::all(options).into_iter().filter(|row| row.destination == Destination::Kafka).collect();
    let Some(row) = rows.first().copied() else { return Ok(None) };
    for output in [Output::Raw, Output::Json] {
        values::write(options, corpus, output)?;
    }
    let broker = Broker::start(options)?;
    // Java compiles what runs often: the first run must not pay for all.
    let warm_up = Run { daemon: Daemon::Bare, row, options, corpus, broker: Some(&broker) };
    let outcome = warm_up.measure(WARM_UP)?;
    eprintln!("warm-up of the broker: {}", outcome.summary());
    Ok(Some(broker))
}
