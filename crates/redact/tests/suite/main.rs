//! What is found, what is not, and what stays as it was.

mod detectors;
mod harness;
