//! Secrets in records to keyed fingerprints, before anything is stored.
//!
//! ```text
//!  frame ─► one search for needles ─► none (nearly always): the frame stays as it is
//!                                 └─► layers: header, MSG, what its JSON strings hold ─► finds ─► rewritten frame
//! ```
//!
//! A [`Redactor`] looks for what its [`Detector`]s know, and puts a fingerprint in place of each secret:
//! `hmac-sha256:` and 32 hexadecimal digits. Equal secrets give equal fingerprints, whatever they are wrapped in; without the
//! key nobody can try guesses. Everything around a secret keeps its octets, so JSON stays JSON, and CEF keeps its escapes.
//!
//! Like the rooms beside it this one takes octets and returns values: no clock, no log line, no metric. Time is linear in the
//! frame, and no input makes it panic.

mod borders;
mod detector;
mod finds;
mod fingerprint;
mod headers;
mod jwt;
mod kubernetes;
mod layer;
mod names;
mod needles;
mod pem;
mod redactor;
mod replaced;
mod rewrite;
mod secret;
mod text;
mod value;
mod walk;

pub use detector::{Detector, Detectors, UnknownDetector};
pub use fingerprint::{KEY_BYTES_MIN, KeyTooShort};
pub use redactor::{Find, FindCounts, Redacted, Redactor};
