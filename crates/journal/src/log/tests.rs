//! Tests of the log on disk.

mod basics;
mod support;
