//! The values that gully writes to Kafka for the corpus, so that the bare loop hands over the same.

use std::fs;
use std::io;
use std::path::PathBuf;

use gully_load::Framing;
use gully_load::corpus::{Corpus, MESSAGES};

use crate::daemon::Daemon;
use crate::measure::Run;
use crate::options::Options;
use crate::row::{Destination, Output, Row};

/// Where they are, a line each.
pub(crate) fn path(options: &Options, output: Output) -> PathBuf {
    options.work.join(match output {
        Output::Raw => "values-raw",
        Output::Json => "values-json",
    })
}

/// Has gully write them to a file: they are the same as in Kafka.
///
/// # Errors
/// As a run, and when messages are missing.
pub(crate) fn write(options: &Options, corpus: &Corpus, output: Output) -> io::Result<()> {
    let row = Row { destination: Destination::File, output, framing: Framing::Newline, connections: 1 };
    let run = Run { daemon: Daemon::Gully, row, options, corpus, broker: None };
    let written = run.file_of(MESSAGES as u64)?;
    fs::rename(written, path(options, output))
}
