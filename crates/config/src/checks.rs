//! Checks that need more than one key: whether the values fit together, and what they refer to.

mod addresses;
mod kafka;
mod memory;
mod redaction;
mod sinks;
mod tests;
mod timeouts;
mod tls;

use std::os::unix::fs::MetadataExt;
use std::path::Path;

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

/// Warns when others than its owner can use the file with a secret at `path`.
fn own_alone(key: &str, path: &Path, report: &mut Report) {
    let mode = path.metadata().map_or(0, |metadata| metadata.mode() & 0o777);
    if mode & 0o077 != 0 {
        let found = format!("{} with mode {mode:04o}, which others than its owner can use", path.display());
        report.warning(key, found, format!("mode 0600: chmod 600 {}", path.display()));
    }
}
