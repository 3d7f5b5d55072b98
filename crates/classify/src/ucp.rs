//! Docker UCP / MKE: an audit event inside the `audit` member of a log line.

use record::Class;

use crate::found::Found;
use crate::json::{Facts, Member, Object, Outline};
use crate::rule::RuleText;

pub(crate) static RECORD: RuleText = RuleText {
    name: "ucp.audit",
    class: Class::UcpAudit,
    sentence: "a JSON object whose member audit is an object with auditID, stage, requestURI and verb; \
               or one that was cut inside audit, after auditID and either the kind docker-swarm or level and the object metadata",
};

/// The record. `kind` and `apiVersion` of the event are not asked: the first is `docker-swarm` or absent, the second absent.
///
/// Docker cuts long lines, and what a client can make long (`requestURI`, `requestObject`) comes before `stage` and `verb`
/// where members are sorted. What comes before that, in both orders that producers write, is enough for an event that was
/// cut; one that is closed has its four members.
pub(crate) fn record(outline: &Outline) -> Option<Found> {
    let facts = outline.facts(Object::Audit);
    let cut = outline.is_cut_in_audit() && facts.is_start_of_ucp_event();
    (facts.is_request_event() || cut).then(|| Found::member(&RECORD, outline.key(Member::Audit)))
}

impl Facts {
    /// Members that no client can make long.
    const fn is_start_of_ucp_event(self) -> bool {
        self.all(Self::AUDIT_ID) && (self.all(Self::KIND_SWARM) || (self.all(Self::LEVEL) && self.all(Self::METADATA)))
    }
}
