//! What is wrong with a condition.

use std::fmt;

/// A mistake in a condition, with its place. The operator's.
///
/// Displays as one line: ``column 18: found `=`, expected `==` ``. Text of the condition is quoted and shortened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionError {
    /// The line of the condition, from 1.
    pub line: usize,
    /// The column in that line in characters, from 1.
    pub column: usize,
    /// What was found.
    pub found: String,
    /// What would be right, or what to do.
    pub expected: String,
}

/// A mistake at an offset; its line and column follow once the whole text is at hand.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) at: usize,
    pub(crate) found: String,
    pub(crate) expected: String,
}

impl Mistake {
    pub(crate) fn new(at: usize, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { at, found: found.into(), expected: expected.into() }
    }

    pub(crate) fn in_text(self, text: &str) -> ConditionError {
        let before = &text[..self.at.min(text.len())];
        let line = before.rsplit('\n').next().unwrap_or_default();
        ConditionError {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            found: self.found,
            expected: self.expected,
        }
    }
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 1 {
            write!(f, "line {}, ", self.line)?;
        }
        write!(f, "column {}: found {}, expected {}", self.column, self.found, self.expected)
    }
}

impl std::error::Error for ConditionError {}

/// Text of the condition, for a message.
pub(crate) fn shown(text: &str) -> String {
    const CHARACTERS_MAX: usize = 60;
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(CHARACTERS_MAX).collect();
    let more = if characters.next().is_some() { "…" } else { "" };
    format!("`{}{more}`", start.escape_debug())
}
