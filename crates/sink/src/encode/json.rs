//! The JSON record, version 1.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use extract::{Extraction, Extractor, Input, Wanted};
use record::{Class, Flags, HeaderSpans, Record, RecordId};

use super::JsonOptions;
use super::embedded::write_embedded_object;
use super::fields::{Names, write_ecs_object, write_native};
use super::json_string::write_json_string;
use super::syslog_object::write_syslog_object;

/// The value of `v`: a reader that knows it knows every member and its meaning. New members do not change it.
pub const RECORD_VERSION: u32 = 1;

/// What was found in the octets of a record, however they came here.
#[derive(Debug, Clone, Copy)]
pub struct RecordCore<'a> {
    /// The frame: header and message, without count or trailer.
    pub octets: &'a [u8],
    /// Where the header's parts lie in it.
    pub header: &'a HeaderSpans,
    /// What it is.
    pub class: Class,
    /// What is odd about it.
    pub flags: Flags,
    /// Length of the frame as sent, in octets; written when the frame was truncated.
    pub original_bytes: u32,
}

impl<'a> From<&Record<'a>> for RecordCore<'a> {
    fn from(record: &Record<'a>) -> Self {
        Self {
            octets: record.octets(),
            header: record.header(),
            class: record.class(),
            flags: record.flags(),
            original_bytes: record.original_bytes(),
        }
    }
}

impl<'a> From<&RecordCore<'a>> for Input<'a> {
    fn from(core: &RecordCore<'a>) -> Self {
        Self { octets: core.octets, header: core.header, class: core.class, flags: core.flags }
    }
}

impl JsonOptions {
    /// What has to be extracted for the members that are asked for, if anything.
    const fn wanted(self) -> Option<Wanted> {
        if self.native || self.ecs { Some(Wanted { native: self.native, event: self.ecs }) } else { None }
    }
}

/// Memory that is kept from record to record.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    extractor: Extractor,
    names: Names,
}

/// Appends a record without a line feed; `write_arrival` writes the members from `received_at` to `authenticated`.
pub(super) fn write_record(
    record: &Record<'_>,
    id: RecordId,
    options: JsonOptions,
    buffers: &mut Buffers,
    out: &mut Vec<u8>,
    write_arrival: impl FnOnce(&mut Vec<u8>),
) {
    const ENVELOPE_BYTES: usize = 512;

    // Enough for most records at once; what has many escapes lets `out` grow again.
    out.reserve(record.octets().len() + record.octets().len() / 8 + ENVELOPE_BYTES);
    const { assert!(RECORD_VERSION == 1, "written out below") };
    out.extend_from_slice(br#"{"v":1,"id":""#);
    out.extend_from_slice(&id.to_ascii());
    out.extend_from_slice(br#"","#);
    write_arrival(out);
    out.push(b',');
    let core = record.into();
    match options.wanted() {
        None => write_core(&core, None, options, &mut buffers.names, out),
        Some(wanted) => {
            let extraction = buffers.extractor.extract(&Input::from(&core), wanted);
            write_core(&core, Some(&extraction), options, &mut buffers.names, out);
        }
    }
    out.push(b'}');
}

/// Appends the members from `class` to the last, without braces around them and without a comma before or after.
///
/// `native` and `ecs` are not among them, whatever `options` say; [`write_extracted_core`] writes them.
pub fn write_record_core(core: &RecordCore<'_>, options: JsonOptions, out: &mut Vec<u8>) {
    write_core(core, None, options, &mut Names::default(), out);
}

/// As [`write_record_core`], with the members `native` and `ecs` that `options` ask for, and with the flags of the
/// extraction.
pub fn write_extracted_core(
    core: &RecordCore<'_>,
    extraction: &Extraction<'_>,
    options: JsonOptions,
    out: &mut Vec<u8>,
) {
    write_core(core, Some(extraction), options, &mut Names::default(), out);
}

fn write_core(
    core: &RecordCore<'_>,
    extraction: Option<&Extraction<'_>>,
    options: JsonOptions,
    names: &mut Names,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(br#""class":""#);
    out.extend_from_slice(core.class.name().as_bytes());
    out.extend_from_slice(br#"","syslog":"#);
    write_syslog_object(core.octets, core.header, out);
    let (header, message) = core.octets.split_at(core.header.msg as usize);
    out.extend_from_slice(br#","message":"#);
    let is_embedded = options.embed_json && write_embedded_object(message, out);
    let is_message_utf8 = is_embedded || write_json_string(message, out);
    if let Some(extraction) = extraction.filter(|_| options.native) {
        out.extend_from_slice(br#","native":"#);
        write_native(extraction.native(), names, out);
    }
    if let Some(extraction) = extraction.filter(|_| options.ecs) {
        out.extend_from_slice(br#","ecs":"#);
        write_ecs_object(extraction, out);
    }
    out.extend_from_slice(br#","flags":["#);
    let flags = extraction.map_or(core.flags, Extraction::flags);
    for (place, name) in flags.names().enumerate() {
        out.extend_from_slice(if place == 0 { br#"""# } else { br#",""# });
        out.extend_from_slice(name.as_bytes());
        out.push(b'"');
    }
    out.push(b']');
    if core.flags.contains(Flags::TRUNCATED) {
        out.extend_from_slice(br#","original_bytes":"#);
        out.extend_from_slice(itoa::Buffer::new().format(core.original_bytes).as_bytes());
    }
    let is_utf8 = is_message_utf8 && !core.flags.contains(Flags::INVALID_UTF8) && std::str::from_utf8(header).is_ok();
    if !is_utf8 {
        out.extend_from_slice(br#","raw_base64":""#);
        write_base64(core.octets, out);
        out.push(b'"');
    }
}

/// Appends octets in standard base64 with padding.
pub(super) fn write_base64(octets: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + octets.len().div_ceil(3) * 4, 0);
    STANDARD.encode_slice(octets, &mut out[start..]).expect("four octets for each three, rounded up");
}
