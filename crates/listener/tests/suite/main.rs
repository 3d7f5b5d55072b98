//! Listeners on loopback sockets, with an intake that remembers what it is given.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

extern crate gully_listener as listener;

mod datagrams;
mod drain;
mod harness;
mod rejoin;
mod streams;
mod tls;
