//! `gully check`: every mistake at once, and the memory that the configuration allows at most.

use std::path::Path;

use crate::exit::Failure;
use crate::load::load;
use crate::memory;

/// Checks, and prints the result to standard output. Warnings are printed, too, but do not make it fail.
pub(crate) fn run(file: Option<&Path>) -> Result<(), Failure> {
    let loaded = load(file)?;
    for warning in &loaded.warnings {
        println!("{warning}");
    }
    let config = &loaded.config;
    let name = file.map_or_else(|| "the embedded configuration".to_owned(), |file| file.display().to_string());
    println!("{name} is good: {} listeners, {} sinks", config.listeners.len(), config.sinks.len());
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let terms = memory::terms(config, workers);
    let sum: u64 = terms.iter().map(|term| term.bytes).sum();
    println!("memory at most: {sum} bytes ({})", memory::size(sum));
    for term in &terms {
        println!("  {:>10}  {}", memory::size(term.bytes), term.what);
    }
    println!("the kernel's buffers come on top: receive_buffer for each connection and datagram socket, doubled");
    Ok(())
}
