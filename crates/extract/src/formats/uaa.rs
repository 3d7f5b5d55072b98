//! UAA audit lines (uaa, `LoggingAuditService.java`):
//! type ` ('` data `'): principal=` principal `, origin=[` origin `], identityZoneId=[` zone `]` and optional tails.
//!
//! Nothing in them is escaped, and data, principal and origin can be what a client typed. Which of several places is the
//! true separator depends on who writes before and after it.

mod data;
mod kind;
mod origin;
mod parts;

use super::prefix;
use crate::field::Field;
use crate::message::Body;
use crate::octets::Octets;
use crate::out::Out;
use kind::{Data, Kind, Principal};
use origin::Origin;
use parts::Parts;

/// What stands before a record: the logger's name.
const NAME: &[u8] = b"Audit: ";

pub(crate) fn extract(body: &Body<'_>, out: &mut Out<'_>) {
    let Some((layout, record)) = split(body.text) else { return };
    let prefix = prefix::uaa(layout);
    prefix.report(out);
    let stamp = out.octets(prefix.timestamp);
    // The oldest form of stamps has no zone: it is no point in time.
    out.set_time(Field::Timestamp, stamp);

    let parts = Parts::of(record);
    let kind = Kind::of(parts.event);
    let is_whole = parts.is_whole && !body.is_cut;
    // The first separator that is left need not be the last that was written.
    let is_anybodys = !is_whole && (body.is_ambiguous || kind.has_typed_parts());
    let parts = if is_anybodys || is_masked(record) {
        parts.event_alone()
    } else if is_whole {
        parts
    } else {
        parts.without_end()
    };
    report_event(kind, &parts, out);
    let principal = report_part("uaa.principal", parts.principal, out);
    if let Some(principal) = principal {
        set_principal(kind, principal, out);
    }
    let has_user = parts.origin.as_ref().is_some_and(|origin| origin::report(kind, parts.principal, origin, out));
    // A token that a client got for itself has the client's id as its principal, and no user.
    if let Some(holder) = principal.filter(|_| has_user && kind.principal == Principal::Holder) {
        out.set(Field::UserId, holder);
    }
    let actor = parts.origin.as_ref().and_then(Origin::user);
    if let Some(target) = principal.filter(|_| kind.principal == Principal::Refused && actor != parts.principal) {
        out.set(Field::UserTargetName, target);
    }
    report_tails(&parts, out);
    if !is_whole {
        out.truncated();
    }
}

/// What the log layout wrote, and the record behind `Audit: `.
fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = if text.starts_with(NAME) { 0 } else { classify::uaa_layout(text)? };
    let (layout, record) = text.split_at(start);
    Some((layout, record.strip_prefix(NAME)?.trim_ascii_end()))
}

/// Whether UAA's masking took out of the record what stood before an `&`. A client's text can begin and end that, and then what
/// is left is the client's.
fn is_masked(record: &[u8]) -> bool {
    memchr::memchr_iter(b'&', record).any(|at| record[..at].ends_with(classify::UAA_MASK))
}

/// A part as it stands in the record, if it is whole.
fn report_part(name: &'static str, part: Option<&[u8]>, out: &mut Out<'_>) -> Option<Octets> {
    let value = out.octets(part?);
    out.text(name, value);
    Some(value)
}

/// Type and data.
fn report_event(kind: &'static Kind, parts: &Parts<'_>, out: &mut Out<'_>) {
    let event = out.octets(parts.event);
    out.text("uaa.event", event);
    out.set(Field::EventAction, event);
    if let Some(outcome) = kind.outcome {
        out.set_word(Field::EventOutcome, outcome);
    }
    out.means(&kind.meaning);
    if let (Some(data), Some(text)) = (report_part("uaa.data", parts.data, out), parts.data) {
        match kind.data {
            Data::UserName => out.set(Field::UserName, data),
            Data::Reason => out.set(Field::EventReason, data),
            _ => data::report(kind, text, out),
        }
    }
    if !kind.object.is_empty() {
        out.set_word(Field::ObjectType, kind.object);
    }
}

/// Whom the principal names.
fn set_principal(kind: &Kind, principal: Octets, out: &mut Out<'_>) {
    let fields: &[Field] = match kind.principal {
        Principal::User => &[Field::UserId],
        Principal::Typed => &[Field::UserName],
        Principal::Hash => &[Field::UserHash],
        Principal::TargetId => &[Field::UserTargetId, Field::ObjectId],
        Principal::TargetName => &[Field::UserTargetName, Field::ObjectName],
        Principal::Group => &[Field::GroupId, Field::ObjectId],
        Principal::Client => &[Field::ObjectId],
        Principal::ActingClient => &[Field::OauthClient],
        Principal::Holder | Principal::Refused | Principal::Other => &[],
    };
    for field in fields {
        out.set(*field, principal);
    }
}

/// What stands behind the origin.
fn report_tails(parts: &Parts<'_>, out: &mut Out<'_>) {
    report_part("uaa.identity_zone", parts.zone, out);
    report_part("uaa.authentication_type", parts.authentication_type, out);
    if let Some(description) = report_part("uaa.detailed_description", parts.description, out) {
        out.set(Field::EventReason, description);
    }
    if parts.is_sanitized {
        out.mark("uaa.sanitized");
    }
}

#[cfg(test)]
mod tests {
    use record::Class;

    use crate::linear;

    #[test]
    fn work_is_linear() {
        const DATA: &str = "Audit: UserNotFound ('";
        const END: &str = "'): principal=a, origin=[b], identityZoneId=[c]";
        const ORIGIN: &str = "Audit: UserNotFound (''): principal=a, origin=[";
        const CLOSE: &str = "], identityZoneId=[c]";
        let details = [ORIGIN, "client=a, details=("].concat();
        let zone = [ORIGIN, CLOSE].concat();
        linear::check(
            Class::UaaAudit,
            &[
                (DATA, "'): principal=", END),
                (DATA, ", origin=[", END),
                (DATA, "], identityZoneId=[", END),
                ("Audit: PrincipalNotFound ('null'): principal=", ", origin=[", CLOSE),
                ("Audit: TokenIssuedEvent ('[", "\"\",", END),
                ("Audit: TokenIssuedEvent ('", "[", END),
                ("Audit: TokenIssuedEvent ('[\"", "\\\\", END),
                ("Audit: UserCreatedEvent ('[", "\"username=\",", END),
                ("Audit: UserCreatedEvent ('[\"", "=", END),
                ("Audit: GroupCreatedEvent ('{", "\"members\":[],", END),
                ("Audit: IdentityProviderCreatedEvent ('id=", "; name=", END),
                ("Audit: IdentityProviderCreatedEvent ('id=", "=", END),
                ("Audit: EntityDeletedEvent ('Class", ":", END),
                (ORIGIN, "client=", CLOSE),
                (ORIGIN, "client=a, user=b", CLOSE),
                (ORIGIN, "remoteAddress=", ""),
                (ORIGIN, "]", ""),
                (&details, ", details=(", ")], identityZoneId=[c]"),
                (&details, "=", ")], identityZoneId=[c]"),
                (&details, "tokenType=tokenValue=", ")], identityZoneId=[c]"),
                (&details, ", tokenType=xtokenValue=", ""),
                (&zone, "], authenticationType=[", "]"),
                (&zone, "], detailedDescription=[", ""),
                (&zone, "[SANITIZED]", ""),
            ],
        );
    }
}
