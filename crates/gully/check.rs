//! `gully check`: every mistake at once, what each sink takes, and the memory that the configuration allows at most.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use config::{CLASSES, Config, Sink};
use select::DropList;

use crate::exit::{Exit, Failure};
use crate::load::{Loaded, load};
use crate::sinks::kafka;
use crate::{announce, memory, print};

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
    let Loaded { config, warnings, .. } = loaded;
    let mut text = String::new();
    let mut line = |line: std::fmt::Arguments<'_>| writeln!(text, "{line}").expect("writing to a String cannot fail");
    for warning in warnings {
        line(format_args!("{warning}"));
    }
    let (listeners, sinks) = (counted(config.listeners.len(), "listener"), counted(config.sinks.len(), "sink"));
    let tests =
        if config.tests.is_empty() { String::new() } else { format!(", {}", counted(config.tests.len(), "test")) };
    line(format_args!("{name} is good: {listeners}, {sinks}{tests}"));
    for listener in &config.listeners {
        if let Some(rejoin) = &listener.rejoin {
            let (size, seconds) = (memory::size(rejoin.bytes_max), rejoin.time_max.as_secs_f64());
            line(format_args!(
                "listener.{}: rejoins records of up to {size}; their pieces wait up to {seconds} s, as unfinished frames do",
                listener.name
            ));
        }
    }
    if !config.redaction.redact.is_empty() {
        let detectors = config.redaction.redact.iter().map(|detector| detector.word()).collect::<Vec<_>>();
        line(format_args!("redaction: {}; before anything is stored", detectors.join(", ")));
    }
    for sink in &config.sinks {
        line(format_args!("sink.{}: {} to {}", sink.name, encoded(sink), announce::destination(sink)));
        line(format_args!("  takes {}", sink.take.join(", ")));
        if let Some(condition) = &sink.condition {
            let is_hidden = loaded.hidden_conditions.contains(&sink.name);
            let condition = if is_hidden { "(not shown: a part of it came from a file)" } else { condition.trim() };
            line(format_args!("  where {}", condition.replace('\n', "\n        ")));
        }
        for list in sink.drop.iter().filter_map(|list| DropList::named(list.word())) {
            line(format_args!("  drops {}: {}", list.name, list.meaning));
        }
    }
    let is_taken = |class: &str| config.sinks.iter().any(|sink| sink.classes().any(|taken| taken == class));
    let untaken = CLASSES.iter().copied().filter(|class| !is_taken(class)).collect::<Vec<_>>();
    if !untaken.is_empty() {
        line(format_args!("no sink takes {}: such records are dropped, and counted", untaken.join(", ")));
    }
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

/// What is written for a record, in a few words.
fn encoded(sink: &Sink) -> String {
    let sets = sink.fields.iter().map(|set| set.word()).collect::<Vec<_>>();
    match sets.as_slice() {
        [] => sink.encoding.word().to_owned(),
        sets => format!("{} with {}", sink.encoding.word(), sets.join(" and ")),
    }
}

/// `count` things for people.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
