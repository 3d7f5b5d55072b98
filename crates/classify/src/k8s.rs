//! Kubernetes' audit log: an event, a list of events, or the legacy line.

use memchr::memmem;
use record::{Class, Flags};

use crate::cursor::Cursor;
use crate::found::Found;
use crate::json::{Facts, Member, Object, Outline};
use crate::rule::RuleText;

pub(crate) static EVENT: RuleText = RuleText {
    name: "k8s.event",
    class: Class::K8sAudit,
    sentence: "a JSON object with auditID, stage, requestURI and verb, whose kind and apiVersion, if any, are those of an audit event",
};

pub(crate) static LIST: RuleText = RuleText {
    name: "k8s.list",
    class: Class::K8sAudit,
    sentence: "a JSON object of kind EventList and apiVersion audit.k8s.io/… with at least one item",
};

pub(crate) static LEGACY: RuleText = RuleText {
    name: "k8s.legacy",
    class: Class::K8sAudit,
    sentence: "a time stamp and ` AUDIT: id=\"`: the legacy text form",
};

/// A single event.
///
/// Kind and apiVersion together are as certain as the four members, and in the encoder's order they come first; they are enough
/// for an event that was cut.
pub(crate) fn event(outline: &Outline) -> Option<Found> {
    let facts = outline.facts(Object::Top);
    let typed = outline.is_cut() && facts.all(Facts::KIND_EVENT | Facts::API_AUDIT);
    let member = if facts.all(Facts::AUDIT_ID) { Member::AuditId } else { Member::Kind };
    (facts.is_kubernetes_event() || typed).then(|| Found::member(&EVENT, outline.key(member)))
}

/// A batch of a webhook: one message, many events.
pub(crate) fn list(outline: &Outline) -> Option<Found> {
    let facts = outline.facts(Object::Top);
    facts
        .all(Facts::KIND_EVENT_LIST | Facts::API_AUDIT | Facts::ITEM)
        .then(|| Found::member(&LIST, outline.key(Member::Items)))
}

/// `2024-05-01T10:00:00.123456Z AUDIT: id="`.
pub(crate) fn legacy(text: &[u8]) -> Option<Found> {
    let mut line = Cursor::new(text);
    line.rfc3339()?;
    line.literal(b" AUDIT: id=\"")?;
    let cut = if is_whole_legacy(text) { Flags::NONE } else { Flags::TRUNCATED_UPSTREAM };
    Some(Found::new(&LEGACY, 0, line.at()).with(cut))
}

/// Values are quoted as Go does, so no client writes a key; the last one is never a bare placeholder. Lines of the oldest versions
/// have neither stage nor response.
fn is_whole_legacy(text: &[u8]) -> bool {
    let has = |key: &[u8]| memmem::find(text, key).is_some();
    text.trim_ascii_end().ends_with(b"\"") && (has(b" response=\"") || !has(b" stage=\""))
}
