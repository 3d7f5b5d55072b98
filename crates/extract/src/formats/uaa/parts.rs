//! A record's parts: where the separators are.

use super::kind::Kind;
use super::origin::Origin;
use crate::text::{rsplit_once, split_once};

/// The parts of a record that are whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Parts<'a> {
    pub(super) event: &'a [u8],
    pub(super) data: Option<&'a [u8]>,
    pub(super) principal: Option<&'a [u8]>,
    /// May be there in part.
    pub(super) origin: Option<Origin<'a>>,
    pub(super) zone: Option<&'a [u8]>,
    pub(super) authentication_type: Option<&'a [u8]>,
    pub(super) description: Option<&'a [u8]>,
    /// Line ends and tabs were replaced by `|`.
    pub(super) is_sanitized: bool,
    pub(super) is_whole: bool,
}

const PRINCIPAL: &[u8] = b"'): principal=";
const ORIGIN: &[u8] = b", origin=[";
const ZONE: &[u8] = b"], identityZoneId=[";

impl<'a> Parts<'a> {
    /// The parts of `record`, which begins with the event's type.
    pub(super) fn of(record: &'a [u8]) -> Self {
        let len = record.iter().take_while(|octet| octet.is_ascii_alphanumeric()).count();
        let (event, rest) = record.split_at(len);
        let parts = Self { event, ..Self::default() };
        let Some(rest) = rest.strip_prefix(b" ('") else { return parts };
        // Where the data are always null, a second separator is in the principal, which is what a client typed. Elsewhere it
        // is in the data, which may be.
        let split = match rest.strip_prefix(b"null'): principal=") {
            Some(after) if Kind::of(event).has_null_data => Some((&rest[..4], after)),
            _ => rsplit_once(rest, PRINCIPAL),
        };
        let Some((data, rest)) = split else { return parts };
        let parts = Self { data: Some(data), ..parts };
        let (rest, is_sanitized) = rest.strip_suffix(b"[SANITIZED]").map_or((rest, false), |rest| (rest, true));
        match rsplit_once(rest, ZONE) {
            Some((before, tails)) => parts.with_people(before, true).with_tails(tails, is_sanitized),
            None => parts.with_people(rest, false),
        }
    }

    /// What no client has a say in: the type.
    pub(super) fn event_alone(self) -> Self {
        Self { event: self.event, ..Self::default() }
    }

    /// What is certain when the end was cut off: an origin that ends with a name of somebody's may have gone on, with what looks like its
    /// end in it; and then its zone and the tails may be of that name.
    pub(super) fn without_end(self) -> Self {
        let origin =
            self.origin.map(|origin| Origin { is_whole: origin.is_whole && !origin.ends_with_a_name(), ..origin });
        let zone = self.zone.filter(|_| !self.is_whole && origin.as_ref().is_some_and(|origin| origin.is_whole));
        Self {
            origin,
            zone,
            authentication_type: None,
            description: None,
            is_sanitized: false,
            is_whole: false,
            ..self
        }
    }

    /// Principal and origin, which end with `text`, or are cut there.
    fn with_people(self, text: &'a [u8], is_whole: bool) -> Self {
        // An id holds no separator, but an origin can: a client's id is in it.
        let split = if Kind::of(self.event).principal.is_id() { split_once } else { rsplit_once };
        match split(text, ORIGIN) {
            Some((principal, origin)) => {
                let origin = Origin::new(origin, is_whole);
                Self { principal: Some(principal), origin: Some(origin), ..self }
            }
            None => self,
        }
    }

    /// The zone and what follows it. Optional tails are stripped from the right.
    fn with_tails(self, tails: &'a [u8], is_sanitized: bool) -> Self {
        let Some(tails) = tails.strip_suffix(b"]") else {
            return Self { zone: split_once(tails, b"], ").map(|(zone, _)| zone), ..self };
        };
        let (tails, description) = optional_tail(tails, b"], detailedDescription=[");
        let (zone, authentication_type) = optional_tail(tails, b"], authenticationType=[");
        let is_whole = self.principal.is_some();
        Self { zone: Some(zone), authentication_type, description, is_sanitized, is_whole, ..self }
    }
}

fn optional_tail<'a>(text: &'a [u8], start: &[u8]) -> (&'a [u8], Option<&'a [u8]>) {
    rsplit_once(text, start).map_or((text, None), |(before, tail)| (before, Some(tail)))
}

impl<'a> Origin<'a> {
    fn new(text: &'a [u8], is_whole: bool) -> Self {
        // Cut within the separator behind it, an origin is whole all the same.
        let before_zone = text.iter().rposition(|octet| *octet == b']').filter(|at| ZONE.starts_with(&text[*at..]));
        match before_zone.filter(|_| !is_whole) {
            Some(end) => Self { text: &text[..end], is_whole: true },
            None => Self { text, is_whole },
        }
    }
}
