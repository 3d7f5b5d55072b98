//! Loggregator's syslog drains (loggregator-agent-release `egress/syslog/rfc5424.go`).

use classify::header::{is_guid, is_source_type};
use header::Fields;
use memchr::{memchr, memmem};

use super::{damaged_data, has_element, has_instance, set_index, set_instance};
use crate::extractor::Input;
use crate::field::Field;
use crate::json::work;
use crate::octets::Octets;
use crate::out::Out;
use crate::text::rsplit_once;

const GUID_LEN: usize = 36;
const TAGS: &[u8] = b"tags@47450";

/// The field that a tag is as it is.
fn field(tag: &[u8]) -> Option<Field> {
    Some(match tag {
        b"app_id" => Field::PlatformApp,
        b"app_name" => Field::PlatformAppName,
        b"deployment" => Field::PlatformDeployment,
        b"job" => Field::PlatformJob,
        b"organization_id" => Field::PlatformOrg,
        b"organization_name" => Field::PlatformOrgName,
        b"space_id" => Field::PlatformSpace,
        b"space_name" => Field::PlatformSpaceName,
        _ => return None,
    })
}

/// Whether the header is that of a drain: whatever MSG says, it is not what the platform says. Structured data that is
/// damaged counts as well.
pub(crate) fn is_drain(input: &Input<'_>, header: &Fields<'_>) -> bool {
    let data = header.structured_data;
    let is_metric = data
        .elements()
        .next()
        .is_some_and(|(id, _)| matches!(id, b"gauge@47450" | b"counter@47450" | b"timer@47450" | b"event@47450"));
    is_metric
        || header.procid.is_some_and(is_source_type)
        || has_element(data, TAGS)
        || damaged_data(input).is_some_and(|data| memmem::find(data, b"[tags@47450 ").is_some())
        || (name(header).is_some_and(is_guid) && !has_instance(input, header))
}

pub(super) fn extract(input: &Input<'_>, header: &Fields<'_>, out: &mut Out<'_>) {
    let procid = header.procid.and_then(split_procid);
    let mut source_type = None;
    let mut process_type = None;
    let mut tagged = damaged_data(input).is_some();
    for (_, params) in header.structured_data.elements().filter(|(id, _)| *id == TAGS) {
        tagged = true;
        for (name, value) in params {
            work::visit(name.len() + value.as_sent().len());
            let value = out.param(value);
            match name {
                b"index" => set_instance(out, value),
                b"instance_id" => set_index(out, value),
                b"process_type" => process_type = process_type.or(Some(value)),
                b"source_type" => source_type = source_type.or(Some(value)),
                _ => {
                    if let Some(field) = field(name) {
                        out.set(field, value);
                    }
                }
            }
        }
    }
    if let Some((_, index)) = procid {
        let index = out.octets(index);
        set_index(out, index);
    }
    let sent_type = procid.map(|(sent_type, _)| sent_type);
    process(out, source_type, sent_type, process_type);
    without_tags(header, sent_type, tagged, out);
}

/// What the header's own fields tell of an application when its tags do not, or when there are none (`disable-metadata`).
fn without_tags(header: &Fields<'_>, sent_type: Option<&[u8]>, tagged: bool, out: &mut Out<'_>) {
    // Jobs have drains, too, and write their name in APP-NAME.
    let is_app = sent_type.is_some_and(|sent_type| sent_type == b"APP" || sent_type.starts_with(b"APP/"));
    let Some(app) = name(header).filter(|name| is_app || is_guid(name)) else { return };
    set_app(Field::PlatformApp, app, out);
    // Without names HOSTNAME is that of a machine, which can have three parts as well; so it is read only where the
    // rest of the header has the form that an application's has.
    if !tagged
        && is_guid(app)
        && let Some([org, space, app]) = header.hostname.and_then(names)
    {
        for (field, name) in
            [(Field::PlatformOrgName, org), (Field::PlatformSpaceName, space), (Field::PlatformAppName, app)]
        {
            let name = out.octets(name);
            out.set(field, name);
        }
    }
}

/// APP-NAME, or TAG where a relay made it one.
pub(crate) fn name<'a>(header: &Fields<'a>) -> Option<&'a [u8]> {
    header.app_name.or(header.tag)
}

/// Sets the id of an application, unless a relay has cut it.
pub(crate) fn set_app(field: Field, name: &[u8], out: &mut Out<'_>) {
    if !is_guid(name) || name.len() == GUID_LEN {
        let name = out.octets(name);
        out.set(field, name);
    }
}

/// Sets the process or task of an application.
///
/// A source type is `APP/TASK/<name>` or `APP/PROC/<type>`, perhaps with `/SIDECAR/<name>` behind; RTR and the like say
/// nothing of a process. PROCID has it in upper case, a tag or an envelope as Cloud Controller gave it; process types
/// are in upper case in both, and are put into lower case, as the API has them.
pub(crate) fn process(
    out: &mut Out<'_>,
    source_type: Option<Octets>,
    sent_type: Option<&[u8]>,
    process_type: Option<Octets>,
) {
    const TASK: &[u8] = b"APP/TASK/";
    const PROCESS: &[u8] = b"APP/PROC/";

    let own = source_type.map(|source_type| out.get(source_type));
    let text = own.or(sent_type).unwrap_or_default();
    let mut name = [0; 128];
    let (kind, part): (&[u8], &[u8]) = if let Some(task) = text.strip_prefix(TASK) {
        (b"task/", task)
    } else if let Some(process_type) = process_type {
        return out.set(Field::PlatformProcess, process_type);
    } else if let Some(rest) = text.strip_prefix(PROCESS) {
        (b"", &rest[..memchr(b'/', rest).unwrap_or(rest.len())])
    } else {
        return;
    };
    let is_sent = own.is_none();
    // A longer name than PROCID can hold is nobody's.
    let Some(copy) = name.get_mut(..part.len()).filter(|copy| !copy.is_empty()) else { return };
    copy.copy_from_slice(part);
    if is_sent || kind.is_empty() {
        copy.make_ascii_lowercase();
    }
    let value = out.copy(|decoded| {
        decoded.extend_from_slice(kind);
        decoded.extend_from_slice(copy);
    });
    out.set(Field::PlatformProcess, value);
}

/// Source type and instance of PROCID: `[TYPE/instance]`, split at the last `/`; `[instance]` alone has no type. What
/// does not end with its bracket was cut.
pub(crate) fn split_procid(procid: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = procid.strip_prefix(b"[")?.strip_suffix(b"]")?;
    Some(match rsplit_once(inner, b"/") {
        Some(parts) => parts,
        None if inner.iter().any(u8::is_ascii_uppercase) => (inner, b""),
        None => (b"", inner),
    })
}

/// The names in HOSTNAME `org.space.app`; each has lost everything but `[-A-Za-z0-9]`.
fn names(hostname: &[u8]) -> Option<[&[u8]; 3]> {
    let is_name =
        |name: &&[u8]| !name.is_empty() && name.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-');
    let mut parts = hostname.split(|octet| *octet == b'.').filter(is_name);
    let names = [parts.next()?, parts.next()?, parts.next()?];
    let dots = hostname.iter().filter(|octet| **octet == b'.').count();
    (dots == 2).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn procid_splits_at_its_last_slash() {
        let split = |procid: &'static str| split_procid(procid.as_bytes());
        assert_eq!(split("[APP/PROC/WEB/0]"), Some((&b"APP/PROC/WEB"[..], &b"0"[..])));
        assert_eq!(split("[TASK//2]"), Some((&b"TASK/"[..], &b"2"[..])));
        assert_eq!(split("[RTR/]"), Some((&b"RTR"[..], &b""[..])));
        assert_eq!(split("[RTR]"), Some((&b"RTR"[..], &b""[..])));
        assert_eq!(split("[7]"), Some((&b""[..], &b"7"[..])));
        assert_eq!(split("[APP/TASK/a"), None);
        assert_eq!(split("rs2"), None);
    }

    #[test]
    fn a_host_name_has_names_when_it_has_three_parts() {
        assert_eq!(names(b"acme-corp.prod.web"), Some([&b"acme-corp"[..], b"prod", b"web"]));
        for host in ["acme.prod", "10.0.4.9", "acme..web", "a.b.c.", ".a.b.c", "a.b_c.d", "vm-1"] {
            assert_eq!(names(host.as_bytes()), None, "{host}");
        }
    }
}
