//! An event as an event of the Open Cybersecurity Schema Framework.

mod class;
mod parties;
mod severity;

use extract::Field;
use record::{Class as RecordClass, Flags};

use super::document::{Document, Value, flags, word, write_comma};
use super::json_string::write_json_string;
use super::producer::Producer;
use super::syslog_object::write_syslog_object;
use super::view::{View, is_address};
use class::{ACCESS, ALL, API, APPLICATION, AUTHENTICATION, Classes, ENTITY, GROUP, IAM, SESSION};

pub(super) use severity::severity;

/// The release of the schema that documents follow; `metadata.version` in each.
///
/// 1.8.0 has every class and activity of our tables, and is the last release before Account Change and User Access
/// Management become deprecated (1.9.0).
pub const OCSF_VERSION: &str = "1.8.0";

/// What stands in an attribute that the schema requires where the producer does not tell.
const UNKNOWN: &str = "Unknown";

/// Appends the document, without a line feed.
pub(super) fn write(view: &View<'_>, out: &mut Vec<u8>) {
    let event = Typed::of(view);
    let mut document = Document::begin(out);
    for (name, classes, make) in ROWS {
        if classes.contain(event.class_uid)
            && let Some(value) = make(&event)
        {
            document.member(name, value);
        }
    }
    write_resources(&event, &mut document);
    write_observables(&event, &mut document);
    // Last, when all who want a field have asked for it.
    write_unmapped(&event, &mut document);
    document.end();
}

/// The dotted names of all members, but for those that are lists of objects or have free names.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|(name, ..)| *name)
}

/// An event with its place in the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed<'s, 'v> {
    view: &'s View<'v>,
    class_uid: u16,
    activity_id: u8,
}

impl<'s, 'v> Typed<'s, 'v> {
    fn of(view: &'s View<'v>) -> Self {
        let meaning = view.meaning();
        let (class_uid, activity_id) = class::legal(meaning.ocsf_class, meaning.ocsf_activity);
        Self { view, class_uid, activity_id }
    }

    fn text(&self, field: Field) -> Option<Value<'v>> {
        self.view.text(field).map(Value::Text)
    }

    /// 1 success, 2 failure, 0 unknown or not known yet.
    fn status(&self) -> u8 {
        let is_early = matches!(stage(self.view), Some(b"RequestReceived" | b"ResponseStarted"));
        let is_refused = self.view.peek_integer(Field::HttpStatus).is_some_and(|status| status >= 400);
        if is_early && !is_refused {
            return 0;
        }
        match self.view.text(Field::EventOutcome) {
            Some(b"success") => 1,
            Some(b"failure") => 2,
            Some(_) => 0,
            None => self.view.meaning().ocsf_status,
        }
    }

    /// Nothing but an operation that leaves things as they were.
    fn only_reads(&self) -> bool {
        matches!((self.class_uid, self.activity_id), (6003 | 3004, 2))
    }
}

/// How far the request had come, of which Kubernetes or UCP writes.
fn stage<'v>(view: &View<'v>) -> Option<&'v [u8]> {
    match view.record.class() {
        RecordClass::K8sAudit => view.native_text("stage"),
        RecordClass::UcpAudit => view.native_text("audit.stage"),
        _ => None,
    }
}

/// A member of the document, the classes that have it, and what it is made of.
type Row = (&'static str, Classes, for<'s, 'v> fn(&Typed<'s, 'v>) -> Option<Value<'v>>);

/// The document, in an order in which names with a common beginning are neighbours.
const ROWS: &[Row] = &[
    ("activity_id", ALL, |event| Some(Value::Integer(event.activity_id.into()))),
    ("activity_name", ALL, |event| if event.activity_id == 99 { event.text(Field::EventAction) } else { None }),
    ("actor.app_name", API, |event| parties::has_no_actor(event).then_some(Value::Text(UNKNOWN.as_bytes()))),
    ("actor.app_uid", IAM.and(API), |event| event.text(Field::OauthClient)),
    ("actor.user.name", parties::WITH_ACTOR, |event| event.text(Field::UserName)),
    ("actor.user.type_id", parties::WITH_ACTOR, parties::actor_type),
    ("actor.user.uid", parties::WITH_ACTOR, |event| event.text(Field::UserId)),
    ("api.operation", API, |event| {
        event.text(Field::EventAction).or_else(|| event.text(Field::HttpMethod)).or(word(UNKNOWN))
    }),
    ("api.request.uid", API, |event| event.text(Field::TraceId)),
    ("api.response.code", API, |event| event.view.integer(Field::HttpStatus).map(Value::Integer)),
    ("api.service.name", API, |event| word(Producer::of(event.view.record.class())?.service)),
    ("api.version", API, |event| event.text(Field::ApiVersion)),
    ("app.name", APPLICATION, |event| {
        let fields = [Field::AppName, Field::ObjectName, Field::ClusterName];
        let name = fields.into_iter().find_map(|field| event.text(field));
        name.or_else(|| word(Producer::of(event.view.record.class()).map_or(UNKNOWN, |producer| producer.service)))
    }),
    ("app.uid", APPLICATION, |event| {
        [Field::AppId, Field::ObjectId, Field::ClusterId].into_iter().find_map(|field| event.text(field))
    }),
    ("category_uid", ALL, |event| Some(Value::Integer((event.class_uid / 1000).into()))),
    ("class_uid", ALL, |event| Some(Value::Integer(event.class_uid.into()))),
    ("dst_endpoint.ip", AUTHENTICATION.and(SESSION).and(API), |event| {
        event.view.address(Field::DestinationIp).map(Value::Text)
    }),
    ("entity.name", ENTITY, |event| {
        event
            .text(Field::ObjectName)
            .or_else(|| if event.text(Field::ObjectId).is_none() { word(UNKNOWN) } else { None })
    }),
    ("entity.type", ENTITY, |event| event.text(Field::ObjectType)),
    ("entity.type_id", ENTITY, |event| event.text(Field::ObjectType).map(|_| Value::Integer(99))),
    ("entity.uid", ENTITY, |event| event.text(Field::ObjectId)),
    ("group.name", GROUP, |event| {
        let name = event.text(Field::GroupName).or_else(|| event.text(Field::ObjectName));
        name.or_else(|| if group_uid(event).is_none() { word(UNKNOWN) } else { None })
    }),
    ("group.uid", GROUP, group_uid),
    ("http_request.http_method", IAM.and(API), |event| {
        let method = event.view.peek(Field::HttpMethod).filter(|method| METHODS.contains(method));
        method.and_then(|_| event.text(Field::HttpMethod))
    }),
    ("http_request.uid", IAM, |event| event.text(Field::TraceId)),
    ("http_request.url.path", IAM.and(API), |event| Some(Value::Text(url(event)?.0))),
    ("http_request.url.query_string", IAM.and(API), |event| Some(Value::Text(url(event)?.1?))),
    ("http_request.user_agent", IAM.and(API), |event| event.text(Field::UserAgent)),
    ("http_response.code", IAM.and(API), |event| event.view.integer(Field::HttpStatus).map(Value::Integer)),
    ("is_remote", AUTHENTICATION, |event| event.view.address(Field::SourceIp).map(|_| Value::True)),
    ("message", ALL, |event| {
        let is_other = event.view.record.class() == RecordClass::Other;
        event.text(Field::Message).or_else(|| is_other.then_some(Value::Text(event.view.message)))
    }),
    ("metadata.correlation_uid", ALL, |event| event.text(Field::TraceId)),
    ("metadata.event_code", ALL, |event| event.text(Field::EventAction)),
    ("metadata.is_truncated", ALL, |event| {
        let is_cut =
            event.view.flags.contains(Flags::TRUNCATED) || event.view.flags.contains(Flags::TRUNCATED_UPSTREAM);
        is_cut.then_some(Value::True)
    }),
    ("metadata.labels", ALL, |event| flags(event.view.flags)),
    ("metadata.log_level", ALL, |event| event.text(Field::LogLevel)),
    ("metadata.log_name", ALL, |event| word(event.view.record.class().name())),
    ("metadata.log_provider", ALL, |event| event.view.program().map(Value::Text)),
    ("metadata.logged_time", ALL, |event| Some(millis(event.view.received_at()))),
    ("metadata.original_event_uid", ALL, |event| event.text(Field::EventId)),
    ("metadata.original_time", ALL, |event| {
        event.text(Field::Timestamp).or(event.view.header.timestamp.map(Value::Text))
    }),
    ("metadata.product.name", ALL, |event| event.view.product(|producer| producer.product).or(word(UNKNOWN))),
    ("metadata.product.vendor_name", ALL, |event| event.view.vendor()),
    ("metadata.product.version", ALL, |event| event.view.native_text("cef.device_version").map(Value::Text)),
    ("metadata.reporter.hostname", ALL, |event| event.view.hostname().map(Value::Text)),
    ("metadata.reporter.ip", ALL, |event| event.view.header.hostname.filter(|name| is_address(name)).map(Value::Text)),
    ("metadata.uid", ALL, |event| match event.view.place {
        None => Some(Value::Id(event.view.id)),
        Some(place) => Some(Value::PlacedId(event.view.id, place)),
    }),
    ("metadata.version", ALL, |_| word(OCSF_VERSION)),
    ("privileges", ACCESS.and(SESSION), |event| match event.view.text(Field::EventAction) {
        Some(action) => Some(Value::One(action)),
        None => Some(Value::One(UNKNOWN.as_bytes())),
    }),
    ("raw_data", ALL, |event| {
        (event.view.record.class() != RecordClass::Other).then_some(Value::Text(event.view.message))
    }),
    ("service.name", AUTHENTICATION, |event| {
        word(Producer::of(event.view.record.class()).map_or(UNKNOWN, |producer| producer.service))
    }),
    ("severity_id", ALL, |event| Some(Value::Integer(severity::of(event).into()))),
    ("src_endpoint.ip", IAM.and(API), |event| event.view.address(Field::SourceIp).map(Value::Text)),
    (
        "src_endpoint.name",
        API,
        |event| {
            if event.view.address(Field::SourceIp).is_none() { word(UNKNOWN) } else { None }
        },
    ),
    ("src_endpoint.port", IAM.and(API), |event| {
        let port = event.view.integer(Field::SourcePort).filter(|port| u16::try_from(*port).is_ok());
        let has_address = event.class_uid == class::API_ACTIVITY || event.view.address(Field::SourceIp).is_some();
        port.filter(|_| has_address).map(Value::Integer)
    }),
    ("status_code", ALL, |event| event.view.integer(Field::HttpStatus).map(Value::Digits)),
    ("status_detail", ALL, |event| event.text(Field::EventReason)),
    ("status_id", ALL, |event| Some(Value::Integer(event.status().into()))),
    ("time", ALL, |event| Some(millis(event.view.time()))),
    ("type_uid", ALL, |event| Some(Value::Integer(i64::from(event.class_uid) * 100 + i64::from(event.activity_id)))),
    ("user.name", parties::WITH_USER, |event| parties::user(event).name),
    ("user.type_id", parties::WITH_USER, |event| Some(Value::Integer(parties::user(event).type_id))),
    ("user.uid", parties::WITH_USER, |event| parties::user(event).uid),
];

/// The values that the schema allows for a method.
const METHODS: &[&[u8]] = &[b"CONNECT", b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"PATCH", b"POST", b"PUT", b"TRACE"];

fn millis<'v>(nanos: i64) -> Value<'v> {
    Value::Integer(nanos.div_euclid(1_000_000))
}

fn group_uid<'v>(event: &Typed<'_, 'v>) -> Option<Value<'v>> {
    event.text(Field::GroupId).or_else(|| event.text(Field::ObjectId))
}

/// Path and query of what was called.
fn url<'v>(event: &Typed<'_, 'v>) -> Option<(&'v [u8], Option<&'v [u8]>)> {
    let url = event.view.text(Field::UrlOriginal)?;
    match url.iter().position(|octet| *octet == b'?') {
        Some(mark) => Some((&url[..mark], Some(&url[mark + 1..]))),
        None => Some((url, None)),
    }
}

/// What it was done to, where the class has no attribute of its own for it.
fn write_resources(event: &Typed<'_, '_>, document: &mut Document<'_>) {
    const WITH_RESOURCES: Classes = ACCESS.and(API);

    if !WITH_RESOURCES.contain(event.class_uid) {
        return;
    }
    let of = |fields: &[Field]| fields.iter().find_map(|field| event.text(*field));
    let name = of(&[Field::ResourceName, Field::ObjectName, Field::UserTargetName, Field::GroupName]);
    let uid = of(&[Field::ResourceId, Field::ObjectId, Field::UserTargetId, Field::GroupId]);
    let kind = of(&[Field::ResourceType, Field::ObjectType]);
    if name.is_none() && uid.is_none() && kind.is_none() {
        return;
    }
    let name = name.or_else(|| if uid.is_none() { word(UNKNOWN) } else { None });
    let members = [("name", name), ("namespace", of(&[Field::Namespace])), ("type", kind), ("uid", uid)];
    document.name("resources");
    document.out.push(b'[');
    write_object(members, document.out);
    document.out.push(b']');
}

/// Addresses and names that one looks for across classes, with the numbers of their types.
fn write_observables(event: &Typed<'_, '_>, document: &mut Document<'_>) {
    const ADDRESS: i64 = 2;
    const USER_NAME: i64 = 4;

    let has = |classes: Classes| classes.contain(event.class_uid);
    let user_name = match parties::user(event).name {
        name if has(parties::WITH_USER) => name,
        _ => None,
    };
    let actor = if has(parties::WITH_ACTOR) { event.text(Field::UserName) } else { None };
    let source = if has(IAM.and(API)) { event.view.address(Field::SourceIp).map(Value::Text) } else { None };
    let observables = [
        ("actor.user.name", USER_NAME, actor),
        ("src_endpoint.ip", ADDRESS, source),
        ("user.name", USER_NAME, user_name),
    ];
    if observables.iter().all(|(_, _, value)| value.is_none()) {
        return;
    }
    document.name("observables");
    document.out.push(b'[');
    for (name, kind, value) in observables {
        if value.is_some() {
            write_comma(document.out);
            write_object(
                [("name", word(name)), ("type_id", Some(Value::Integer(kind))), ("value", value)],
                document.out,
            );
        }
    }
    document.out.push(b']');
}

/// What has no place: fields of the event, the header, and how the record came here.
fn write_unmapped(event: &Typed<'_, '_>, document: &mut Document<'_>) {
    let view = event.view;
    let origin = view.record.origin();
    document.name("unmapped");
    let out = &mut *document.out;
    let arrival = [
        ("gully.authenticated", origin.authenticated.as_deref().and_then(word)),
        ("gully.listener", word(&origin.listener)),
        ("gully.peer", Some(Value::Peer(view.record.peer()))),
        ("gully.raw_base64", view.raw_octets()),
        ("gully.transport", word(origin.transport.name())),
    ];
    // Words of another schema.
    let is_known = |field: &Field| {
        matches!(field, Field::EventCategory | Field::EventDataset | Field::EventKind | Field::EventType)
    };
    let fields = view.unused().filter(|(field, _)| !is_known(field));
    let fields = fields.map(|(field, value)| (field.name(), Some(value)));
    write_object(arrival.into_iter().chain(fields), out);
    // With the first event of a batch alone, since it may be long.
    if view.place.is_none_or(|place| place == 0) {
        out.pop();
        out.extend_from_slice(br#","syslog":"#);
        write_syslog_object(view.record.octets(), view.record.header(), out);
        out.push(b'}');
    }
}

/// Appends an object of the members that have a value.
fn write_object<'m>(members: impl IntoIterator<Item = (&'m str, Option<Value<'m>>)>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (name, value) in members {
        if let Some(value) = value {
            write_comma(out);
            write_json_string(name.as_bytes(), out);
            out.push(b':');
            value.write(out);
        }
    }
    out.push(b'}');
}
