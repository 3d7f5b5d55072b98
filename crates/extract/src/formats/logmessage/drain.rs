//! A line of a syslog drain: all but the line itself is in the header.

use header::Fields;

use super::Seen;
use crate::field::Field;
use crate::json::{Key, keys, work};
use crate::octets::Octets;
use crate::out::Out;
use crate::platform::{self, split_procid};

keys! {
    /// The tags of applications and jobs. An envelope can have others.
    Tag {
        AppId b"app_id"
        AppName b"app_name"
        Deployment b"deployment"
        Index b"index"
        InstanceId b"instance_id"
        Ip b"ip"
        Job b"job"
        OrganizationId b"organization_id"
        OrganizationName b"organization_name"
        Origin b"origin"
        ProcessId b"process_id"
        ProcessInstanceId b"process_instance_id"
        ProcessType b"process_type"
        SourceId b"source_id"
        SourceType b"source_type"
        SpaceId b"space_id"
        SpaceName b"space_name"
    }
}

impl Tag {
    /// The field of Elastic's module that its value is.
    const fn field(self) -> Option<Field> {
        Some(match self {
            Self::AppId => Field::AppId,
            Self::AppName => Field::AppName,
            Self::Deployment => Field::EnvelopeDeployment,
            Self::Index => Field::EnvelopeIndex,
            Self::Ip => Field::EnvelopeIp,
            Self::Job => Field::EnvelopeJob,
            Self::OrganizationId => Field::OrgId,
            Self::OrganizationName => Field::OrgName,
            Self::Origin => Field::EnvelopeOrigin,
            Self::SpaceId => Field::SpaceId,
            Self::SpaceName => Field::SpaceName,
            _ => return None,
        })
    }
}

pub(super) fn extract(header: &Fields<'_>, out: &mut Out<'_>) {
    procid(header, out);
    let app = platform::name(header);
    if let Some(app) = app {
        let app = out.octets(app);
        out.text("app_id", app);
    }
    payload(header.message, out);
    // The agent knows these two PRIs; another says nothing.
    let message_type = match header.pri.map(|pri| (pri.facility() as u8, pri.severity() as u8)) {
        Some((1, 6)) => Some("OUT"),
        Some((1, 3)) => Some("ERR"),
        _ => None,
    };
    if let Some(message_type) = message_type {
        let message_type = Octets::Word(message_type);
        out.text("log.stream", message_type);
        super::stream(out, message_type);
    }
    tags(header, out);
    if let Some(app) = app {
        platform::set_app(Field::AppId, app, out);
    }
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
    let mut seen = Seen::default();
    for (name, value) in params {
        work::visit(name.len() + value.as_sent().len());
        let (text, value) = (out.octets(name), out.param(value));
        let tag = Tag::of(name);
        if tag.map_or_else(|| !out.has_member(start, text), |tag| seen.is_first(tag)) {
            out.pair(text, value);
            if let Some(field) = tag.and_then(Tag::field) {
                out.set(field, value);
            }
        }
    }
    out.end();
}
