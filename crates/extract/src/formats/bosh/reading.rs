//! Which of several places that look alike the server wrote.
//!
//! The server writes whole rows of keys, before a client's headers and behind them, and its severity says whether the status
//! is one of a failure. Where that leaves more than one reading, nothing is read from the text in question.

use memchr::memmem;

use super::{Component, REASON};
use crate::formats::ordered::{Link, Order};
use crate::json::work;

/// What the severity says of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    Success,
    Failure,
    Unknown,
}

impl Severity {
    /// The director and the agent write 1 for a status below 400, and 7 for others.
    pub(super) const fn of(text: &[u8]) -> Self {
        match text {
            b"1" => Self::Success,
            b"7" => Self::Failure,
            _ => Self::Unknown,
        }
    }

    pub(super) const fn outcome(self) -> Option<&'static str> {
        match self {
            Self::Success => Some("success"),
            Self::Failure => Some("failure"),
            Self::Unknown => None,
        }
    }

    /// Whether a call with this severity can have had this status.
    pub(super) const fn allows(self, status: i64) -> bool {
        match self {
            Self::Success => status < 400,
            Self::Failure => status >= 400,
            Self::Unknown => true,
        }
    }
}

/// Where a chain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It is not there as a whole, and its first key is searched for.
    Open,
    At(usize),
    /// What looks like it is not the server's, or may not be.
    Nowhere,
}

/// How an extension is to be read.
#[derive(Debug)]
pub(super) struct Reading {
    head: Place,
    tail: Place,
    /// Where reading begins: behind the names, if these cannot be told; nowhere, if that place cannot be told either.
    pub(super) start: Option<usize>,
    /// The status, if all readings agree in it.
    pub(super) status: Option<i64>,
    pub(super) is_ambiguous: bool,
}

/// Some places of a chain: how many there are, the first of them, and their status if all have the same.
#[derive(Debug, Default)]
struct Found {
    count: usize,
    first: usize,
    last: usize,
    first_end: usize,
    last_end: usize,
    status: Option<i64>,
}

impl Found {
    fn among(links: impl Iterator<Item = Link>) -> Self {
        let mut found = Self::default();
        for link in links {
            if found.count == 0 {
                found = Self { first: link.place.start, first_end: link.place.end, status: link.status, ..found };
            }
            found.status = found.status.filter(|status| Some(*status) == link.status);
            found.count += 1;
            (found.last, found.last_end) = (link.place.start, link.place.end);
        }
        found
    }
}

impl Reading {
    /// `is_begun`: the extension begins with `text`, and not somewhere before.
    pub(super) fn of(component: &Component, severity: Severity, text: &[u8], is_begun: bool) -> Self {
        let mut reading =
            Self { head: Place::Open, tail: Place::Open, start: Some(0), status: None, is_ambiguous: false };
        let heads = Found::among(component.head.places(text));
        reading.find_tail(component, severity, text, heads.first_end);
        reading.find_head(component, text, &heads, is_begun);
        reading
    }

    /// The tail stands behind the first head, and a failure's reason may follow it.
    fn find_tail(&mut self, component: &Component, severity: Severity, text: &[u8], from: usize) {
        let Some(tail) = &component.tail else { return };
        let is_last = |link: &Link| {
            let rest = &text[link.place.end..];
            let rest = if component.reason.starts_with(' ') { rest } else { rest.strip_prefix(b" ").unwrap_or(rest) };
            rest.is_empty() || (severity != Severity::Success && rest.starts_with(component.reason.as_bytes()))
        };
        let links = || tail.places(text).filter(|link| link.place.start >= from);
        let may_be = |link: &Link| link.status.is_some_and(|status| severity.allows(status));
        let mut found = Found::among(links().filter(|link| may_be(link) && is_last(link)));
        if found.count == 0 {
            found = Found::among(links().filter(may_be));
        }
        self.status = found.status;
        self.tail = match found.count {
            0 if links().next().is_none() => Place::Open,
            1 => Place::At(found.first),
            _ => Place::Nowhere,
        };
        self.is_ambiguous |= found.count > 1;
    }

    /// The head stands before the tail. Nothing of a client's stands before one with which the text begins.
    fn find_head(&mut self, component: &Component, text: &[u8], all: &Found, is_begun: bool) {
        let end = if let Place::At(tail) = self.tail { tail } else { text.len() };
        let heads = Found::among(component.head.places(text).filter(|link| link.place.end <= end));
        let key = component.head.key();
        let is_first = is_begun && text.starts_with(key.as_bytes());
        let has_two_starts = component.head.starts(text).nth(1).is_some();
        let is_only = heads.count == 1 && (is_begun || !has_two_starts);
        self.head = if component.ends_with_head() {
            if heads.count > 0 && heads.last_end == text.len() {
                self.status = Found::among(component.head.places(&text[heads.last..])).status;
                Place::At(heads.last)
            } else if all.count == 1 && !has_two_starts {
                Place::At(all.first)
            } else if all.count > 0 || has_two_starts {
                Place::Nowhere
            } else {
                Place::Open
            }
        } else if is_first || is_only {
            Place::At(if is_first { 0 } else { heads.first })
        } else if heads.count > 1 || has_two_starts {
            Place::Nowhere
        } else {
            Place::Open
        };
        self.is_ambiguous |= self.head == Place::Nowhere;
    }

    /// Whether one of the names before the head looks like more than one: there are two clients, or one of a local user's,
    /// who has none.
    pub(super) fn has_doubtful_names(&self, component: &Component, text: &[u8]) -> bool {
        const CLIENT: &str = "requestClientApplication=";
        let Place::At(head) = self.head else { return false };
        if component.first.len() == 1 {
            return false;
        }
        let mut clients = places_apart(&text[..head], CLIENT);
        match (clients.next(), clients.next()) {
            (Some(first), None) => first > 0 && self.is_local(component, text),
            (first, _) => first.is_some(),
        }
    }

    /// Whether the server says that it knows the caller itself.
    fn is_local(&self, component: &Component, text: &[u8]) -> bool {
        let (Place::At(tail), Some(chain)) = (self.tail, &component.tail) else { return false };
        text[tail..].strip_prefix(chain.key().as_bytes()).is_some_and(|kind| kind.starts_with(b"basic "))
    }

    /// Reads from the head on.
    pub(super) fn leave_out_names(&mut self) {
        self.is_ambiguous = true;
        self.start = match self.head {
            Place::At(head) => Some(head),
            Place::Open | Place::Nowhere => None,
        };
    }

    /// Whether the last value that is read ends where nobody knows.
    pub(super) fn is_open(&self) -> bool {
        self.is_ambiguous && (self.head == Place::Nowhere || self.tail == Place::Nowhere)
    }

    /// The component's order in `text`, with what is known. The label of a reason at the very end is the server's.
    pub(super) fn order(&self, component: &Component, text: &[u8]) -> Order {
        let mut order = component.order;
        let start = self.start.unwrap_or_default();
        let keys = [(Some(&component.head), self.head), (component.tail.as_ref(), self.tail)];
        for (chain, place) in keys {
            let Some((name, _)) = chain.and_then(|chain| chain.key().split_once('=')) else { continue };
            match place {
                Place::Open => {}
                Place::At(at) => order = order.at(name, at - start),
                Place::Nowhere => order = order.nowhere(name),
            }
        }
        let label = component.reason_label;
        let before = text.strip_suffix(REASON).and_then(|text| text.strip_suffix(b"=")?.strip_suffix(label.as_bytes()));
        match before {
            Some(before) if !label.is_empty() && before.len() > start => order.at(label, before.len() - start),
            _ => order,
        }
    }
}

/// All places of `key`, apart from what stands before it.
fn places_apart<'a>(text: &'a [u8], key: &'a str) -> impl Iterator<Item = usize> + 'a {
    work::visit(text.len());
    memmem::find_iter(text, key).filter(|at| *at == 0 || text[at - 1] == b' ')
}
