//! What is found, what is not, and what stays as it was.

mod corpus;
mod detectors;
mod harness;
