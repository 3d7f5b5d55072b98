//! PKS / TKGI: API actions, broker lines, telemetry.

mod api;
mod broker;
mod print;
mod spring;
mod telemetry;

pub(crate) use api::extract as api;
pub(crate) use broker::extract as broker;
pub(crate) use telemetry::extract as telemetry;

use crate::meaning::Meaning;

// Meanings that the API's actions and the broker's operations share.
const CREATE: &Meaning = &Meaning::new(&["configuration"], &["creation"], 6003, 1);
const READ: &Meaning = &Meaning::new(&["configuration"], &["access"], 6003, 2);
const UPDATE: &Meaning = &Meaning::new(&["configuration"], &["change"], 6003, 3);
const DELETE: &Meaning = &Meaning::new(&["configuration"], &["deletion"], 6003, 4);
const OTHER: &Meaning = &Meaning::new(&["configuration"], &[], 6003, 99);

/// The meaning of `word` in a table.
fn meaning(table: &[(&[u8], &'static Meaning)], word: &[u8]) -> &'static Meaning {
    table.iter().find(|(known, _)| *known == word).map_or(OTHER, |(_, meaning)| meaning)
}

/// Why a text was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It ends there.
    Cut,
    /// Something else stands there than what we know.
    Unknown,
}

/// What follows `expected`.
fn after<'a>(text: &'a [u8], expected: &[u8]) -> Result<&'a [u8], Fault> {
    let fault = if expected.starts_with(text) { Fault::Cut } else { Fault::Unknown };
    text.strip_prefix(expected).ok_or(fault)
}
