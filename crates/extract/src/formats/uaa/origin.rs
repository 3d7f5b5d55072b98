//! Where a record came from: who called, from which address, with which token.

use super::kind::{Kind, Principal};
use crate::field::Field;
use crate::formats::ordered::{Order, key};
use crate::octets::Octets;
use crate::out::Out;
use crate::text::rsplit_once;

/// What stands between `origin=[` and its bracket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin<'a> {
    pub(super) text: &'a [u8],
    /// Otherwise its end was cut off.
    pub(super) is_whole: bool,
}

impl<'a> Origin<'a> {
    /// The user who acts, by name.
    pub(super) fn user(&self) -> Option<&'a [u8]> {
        let people = rsplit_once(self.text, DETAILS).map_or(self.text, |(people, _)| people);
        CLIENT_AND_USER.pairs(people).find(|pair| pair.name == "user").map(|pair| pair.value)
    }
}

impl Origin<'_> {
    /// Whether it ends with a name of a user or client, which can be any text.
    pub(super) fn ends_with_a_name(&self) -> bool {
        let value = self.text.strip_prefix(b"remoteAddress=").unwrap_or(self.text);
        value.iter().any(|octet| matches!(octet, b'=' | b','))
    }
}

const DETAILS: &[u8] = b", details=(";
const SEPARATOR: &[u8] = b", ";

/// Logins and other events with the request's details (`UaaAuthenticationDetails.java`).
static DETAILS_OF_REQUEST: Order = order(&[key("remoteAddress").optional().word(), key("clientId").optional()]);
/// What may follow them: never the session's id itself.
const SESSION: &[u8] = b"sessionId=<SESSION>";
/// Callers with an OAuth token (`AbstractUaaEvent.java`).
static CLIENT_AND_USER: Order = order(&[key("client"), key("user").optional()]);
/// Other callers.
static CALLER: Order = order(&[key("caller")]);
/// The details in an origin (`OAuth2AuthenticationDetails.java`). Spring's class, used until 2024, forgets the separator
/// before `tokenValue`.
static DETAILS_OF_TOKEN: Order = order(&[
    key("remoteAddress").optional().word(),
    key("clientId").optional(),
    key("sessionId").optional().word(),
    key("tokenType").optional().word(),
    key("tokenValue").optional().word().glued(),
    key("sub").optional(),
    key("iss").optional(),
    key("opaque-token").optional().word(),
    key("type").optional(),
]);

const fn order(keys: &'static [crate::formats::ordered::Key]) -> Order {
    Order::new(keys, SEPARATOR, b'=')
}

/// Says what there is, and whether there is a user who acts.
pub(super) fn report(kind: &Kind, principal: Option<&[u8]>, origin: &Origin<'_>, out: &mut Out<'_>) -> bool {
    let text = origin.text;
    if origin.is_whole {
        let value = out.octets(text);
        out.text("uaa.origin", value);
        // Of an unlocked account it is the user's identity provider.
        if !kind.names_provider {
            out.set_address(Field::SourceIp, value);
        }
    }
    let order = match text.split(|octet| *octet == b'=').next().unwrap_or_default() {
        b"remoteAddress" | b"clientId" | b"sessionId" => &DETAILS_OF_REQUEST,
        b"client" => &CLIENT_AND_USER,
        b"caller" => &CALLER,
        _ => return false,
    };
    // The details of a request are themselves no origin with details. Elsewhere, a user's name may be anything, so the last
    // place is the true one.
    let split = rsplit_once(text, DETAILS).filter(|_| !std::ptr::eq(order, &DETAILS_OF_REQUEST));
    let (people, details) = split.map_or((text, None), |(people, details)| (people, Some(details)));
    out.object("uaa.origin_fields");
    let has_user = if std::ptr::eq(order, &DETAILS_OF_REQUEST) {
        report_request(text, origin.is_whole, out);
        false
    } else if let Some(client) = own_client(kind, principal, people) {
        report_pair("client", client, out);
        false
    } else {
        report_pairs(order, people, origin.is_whole || details.is_some(), out)
    };
    if let Some(details) = details {
        let whole = details.strip_suffix(b")").filter(|_| origin.is_whole);
        report_details(whole.unwrap_or(details), whole.is_some(), out);
    }
    out.end();
    has_user
}

/// The client that got a token for itself: its id is the principal as well, and may look like a client and a user.
fn own_client<'a>(kind: &Kind, principal: Option<&[u8]>, people: &'a [u8]) -> Option<&'a [u8]> {
    let client = people.strip_prefix(b"client=")?;
    (kind.principal == Principal::Holder && principal == Some(client)).then_some(client)
}

/// A session stands at the very end; anything else that looks like one belongs to the client's id.
fn report_request(text: &[u8], is_whole: bool, out: &mut Out<'_>) {
    let before =
        text.strip_suffix(SESSION).filter(|before| is_whole && (before.is_empty() || before.ends_with(SEPARATOR)));
    let people = before.map_or(text, |before| before.strip_suffix(SEPARATOR).unwrap_or(before));
    report_pairs(&DETAILS_OF_REQUEST, people, is_whole, out);
    if let Some(before) = before {
        report_pair("sessionId", &text[before.len() + b"sessionId=".len()..], out);
    }
}

fn report_details(details: &[u8], is_whole: bool, out: &mut Out<'_>) {
    // A print of a map has no order.
    if details.starts_with(b"{") {
        return;
    }
    out.object("details");
    report_pairs(&DETAILS_OF_TOKEN, details, is_whole, out);
    out.end();
    let first = details.split(|octet| *octet == b',').next().unwrap_or_default();
    if is_whole || first.len() < details.len() {
        let first = out.octets(first);
        out.set_address(Field::SourceIp, first);
    }
}

fn report_pairs(order: &Order, text: &[u8], is_whole: bool, out: &mut Out<'_>) -> bool {
    let mut has_user = false;
    for pair in order.pairs(text).filter(|pair| pair.is_ended || is_whole) {
        report_pair(pair.name, pair.value, out);
        has_user |= pair.name == "user" && !matches!(pair.value, b"" | b"null");
    }
    has_user
}

fn report_pair(name: &'static str, value: &[u8], out: &mut Out<'_>) {
    let value = out.octets(value);
    out.pair(Octets::Word(name), value);
    match name {
        "remoteAddress" => out.set_address(Field::SourceIp, value),
        "client" | "clientId" => out.set(Field::OauthClient, value),
        "user" => out.set(Field::UserName, value),
        _ => {}
    }
}
