//! Docker UCP / MKE: an audit event inside the `audit` member of a log line.

use record::Class;

use crate::found::Found;
use crate::json::{Member, Object, Outline};
use crate::rule::RuleText;

pub(crate) static RECORD: RuleText = RuleText {
    name: "ucp.audit",
    class: Class::UcpAudit,
    sentence: "a JSON object whose member audit is an object with auditID, stage, requestURI and verb",
};

/// The record. `kind` and `apiVersion` of the event are not asked: the first is `docker-swarm` or absent, the second absent.
pub(crate) fn record(outline: &Outline) -> Option<Found> {
    let event = outline.facts(Object::Audit).is_request_event();
    event.then(|| Found::member(&RECORD, outline.key(Member::Audit)))
}
