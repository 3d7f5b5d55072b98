//! The legacy form (`--audit-log-format=legacy`): one line of text per event, values quoted as Go does.
//!
//! ```text
//! 2024-05-01T10:00:00.5Z AUDIT: id="…" stage="…" ip="…" method="get" user="jane" groups="\"dev\"" as="<self>" …
//! ```
//!
//! Source: the API server's `pkg/audit/format.go`. Groups are quoted twice in the lines of its manual, and once in
//! those of its newest version: `groups="dev","ops"`.

use super::event::Event;
use super::go::{Unquoted, end_of_quoted, next_of_list};
use crate::json::{Key, keys, work};
use crate::octets::Octets;
use crate::out::Out;
use crate::text;

keys! {
    LineKey {
        Id b"id"
        Stage b"stage"
        Ip b"ip"
        Method b"method"
        User b"user"
        Groups b"groups"
        As b"as"
        AsGroups b"asgroups"
        UserAgent b"user-agent"
        Namespace b"namespace"
        Uri b"uri"
        Response b"response"
    }
}

/// What stands for a value that is not there.
const PLACEHOLDERS: &[&[u8]] = &[b"<none>", b"<self>", b"<lookup>", b"<unknown>", b"<deferred>", b""];

pub(super) fn extract(line: &[u8], out: &mut Out<'_>) {
    let Some((stamp, rest)) = text::split_once(line, b" AUDIT: ") else { return };
    let mut event = Event::default();
    let stamp = out.octets(stamp);
    out.text("requestReceivedTimestamp", stamp);
    event.received = Some(stamp);
    let mut seen = 0_u64;
    let mut pairs = Pairs { rest };
    while let Some((key, value)) = pairs.next() {
        let Some(key) = LineKey::of(key) else { continue };
        if seen & 1 << key.index() == 0 {
            seen |= 1 << key.index();
            pair(key, value, &mut event, out);
        }
    }
    // Lines of the oldest versions have no stage, and their response in a second line.
    let has = |key: LineKey| seen & 1 << key.index() != 0;
    if !pairs.rest.is_empty() || (has(LineKey::Stage) && !has(LineKey::Response)) {
        out.truncated();
    }
    super::settle(event, out);
}

/// A value of the line.
#[derive(Debug, Clone, Copy)]
enum Raw<'a> {
    /// What stood between quotes, or, for a list of quoted texts, between the first and the last.
    Quoted(&'a [u8]),
    /// What had none: a placeholder for a list, which is never the last value.
    Bare(&'a [u8]),
}

/// The pairs of a line: `key="value"`. Ends at what is none, which is left in `rest`.
struct Pairs<'a> {
    rest: &'a [u8],
}

impl<'a> Pairs<'a> {
    fn next(&mut self) -> Option<(&'a [u8], Raw<'a>)> {
        let end = memchr::memchr(b'=', self.rest);
        work::visit(end.unwrap_or(self.rest.len()));
        let (key, rest) = self.rest.split_at(end?);
        let (value, rest) = Raw::read(&rest[1..])?;
        self.rest = rest.strip_prefix(b" ").unwrap_or(rest);
        Some((key, value))
    }
}

impl<'a> Raw<'a> {
    /// The value at the start of `text`, and what follows.
    fn read(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let Some(quoted) = text.strip_prefix(b"\"") else {
            let end = memchr::memchr(b' ', text);
            work::visit(end.unwrap_or(text.len()));
            let (value, rest) = text.split_at(end?);
            return Some((Self::Bare(value), rest));
        };
        let mut end = end_of_quoted(quoted)?;
        while let Some(further) = quoted[end..].strip_prefix(b"\",\"") {
            end += 3 + end_of_quoted(further)?;
        }
        Some((Self::Quoted(&quoted[..end]), &quoted[end + 1..]))
    }

    /// The value, its escapes undone; nothing for a placeholder.
    fn value(self, out: &mut Out<'_>) -> Option<Octets> {
        let raw = match self {
            Self::Quoted(raw) | Self::Bare(raw) => raw,
        };
        if PLACEHOLDERS.contains(&raw) {
            return None;
        }
        Some(match self {
            Self::Quoted(raw) if raw.contains(&b'\\') => {
                out.copy(|decoded| decoded.extend(Unquoted::new(raw.iter().copied())))
            }
            Self::Quoted(raw) | Self::Bare(raw) => out.octets(raw),
        })
    }

    /// Adds the texts of a list as the array `name`.
    fn list(self, name: &'static str, out: &mut Out<'_>) {
        let Self::Quoted(raw) = self else { return };
        if PLACEHOLDERS.contains(&raw) {
            return;
        }
        out.array(name);
        if raw.starts_with(b"\\\"") {
            elements(Unquoted::new(raw.iter().copied()), out);
        } else {
            elements(b"\"".iter().chain(raw).chain(b"\"").copied(), out);
        }
        out.end();
    }
}

fn elements(mut list: impl Iterator<Item = u8> + Clone, out: &mut Out<'_>) {
    loop {
        let mut is_whole = false;
        let element = out.copy(|decoded| is_whole = next_of_list(&mut list, decoded).is_some());
        if !is_whole {
            return;
        }
        out.element(element);
    }
}

/// A pair, by the names of the JSON form.
fn pair(key: LineKey, value: Raw<'_>, event: &mut Event, out: &mut Out<'_>) {
    match key {
        LineKey::Groups => return value.list("user.groups", out),
        LineKey::AsGroups => return value.list("impersonatedUser.groups", out),
        _ => {}
    }
    let Some(value) = value.value(out) else { return };
    let (name, place) = match key {
        LineKey::Id => ("auditID", &mut event.audit_id),
        LineKey::Stage => ("stage", &mut event.stage),
        LineKey::Method => ("verb", &mut event.verb),
        LineKey::User => ("user.username", &mut event.user.name),
        LineKey::As => ("impersonatedUser.username", &mut event.effective_user),
        LineKey::UserAgent => ("userAgent", &mut event.user_agent),
        LineKey::Uri => ("requestURI", &mut event.uri),
        LineKey::Namespace => ("objectRef.namespace", event.reference.namespace()),
        LineKey::Ip => {
            event.source = Some(value);
            out.array("sourceIPs");
            out.element(value);
            return out.end();
        }
        LineKey::Response => {
            if let Some(code) = text::integer(out.get(value)) {
                event.status.code = Some(code);
                out.integer("responseStatus.code", code);
            }
            return;
        }
        LineKey::Groups | LineKey::AsGroups => return,
    };
    *place = Some(value);
    out.text(name, value);
}
