//! The API's actions: who asked for what to be done to which cluster.
//!
//! `Action 'create-cluster' by user 'admin', cluster name: 'logs', plan name: 'small'. Details: class … {…}`. The record
//! has several lines; senders that forward lines send the first, which has all but the details.

use super::{CREATE, DELETE, Fault, READ, UPDATE, meaning, print, spring};
use crate::field::Field;
use crate::meaning::Meaning;
use crate::message::Body;
use crate::out::Out;
use crate::text::{find, split_once};

/// By what stands before the first hyphen of an action. Only `create-cluster` is documented.
const VERBS: [(&[u8], &Meaning); 10] = [
    (b"create", CREATE),
    (b"delete", DELETE),
    (b"get", READ),
    (b"list", READ),
    (b"resize", UPDATE),
    (b"retrieve", READ),
    (b"rotate", UPDATE),
    (b"show", READ),
    (b"update", UPDATE),
    (b"upgrade", UPDATE),
];

pub(crate) fn extract(body: &Body<'_>, out: &mut Out<'_>) {
    let Some((prefix, text)) = spring::split(body.text) else { return };
    prefix.report(out);
    let Some(request) = Request::read(text) else { return out.truncated() };

    let verb = request.action.split(|octet| *octet == b'-').next().unwrap_or_default();
    out.means(meaning(&VERBS, verb));
    out.set_word(Field::ObjectType, "cluster");
    let parts: [(_, _, &[Field]); 4] = [
        ("pks.action", Some(request.action), &[Field::EventAction]),
        ("pks.user", request.user, &[Field::UserName]),
        ("pks.cluster", request.cluster, &[Field::ClusterName, Field::ObjectName]),
        ("pks.plan", request.plan, &[]),
    ];
    for (name, value, fields) in parts {
        if let Some(value) = value {
            let value = out.octets(value);
            out.text(name, value);
            fields.iter().for_each(|field| out.set(*field, value));
        }
    }
    let mut cut = request.cut;
    if let Some(details) = request.details {
        out.object("pks.details");
        cut = print::members(details, out) == Err(Fault::Cut);
        out.end();
    }
    if cut {
        out.truncated();
    }
    if request.is_ambiguous {
        out.ambiguous();
    }
}

const CLUSTER: &[u8] = b"', cluster name: '";
const PLAN: &[u8] = b"', plan name: '";
const DETAILS: &[u8] = b"'. Details: ";

/// What stands in the first line.
#[derive(Debug, PartialEq, Eq)]
struct Request<'a> {
    action: &'a [u8],
    user: Option<&'a [u8]>,
    cluster: Option<&'a [u8]>,
    plan: Option<&'a [u8]>,
    details: Option<&'a [u8]>,
    /// Whether the line ends too early, as far as can be told without its details.
    cut: bool,
    /// Whether one of the names may hold what looks like the next.
    is_ambiguous: bool,
}

impl<'a> Request<'a> {
    /// Values are quoted without escapes: a quote in one does not end it, what follows the quote does. The last part of a
    /// text without details is left out, since a quote at the end may be its own, and all parts are where what may follow a
    /// quote is there twice or not in order.
    fn read(text: &'a [u8]) -> Option<Self> {
        let (action, rest) = split_once(text.strip_prefix(b"Action '")?, b"' by user '")?;
        let mut request =
            Self { action, user: None, cluster: None, plan: None, details: None, cut: false, is_ambiguous: false };
        if !is_in_order(rest) {
            request.is_ambiguous = true;
            return Some(request);
        }
        let (parts, details) = match split_once(rest, DETAILS) {
            Some((parts, details)) => (parts, Some(details)),
            None => (rest, None),
        };
        let cut = details.is_none();
        let (user, rest) = part(Some(parts), CLUSTER, cut);
        let (cluster, rest) = part(rest, PLAN, cut);
        Some(Self { user, cluster, plan: rest.filter(|_| !cut), details, cut, ..request })
    }
}

/// Whether each separator is there at most once, each behind those before it. The details are no exception: a name could
/// hold their beginning.
fn is_in_order(text: &[u8]) -> bool {
    let mut end = 0;
    [CLUSTER, PLAN, DETAILS].into_iter().all(|separator| match find(text, separator) {
        Some(at) => {
            let is_behind = at >= end;
            end = at + separator.len();
            is_behind && find(&text[end..], separator).is_none()
        }
        None => true,
    })
}

/// The value up to `separator`, and what follows that. A value that nothing follows counts unless the text was cut.
fn part<'a>(text: Option<&'a [u8]>, separator: &[u8], cut: bool) -> (Option<&'a [u8]>, Option<&'a [u8]>) {
    let Some(text) = text else { return (None, None) };
    match split_once(text, separator) {
        Some((value, rest)) => (Some(value), Some(rest)),
        None => ((!cut).then_some(text), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, user: Option<&str>, cluster: Option<&str>, plan: Option<&str>, cut: bool) {
        let found = Request::read(text.as_bytes()).unwrap();
        let expected = (user.map(str::as_bytes), cluster.map(str::as_bytes), plan.map(str::as_bytes), cut);
        assert_eq!((found.user, found.cluster, found.plan, found.cut), expected, "{text}");
    }

    #[test]
    fn a_quote_does_not_end_a_value() {
        let text = "Action 'create-cluster' by user 'o'brien', cluster name: 'it's', plan name: ''a' plan'. Details: class A {";
        check(text, Some("o'brien"), Some("it's"), Some("'a' plan"), false);
    }

    #[test]
    fn a_value_that_was_cut_is_left_out() {
        let start = "Action 'create-cluster' by user 'ann', cluster name: 'logs', plan name: 'small'";
        check(start, Some("ann"), Some("logs"), None, true);
        check("Action 'create-cluster' by user 'ann', cluster name: 'lo", Some("ann"), None, None, true);
        check("Action 'create-cluster' by user 'ann'", None, None, None, true);
        check("Action 'delete-cluster' by user 'ann', clu", None, None, None, true);
    }

    #[test]
    fn names_that_hold_a_separator_are_left_out() {
        for parts in [
            "', cluster name: 'a', cluster name: 'b', plan name: 'small'",
            "', cluster name: 'a', plan name: 'b', plan name: 'small'",
            "', cluster name: 'a', plan name: 'b', cluster name: 'c'",
            "', plan name: 'a', cluster name: 'b'",
            "'. Details: a', cluster name: 'b', plan name: 'c'",
            "', cluster name: 'b'. Details: ', plan name: 'c'",
            "', cluster name: 'b', plan name: 'c'. Details: a'. Details: class A {",
        ] {
            let text = format!("Action 'delete-cluster' by user 'ann{parts}");
            check(&text, None, None, None, false);
            assert!(Request::read(text.as_bytes()).unwrap().is_ambiguous, "{text}");
        }
    }

    #[test]
    fn without_details_no_action_is_whole() {
        let text = "Action 'delete-cluster' by user 'ann', cluster name: 'logs', plan name: 'small'";
        check(text, Some("ann"), Some("logs"), None, true);
        check("Action 'resize' by user 'ann', cluster name: 'logs'.", Some("ann"), None, None, true);
        check("Action 'list-clusters' by user 'ann'", None, None, None, true);
        check("Action 'list-clusters' by user 'ann'. Details: null", Some("ann"), None, None, false);
    }
}
