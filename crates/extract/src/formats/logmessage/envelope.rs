//! A firehose envelope, as JSON or as a viewer prints it. It names its sender itself.

use memchr::memmem;

use crate::field::Field;
use crate::json::{Kind, Scanner, work};
use crate::octets::Octets;
use crate::out::Out;
use crate::platform;
use crate::text::{integer, rfind};

/// Members that are fields as they are: Elastic's, and ours.
const FIELDS: [(&[u8], &[Field]); 11] = [
    (b"cf_app_id", &[Field::AppId, Field::PlatformApp]),
    (b"cf_app_name", &[Field::AppName, Field::PlatformAppName]),
    (b"cf_org_id", &[Field::OrgId, Field::PlatformOrg]),
    (b"cf_org_name", &[Field::OrgName, Field::PlatformOrgName]),
    (b"cf_space_id", &[Field::SpaceId, Field::PlatformSpace]),
    (b"cf_space_name", &[Field::SpaceName, Field::PlatformSpaceName]),
    (b"deployment", &[Field::EnvelopeDeployment, Field::PlatformDeployment]),
    (b"ip", &[Field::EnvelopeIp]),
    (b"job", &[Field::EnvelopeJob, Field::PlatformJob]),
    (b"job_index", &[Field::EnvelopeIndex]),
    (b"origin", &[Field::EnvelopeOrigin]),
];

/// The members that make fields only together with others.
#[derive(Debug, Default)]
struct Source {
    kind: Option<Octets>,
    instance: Option<Octets>,
}

impl Source {
    fn take(&mut self, name: &[u8], value: Octets, out: &mut Out<'_>) {
        if let Ok(known) = FIELDS.binary_search_by_key(&name, |(name, _)| *name) {
            FIELDS[known].1.iter().for_each(|field| out.set(*field, value));
        }
        match name {
            b"job_index" => platform::set_instance(out, value),
            b"source_type" => self.kind = self.kind.or(Some(value)),
            b"source_instance" => self.instance = self.instance.or(Some(value)),
            b"msg" => out.set_verbatim(Field::Message, value),
            b"message_type" => {
                let message_type: &[u8] = match out.get(value) {
                    b"OUT" => b"OUT",
                    b"ERR" => b"ERR",
                    _ => b"",
                };
                super::stream(out, message_type);
            }
            b"timestamp" => {
                if let Some(nanos) = integer(out.get(value)) {
                    out.set_nanos(Field::Timestamp, nanos, 9);
                }
            }
            _ => {}
        }
    }

    fn finish(self, out: &mut Out<'_>) {
        super::source(out, self.kind, self.instance);
        if let Some(instance) = self.instance {
            platform::set_index(out, instance);
        }
        platform::process(out, self.kind, None, None);
    }
}

/// The JSON object of firehose-to-syslog. Members are all kept, those that the operator added as well.
pub(super) fn object(text: &[u8], out: &mut Out<'_>) {
    let mut source = Source::default();
    let mut scanner = Scanner::new(text);
    let start = out.members();
    let whole = scanner.members(|name, value| {
        let name = out.decode(name);
        let known = out.has_member(start, name);
        let value = match value.kind()? {
            Kind::String => {
                let text = value.string()?;
                if known {
                    return Some(());
                }
                let text = out.decode(&text);
                out.pair(name, text);
                text
            }
            kind => {
                let json = value.skip()?;
                if known {
                    return Some(());
                }
                out.pair_json(name, json);
                if kind != Kind::Scalar {
                    return Some(());
                }
                out.octets(json)
            }
        };
        with_name(out, name, |out, name| source.take(name, value, out));
        Some(())
    });
    source.finish(out);
    if whole.is_none() && scanner.is_at_end() {
        out.truncated();
    }
}

/// Calls `with` with the octets of a name, if it is none that is longer than any we know.
fn with_name(out: &mut Out<'_>, name: Octets, with: impl FnOnce(&mut Out<'_>, &[u8])) {
    let mut copy = [0; 16];
    let name = out.get(name);
    if let Some(copy) = copy.get_mut(..name.len()) {
        copy.copy_from_slice(name);
        with(out, copy);
    }
}

/// How a viewer's print begins: a brace, then pairs, each after two backslashes, an `n` and a blank.
pub(super) const PASTED_START: &[u8] = b"{ \\\\n ";
const PAIR_START: &[u8] = b"\\\\n ";
const PASTED_END: &[u8] = b"\\\\n}";

/// A viewer's print: values stand there without quotes or escapes, and may hold what stands between pairs.
pub(super) fn pasted(text: &[u8], out: &mut Out<'_>) {
    let mut source = Source::default();
    let start = out.members();
    let is_whole = text.ends_with(PASTED_END);
    let mut rest = text.strip_suffix(PASTED_END).unwrap_or(text).get(PASTED_START.len()..).unwrap_or_default();
    while let Some(name) = name_of_pair(rest) {
        let value = &rest[name.len() + 2..];
        // Pairs are in the order of their names, and `origin` follows the one value that others choose.
        let end = if name == b"msg" { rfind(value, b"\\\\n origin: ") } else { end_of_value(value) };
        let Some(end) = end.or(is_whole.then_some(value.len())) else { break };
        let (key, text) = (out.octets(name), out.octets(&value[..end]));
        if !out.has_member(start, key) {
            out.pair(key, text);
            source.take(name, text, out);
        }
        rest = value.get(end + PAIR_START.len()..).unwrap_or_default();
    }
    source.finish(out);
    if !is_whole {
        out.truncated();
    }
}

/// The name at the start of `pair`, which a colon and a blank follow.
fn name_of_pair(pair: &[u8]) -> Option<&[u8]> {
    const LEN_MAX: usize = 64;
    let is_name = |octet: &u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || *octet == b'_';
    let len = pair.iter().take(LEN_MAX).take_while(|octet| is_name(octet)).count();
    work::visit(len);
    (len > 0 && pair[len..].starts_with(b": ")).then(|| &pair[..len])
}

/// Where the next pair begins.
fn end_of_value(value: &[u8]) -> Option<usize> {
    let end = memmem::find_iter(value, PAIR_START).find(|end| name_of_pair(&value[end + PAIR_START.len()..]).is_some());
    work::visit(end.unwrap_or(value.len()));
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_in_order_and_short_enough_to_be_found() {
        assert!(FIELDS.is_sorted_by_key(|(name, _)| *name));
        assert!(FIELDS.iter().all(|(name, _)| name.len() <= 16));
    }
}
