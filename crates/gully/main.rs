//! gully: receives syslog, tells audit records from the rest, delivers both.
//!
//! This is the glue: command line, configuration, signals, exit codes. What gully does lives in the rooms below `crates/`.

mod admin;
mod announce;
mod check;
mod cli;
mod exit;
mod explain;
mod load;
mod logging;
mod memory;
mod run;
mod settings;
mod signals;
mod sinks;
mod stop;
mod test;
mod trial;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command, ConfigFile, ConfigText};
use crate::exit::{Exit, Failure};

// Batches are allocated by the network's threads and freed by the sinks': the pattern that this allocator is good at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A broken pipe under `--help` is no reason to fail otherwise.
            drop(error.print());
            return if error.use_stderr() { Exit::Usage } else { Exit::Success }.into();
        }
    };
    match execute(cli.command.unwrap_or_else(|| Command::Run(ConfigFile::default()))) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            logging::say(format_args!("gully: {:#}", failure.cause));
            failure.exit.into()
        }
    }
}

fn execute(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Run(file) => run::run(file.config.as_deref()),
        Command::Check { file, connect } => check::run(file.config.as_deref(), connect),
        Command::Explain(arguments) => explain::run(&arguments).map(|()| Exit::Success),
        Command::Test(arguments) => test::run(&arguments),
        Command::Config { what } => {
            let text = match what {
                ConfigText::Defaults => config::defaults_toml(),
                ConfigText::Schema => config::schema_json(),
                ConfigText::Init => config::init_toml(),
            };
            print(format_args!("{text}")).map(|()| Exit::Success)
        }
    }
}

/// Prints to standard output. A reader that has seen enough, such as `head`, is no failure.
fn print(text: std::fmt::Arguments<'_>) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    match output.write_fmt(text).and_then(|()| output.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::new(Exit::InputOutput, error)),
        _ => Ok(()),
    }
}
