//! What is asked of every daemon.

use std::fmt;

use gully_load::Framing;

use crate::options::Options;

/// What a daemon writes for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// The message as it came, and LF.
    Raw,
    /// A JSON object per message. The members differ by daemon.
    Json,
}

/// One kind of work: TCP in, one file out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) output: Output,
    pub(crate) framing: Framing,
    pub(crate) connections: usize,
}

impl Row {
    /// All rows that the options ask for.
    pub(crate) fn all(options: &Options) -> Vec<Self> {
        let mut rows = Vec::new();
        for output in [Output::Raw, Output::Json] {
            for framing in [Framing::Newline, Framing::Counted] {
                for connections in [1, 8] {
                    rows.push(Self { output, framing, connections });
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
        format!("{output}-{}", self.framing.name())
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
        write!(f, "{output}, {framing}, {connections}")
    }
}
