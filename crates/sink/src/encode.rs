//! How a record is written into a sink's buffer: as received, as an octet-counted syslog frame, as JSON, or event by event
//! in the terms of a common schema.
//!
//! An encoder appends exactly one record to a `Vec<u8>` that the sink owns: framed for a stream or a file, its line feed
//! included, or bare, for destinations that keep messages apart themselves. It never fails, whatever the octets, and
//! allocates nothing but growth of that `Vec` and of the buffers that an [`Encoder`] keeps for extraction, which happens only
//! where fields are asked for. (One exception, bounded by the size of the frame: structured data that repeats an SD-ID or
//! a PARAM-NAME.) Beside this crate's manifest `RECORD.md` describes the JSON record for its readers, `schema/record-v1.json`
//! for their programs, and `EVENTS.md` the encodings by event.

mod arrival;
mod cef;
mod document;
mod ecs;
mod embedded;
mod fields;
mod json;
mod json_string;
mod ocsf;
mod producer;
mod structured_data;
mod syslog;
mod syslog_object;
mod view;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use record::{Origin, Peer, Record, RecordId, UnixNanos};

use view::View;

pub use ecs::ECS_VERSION;
pub use fields::{write_ecs_object, write_native_object};
pub use json::{RECORD_VERSION, RecordCore, write_extracted_core, write_record_core};
pub use json_string::write_json_string;
pub use ocsf::OCSF_VERSION;
pub use syslog_object::write_syslog_object;

/// What a sink writes for each record; `encoding` in its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `raw`: the octets of the frame, unaltered, and a line feed. A frame that has line feeds inside becomes several
    /// lines; take `syslog` or `json` where that matters.
    Raw,
    /// `syslog`: one octet-counted frame (RFC 6587 section 3.4.1), whose last octet is a line feed that is counted.
    ///
    /// An RFC 5424 message goes on unaltered. Any other gets an RFC 5424 header in place of its own: its PRI or
    /// user.notice, its stamp if that is a legal TIMESTAMP or else the time of receipt, its host or else the address
    /// of its peer, its tag and pid. What of a header does not fit stays in front of the message.
    Syslog,
    /// `json`: the record as one JSON object in one line.
    Json(JsonOptions),
    /// `ecs`: a document of the Elastic Common Schema, version [`ECS_VERSION`], as a JSON object in one line; one for
    /// each event of a batch.
    Ecs,
    /// `ocsf`: an event of the Open Cybersecurity Schema Framework, version [`OCSF_VERSION`], as a JSON object in one line;
    /// one for each event of a batch.
    Ocsf,
    /// `cef`: a line in the Common Event Format, version 0; one for each event of a batch.
    Cef,
}

/// Choices for [`Encoding::Json`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JsonOptions {
    /// Whether a message that is a JSON object becomes the value of `message` as it is, and not as a string.
    pub embed_json: bool,
    /// Whether the record has the member `native`: fields by the producer's own names.
    pub native: bool,
    /// Whether the record has the member `ecs`: the normalised event, by flat dotted names.
    pub ecs: bool,
}

impl Encoding {
    /// The name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Syslog => "syslog",
            Self::Json(_) => "json",
            Self::Ecs => "ecs",
            Self::Ocsf => "ocsf",
            Self::Cef => "cef",
        }
    }

    /// Appends `record` to `out`, its line feed included.
    ///
    /// For many records an [`Encoder`] is faster and writes the same octets: it keeps its buffers.
    pub fn encode(&self, record: &Record<'_>, id: RecordId, out: &mut Vec<u8>) {
        if *self == Self::Syslog {
            return syslog::write_counted(record, out);
        }
        self.encode_message(record, id, out);
        out.push(b'\n');
    }

    /// Appends `record` to `out` without framing: what [`Encoding::encode`] writes, but for its count and line feed. It is
    /// never empty but for an empty frame in `raw` and `syslog`; a batch of events has line feeds between them.
    pub fn encode_message(&self, record: &Record<'_>, id: RecordId, out: &mut Vec<u8>) {
        match self {
            Self::Raw => out.extend_from_slice(record.octets()),
            Self::Syslog => syslog::write_message(record, out),
            Self::Json(options) => {
                let buffers = &mut json::Buffers::default();
                json::write_record(record, id, *options, buffers, out, |out| arrival::write(record, out));
            }
            Self::Ecs | Self::Ocsf | Self::Cef => Encoder::new(*self).encode_message(record, id, out),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    /// The encoding with this name; `json` without options.
    fn from_str(name: &str) -> Result<Self, UnknownEncoding> {
        let all = [Self::Raw, Self::Syslog, Self::Json(JsonOptions::default()), Self::Ecs, Self::Ocsf, Self::Cef];
        let found = all.into_iter().find(|encoding| encoding.name() == name);
        found.ok_or_else(|| UnknownEncoding(name.to_owned()))
    }
}

/// The text was no name of an encoding; it holds the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found the encoding {0:?}, expected raw, syslog, json, ecs, ocsf or cef")]
pub struct UnknownEncoding(pub String);

/// Encodes record after record and remembers what the last ones had in common.
///
/// Writes what [`Encoding`] writes. How a record came here is the same for all records of a connection's batch,
/// so its text is made once and copied from then on. Records may still come in any order and from any batch.
#[derive(Debug)]
pub struct Encoder {
    encoding: Encoding,
    /// What `arrival` was made for. It keeps the origin alive, so that no other can take its address.
    key: Option<(Arc<Origin>, UnixNanos, Peer)>,
    arrival: Vec<u8>,
    buffers: json::Buffers,
    event_buffers: view::Buffers,
}

impl Encoder {
    /// An encoder that has seen no record yet.
    #[must_use]
    pub fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            key: None,
            arrival: Vec::new(),
            buffers: json::Buffers::default(),
            event_buffers: view::Buffers::default(),
        }
    }

    /// What it writes.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Appends `record` to `out`, its line feed included.
    pub fn encode(&mut self, record: &Record<'_>, id: RecordId, out: &mut Vec<u8>) {
        if self.encoding == Encoding::Syslog {
            return syslog::write_counted(record, out);
        }
        self.encode_message(record, id, out);
        out.push(b'\n');
    }

    /// Appends `record` to `out` without framing: what [`Encoder::encode`] writes, but for its count and line feed.
    pub fn encode_message(&mut self, record: &Record<'_>, id: RecordId, out: &mut Vec<u8>) {
        match self.encoding {
            Encoding::Raw | Encoding::Syslog => self.encoding.encode_message(record, id, out),
            Encoding::Json(options) => self.encode_json(record, id, options, out),
            Encoding::Ecs => self.encode_events(record, id, out, ecs::write),
            Encoding::Ocsf => self.encode_events(record, id, out, ocsf::write),
            Encoding::Cef => self.encode_events(record, id, out, cef::write),
        }
    }

    fn encode_json(&mut self, record: &Record<'_>, id: RecordId, options: JsonOptions, out: &mut Vec<u8>) {
        if !self.knows_arrival_of(record) {
            self.arrival.clear();
            arrival::write(record, &mut self.arrival);
            self.key = Some((Arc::clone(record.origin()), record.received_at(), record.peer()));
        }
        let write_arrival = |out: &mut Vec<u8>| out.extend_from_slice(&self.arrival);
        json::write_record(record, id, options, &mut self.buffers, out, write_arrival);
    }

    /// One text for each event, with line feeds between them.
    fn encode_events(
        &mut self,
        record: &Record<'_>,
        id: RecordId,
        out: &mut Vec<u8>,
        write: fn(&View<'_>, &mut Vec<u8>),
    ) {
        let start = out.len();
        view::each_event(record, id, &mut self.event_buffers, |event| {
            if out.len() > start {
                out.push(b'\n');
            }
            write(event, out);
        });
    }

    fn knows_arrival_of(&self, record: &Record<'_>) -> bool {
        self.key.as_ref().is_some_and(|(origin, received_at, peer)| {
            Arc::ptr_eq(origin, record.origin()) && *received_at == record.received_at() && *peer == record.peer()
        })
    }
}

#[cfg(test)]
mod tests;
