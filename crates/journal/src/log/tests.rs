//! Tests of the log on disk.

mod basics;
mod crashes;
mod history;
mod support;
