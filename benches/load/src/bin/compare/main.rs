//! Compares receivers side by side: the same messages, the same machine, taking turns. Called by `benches/compare`.
//!
//! A figure counts only when all that was sent is in the receiver's file; the report marks every other as invalid.

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

use std::process::ExitCode;
use std::{fs, io};

use gully_load::Framing;
use gully_load::corpus::Corpus;

use daemon::Daemon;
use measure::Run;
use options::Options;
use row::Row;

fn main() -> ExitCode {
    match Options::from_arguments().and_then(|options| compare(&options)) {
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

    for round in 0..options.rounds {
        for row in Row::all(options) {
            // Another one goes first each round, so that no daemon always runs on the machine that its neighbour left warm.
            let mut daemons: Vec<_> = options.daemons.iter().copied().filter(|daemon| daemon.can(row.output)).collect();
            let turn = round % daemons.len().max(1);
            daemons.rotate_left(turn);
            for daemon in daemons {
                let run = Run { daemon, row, options, corpus: corpus(row.framing) };
                let outcome = run.measure(options.messages(daemon, row))?;
                eprintln!("round {}: {row}, {}: {}", round + 1, daemon.name(), outcome.summary());
                report.add(row, daemon, outcome);
            }
        }
        // What there is so far is worth keeping when the next round is interrupted.
        report.write(options)?;
    }
    if options.instructions {
        for row in Row::all(options).into_iter().filter(|row| row.connections == 1) {
            for daemon in options.daemons.iter().copied().filter(|daemon| daemon.can(row.output)) {
                let run = Run { daemon, row, options, corpus: corpus(row.framing) };
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
        for daemon in options.daemons.iter().copied().filter(|daemon| *daemon != Daemon::Copy) {
            let idle = measure::idle(daemon, connections, options)?;
            eprintln!("idle: {}: {:.1} KiB per connection", daemon.name(), idle.kib_per_connection(connections));
            report.add_idle(daemon, idle);
        }
    }
    fs::remove_dir_all(&options.work)?;
    let path = report.write(options)?;
    println!("{}", path.display());
    Ok(())
}
