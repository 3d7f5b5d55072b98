//! Tests of the log on disk.

mod basics;
mod crashes;
mod damage;
mod failing;
mod history;
mod support;
