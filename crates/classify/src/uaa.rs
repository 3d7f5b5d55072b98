//! UAA's audit line.
//!
//! `Audit: ` type ` ('` data `'): principal=` … `, origin=[` … `], identityZoneId=[` … `]` and optional tails. Nothing in it is
//! escaped, and data and principal can be what a client typed.

use memchr::{memchr_iter, memchr2, memmem};
use record::{Class, Flags};

use crate::REACH_BYTES;
use crate::cursor::Cursor;
use crate::found::Found;
use crate::rule::RuleText;

pub(crate) static LINE: RuleText = RuleText {
    name: "uaa.audit",
    class: Class::UaaAudit,
    sentence: "UAA's audit logger: `Audit: `, an event type and ` ('`, at the start or after UAA's log layout",
};

const NEEDLE: &[u8] = b"Audit: ";
const DATA: &[u8] = b" ('";

/// What UAA's layout writes for everything between `password=` or `client_secret=` and the next `&`.
pub(crate) const MASK: &[u8] = b"=<redacted>";

/// The rule for UAA.
///
/// After the log layout, type and opening quote are certain enough: UAA cuts its own lines after `password=`. A bare line
/// names no producer, so it must go on at least to `'): principal=`.
pub(crate) fn decide(text: &[u8]) -> Option<Found> {
    let (start, end) = match text.first()? {
        b'A' => (0, head_end(text, 0)?),
        b'[' => after_layout(text)?,
        _ => return None,
    };
    let body = Body::read(&text[end..]);
    if start == 0 && body.separators == 0 {
        return None;
    }
    Some(Found::new(&LINE, start, end).with(body.flags()))
}

/// Where the event type's quote opens, when a record begins at `start`.
fn head_end(text: &[u8], start: usize) -> Option<usize> {
    let rest = text[start..].strip_prefix(NEEDLE)?;
    let event_type = rest.iter().take_while(|octet| octet.is_ascii_alphanumeric()).count();
    let head = rest.first()?.is_ascii_uppercase() && rest[event_type..].starts_with(DATA);
    head.then(|| start + NEEDLE.len() + event_type + DATA.len())
}

/// A record after the log layout: its start and the end of its head. What another logger printed is none, whatever it holds.
fn after_layout(text: &[u8]) -> Option<(usize, usize)> {
    let start = layout_end(text)?;
    Some((start, head_end(text, start)?))
}

/// Where UAA's log layout ends: `[job=uaa index=0]  [UAA_AUDIT] [stamp] uaa - pid [thread] - [trace,span] ....  INFO --- `, of which
/// the first two parts (metron's, and another layout's) and the trace may be missing. It ends with the first ` --- ` behind a
/// level: what stands further on can be a client's text.
pub(crate) fn layout_end(text: &[u8]) -> Option<usize> {
    const END: &[u8] = b" --- ";
    let reach = &text[..text.len().min(REACH_BYTES)];
    let start = name_end(reach)?;
    let has_level = |at: &usize| {
        let before = &reach[start..*at];
        let level = before.iter().rev().take_while(|octet| octet.is_ascii_uppercase()).count();
        level > 0 && before[..before.len() - level].ends_with(b" ")
    };
    let end = memmem::find_iter(&reach[start..], END).map(|at| start + at).find(has_level)?;
    Some(end + END.len())
}

/// Where the name behind the stamp ends.
fn name_end(text: &[u8]) -> Option<usize> {
    metron_end(text).and_then(|at| name_end_from(text, at)).or_else(|| name_end_from(text, 0))
}

/// Behind what metron put before each line: `[job=… index=…]` and blanks.
fn metron_end(text: &[u8]) -> Option<usize> {
    let mut block = Cursor::new(text);
    block.literal(b"[job=")?;
    block.past(b']')?;
    block.blanks()?;
    Some(block.at())
}

fn name_end_from(text: &[u8], at: usize) -> Option<usize> {
    let mut layout = Cursor::new(&text[at..]);
    layout.literal(b"[")?;
    layout.past(b']')?;
    if layout.maybe(b" [") {
        layout.past(b']')?;
    }
    layout.literal(b" uaa")?;
    Some(at + layout.at())
}

/// What can be counted in a record after its first quote.
struct Body {
    /// How many `'): principal=` there are.
    separators: usize,
    /// How many `, origin=[` after the first of them.
    origins: usize,
    /// How many `], identityZoneId=[` after the first of them.
    zones: usize,
    /// Whether it ends with a bracket, as every whole record does.
    closed: bool,
    /// Whether UAA's masking took something out of it, of which a client's `&` said where that ends.
    masked: bool,
}

impl Body {
    /// Two passes: only `&`, `)` and `[` are looked at closely.
    fn read(text: &[u8]) -> Self {
        let closed = text.trim_ascii_end().ends_with(b"]");
        let masked = memchr_iter(b'&', text).any(|at| text[..at].ends_with(MASK));
        let mut body = Self { separators: 0, origins: 0, zones: 0, closed, masked };
        let mut at = 0;
        while let Some(found) = memchr2(b')', b'[', &text[at..]) {
            let octet = text[at + found];
            at += found + 1;
            if octet == b')' {
                body.separators += usize::from(text[..at].ends_with(b"')") && text[at..].starts_with(b": principal="));
            } else if body.separators > 0 {
                body.origins += usize::from(text[..at].ends_with(b", origin=["));
                body.zones += usize::from(text[..at].ends_with(b"], identityZoneId=["));
            }
        }
        body
    }

    fn flags(&self) -> Flags {
        let whole = self.separators > 0 && self.zones > 0 && self.closed;
        let ambiguous = self.separators > 1 || self.origins > 1 || self.zones > 1 || self.masked;
        let cut = if whole { Flags::NONE } else { Flags::TRUNCATED_UPSTREAM };
        if ambiguous { cut | Flags::UAA_AMBIGUOUS } else { cut }
    }
}
