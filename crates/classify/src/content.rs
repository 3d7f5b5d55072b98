//! From the text of a message to its family, and through the family's rules.

use record::{Class, Flags};

use crate::found::Found;
use crate::{audit_event, carrier, cef, json, k8s, logmessage, mark, message, pks, uaa, ucp};
use json::Outline;

/// Decides about a trimmed message whose header names `app_name` as its sender. `is_at_mark`: it ends where senders cut.
pub(crate) fn decide(text: &[u8], app_name: &[u8], is_at_mark: bool) -> Found {
    match text.first() {
        Some(b'{') => object(text, Layer::Outer),
        Some(b'@') => cookie(text),
        Some(b'0'..=b'9') => match carrier::cri(text) {
            Some(start) => inner(&text[start..], is_at_mark).moved(start),
            None => line(text, app_name, is_at_mark),
        },
        Some(_) => line(text, app_name, is_at_mark),
        None => Found::nothing(),
    }
}

/// Whether a carrier may still be unwrapped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layer {
    Outer,
    Inner,
}

/// Text rules, the first that matches: those that are anchored at the start come before UAA's, which searches.
///
/// Brackets tell whether JSON is whole. Text can look whole, and even be made to look so by a client who knows where it will
/// be cut.
fn line(text: &[u8], app_name: &[u8], is_at_mark: bool) -> Found {
    let found = None
        .or_else(|| cef::decide(text))
        .or_else(|| pks::decide(text, app_name))
        .or_else(|| k8s::legacy(text))
        .or_else(|| uaa::decide(text))
        .unwrap_or(Found::nothing());
    let is_cut = is_at_mark && found.text.class != Class::Other;
    found.with(if is_cut { Flags::TRUNCATED_UPSTREAM } else { Flags::NONE })
}

/// JSON rules, the first that matches. A LogMessage comes first, so that no application gets past it.
pub(crate) fn members(outline: &Outline) -> Option<Found> {
    None.or_else(|| logmessage::object(outline))
        .or_else(|| k8s::event(outline))
        .or_else(|| k8s::list(outline))
        .or_else(|| ucp::record(outline))
        .or_else(|| audit_event::single(outline))
        .or_else(|| audit_event::page(outline))
}

/// `text` begins with `{`.
fn object(text: &[u8], layer: Layer) -> Found {
    if let Some(found) = logmessage::pasted(text) {
        return found;
    }
    let outline = json::outline(text);
    let found = members(&outline).or_else(|| match layer {
        Layer::Outer => json_file(text, &outline).or_else(|| steno(text, &outline)).or_else(|| cut(text, &outline)),
        Layer::Inner => None,
    });
    let found = found.unwrap_or(Found::nothing());
    let is_cut_carrier = layer == Layer::Outer && outline.is_cut() && carrier::begins_like_one(text);
    let cut = if is_cut_carrier { Flags::TRUNCATED_UPSTREAM } else { Flags::NONE };
    found.with(outline.flags(found.text.class) | cut)
}

/// `@cee:` says that JSON follows (Lumberjack's cookie); here it is only skipped.
fn cookie(text: &[u8]) -> Found {
    const COOKIE: &[u8] = b"@cee:";
    let Some(rest) = text.strip_prefix(COOKIE) else { return Found::nothing() };
    let blanks = rest.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
    match rest.get(blanks) {
        Some(b'{') => object(&rest[blanks..], Layer::Outer).moved(COOKIE.len() + blanks),
        _ => Found::nothing(),
    }
}

/// The record inside a carrier: any family, but no further carrier. Docker puts pieces of a line into carriers, too.
pub(crate) fn inner(text: &[u8], is_at_mark: bool) -> Found {
    let is_at_mark = is_at_mark || mark::is_piece(text);
    let range = message::trimmed(text, 0);
    let start = range.start;
    let text = &text[range];
    let found = if text.first() == Some(&b'{') { object(text, Layer::Inner) } else { line(text, b"", is_at_mark) };
    found.moved(start)
}

/// The record in the `log` member of a docker json-file line.
fn json_file(text: &[u8], outline: &Outline) -> Option<Found> {
    carrier::json_file(outline).map(|carried| unescaped_inner(text, carried))
}

/// The audit event in the `message` member of a record of Cloud Controller's own log.
fn steno(text: &[u8], outline: &Outline) -> Option<Found> {
    let found = unescaped_inner(text, carrier::steno(outline)?);
    (found.text.class == Class::AuditEvent).then_some(found)
}

/// The record in a carrier that was cut inside it. Only a record that is certain by itself counts, since what tells that
/// the carrier is one has not come yet.
fn cut(text: &[u8], outline: &Outline) -> Option<Found> {
    if let Some(carried) = carrier::cut_json_file(text, outline) {
        let found = unescaped_inner(text, carried);
        return (found.text.class != Class::Other).then_some(found);
    }
    let found = unescaped_inner(text, carrier::cut_steno(text, outline)?);
    (found.text.name == audit_event::V3.name).then_some(found)
}

/// The record in the octets `carried` of a JSON string. Not inlined: only what carries something shall pay for the buffer.
#[inline(never)]
pub(crate) fn unescaped_inner(text: &[u8], carried: record::FrameSpan) -> Found {
    let mut buffer = [0; crate::INNER_BYTES_MAX];
    let undone = json::unescape(carried.of(text), &mut buffer);
    let mut found = inner(undone.text, false);
    if !undone.whole {
        found.flags = carrier::without_end(found.flags);
    }
    Found { start: carried.start as usize, end: carried.end as usize, ..found }
}
