//! Tests of the log on disk.

mod allocations;
mod anything;
mod basics;
mod crashes;
mod damage;
mod failing;
mod format;
mod history;
mod limits;
mod support;
mod threads;
