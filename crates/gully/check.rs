//! `gully check`: every mistake at once, and the memory that the configuration allows at most.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use config::Config;

use crate::exit::{Exit, Failure};
use crate::load::{Loaded, load};
use crate::sinks::kafka;
use crate::{memory, print};

/// Checks, and prints the result to standard output. Warnings are printed, too, but do not make it fail; a cluster that
/// cannot be asked does.
pub(crate) fn run(file: Option<&Path>, connect: bool) -> Result<Exit, Failure> {
    let name = file.map_or_else(|| "the embedded configuration".to_owned(), |file| file.display().to_string());
    let loaded = load(file)?;
    print(format_args!("{}", report(&loaded, &name)))?;
    if connect { ask_clusters(&loaded.config) } else { Ok(Exit::Success) }
}

/// Asks the cluster of each Kafka sink, and prints what it answers.
fn ask_clusters(config: &Config) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start").map_err(|cause| Failure::new(Exit::InputOutput, cause))?;
    let mut exit = Exit::Success;
    for sink in &config.sinks {
        let Some(target) = sink.kafka() else { continue };
        let key = format!("sink.{}", sink.name);
        match runtime.block_on(kafka::inspect(config, sink, target)) {
            Ok(findings) => {
                for finding in &findings {
                    let kafka::Finding { topic, found, expected } = finding;
                    print(format_args!("warning: {key}: topic {topic}: found {found}, expected {expected}\n"))?;
                }
                let warnings = counted(findings.len(), "warning");
                print(format_args!("{key}: the cluster answers, {warnings}\n"))?;
            }
            Err(error) => {
                print(format_args!("error: {key}: {error}\n"))?;
                exit = Exit::Unavailable;
            }
        }
    }
    Ok(exit)
}

fn report(loaded: &Loaded, name: &str) -> String {
    let Loaded { config, warnings } = loaded;
    let mut text = String::new();
    let mut line = |line: std::fmt::Arguments<'_>| writeln!(text, "{line}").expect("writing to a String cannot fail");
    for warning in warnings {
        line(format_args!("{warning}"));
    }
    let (listeners, sinks) = (counted(config.listeners.len(), "listener"), counted(config.sinks.len(), "sink"));
    line(format_args!("{name} is good: {listeners}, {sinks}"));
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let terms = memory::terms(config, workers);
    let sum: u64 = terms.iter().map(|term| term.bytes).sum();
    line(format_args!("memory at most: {sum} bytes ({})", memory::size(sum)));
    for term in &terms {
        line(format_args!("  {:>10}  {}", memory::size(term.bytes), term.what));
    }
    line(format_args!(
        "the kernel's buffers come on top: receive_buffer for each connection and datagram socket, doubled"
    ));
    text
}

/// `count` things for people.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
