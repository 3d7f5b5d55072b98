//! Docker UCP / MKE audit records: a line of the controller's own log, with an event like Kubernetes' in `audit`.
//!
//! Swarm events have the method of a call as their verb, Kubernetes events a verb. What Swarm's were about only the path
//! tells.

mod engine;

use engine::EngineCall;

use super::call::{Effect, WEB};
use super::k8s::event::{self, Event, Producer};
use super::k8s::members;
use super::k8s::path::Path;
use crate::field::Field;
use crate::json::{Kind, Scanner, keys};
use crate::message::Body;
use crate::octets::Octets;
use crate::out::Out;

keys! {
    RecordKey { Audit b"audit" Level b"level" Time b"time" }
}

/// The methods of HTTP. Producers write them in either case.
const METHODS: &[&str] = &["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE"];

pub(crate) fn extract(body: &Body<'_>, out: &mut Out<'_>) {
    const LOG: Option<Octets> = Some(Octets::Word("log"));
    let mut event = Event::of(Producer::Ucp);
    let (mut level, mut time) = (None, None);
    let mut scanner = Scanner::new(body.text);
    let whole = scanner.keyed(|key, name, value| {
        let place = match key {
            Some(RecordKey::Audit) if value.kind()? == Kind::Object => return event.read(value, out),
            Some(RecordKey::Audit) => return value.skip().map(drop),
            Some(RecordKey::Level) => &mut level,
            Some(RecordKey::Time) => &mut time,
            None => return members::other(LOG, name, value, out),
        };
        let name = members::full_name(LOG, name, out);
        *place = members::value(name, value, out)?;
        Some(())
    });
    out.json_end(whole, &mut scanner);
    settle(event, out);
    event::set(Field::LogLevel, level, out);
    event::set_time(&[time], out);
}

/// Says what the members of the event mean together.
fn settle(mut event: Event, out: &mut Out<'_>) {
    match Orchestrator::of(&event, out) {
        Orchestrator::Swarm(method) => {
            out.set_word(Field::OrchestratorType, "docker-swarm");
            if let Some(method) = method {
                out.set_word(Field::HttpMethod, method);
                out.means(WEB.get(Effect::of_method(method.as_bytes())).meaning(event.status.code));
            }
            if let Some(uri) = event.uri {
                EngineCall::of(uri, out).settle(out);
            }
        }
        Orchestrator::Kubernetes => {
            out.set_word(Field::OrchestratorType, "kubernetes");
            event.settle_reference(out);
        }
        Orchestrator::Unknown => {}
    }
    event.settle(out);
    event::set(Field::EventId, event.audit_id, out);
    event::set(Field::UserName, login(&event, out), out);
    event::set_time(&[event.received, event.timestamp, event.stage_timestamp], out);
}

/// The name by which the user logged in. `username` is one where it is not the id.
fn login(event: &Event, out: &Out<'_>) -> Option<Octets> {
    let is_id = |name: Octets| event.user.id.is_some_and(|id| out.get(id) == out.get(name));
    event.user.login.or(event.user.name.filter(|name| !is_id(*name)))
}

/// Which of UCP's two orchestrators was called.
enum Orchestrator {
    /// With this method.
    Swarm(Option<&'static str>),
    Kubernetes,
    Unknown,
}

impl Orchestrator {
    /// By `kind`, where it says so, else by verb and path: the verbs get, patch and delete are methods, too.
    fn of(event: &Event, out: &Out<'_>) -> Self {
        let text = |value: Option<Octets>| value.map_or(&b""[..], |value| out.get(value));
        let verb = text(event.verb);
        let method = METHODS.iter().find(|method| method.as_bytes().eq_ignore_ascii_case(verb)).copied();
        let is_verb = matches!(
            verb,
            b"get" | b"list" | b"watch" | b"create" | b"update" | b"patch" | b"delete" | b"deletecollection" | b"proxy"
        );
        match text(event.kind) {
            b"docker-swarm" => Self::Swarm(method),
            _ if is_verb && (method.is_none() || Path::of(text(event.uri)).is_some()) => Self::Kubernetes,
            _ if method.is_some() => Self::Swarm(method),
            _ => Self::Unknown,
        }
    }
}
