//! An event as a line in the Common Event Format, version 0.

mod escape;
mod extension;

use extract::{Field, Value as Native};
use record::{Class, Flags};

use super::document::{Value, flags, push, word, write_integer};
use super::ocsf::severity;
use super::producer::Producer;
use super::view::View;
use escape::{write_header, write_value};

/// Appends the event, without a line feed.
///
/// A record that was CEF keeps its header and its pairs, in their order, and gets those of ours whose keys it does not have.
/// Keys that begin with our name are ours alone. What does not become a pair of its own is in `msg`, with all the rest.
pub(super) fn write(view: &View<'_>, out: &mut Vec<u8>) {
    let was_cef = Header::of_cef(view);
    let header = was_cef.unwrap_or_else(|| Header::made(view));
    out.extend_from_slice(b"CEF:0|");
    for field in [header.vendor, header.product, header.version, header.signature, header.name] {
        write_header(field, out);
        out.push(b'|');
    }
    write_header(header.severity, out);
    out.push(b'|');
    let has_all = was_cef.is_some()
        && !own_pairs(view).any(|(key, _)| is_ours(key))
        && extension::is_all_in(view.message, own_pairs(view));
    let mut has = [false; PAIRS.len()];
    let mut has_message = false;
    for (key, value) in own_pairs(view).filter(|(key, _)| !is_ours(key) && (has_all || *key != b"msg")) {
        write_pair(key, Value::Text(value), out);
        has_message |= key == b"msg";
        if let Some(place) = PAIRS.iter().position(|(name, _)| name.as_bytes() == key) {
            has[place] = true;
        }
    }
    for ((key, make), has) in PAIRS.iter().zip(has) {
        if !has && let Some(value) = make(view) {
            write_pair(key.as_bytes(), value, out);
        }
    }
    if was_cef.is_none() {
        write_labelled(view, out);
    }
    // What was cut may not be in the pairs.
    if !has_all || (view.flags.contains(Flags::TRUNCATED_UPSTREAM) && !has_message) {
        let line = view.field(Field::Message).filter(|_| was_cef.is_none());
        write_pair(b"msg", line.unwrap_or(Value::Text(view.message)), out);
    }
    // The last value of a line is the one whose blanks at the end a reader may drop: an id has none.
    let id = view.place.map_or(Value::Id(view.id), |place| Value::PlacedId(view.id, place));
    write_pair(b"gullyId", id, out);
    out.pop();
}

/// The keys of all pairs of ours, but for labels.
#[cfg(test)]
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    let pairs = PAIRS.iter().map(|(key, _)| *key).filter(|key| !key.ends_with("Label"));
    pairs.chain(LABELLED.iter().map(|(key, _)| *key)).chain(["msg", "gullyId"])
}

/// The fields of a header behind the version, unescaped.
#[derive(Debug, Clone, Copy)]
struct Header<'v> {
    vendor: &'v [u8],
    product: &'v [u8],
    version: &'v [u8],
    signature: &'v [u8],
    name: &'v [u8],
    severity: &'v [u8],
}

impl<'v> Header<'v> {
    /// The header that the record has, if all of it is there.
    fn of_cef(view: &View<'v>) -> Option<Self> {
        Some(Self {
            vendor: view.native_text("cef.device_vendor")?,
            product: view.native_text("cef.device_product")?,
            version: view.native_text("cef.device_version")?,
            signature: view.native_text("cef.signature_id")?,
            name: view.native_text("cef.name")?,
            severity: view.native_text("cef.severity")?,
        })
    }

    /// A header made of what is known.
    fn made(view: &View<'v>) -> Self {
        /// By `severity_id` of the schema: unknown, informational, low, medium, high, critical, fatal.
        const SEVERITIES: [&str; 7] = ["Unknown", "1", "3", "5", "8", "9", "10"];

        let class = view.record.class();
        let producer = Producer::of(class);
        let program = || view.program().unwrap_or(b"syslog");
        let action = view.text(Field::EventAction).unwrap_or(class.name().as_bytes());
        Self {
            vendor: producer.map_or(b"Unknown", |producer| producer.vendor.as_bytes()),
            product: producer.map_or_else(program, |producer| producer.product.as_bytes()),
            version: b"",
            signature: action,
            name: action,
            severity: SEVERITIES[usize::from(severity(view))].as_bytes(),
        }
    }
}

/// The pairs that the record has, if it was CEF.
fn own_pairs<'v>(view: &View<'v>) -> impl Iterator<Item = (&'v [u8], &'v [u8])> {
    let is_cef =
        matches!(view.record.class(), Class::CloudControllerCef | Class::CredhubCef | Class::BoshCef | Class::Cef);
    let items = is_cef.then(|| view.native()).into_iter().flatten();
    let pairs = items.skip_while(|item| item.name != Some(b"cef.ext")).skip(1);
    pairs.take_while(|item| item.value != Native::End).filter_map(|item| match item.value {
        Native::Text(value) => Some((item.name?, value)),
        _ => None,
    })
}

/// Whether a key tells where a record came from: what a sender writes there is not that.
fn is_ours(key: &[u8]) -> bool {
    key.get(..OURS.len()).is_some_and(|start| start.eq_ignore_ascii_case(OURS))
}

const OURS: &[u8] = b"gully";

type Make = for<'v> fn(&View<'v>) -> Option<Value<'v>>;

/// Keys of the dictionary, and three of ours that begin with our name.
const PAIRS: &[(&str, Make)] = &[
    ("rt", |view| Some(Value::Integer(view.time().div_euclid(1_000_000)))),
    ("cat", |view| word(view.record.class().name())),
    ("act", |view| view.field(Field::EventAction)),
    ("outcome", |view| view.field(Field::EventOutcome)),
    ("reason", |view| view.field(Field::EventReason)),
    ("externalId", |view| view.field(Field::EventId)),
    ("suser", |view| view.field(Field::UserName)),
    ("suid", |view| view.field(Field::UserId)),
    ("duser", |view| view.field(Field::UserTargetName).or_else(|| view.field(Field::GroupName))),
    ("duid", |view| view.field(Field::UserTargetId).or_else(|| view.field(Field::GroupId))),
    ("src", |view| address(view, Field::SourceIp, false)),
    ("c6a2", |view| address(view, Field::SourceIp, true)),
    ("c6a2Label", |view| address(view, Field::SourceIp, true).and(word("Source IPv6 Address"))),
    ("spt", |view| view.field(Field::SourcePort)),
    ("dst", |view| address(view, Field::DestinationIp, false)),
    ("c6a3", |view| address(view, Field::DestinationIp, true)),
    ("c6a3Label", |view| address(view, Field::DestinationIp, true).and(word("Destination IPv6 Address"))),
    ("request", |view| view.field(Field::UrlOriginal)),
    ("requestMethod", |view| view.field(Field::HttpMethod)),
    ("requestClientApplication", |view| view.field(Field::UserAgent)),
    ("dvchost", |view| view.hostname().map(Value::Text)),
    ("dvc", |view| view.header.hostname.filter(|name| is_ipv4(name)).map(Value::Text)),
    ("dvcpid", |view| view.field(Field::ProcessPid)),
    ("deviceProcessName", |view| view.program().map(Value::Text)),
    ("deviceExternalId", |view| view.field(Field::PlatformInstance)),
    ("deviceFacility", |view| word(view.header.facility()?.name())),
    ("gullyFlags", |view| flags(view.flags)),
    ("gullyListener", |view| word(&view.record.origin().listener)),
    ("gullyPeer", |view| Some(Value::Peer(view.record.peer()))),
];

/// Keys without a meaning of their own, and what they can stand for: the first of these that is there.
const LABELLED: &[(&str, &[(&str, Field)])] = &[
    ("cs1", &[("objectType", Field::ObjectType), ("appName", Field::AppName), ("appName", Field::PlatformAppName)]),
    ("cs2", &[("objectId", Field::ObjectId), ("appId", Field::AppId), ("appId", Field::PlatformApp)]),
    ("cs3", &[("objectName", Field::ObjectName), ("sourceType", Field::LogSourceType)]),
    (
        "cs4",
        &[
            ("namespace", Field::Namespace),
            ("spaceName", Field::SpaceName),
            ("spaceId", Field::SpaceId),
            ("namespace", Field::PlatformNamespace),
            ("spaceName", Field::PlatformSpaceName),
        ],
    ),
    (
        "cs5",
        &[
            ("cluster", Field::ClusterName),
            ("clusterId", Field::ClusterId),
            ("deployment", Field::PlatformDeployment),
            ("deployment", Field::EnvelopeDeployment),
            ("cluster", Field::PlatformCluster),
        ],
    ),
    (
        "cs6",
        &[
            ("oauthClient", Field::OauthClient),
            ("traceId", Field::TraceId),
            ("orgName", Field::OrgName),
            ("orgId", Field::OrgId),
            ("orgName", Field::PlatformOrgName),
        ],
    ),
    ("cn1", &[("httpStatusCode", Field::HttpStatus)]),
];

fn write_labelled(view: &View<'_>, out: &mut Vec<u8>) {
    for (key, meanings) in LABELLED {
        let found = meanings.iter().find_map(|(label, field)| Some((label, view.field(*field)?)));
        if let Some((label, value)) = found {
            write_pair(key.as_bytes(), value, out);
            out.extend_from_slice(key.as_bytes());
            write_pair(b"Label", Value::Text(label.as_bytes()), out);
        }
    }
}

/// An address of this kind: the keys for IPv4 take no IPv6.
fn address<'v>(view: &View<'v>, field: Field, is_ipv6: bool) -> Option<Value<'v>> {
    view.address(field).filter(|address| is_ipv4(address) != is_ipv6).map(Value::Text)
}

fn is_ipv4(text: &[u8]) -> bool {
    super::view::is_address(text) && !text.contains(&b':')
}

/// Appends a pair and a blank.
fn write_pair(key: &[u8], value: Value<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(key);
    out.push(b'=');
    match value {
        Value::Text(text) => write_value(text, out),
        Value::Integer(number) | Value::Digits(number) => write_integer(number, out),
        Value::Peer(peer) => push(out, format_args!("{}", escape::Escaped(peer))),
        Value::Id(id) => out.extend_from_slice(&id.to_ascii()),
        Value::PlacedId(id, place) => {
            out.extend_from_slice(&id.to_ascii());
            push(out, format_args!(".{place}"));
        }
        Value::Flags(flags) => {
            for (place, name) in flags.names().enumerate() {
                push(out, format_args!("{}{name}", if place > 0 { "," } else { "" }));
            }
        }
        _ => {}
    }
    out.push(b' ');
}
