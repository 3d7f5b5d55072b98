//! `[redaction]`: secrets that nobody should store.

use super::Fallback::{Absent, Value};
use super::{Form, Key, Kind, Section};
use crate::choices::Detector;

pub(super) const REDACTION: Section = Section {
    name: "redaction",
    form: Form::Single,
    selector: None,
    meaning: "Secrets inside records, each replaced by a fingerprint before anything is stored or delivered. Equal secrets have \
              equal fingerprints, so that they still lead from one record to another.",
    keys: &[
        Key {
            name: "redact",
            kind: Kind::List { of: &Kind::Choice(&Detector::CHOICES), min: 0 },
            default: Value("[]"),
            only: &[],
            meaning: "What is looked for. What was found is counted by these names.",
            worst: "Every record is searched before it is stored, also where nothing is found. A secret of a form that none of them knows stays.",
        },
        Key {
            name: "key",
            kind: Kind::Secret,
            default: Absent { so: "required with redact", example: "\"${file:/run/secrets/redaction.key}\"" },
            only: &[],
            meaning: "The key of the fingerprints (HMAC-SHA-256), from a variable or a file: 16 octets or more, as random as can be. Collectors with the same key make the same fingerprints.",
            worst: "Whoever has it can try secrets until a fingerprint fits. Another key makes other fingerprints of the same secrets.",
        },
    ],
};
