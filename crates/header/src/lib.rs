//! Any syslog header to fields, on demand.
//!
//! A header is *located* once, when its frame is classified, and [`record::HeaderSpans`] travels with the record.
//! This room turns those ranges into values for whoever needs them: the octets of each field, the elements and
//! parameters of STRUCTURED-DATA with their escapes undone, and points in time as nanoseconds. Everything borrows
//! from the frame, nothing allocates, and no input makes it panic or costs more than linear time.

mod fields;
mod structured_data;
mod timestamp;

pub use fields::{Fields, fields};
pub use structured_data::{ELEMENTS_MAX, Elements, Item, Items, Params, Pieces, StructuredData, Value};
pub use timestamp::{is_rfc5424_timestamp, rfc3164_nanos, timestamp_nanos};
