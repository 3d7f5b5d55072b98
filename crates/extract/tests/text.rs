//! Producers that write text rather than JSON: CEF, and UAA's audit line.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

mod support;

#[path = "text/allocation.rs"]
mod allocation;
#[path = "text/bosh.rs"]
mod bosh;
#[path = "text/cef.rs"]
mod cef;
#[path = "text/check.rs"]
mod check;
#[path = "text/cloud_controller.rs"]
mod cloud_controller;
#[path = "text/credhub.rs"]
mod credhub;
#[path = "text/damage.rs"]
mod damage;
#[path = "text/uaa.rs"]
mod uaa;
