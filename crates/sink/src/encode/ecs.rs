//! An event as a document of the Elastic Common Schema.

use extract::Field;
use record::{Class, Flags, Peer};

use super::document::{Document, Texts, Value, flags, word};
use super::view::{View, is_address};

/// The release of the Elastic Common Schema that documents follow; `ecs.version` in each.
pub const ECS_VERSION: &str = "9.4.0";

/// Appends the document, without a line feed.
pub(super) fn write(view: &View<'_>, out: &mut Vec<u8>) {
    let mut document = Document::begin(out);
    for row in ROWS {
        if let Some(value) = row.value(view) {
            document.member(row.name(), value);
        }
    }
    document.end();
}

/// The dotted names of all members, in order.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(Row::name)
}

/// A member of the document.
enum Row {
    /// A field of the event, by its own name.
    Of(Field),
    /// A member that is made of what is known.
    Made(&'static str, for<'v> fn(&View<'v>) -> Option<Value<'v>>),
}

use Row::{Made, Of};

impl Row {
    const fn name(&self) -> &'static str {
        match self {
            Of(field) => field.name(),
            Made(name, _) => name,
        }
    }

    fn value<'v>(&self, view: &View<'v>) -> Option<Value<'v>> {
        match self {
            Of(field) => view.field(*field),
            Made(_, make) => make(view),
        }
    }
}

/// The document, in the order of its names: those with a common beginning are neighbours.
const ROWS: &[Row] = &[
    Made("@timestamp", |view| Some(Value::Time(view.time()))),
    Of(Field::AppId),
    Of(Field::AppName),
    Of(Field::EnvelopeDeployment),
    Of(Field::EnvelopeIndex),
    Made("cloudfoundry.envelope.ip", |view| text(view.address(Field::EnvelopeIp))),
    Of(Field::EnvelopeJob),
    Of(Field::EnvelopeOrigin),
    Of(Field::LogSourceInstance),
    Of(Field::LogSourceType),
    Of(Field::OrgId),
    Of(Field::OrgName),
    Of(Field::SpaceId),
    Of(Field::SpaceName),
    Made("destination.address", |view| view.field(Field::DestinationIp)),
    Made("destination.ip", |view| text(view.address(Field::DestinationIp))),
    Made("ecs.version", |_| word(ECS_VERSION)),
    Of(Field::EventAction),
    Of(Field::EventCategory),
    Made("event.created", |view| Some(Value::Time(view.received_at()))),
    Made("event.dataset", |view| word(view.record.class().name())),
    Of(Field::EventId),
    Made("event.kind", |_| word("event")),
    Made("event.module", |view| word(module(view.record.class())?)),
    // Only where `message` is something else.
    Made("event.original", |view| view.text(Field::Message).and(text(Some(view.message)))),
    Of(Field::EventOutcome),
    Made("event.provider", provider),
    Of(Field::EventReason),
    Made("event.severity", |view| view.cef_severity().map(Value::Integer)),
    Of(Field::EventType),
    Of(Field::GroupId),
    Of(Field::GroupName),
    Made("gully.authenticated", |view| word(view.record.origin().authenticated.as_deref()?)),
    Made("gully.event_index", |view| Some(Value::Integer(i64::try_from(view.place?).ok()?))),
    Made("gully.id", |view| Some(Value::Id(view.id))),
    Made("gully.listener", |view| word(&view.record.origin().listener)),
    Made("gully.original_bytes", |view| {
        let is_cut = view.flags.contains(Flags::TRUNCATED);
        is_cut.then(|| Value::Integer(view.record.original_bytes().into()))
    }),
    Made("gully.peer", |view| Some(Value::Peer(view.record.peer()))),
    Made("gully.raw_base64", |view| view.raw_octets()),
    Made("gully.transport", |view| word(view.record.origin().transport.name())),
    Made("host.hostname", |view| text(view.hostname())),
    Made("host.ip", host_address),
    Made("host.name", |view| text(view.header.hostname)),
    Of(Field::HttpMethod),
    Of(Field::HttpStatus),
    Of(Field::LogLevel),
    Made("log.syslog.appname", |view| text(view.program())),
    Made("log.syslog.facility.code", |view| Some(Value::Integer(view.header.pri?.facility() as i64))),
    Made("log.syslog.facility.name", |view| word(view.header.facility()?.name())),
    Made("log.syslog.hostname", |view| text(view.header.hostname)),
    Made("log.syslog.msgid", |view| text(view.header.msgid)),
    Made("log.syslog.priority", |view| Some(Value::Integer(view.header.pri?.value().into()))),
    Made("log.syslog.procid", |view| text(view.header.procid)),
    Made("log.syslog.severity.code", |view| Some(Value::Integer(view.header.pri?.severity() as i64))),
    Made("log.syslog.severity.name", |view| word(view.header.severity()?.name())),
    Made("log.syslog.structured_data", |view| {
        let elements = view.header.structured_data;
        (!elements.is_empty()).then_some(Value::StructuredData(elements))
    }),
    Made("log.syslog.version", |view| Some(Value::Digits(view.header.version?.into()))),
    Made("message", |view| view.field(Field::Message).or(text(Some(view.message)))),
    Of(Field::OauthClient),
    Of(Field::ObjectId),
    Of(Field::ObjectName),
    Of(Field::ObjectType),
    Made("observer.product", |_| word("gully")),
    Made("observer.type", |_| word("forwarder")),
    Made("observer.version", |_| word(env!("CARGO_PKG_VERSION"))),
    Of(Field::ApiVersion),
    Of(Field::ClusterId),
    Of(Field::ClusterName),
    Of(Field::Namespace),
    Of(Field::ResourceId),
    Of(Field::ResourceName),
    Of(Field::ResourceType),
    Of(Field::OrchestratorType),
    Of(Field::PlatformApp),
    Of(Field::PlatformAppName),
    Of(Field::PlatformAz),
    Of(Field::PlatformCluster),
    Of(Field::PlatformContainer),
    Of(Field::PlatformDeployment),
    Of(Field::PlatformDirector),
    Of(Field::PlatformEnvironment),
    Of(Field::PlatformInstance),
    Of(Field::PlatformInstanceIndex),
    Of(Field::PlatformJob),
    Of(Field::PlatformNamespace),
    Of(Field::PlatformOrg),
    Of(Field::PlatformOrgName),
    Of(Field::PlatformPod),
    Of(Field::PlatformProcess),
    Of(Field::PlatformSpace),
    Of(Field::PlatformSpaceName),
    Of(Field::ProcessPid),
    Of(Field::ThreadName),
    Made("related.hosts", |view| Texts::of([view.hostname()])),
    Made("related.ip", |view| {
        let sender = view.header.hostname.filter(|name| is_address(name));
        Texts::of([
            view.address(Field::SourceIp),
            view.address(Field::DestinationIp),
            view.address(Field::EnvelopeIp),
            sender,
        ])
    }),
    Made("related.user", |view| {
        let fields =
            [Field::UserName, Field::UserId, Field::UserEffectiveName, Field::UserTargetName, Field::UserTargetId];
        Texts::of(fields.map(|field| view.text(field)))
    }),
    Made("source.address", |view| view.field(Field::SourceIp)),
    Made("source.ip", |view| text(view.address(Field::SourceIp))),
    Of(Field::SourcePort),
    Of(Field::SpanId),
    Of(Field::Stream),
    Made("tags", |view| flags(view.flags)),
    Of(Field::TraceId),
    Of(Field::UrlOriginal),
    Of(Field::UserEffectiveName),
    Of(Field::UserHash),
    Of(Field::UserId),
    Of(Field::UserName),
    Of(Field::UserTargetId),
    Of(Field::UserTargetName),
    Of(Field::UserAgent),
];

const fn text(text: Option<&[u8]>) -> Option<Value<'_>> {
    match text {
        Some(text) => Some(Value::Text(text)),
        None => None,
    }
}

/// The platform that a class belongs to.
fn module(class: Class) -> Option<&'static str> {
    (class != Class::Other).then(|| class.name().split('.').next())?
}

/// The program that wrote the record.
fn provider<'v>(view: &View<'v>) -> Option<Value<'v>> {
    view.product(|producer| producer.service)
}

/// HOSTNAME, if it is an address; without a HOSTNAME the address that the record came from.
fn host_address<'v>(view: &View<'v>) -> Option<Value<'v>> {
    match (view.header.hostname, view.record.peer()) {
        (Some(name), _) => Texts::of([Some(name).filter(|name| is_address(name))]),
        (None, Peer::Ip(peer)) => Some(Value::Address(peer.ip())),
        (None, Peer::Unix { .. } | Peer::Unnamed) => None,
    }
}
