//! What is asked of every daemon.

use std::fmt;

use gully_load::Framing;

use crate::options::Options;

/// What a daemon writes for a message: to a file with LF, to a topic without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// The message as it came.
    Raw,
    /// A JSON object. The members differ by daemon.
    Json,
}

/// Where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// One file.
    File,
    /// One topic.
    Kafka,
}

/// One kind of work: TCP in, one file or topic out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) destination: Destination,
    pub(crate) output: Output,
    pub(crate) framing: Framing,
    pub(crate) connections: usize,
}

impl Row {
    /// All rows that the options ask for.
    pub(crate) fn all(options: &Options) -> Vec<Self> {
        // Framing costs the same wherever the messages go.
        let kinds =
            [(Destination::File, &[Framing::Newline, Framing::Counted][..]), (Destination::Kafka, &[Framing::Newline])];
        let mut rows = Vec::new();
        for (destination, framings) in kinds {
            for output in [Output::Raw, Output::Json] {
                for framing in framings {
                    for connections in [1, 8] {
                        rows.push(Self { destination, output, framing: *framing, connections });
                    }
                }
            }
        }
        rows.retain(|row| options.rows.contains(&row.name()));
        rows
    }

    /// The name by which the options choose it.
    fn name(self) -> String {
        let output = match self.output {
            Output::Raw => "raw",
            Output::Json => "json",
        };
        match self.destination {
            Destination::File => format!("{output}-{}", self.framing.name()),
            Destination::Kafka => format!("kafka-{output}"),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let output = match self.output {
            Output::Raw => "raw",
            Output::Json => "JSON",
        };
        let framing = match self.framing {
            Framing::Newline => "newline",
            Framing::Counted => "octet-counted",
        };
        let connections = match self.connections {
            1 => "1 connection".to_owned(),
            count => format!("{count} connections"),
        };
        match self.destination {
            Destination::File => write!(f, "{output}, {framing}, {connections}"),
            Destination::Kafka => write!(f, "{output} to Kafka, {framing}, {connections}"),
        }
    }
}
