//! One mistake in a configuration, with its place and its remedy.

use std::fmt;
use std::path::PathBuf;

/// Whether a problem keeps gully from starting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The configuration is refused.
    Error,
    /// The configuration works, but not as its writer may think, or less safely than it could. An error with `strict = true`.
    Warning,
}

/// One mistake in a configuration.
///
/// Displays as one line: `gully.toml:12:9: listener.drain.frame_bytes_max: found 10, expected a size such as "256KiB"`.
/// Parts that are not known are left out, and a warning says `warning:` after its place. Text that came from the
/// configuration is quoted and escaped, and a value that came from `${file:…}` is never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether it is an error or a warning.
    pub severity: Severity,
    /// The configuration file; `None` for a text that came from no file.
    pub file: Option<PathBuf>,
    /// The line, from 1; `None` when the problem is about the file as a whole or about a default.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
    /// The full key, such as `listener.drain.tls.certificate`; empty when the problem is about the file as a whole.
    pub key: String,
    /// What was found.
    pub found: String,
    /// What would be right, or what to do.
    pub expected: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", file.display())?;
        }
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "{line}:{column}:")?;
        }
        if self.file.is_some() || self.line.is_some() {
            f.write_str(" ")?;
        }
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "found {}, expected {}", self.found, self.expected)
    }
}

/// Why a value cannot be taken.
///
/// `found` is `None` when the value itself says it all; the reader then shows the value, unless it is secret.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) found: Option<String>,
    pub(crate) expected: String,
}

impl Fault {
    pub(crate) fn expected(expected: impl Into<String>) -> Self {
        Self { found: None, expected: expected.into() }
    }

    pub(crate) fn new(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { found: Some(found.into()), expected: expected.into() }
    }
}

/// `text` quoted and escaped for one line of a message, cut after 80 characters.
pub(crate) fn quoted(text: &str) -> String {
    const CHARACTERS_MAX: usize = 80;
    match text.char_indices().nth(CHARACTERS_MAX) {
        Some((cut, _)) => format!("{:?}…", &text[..cut]),
        None => format!("{text:?}"),
    }
}

/// `words` as `"a", "b" or "c"`.
pub(crate) fn alternatives<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut quoted = words.into_iter().map(|word| format!("{word:?}")).collect::<Vec<_>>();
    match quoted.pop() {
        Some(last) if quoted.is_empty() => last,
        Some(last) => format!("{} or {last}", quoted.join(", ")),
        None => String::new(),
    }
}
