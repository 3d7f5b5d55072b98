//! Apache Kafka, started by a test, and an independent consumer that reads back what arrived.

pub(crate) mod admin;
pub(crate) mod arrivals;
pub(crate) mod cluster;
pub(crate) mod consumer;
mod node;
pub(crate) mod security;
mod tests;
pub(crate) mod tokens;
mod turn;
mod wire;

use std::path::Path;
use std::process::Command;

/// A command that `tests/peers/kafka` left.
#[track_caller]
fn command(name: &str) -> Command {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/kafka/bin").join(name);
    assert!(path.exists(), "{} is missing: run tests/run", path.display());
    Command::new(path)
}
