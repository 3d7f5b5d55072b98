//! Kubernetes audit events, lists of them, and the legacy line.
//!
//! Source: the API server's `pkg/apis/audit/v1/types.go`, and for older versions its siblings.

pub(super) mod event;
mod go;
mod legacy;
#[cfg(test)]
mod linear;
pub(super) mod meaning;
pub(super) mod members;
pub(super) mod path;
mod reference;

use event::{Event, Producer};

use crate::field::Field;
use crate::json::{Kind, Scanner, keys};
use crate::message::Body;
use crate::octets::Octets;
use crate::out::Out;

pub(crate) fn extract(body: &Body<'_>, out: &mut Out<'_>) {
    if body.text.first() == Some(&b'{') { object(body.text, out) } else { legacy::extract(body.text, out) }
}

/// An event, or a list of events.
fn object(text: &[u8], out: &mut Out<'_>) {
    let mut scanner = Scanner::new(text);
    let whole = if is_list(scanner.clone()) { list(&mut scanner, out) } else { event(&mut scanner, out) };
    out.json_end(whole, &mut scanner);
}

keys! {
    /// The members of a list that are read.
    ListKey { Kind b"kind" ApiVersion b"apiVersion" Items b"items" }
}

/// Whether the object is a list. Reads up to `kind`, which the API server writes first.
fn is_list(mut scanner: Scanner<'_>) -> bool {
    let mut is_list = false;
    let _ = scanner.keyed(|key, _, value| {
        if key == Some(ListKey::Kind) {
            is_list = value.string_or_skip()?.is_some_and(|kind| kind.is(b"EventList"));
            return None;
        }
        value.skip().map(drop)
    });
    is_list
}

/// A batch of a webhook: one record, many events. Of one that was cut, the last event may be a part.
fn list(scanner: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
    scanner.keyed(|key, _, value| match (key, value.kind()?) {
        (Some(ListKey::Kind), Kind::String) => {
            let kind = out.decode(&value.string()?);
            out.text("kind", kind);
            Some(())
        }
        (Some(ListKey::ApiVersion), Kind::String) => {
            let version = out.decode(&value.string()?);
            out.text("apiVersion", version);
            Some(())
        }
        (Some(ListKey::Items), Kind::Array) => {
            out.begin_batch();
            let whole = value.elements(|item| self::item(item, out));
            out.end_batch();
            whole
        }
        _ => value.skip().map(drop),
    })
}

/// An event of a list. An object without members is none, and of what is no object nothing is known.
fn item(scanner: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
    let kind = scanner.kind()?;
    if kind == Kind::Null || kind == Kind::Object && !scanner.has_member() {
        return scanner.skip().map(drop);
    }
    out.begin_event();
    let whole = if kind == Kind::Object { event(scanner, out) } else { scanner.skip().map(drop) };
    out.end_event();
    whole
}

/// An event.
fn event(scanner: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
    let mut event = Event::of(Producer::Kubernetes);
    let whole = event.read(scanner, out);
    settle(event, out);
    whole
}

/// Says what the members of the event mean together.
fn settle(mut event: Event, out: &mut Out<'_>) {
    out.set_word(Field::OrchestratorType, "kubernetes");
    event.settle_reference(out);
    event.settle(out);
    if let Some(id) = event.audit_id {
        // One request makes two events or more, which share the id.
        let id = event.stage.map_or(id, |stage| out.join(&[id, Octets::Word("/"), stage]));
        out.set(Field::EventId, id);
    }
    event::set(Field::UserName, event.user.name, out);
    event::set_time(&[event.stage_timestamp, event.received, event.timestamp], out);
}
