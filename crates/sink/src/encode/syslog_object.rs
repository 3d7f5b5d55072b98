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
    if let Some(unparsed) = unparsed(frame, spans) {
        out.extend_from_slice(br#","unparsed":"#);
        write_json_string(unparsed, out);
    }
    out.push(b'}');
}

/// Bracketed text between the header's last field and MSG that is no structured data, and that no other member would show: an
/// element whose values were not escaped, or the `[job=… index=…]` of an old log agent.
fn unparsed<'a>(frame: &'a [u8], spans: &HeaderSpans) -> Option<&'a [u8]> {
    if !spans.structured_data.is_empty() {
        return None;
    }
    let fields = [spans.timestamp, spans.hostname, spans.app_name, spans.procid, spans.msgid];
    let ends =
        fields.iter().filter(|span| !span.is_absent()).map(|span| usize::from(span.start) + usize::from(span.len));
    let between = frame.get(ends.max().unwrap_or(0)..spans.msg as usize)?;
    let start = between.iter().position(|octet| *octet == b'[')?;
    Some(between[start..].trim_ascii_end())
}

#[cfg(test)]
mod tests {
    use record::{FrameSpan, ShortSpan};

    use super::*;

    fn check(frame: &str, app_name: &str, structured_data: Option<&str>, msg: &str, expected: &str) {
        let at = |part: &str| frame.find(part).unwrap();
        let mut spans = HeaderSpans { dialect: Dialect::Rfc5424, msg: at(msg) as u32, ..HeaderSpans::default() };
        spans.app_name = ShortSpan::new(at(app_name), at(app_name) + app_name.len()).unwrap();
        if let Some(part) = structured_data {
            spans.structured_data = FrameSpan::new(at(part) as u32, (at(part) + part.len()) as u32);
        }
        let mut out = Vec::new();
        write_syslog_object(frame.as_bytes(), &spans, &mut out);
        let object: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(object.get("unparsed").and_then(|text| text.as_str()).unwrap_or(""), expected);
    }

    #[test]
    fn an_element_that_cannot_be_parsed_is_shown_as_text() {
        let frame = r#"<14>1 - - uaa - - [instance@47450 director="a"b"] MSG"#;
        check(frame, "uaa", None, "MSG", r#"[instance@47450 director="a"b"]"#);
    }

    #[test]
    fn nothing_is_shown_twice() {
        check(r#"<14>1 - - uaa - - [a@1 b="c"] MSG"#, "uaa", Some(r#"[a@1 b="c"]"#), "MSG", "");
        check("<14>1 - - uaa - - - MSG [x]", "uaa", None, "MSG", "");
    }
}
