//! The file destination: whole lines, appended, under one base directory.
//!
//! [`FileSink`] groups the records of a delivery by file, encodes them, and writes each group at once. What a failed
//! delivery has already written is remembered, so a retry leaves neither a torn line nor a duplicate. Files are named
//! by a [`PathTemplate`] from a closed set of placeholders; no octet of a message ever becomes part of a path.
//! Files rotate by size and by time, or end with the date or hour in their path; a thread of its own compresses and
//! deletes closed ones.

mod base;
mod closed;
mod compress;
mod counts;
mod error;
mod housekeeper;
mod name;
mod open_file;
mod open_paths;
mod output;
mod pattern;
mod period;
mod retain;
mod settings;
mod sink;
mod template;

pub use counts::FileCounts;
pub use error::FileSinkError;
pub use settings::{Compression, FileSettings, Fsync, Retain, Rotate};
pub use sink::FileSink;
pub use template::{PathTemplate, TemplateError};
