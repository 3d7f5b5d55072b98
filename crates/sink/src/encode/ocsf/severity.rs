//! How bad an event is, on the schema's scale.

use extract::Field;
use record::{Class, Severity};

use super::super::view::View;
use super::class::{API_ACTIVITY, AUTHENTICATE, ENTITY_MANAGEMENT, GROUP_MANAGEMENT, USER_ACCESS};
use super::{Typed, stage};

const UNKNOWN: u8 = 0;
const INFORMATIONAL: u8 = 1;
const LOW: u8 = 2;
const MEDIUM: u8 = 3;
const HIGH: u8 = 4;
const CRITICAL: u8 = 5;
const FATAL: u8 = 6;

/// `severity_id` of an event.
pub(in super::super) fn severity(view: &View<'_>) -> u8 {
    of(&Typed::of(view))
}

/// The first rule that applies. Producers write no severity that says anything; for records that are no audit events it is
/// the header's, and for CEF of other vendors their own.
pub(super) fn of(event: &Typed<'_, '_>) -> u8 {
    let view = event.view;
    match view.record.class() {
        Class::Other => return view.header.severity().map_or(UNKNOWN, of_syslog),
        Class::Cef => return view.native_text("cef.severity").map_or(UNKNOWN, of_cef),
        _ => {}
    }
    let status = view.peek_integer(Field::HttpStatus);
    let is_refused = matches!(status, Some(401 | 403));
    if is_panic(view) || (is_deletion(event) && ruins_many(view)) {
        HIGH
    } else if (is_refused && !event.only_reads()) || grants_administration(event) || touches_secrets(view) {
        MEDIUM
    } else if (event.class_uid == AUTHENTICATE && event.status() == 2) || matches!(status, Some(400..=499)) {
        LOW
    } else {
        INFORMATIONAL
    }
}

const fn of_syslog(severity: Severity) -> u8 {
    match severity {
        Severity::Emergency => FATAL,
        Severity::Alert | Severity::Critical => CRITICAL,
        Severity::Error => HIGH,
        Severity::Warning => MEDIUM,
        Severity::Notice => LOW,
        Severity::Informational | Severity::Debug => INFORMATIONAL,
    }
}

/// CEF's scale: 0 to 3 low, 4 to 6 medium, 7 and 8 high, 9 and 10 very high, or these words.
fn of_cef(severity: &[u8]) -> u8 {
    const WORDS: [(&[u8], u8); 4] = [(b"Low", LOW), (b"Medium", MEDIUM), (b"High", HIGH), (b"Very-High", CRITICAL)];
    match severity {
        b"0" => INFORMATIONAL,
        b"1" | b"2" | b"3" => LOW,
        b"4" | b"5" | b"6" => MEDIUM,
        b"7" | b"8" => HIGH,
        b"9" | b"10" => CRITICAL,
        word => {
            WORDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map_or(UNKNOWN, |(_, severity)| *severity)
        }
    }
}

/// The API server broke down over the request.
fn is_panic(view: &View<'_>) -> bool {
    stage(view) == Some(b"Panic")
}

const fn is_deletion(event: &Typed<'_, '_>) -> bool {
    matches!((event.class_uid, event.activity_id), (API_ACTIVITY | ENTITY_MANAGEMENT, 4))
}

/// Whether the object is one that takes many others along.
fn ruins_many(view: &View<'_>) -> bool {
    const SORTS: [&str; 3] = ["organization", "identityzone", "identityprovider"];
    let Some(sort) = view.peek(Field::ObjectType) else { return false };
    let letters = || sort.iter().filter(|octet| **octet != b'_').map(u8::to_ascii_lowercase);
    SORTS.iter().any(|name| letters().eq(name.bytes()) || letters().eq(name.bytes().chain([b's'])))
}

/// A role, privilege or group whose name says that it administrates.
fn grants_administration(event: &Typed<'_, '_>) -> bool {
    let grants = matches!((event.class_uid, event.activity_id), (USER_ACCESS, 1) | (GROUP_MANAGEMENT, 1 | 3));
    let names = [Field::GroupName, Field::ObjectName, Field::ResourceName, Field::EventAction];
    grants && names.iter().any(|field| event.view.peek(*field).is_some_and(name_says_admin))
}

fn name_says_admin(name: &[u8]) -> bool {
    name.windows(5).any(|part| part.eq_ignore_ascii_case(b"admin"))
}

/// Kubernetes' own store of secrets.
fn touches_secrets(view: &View<'_>) -> bool {
    view.peek(Field::ResourceType) == Some(b"secrets")
}
