//! The problems found so far, and where each key stands in the file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::problem::{Fault, Problem, Severity};

/// A place in the configuration file, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    /// In characters, not octets.
    pub(crate) column: usize,
}

impl Place {
    /// The place of a line and a column of a text that begins here.
    fn inside(self, line: usize, column: usize) -> Self {
        match line {
            1 => Self { line: self.line, column: self.column + column - 1 },
            _ => Self { line: self.line + line - 1, column },
        }
    }
}

/// The most errors that are told of one configuration. What has more is not a configuration with mistakes, but some other
/// file.
pub const ERRORS_MAX: usize = 1_000;

/// Collects problems, and knows the place of every key that the file gives.
///
/// Callers name a key (`listener.drain.tls.key`); the report finds its place, or that of the nearest section around it.
/// Memory: one entry per key of the file, so it is bounded by [`FILE_BYTES_MAX`](crate::FILE_BYTES_MAX).
#[derive(Debug, Default)]
pub struct Report {
    file: Option<PathBuf>,
    problems: Vec<Problem>,
    error_count: usize,
    places: BTreeMap<String, Place>,
    /// Where the texts of keys begin, behind their quotes, when they stand in the file as they are.
    texts: BTreeMap<String, Place>,
    faulty: BTreeSet<String>,
    /// Keys whose values are never shown, and what is shown instead.
    secrets: BTreeMap<String, String>,
}

impl Report {
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        Self { file, ..Self::default() }
    }

    /// Adds an error about `key`: the configuration will be refused.
    pub fn error(&mut self, key: &str, found: impl Into<String>, expected: impl Into<String>) {
        self.push(Severity::Error, self.place(key), key, found.into(), expected.into());
    }

    /// Adds a warning about `key`: an error with `strict = true`.
    pub fn warning(&mut self, key: &str, found: impl Into<String>, expected: impl Into<String>) {
        self.push(Severity::Warning, self.place(key), key, found.into(), expected.into());
    }

    /// Adds an error about a place inside the text that is the value of `key`: a line and a column of that text in characters,
    /// both from 1. Where the text was written with escapes, or filled in, the error has the place of the key, and `found`
    /// tells the other one.
    pub fn error_inside(
        &mut self,
        key: &str,
        (line, column): (usize, usize),
        found: impl Into<String>,
        expected: impl Into<String>,
    ) {
        let (place, found) = match self.texts.get(key) {
            Some(start) => (Some(start.inside(line, column)), found.into()),
            None => (self.place(key), format!("{} in line {line}, column {column} of its text", found.into())),
        };
        self.push(Severity::Error, place, key, found, expected.into());
    }

    /// Adds an error whose place is known better than by its key: an item of a list, a misspelt key.
    pub(crate) fn error_at(&mut self, place: Option<Place>, key: &str, found: String, expected: String) {
        self.push(Severity::Error, place, key, found, expected);
    }

    /// Adds an error about the file as a whole.
    pub(crate) fn refuse_file(&mut self, fault: Fault) {
        self.push(Severity::Error, None, "", fault.found.unwrap_or_default(), fault.expected);
    }

    /// Remembers that `key` stands at `place`.
    pub(crate) fn saw(&mut self, key: &str, place: Place) {
        self.places.insert(key.to_owned(), place);
    }

    /// Remembers that the text of `key` begins at `place`.
    pub(crate) fn saw_text(&mut self, key: &str, place: Place) {
        self.texts.insert(key.to_owned(), place);
    }

    /// From now on no problem about `key` shows its value, but `instead`.
    pub(crate) fn keep_secret(&mut self, key: &str, instead: String) {
        self.secrets.insert(key.to_owned(), instead);
    }

    /// Whether the value of `key` is never shown, since it came from a file.
    #[must_use]
    pub fn is_secret(&self, key: &str) -> bool {
        self.secrets.contains_key(key)
    }

    /// Whether the file gives `key`.
    #[must_use]
    pub fn is_given(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    /// Whether the value of `key`, or something inside it, had an error, so that checks on it would only repeat it.
    #[must_use]
    pub fn is_faulty(&self, key: &str) -> bool {
        let inside = format!("{key}.");
        let first_after = self.faulty.range(inside.clone()..).next();
        self.faulty.contains(key) || first_after.is_some_and(|faulty| faulty.starts_with(&inside))
    }

    /// Whether so much is wrong that looking for more is not worth the time.
    pub(crate) fn is_full(&self) -> bool {
        self.error_count >= ERRORS_MAX
    }

    /// Every problem in the order of the file, then those about the file as a whole; with `strict`, warnings have become
    /// errors.
    pub(crate) fn into_problems(mut self, strict: bool) -> Vec<Problem> {
        if strict {
            self.problems.iter_mut().for_each(|problem| problem.severity = Severity::Error);
        }
        // What has no place in the file comes last.
        self.problems.sort_by_key(|problem| (problem.line.unwrap_or(usize::MAX), problem.column));
        self.problems
    }

    /// The place of `key`, or of the nearest section around it that the file names.
    fn place(&self, key: &str) -> Option<Place> {
        let mut key = key;
        loop {
            if let Some(place) = self.places.get(key) {
                return Some(*place);
            }
            key = key.rsplit_once('.')?.0;
        }
    }

    fn push(&mut self, severity: Severity, place: Option<Place>, key: &str, found: String, expected: String) {
        if severity == Severity::Error {
            if self.is_full() {
                return;
            }
            self.error_count += 1;
            self.faulty.insert(key.to_owned());
        }
        let found = self.secrets.get(key).cloned().unwrap_or(found);
        let (line, column) = (place.map(|place| place.line), place.map(|place| place.column));
        self.problems.push(Problem {
            severity,
            file: self.file.clone(),
            line,
            column,
            key: key.to_owned(),
            found,
            expected,
        });
    }
}
