//! What is found, what is not, and what stays as it was.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

mod corpus;
mod detectors;
mod harness;
mod hostile;
