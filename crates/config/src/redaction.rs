//! `[redaction]`, checked.

use crate::choices::Detector;
use crate::secret::Secret;
use crate::values::Values;

/// What is replaced by fingerprints in every record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// What is looked for, each once; empty: nothing.
    pub redact: Vec<Detector>,
    /// The key of the fingerprints; there, and at least [`KEY_BYTES_MIN`](Self::KEY_BYTES_MIN) octets long, unless
    /// `redact` is empty.
    pub key: Option<Secret>,
}

impl Redaction {
    /// The shortest key, in octets: what is shorter can be guessed.
    pub const KEY_BYTES_MIN: usize = 16;

    pub(crate) fn from_values(values: &Values) -> Self {
        Self { redact: values.words("redact"), key: values.secret_if_given("key") }
    }
}
