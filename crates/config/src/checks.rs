//! Checks that need more than one key: whether the values fit together, and what they refer to.

mod addresses;
mod kafka;
mod memory;
mod redaction;
mod sinks;
mod tests;
mod timeouts;
mod tls;

use crate::config::Config;
use crate::report::Report;

/// Reports everything in `config` that does not fit together. Wrong values that were reported already are left alone.
pub(crate) fn check(config: &Config, report: &mut Report) {
    addresses::check(config, report);
    tls::check(config, report);
    timeouts::check(config, report);
    sinks::check(config, report);
    kafka::check(config, report);
    redaction::check(config, report);
    tests::check(config, report);
    memory::check(config, report);
}
