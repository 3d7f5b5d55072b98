//! `gully test`: lines in, what should become of them, and whether it does.

mod field;
mod line;
mod outcome;
mod report;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::anyhow;
use config::{Config, Listener, Test};
use extract::{Extractor, Input, Wanted};

use crate::cli;
use crate::exit::{Exit, Failure};
use crate::load::load;
use crate::print;
use crate::trial::{Line, Trial};
use outcome::Outcome;

pub(crate) use field::check_name;

/// What a test that was just begun may look like.
const EXAMPLE: &str = r#"
[[test]]
name = "a failed login goes to the SIEM"
line = '''<14>1 - - uaa rs2 - - Audit: UserAuthenticationFailure ('bob'): principal=1, origin=[remoteAddress=198.51.100.1], identityZoneId=[uaa]'''
class = "cf.uaa.audit"
fields = { "user.name" = "bob", "event.outcome" = "failure" }
sinks = ["siem"]
"#;

/// Runs the tests of the configuration whose names hold one of the given texts, or all, and prints how each went.
pub(crate) fn run(arguments: &cli::Test) -> Result<Exit, Failure> {
    let file = arguments.file.config.as_deref();
    let config = load(file)?.config;
    if config.tests.is_empty() {
        let name = file.map_or_else(|| "the embedded configuration".to_owned(), |file| file.display().to_string());
        return Err(Failure::new(Exit::Failed, anyhow!("{name} has no tests; one looks like this:\n{EXAMPLE}")));
    }
    let is_meant = |test: &&Test| {
        arguments.names.is_empty() || arguments.names.iter().any(|name| test.name.contains(name.as_str()))
    };
    let tests = config.tests.iter().filter(is_meant).collect::<Vec<_>>();
    if tests.is_empty() {
        let names = config.tests.iter().map(|test| format!("\n  {}", test.name)).collect::<String>();
        return Err(Failure::new(Exit::Usage, anyhow!("no test has such a name; there are:{names}")));
    }
    let outcomes = run_all(&config, &tests)?;
    let text = if arguments.json { report::json(&outcomes) } else { report::text(&outcomes) };
    print(format_args!("{text}"))?;
    Ok(if outcomes.iter().all(Outcome::has_passed) { Exit::Success } else { Exit::Failed })
}

fn run_all<'a>(config: &Config, tests: &[&'a Test]) -> Result<Vec<Outcome<'a>>, Failure> {
    let trial = Trial::new(config)?;
    let mut extractor = Extractor::new();
    Ok(tests.iter().map(|test| run_one(config, &trial, test, &mut extractor)).collect())
}

fn run_one<'a>(config: &Config, trial: &Trial, test: &'a Test, extractor: &mut Extractor) -> Outcome<'a> {
    let listener = listener(config, test);
    let octets = match line::message(test.line.as_bytes(), listener) {
        Ok(octets) => octets,
        Err(fault) => return Outcome::without_record(test, *fault),
    };
    let tried = trial.record(&Line {
        octets,
        header: header(test.transport),
        listener,
        peer: SocketAddr::new(test.peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), 0),
    });
    let record = tried.record();
    let input =
        Input { octets: record.octets(), header: record.header(), class: record.class(), flags: record.flags() };
    let extraction = extractor.extract(&input, Wanted::ALL);
    Outcome::of(test, &tried, &extraction, trial.choices(&record, &extraction))
}

/// The listener that takes the line. The configuration has checked that there is one.
fn listener<'a>(config: &'a Config, test: &Test) -> &'a Listener {
    let named = config.listeners.iter().find(|listener| test.listener.as_ref() == Some(&listener.name));
    named.unwrap_or(&config.listeners[0])
}

const fn header(transport: config::Transport) -> cli::Header {
    match transport {
        config::Transport::Auto => cli::Header::Auto,
        config::Transport::Raw => cli::Header::Raw,
        config::Transport::Rfc5424 => cli::Header::Rfc5424,
        config::Transport::Rfc3164 => cli::Header::Rfc3164,
    }
}
