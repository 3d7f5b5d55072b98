//! A line of a syslog drain: all but the line itself is in the header.

use header::Fields;

use crate::field::Field;
use crate::json::work;
use crate::octets::Octets;
use crate::out::Out;
use crate::platform::{self, split_procid};

/// Tags that are fields of Elastic's module.
const FIELDS: [(&[u8], Field); 11] = [
    (b"app_id", Field::AppId),
    (b"app_name", Field::AppName),
    (b"deployment", Field::EnvelopeDeployment),
    (b"index", Field::EnvelopeIndex),
    (b"ip", Field::EnvelopeIp),
    (b"job", Field::EnvelopeJob),
    (b"organization_id", Field::OrgId),
    (b"organization_name", Field::OrgName),
    (b"origin", Field::EnvelopeOrigin),
    (b"space_id", Field::SpaceId),
    (b"space_name", Field::SpaceName),
];

pub(super) fn extract(header: &Fields<'_>, out: &mut Out<'_>) {
    procid(header, out);
    if let Some(app) = platform::name(header) {
        let app_id = out.octets(app);
        out.text("app_id", app_id);
        platform::set_app(Field::AppId, app, out);
    }
    payload(header.message, out);
    // The agent knows these two PRIs; another says nothing.
    let message_type = match header.pri.map(|pri| (pri.facility() as u8, pri.severity() as u8)) {
        Some((1, 6)) => Some("OUT"),
        Some((1, 3)) => Some("ERR"),
        _ => None,
    };
    if let Some(message_type) = message_type {
        out.text("log.stream", Octets::Word(message_type));
        super::stream(out, message_type.as_bytes());
    }
    tags(header, out);
}

fn procid(header: &Fields<'_>, out: &mut Out<'_>) {
    let Some((source_type, instance)) = header.procid.and_then(split_procid) else {
        return super::source(out, None, None);
    };
    let (source_type, instance) = (out.octets(source_type), out.octets(instance));
    out.text("log.source_type", source_type);
    out.text("log.instance", instance);
    super::source(out, Some(source_type), Some(instance));
}

/// What was printed. The sender appends one line feed; another one is the application's.
fn payload(message: &[u8], out: &mut Out<'_>) {
    let payload = out.octets(message.strip_suffix(b"\n").unwrap_or(message));
    out.text("payload", payload);
    out.set_verbatim(Field::Message, payload);
}

fn tags(header: &Fields<'_>, out: &mut Out<'_>) {
    let mut elements = header.structured_data.elements().filter(|(id, _)| *id == b"tags@47450");
    let Some((_, params)) = elements.next() else { return };
    out.object("tags");
    let start = out.members();
    for (name, value) in params {
        work::visit(name.len() + value.as_sent().len());
        let (text, value) = (out.octets(name), out.param(value));
        if out.has_member(start, text) {
            continue;
        }
        out.pair(text, value);
        if let Ok(known) = FIELDS.binary_search_by_key(&name, |(name, _)| *name) {
            out.set(FIELDS[known].1, value);
        }
    }
    out.end();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_in_order() {
        assert!(FIELDS.is_sorted_by_key(|(name, _)| *name));
    }
}
