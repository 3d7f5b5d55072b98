//! Audit record to fields: the producer's own, and a normalised event of who did what to which object, from where and
//! with what result.
//!
//! ```text
//!  record (frame, header spans, class) ─► message: trim, unwrap a carrier ─► formats/…  ─► native fields
//!                                     └─► platform: structured data ───────────────────└─► normalised events
//! ```
//!
//! A value is a place in the frame, or a copy whose escapes were undone; nothing is allocated per record once the
//! buffers have grown, and time is linear in the record's length. There is no clock, no log line and no metric here, and
//! no input makes it panic.
//!
//! Adding a format: one file in `formats/`, one line in `formats.rs`, one golden file.

mod event;
mod extractor;
mod field;
mod formats;
mod json;
#[cfg(test)]
mod linear;
mod meaning;
mod message;
mod native;
mod octets;
mod out;
mod platform;
mod text;
mod time;

pub use event::{Event, FieldValue};
pub use extractor::{EVENTS_MAX, Extraction, Extractor, Input, Wanted};
pub use field::{Field, FieldKind, FieldSet};
pub use json::any_in_json;
pub use meaning::Meaning;
pub use native::{Item, Value};
