//! The member `syslog`: what the header says.

use header::fields;
use record::{Dialect, HeaderSpans};

use super::json_string::write_json_string;
use super::structured_data;

/// Appends the object that the JSON record has under `syslog`, for a frame and the places of its header's parts.
///
/// Members that the header does not have, or has as NILVALUE, are left out; `dialect` is always there. Octets that are
/// not UTF-8 are shown as U+FFFD.
pub fn write_syslog_object(frame: &[u8], spans: &HeaderSpans, out: &mut Vec<u8>) {
    let fields = fields(frame, spans);
    out.extend_from_slice(match fields.dialect {
        Dialect::Unknown => br#"{"dialect":"unknown""#,
        Dialect::Rfc5424 => br#"{"dialect":"rfc5424""#,
        Dialect::Rfc3164 => br#"{"dialect":"rfc3164""#,
    });
    if let Some(pri) = fields.pri {
        out.extend_from_slice(br#","pri":"#);
        out.extend_from_slice(itoa::Buffer::new().format(pri.value()).as_bytes());
        out.extend_from_slice(br#","facility":""#);
        out.extend_from_slice(pri.facility().name().as_bytes());
        out.extend_from_slice(br#"","severity":""#);
        out.extend_from_slice(pri.severity().name().as_bytes());
        out.push(b'"');
    }
    if fields.version.is_some() {
        out.extend_from_slice(br#","version":1"#);
    }
    let mut member = |name: &[u8], value: Option<&[u8]>| {
        if let Some(octets) = value {
            out.extend_from_slice(name);
            write_json_string(octets, out);
        }
    };
    member(br#","timestamp":"#, fields.timestamp);
    member(br#","hostname":"#, fields.hostname);
    member(br#","app_name":"#, fields.app_name);
    member(br#","procid":"#, fields.procid);
    member(br#","msgid":"#, fields.msgid);
    if !fields.structured_data.is_empty() {
        out.extend_from_slice(br#","sd":"#);
        structured_data::write(fields.structured_data, out);
    }
    if let Some(tag) = fields.tag {
        out.extend_from_slice(br#","tag":"#);
        write_json_string(tag, out);
    }
    out.push(b'}');
}
