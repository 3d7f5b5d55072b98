//! Cloud Controller's audit events, as its API gives them: v3 or v2, one or a page.

use record::Class;

use crate::found::Found;
use crate::json::{Facts, Member, Object, Outline};
use crate::rule::RuleText;

pub(crate) static V3: RuleText = RuleText {
    name: "audit_event.v3",
    class: Class::AuditEvent,
    sentence: "a JSON object with the objects actor and target and the string type",
};

pub(crate) static V2: RuleText = RuleText {
    name: "audit_event.v2",
    class: Class::AuditEvent,
    sentence: "a JSON object whose member entity is an object with the strings actor and actee",
};

pub(crate) static PAGE: RuleText = RuleText {
    name: "audit_event.page",
    class: Class::AuditEvent,
    sentence: "a JSON object whose resources begin with an audit event, v3 or v2",
};

/// One event.
pub(crate) fn single(outline: &Outline) -> Option<Found> {
    if outline.facts(Object::Top).is_v3() {
        Some(Found::member(&V3, outline.key(Member::Target)))
    } else if outline.facts(Object::Entity).is_v2_entity() {
        Some(Found::member(&V2, outline.key(Member::Entity)))
    } else {
        None
    }
}

/// A page with at least one event. It is the answer of an API, which somebody asked for and passed on, and no producer's
/// log: when it is edited into something that is not JSON, it is no longer taken.
pub(crate) fn page(outline: &Outline) -> Option<Found> {
    let event = outline.facts(Object::Resource).is_v3() || outline.facts(Object::ResourceEntity).is_v2_entity();
    (event && !outline.is_broken()).then(|| Found::member(&PAGE, outline.key(Member::Resources)))
}

impl Facts {
    fn is_v3(self) -> bool {
        self.all(Self::ACTOR_OBJECT | Self::TARGET_OBJECT | Self::TYPE)
    }

    fn is_v2_entity(self) -> bool {
        self.all(Self::ACTOR_STRING | Self::ACTEE)
    }
}
