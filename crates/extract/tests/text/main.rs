//! Producers that write text rather than JSON: CEF, and UAA's audit line.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

mod allocation;
mod bosh;
mod cef;
mod check;
mod cloud_controller;
mod credhub;
mod damage;
mod forged;
#[path = "../support/mod.rs"]
mod support;
mod uaa;
