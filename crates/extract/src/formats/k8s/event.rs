//! The members of an audit event: of Kubernetes', and of the one inside a record of UCP.

use super::meaning::{Decision, Operation};
use super::members;
use super::reference::Reference;
use crate::field::Field;
use crate::json::{Kind, Scanner, keys};
use crate::octets::Octets;
use crate::out::Out;
use crate::text;

keys! {
    /// The members that are more than a value. The others are given as they are.
    Member {
        Kind b"kind"
        AuditId b"auditID"
        Stage b"stage"
        RequestUri b"requestURI"
        Verb b"verb"
        User b"user"
        ImpersonatedUser b"impersonatedUser"
        SourceIps b"sourceIPs"
        UserAgent b"userAgent"
        ObjectRef b"objectRef"
        ResponseStatus b"responseStatus"
        RequestObject b"requestObject"
        ResponseObject b"responseObject"
        RequestReceivedTimestamp b"requestReceivedTimestamp"
        StageTimestamp b"stageTimestamp"
        Timestamp b"timestamp"
        Annotations b"annotations"
    }
}

keys! {
    UserKey { Username b"username" Uid b"uid" Groups b"groups" Extra b"extra" }
}

keys! {
    /// UCP has the name by which the user logged in here, where `username` of the user is an id.
    ExtraKey { Username b"username" }
}

keys! {
    StatusKey { Status b"status" Code b"code" Reason b"reason" Message b"message" Metadata b"metadata" }
}

keys! {
    Annotation { Decision b"authorization.k8s.io/decision" Reason b"authorization.k8s.io/reason" }
}

/// Whose event it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Producer {
    #[default]
    Kubernetes,
    /// Has the event in the member `audit` of its record.
    Ucp,
}

impl Producer {
    const fn object(self) -> Option<Octets> {
        match self {
            Self::Kubernetes => None,
            Self::Ucp => Some(Octets::Word("audit")),
        }
    }

    /// The names of the marks for a request and a response that are there.
    const fn payloads(self) -> [&'static str; 2] {
        match self {
            Self::Kubernetes => ["requestObject.present", "responseObject.present"],
            Self::Ucp => ["audit.requestObject.present", "audit.responseObject.present"],
        }
    }
}

/// Who did it.
#[derive(Debug, Default)]
pub(crate) struct User {
    pub(crate) name: Option<Octets>,
    pub(crate) id: Option<Octets>,
    pub(crate) login: Option<Octets>,
}

/// How it came out.
#[derive(Debug, Default)]
pub(crate) struct Status {
    pub(crate) code: Option<i64>,
    /// Whether it says so in a word, which counts more than a number.
    is_failure: bool,
    reason: Option<Octets>,
    message: Option<Octets>,
}

/// What the API server decided, and why.
#[derive(Debug, Default)]
struct Authorization {
    decision: Decision,
    reason: Option<Octets>,
}

/// What an event says beyond its members: values that are looked at together when all members were read, in whatever
/// order they came.
#[derive(Debug, Default)]
pub(crate) struct Event {
    producer: Producer,
    pub(crate) kind: Option<Octets>,
    pub(crate) audit_id: Option<Octets>,
    pub(crate) stage: Option<Octets>,
    pub(crate) uri: Option<Octets>,
    pub(crate) verb: Option<Octets>,
    pub(crate) user: User,
    pub(crate) effective_user: Option<Octets>,
    pub(crate) source: Option<Octets>,
    pub(crate) user_agent: Option<Octets>,
    pub(crate) reference: Reference,
    pub(crate) status: Status,
    authorization: Authorization,
    pub(crate) received: Option<Octets>,
    pub(crate) stage_timestamp: Option<Octets>,
    pub(crate) timestamp: Option<Octets>,
}

impl Event {
    pub(crate) fn of(producer: Producer) -> Self {
        Self { producer, ..Self::default() }
    }

    /// Reads the object that comes next. After a `None` what was read before counts.
    pub(crate) fn read(&mut self, event: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
        let object = self.producer.object();
        let [request, response] = self.producer.payloads();
        event.keyed(|key, name, value| {
            let Some(key) = key else { return members::other(object, name, value, out) };
            let name = members::full_name(object, name, out);
            let place = match key {
                Member::RequestObject => return payload(request, value, out),
                Member::ResponseObject => return payload(response, value, out),
                Member::User => return self.user.read(name, value, out),
                Member::ResponseStatus => return self.status.read(name, value, out),
                Member::ImpersonatedUser => {
                    let place = &mut self.effective_user;
                    return members::object(name, value, out, |value, out| read_name(place, value, out));
                }
                Member::ObjectRef => {
                    return members::object(name, value, out, |value, out| self.reference.read(value, out));
                }
                Member::Annotations => {
                    return members::object(name, value, out, |value, out| self.authorization.read(value, out));
                }
                Member::SourceIps => {
                    return members::list(name, value, out, |first| self.source = Some(first));
                }
                Member::Kind => &mut self.kind,
                Member::AuditId => &mut self.audit_id,
                Member::Stage => &mut self.stage,
                Member::RequestUri => &mut self.uri,
                Member::Verb => &mut self.verb,
                Member::UserAgent => &mut self.user_agent,
                Member::RequestReceivedTimestamp => &mut self.received,
                Member::StageTimestamp => &mut self.stage_timestamp,
                Member::Timestamp => &mut self.timestamp,
            };
            *place = members::value(name, value, out)?;
            Some(())
        })
    }

    /// Whether it was let through: what came out, or else what was decided.
    pub(crate) fn decision(&self) -> Decision {
        match self.status.code {
            Some(401 | 403) => Decision::Denied,
            _ => self.authorization.decision,
        }
    }

    /// Sets what a call of the Kubernetes API was about, and what it did.
    pub(crate) fn settle_reference(&mut self, out: &mut Out<'_>) {
        if let Some(uri) = self.uri {
            self.reference.complete(uri, out);
        }
        let verb = self.verb.map_or(&b""[..], |verb| out.get(verb));
        out.means(Operation::of(verb, self.reference.sort(out)).meaning(self.decision()));
        self.reference.settle(out);
    }

    /// Sets what is the same for all producers.
    pub(crate) fn settle(&self, out: &mut Out<'_>) {
        let texts = [
            (Field::EventAction, self.verb),
            (Field::UrlOriginal, self.uri),
            (Field::UserId, self.user.id),
            (Field::UserEffectiveName, self.effective_user),
            (Field::UserAgent, self.user_agent),
            // A closed list of words before sentences.
            (Field::EventReason, self.status.reason),
            (Field::EventReason, self.status.message),
            (Field::EventReason, self.authorization.reason),
        ];
        for (field, value) in texts {
            set(field, value, out);
        }
        if let Some(code) = self.status.code {
            out.set_integer(Field::HttpStatus, code);
        }
        out.set_word(Field::EventOutcome, self.outcome());
        if let Some(source) = self.source {
            set_source(source, out);
        }
    }

    fn outcome(&self) -> &'static str {
        match (self.status.code, self.authorization.decision) {
            _ if self.status.is_failure => "failure",
            (Some(..400), _) => "success",
            (Some(_), _) | (None, Decision::Denied) => "failure",
            (None, _) => "unknown",
        }
    }
}

impl User {
    fn read(&mut self, name: Octets, user: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
        let object = name;
        if user.kind()? != Kind::Object {
            return members::value(object, user, out).map(drop);
        }
        user.keyed(|key, name, value| {
            let Some(key) = key else { return members::other(Some(object), name, value, out) };
            let name = members::full_name(Some(object), name, out);
            match key {
                UserKey::Username => self.name = members::value(name, value, out)?,
                UserKey::Uid => self.id = members::value(name, value, out)?,
                UserKey::Groups => members::list(name, value, out, |_| {})?,
                UserKey::Extra => {
                    members::object(name, value, out, |value, out| read_login(&mut self.login, value, out))?;
                }
            }
            Some(())
        })
    }
}

impl Status {
    fn read(&mut self, name: Octets, status: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
        let object = name;
        if status.kind()? != Kind::Object {
            return members::value(object, status, out).map(drop);
        }
        status.keyed(|key, name, value| {
            let Some(key) = key else { return members::other(Some(object), name, value, out) };
            let name = members::full_name(Some(object), name, out);
            match key {
                StatusKey::Code => {
                    let code = value.clone().skip().and_then(text::integer);
                    // Of a request without an answer some versions write 0.
                    self.code = code.filter(|code| *code > 0);
                    members::value(name, value, out)?;
                }
                StatusKey::Status => {
                    let word = members::value(name, value, out)?;
                    self.is_failure = word.is_some_and(|word| out.get(word) == b"Failure");
                }
                StatusKey::Reason => self.reason = members::value(name, value, out)?,
                StatusKey::Message => self.message = members::value(name, value, out)?,
                // Never holds anything.
                StatusKey::Metadata => drop(value.skip()?),
            }
            Some(())
        })
    }
}

impl Authorization {
    fn read(&mut self, annotations: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
        annotations.keyed(|key, _, value| {
            let text = value.string_or_skip()?;
            match key {
                Some(Annotation::Decision) => {
                    self.decision = text.map_or(Decision::Unknown, |text| text.ask(Decision::of));
                }
                Some(Annotation::Reason) => self.reason = text.map(|text| out.decode(&text)),
                None => {}
            }
            Some(())
        })
    }
}

/// A request or response: only that it is there. The record itself has the rest.
fn payload(mark: &'static str, value: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
    if value.kind()? != Kind::Null {
        out.mark(mark);
    }
    value.skip().map(drop)
}

/// Reads the name of a user.
fn read_name(place: &mut Option<Octets>, user: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
    user.keyed(|key, _, value| {
        let text = value.string_or_skip()?;
        if key == Some(UserKey::Username) {
            *place = text.map(|text| out.decode(&text));
        }
        Some(())
    })
}

/// Reads the first name by which a user logged in.
fn read_login(place: &mut Option<Octets>, extra: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
    extra.keyed(|key, _, value| match (key, value.kind()?) {
        (Some(ExtraKey::Username), Kind::Array) => value.elements(|element| {
            if let Some(text) = element.string_or_skip()?
                && place.is_none()
            {
                *place = Some(out.decode(&text));
            }
            Some(())
        }),
        _ => value.skip().map(drop),
    })
}

pub(crate) fn set(field: Field, value: Option<Octets>, out: &mut Out<'_>) {
    if let Some(value) = value {
        out.set(field, value);
    }
}

/// Sets the time of the event to the first of `stamps` that is a point in time.
pub(crate) fn set_time(stamps: &[Option<Octets>], out: &mut Out<'_>) {
    for stamp in stamps.iter().flatten() {
        out.set_time(Field::Timestamp, *stamp);
    }
}

/// Sets address and port of a source: `192.0.2.1`, `192.0.2.1:443`, `[2001:db8::1]:443`.
fn set_source(source: Octets, out: &mut Out<'_>) {
    let text = out.get(source);
    if text::is_address(text) {
        return out.set(Field::SourceIp, source);
    }
    let Some(colon) = memchr::memrchr(b':', text) else { return };
    let port = text::integer(&text[colon + 1..]).filter(|port| (0..=65_535).contains(port));
    let bracketed = text[..colon].strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
    let host = if bracketed.is_some() { 1..colon - 1 } else { 0..colon };
    let is_host = text::is_address(&text[host.clone()]);
    if let Some(port) = port.filter(|_| is_host) {
        out.set(Field::SourceIp, source.part(host));
        out.set_integer(Field::SourcePort, port);
    }
}
