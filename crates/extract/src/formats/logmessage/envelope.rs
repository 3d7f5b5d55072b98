//! A firehose envelope, as JSON or as a viewer prints it. It names its sender itself, which counts for `platform.*` where
//! the header has no `instance@47450`.

use memchr::memmem;

use super::Seen;
use crate::field::Field;
use crate::json::{Key, Kind, Scanner, keys, work};
use crate::octets::Octets;
use crate::out::Out;
use crate::platform;
use crate::text::{integer, rfind};

keys! {
    /// The members that firehose-to-syslog writes. The operator can add others.
    Member {
        AppId b"cf_app_id"
        AppName b"cf_app_name"
        Deployment b"deployment"
        EventType b"event_type"
        IgnoredApp b"cf_ignored_app"
        Ip b"ip"
        Job b"job"
        JobIndex b"job_index"
        Level b"level"
        MessageType b"message_type"
        Msg b"msg"
        OrgId b"cf_org_id"
        OrgName b"cf_org_name"
        Origin b"origin"
        Relay b"cf_origin"
        SourceInstance b"source_instance"
        SourceType b"source_type"
        SpaceId b"cf_space_id"
        SpaceName b"cf_space_name"
        Time b"time"
        Timestamp b"timestamp"
    }
}

impl Member {
    /// The fields that its value is: Elastic's, and ours.
    const fn fields(self) -> (Option<Field>, Option<Field>) {
        match self {
            Self::AppId => (Some(Field::AppId), Some(Field::PlatformApp)),
            Self::AppName => (Some(Field::AppName), Some(Field::PlatformAppName)),
            Self::Deployment => (Some(Field::EnvelopeDeployment), Some(Field::PlatformDeployment)),
            Self::Ip => (Some(Field::EnvelopeIp), None),
            Self::Job => (Some(Field::EnvelopeJob), Some(Field::PlatformJob)),
            Self::JobIndex => (Some(Field::EnvelopeIndex), None),
            Self::OrgId => (Some(Field::OrgId), Some(Field::PlatformOrg)),
            Self::OrgName => (Some(Field::OrgName), Some(Field::PlatformOrgName)),
            Self::Origin => (Some(Field::EnvelopeOrigin), None),
            Self::SpaceId => (Some(Field::SpaceId), Some(Field::PlatformSpace)),
            Self::SpaceName => (Some(Field::SpaceName), Some(Field::PlatformSpaceName)),
            _ => (None, None),
        }
    }
}

/// The members that make fields only together with others.
#[derive(Debug)]
struct Source {
    /// Whether `platform.*` is the envelope's to set.
    names_sender: bool,
    kind: Option<Octets>,
    instance: Option<Octets>,
}

impl Source {
    const fn new(names_sender: bool) -> Self {
        Self { names_sender, kind: None, instance: None }
    }

    fn take(&mut self, member: Member, value: Octets, out: &mut Out<'_>) {
        let (elastic, own) = member.fields();
        for field in elastic.into_iter().chain(own.filter(|_| self.names_sender)) {
            out.set(field, value);
        }
        match member {
            Member::JobIndex if self.names_sender => platform::set_instance(out, value),
            Member::SourceType => self.kind = Some(value),
            Member::SourceInstance => self.instance = Some(value),
            Member::Msg => out.set_verbatim(Field::Message, value),
            Member::MessageType => super::stream(out, value),
            Member::Timestamp => {
                if let Some(nanos) = integer(out.get(value)) {
                    out.set_nanos(Field::Timestamp, nanos, 9);
                }
            }
            _ => {}
        }
    }

    fn finish(self, out: &mut Out<'_>) {
        super::source(out, self.kind, self.instance);
        if !self.names_sender {
            return;
        }
        if let Some(instance) = self.instance {
            platform::set_index(out, instance);
        }
        platform::process(out, self.kind, None, None);
    }
}

/// The JSON object of firehose-to-syslog. Members are all kept, those that the operator added as well.
pub(super) fn object(text: &[u8], names_sender: bool, out: &mut Out<'_>) {
    let mut source = Source::new(names_sender);
    let mut scanner = Scanner::new(text);
    let start = out.members();
    let whole = scanner.keyed(|member: Option<Member>, name, value| {
        let name = out.decode(name);
        if member.is_none() && out.has_member(start, name) {
            return value.skip().map(drop);
        }
        let value = match value.kind()? {
            Kind::String => {
                let text = value.string()?;
                let text = out.decode(&text);
                out.pair(name, text);
                Some(text)
            }
            kind => {
                let json = value.skip()?;
                out.pair_json(name, json);
                (kind == Kind::Scalar).then(|| out.octets(json))
            }
        };
        if let (Some(member), Some(value)) = (member, value) {
            source.take(member, value, out);
        }
        Some(())
    });
    source.finish(out);
    out.json_end(whole, &mut scanner);
}

/// How a viewer's print begins: a brace, then pairs, each after two backslashes, an `n` and a blank.
pub(super) const PASTED_START: &[u8] = b"{ \\\\n ";
const PAIR_START: &[u8] = b"\\\\n ";
const PASTED_END: &[u8] = b"\\\\n}";

/// A viewer's print: values stand there without quotes or escapes, and may hold what stands between pairs.
pub(super) fn pasted(text: &[u8], names_sender: bool, out: &mut Out<'_>) {
    let (mut source, mut seen) = (Source::new(names_sender), Seen::default());
    let start = out.members();
    let is_whole = text.ends_with(PASTED_END);
    let mut rest = text.strip_suffix(PASTED_END).unwrap_or(text).get(PASTED_START.len()..).unwrap_or_default();
    while let Some(name) = name_of_pair(rest) {
        let value = &rest[name.len() + 2..];
        // Pairs are in the order of their names, and `origin` follows the one value that others choose.
        let end = if name == b"msg" { rfind(value, b"\\\\n origin: ") } else { end_of_value(value) };
        let Some(end) = end.or(is_whole.then_some(value.len())) else { break };
        let (key, text) = (out.octets(name), out.octets(&value[..end]));
        let member = Member::of(name);
        if member.map_or_else(|| !out.has_member(start, key), |member| seen.is_first(member)) {
            out.pair(key, text);
            if let Some(member) = member {
                source.take(member, text, out);
            }
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
