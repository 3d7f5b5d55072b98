//! Senders, PKS, LogMessages and audit events, through the front door: octets in, fields out.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

#[path = "../support/mod.rs"]
mod support;

mod allocation;
mod audit_event;
mod damage;
mod fields_page;
mod logmessage;
mod pks;
mod sender;

use record::Flags;
use serde_json::Value;

use support::Found;

fn extract(line: &str) -> Found {
    support::extract(line.as_bytes(), "auto")
}

/// Members of `found` are those of `expected`; null in `expected` stands for a member that must not be there.
#[track_caller]
fn check(line: &str, found: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&found[name], value, "{name} of {line}");
    }
}

/// Whether the extraction says that a sender cut the record, in both places.
fn is_cut(found: &Found) -> bool {
    let (flag, mark) = (found.flags.contains(Flags::TRUNCATED_UPSTREAM), found.native["truncated"] == true);
    assert_eq!(flag, mark, "flag and mark");
    flag
}
