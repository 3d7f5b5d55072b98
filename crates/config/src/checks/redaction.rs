//! Redaction: a key exactly where there is something to redact.

use super::own_alone;
use crate::config::Config;
use crate::redaction::Redaction;
use crate::report::Report;

const KEY: &str = "redaction.key";

pub(super) fn check(config: &Config, report: &mut Report) {
    let Redaction { redact, key } = &config.redaction;
    match key {
        None if !redact.is_empty() && !report.is_faulty(KEY) => {
            report.error(KEY, "nothing beside redact", "key = \"${file:/run/secrets/redaction.key}\"");
        }
        Some(key) if key.reveal().len() < Redaction::KEY_BYTES_MIN => {
            // What is found is replaced by where it came from.
            let expected = format!(
                "at least {} octets, as random as can be: head -c 32 /dev/urandom | base64",
                Redaction::KEY_BYTES_MIN
            );
            report.error(KEY, "a short key", expected);
        }
        Some(_) if redact.is_empty() && !report.is_faulty("redaction.redact") => {
            report.warning(KEY, "it without redact, where it has no effect", "it only with redact");
        }
        // Whoever reads the key can try secrets until a fingerprint fits.
        Some(key) => key.file().into_iter().for_each(|path| own_alone(KEY, path, report)),
        None => {}
    }
}
