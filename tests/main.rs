//! The promises of the project, each kept by the built program with real sockets and real senders. `tests/run` makes ready what
//! they need and runs them.
//!
//! A module per promise. What a test needs and does not find makes it fail, never skip.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

mod addresses;
mod client_certificates;
mod closed_output;
mod config_errors;
mod config_tests;
mod corpus;
mod deploy;
mod explain;
mod kafka;
mod ledger;
mod malformed;
mod memory;
mod producers;
mod reload;
mod senders;
mod slow_loris;
mod stop;
mod support;
mod systems;
mod tls;
mod two_commands;
