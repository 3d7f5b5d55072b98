//! CredHub security events: CEF (credhub, `CEFAuditRecord.kt`, `OperationDeviceAction.kt`).
//!
//! It escapes nothing, neither in the header nor in the extension, and writes a blank after the last value. User names,
//! X-Forwarded-For and the names of credentials can hold what looks like further keys: what depends on which of several
//! rows of keys is CredHub's own is left out.

use std::ops::Range;

use memchr::memmem;

use super::call::{self, Call, Calls, Effect};
use super::cef::{End, Header, NONE, Ordered};
use super::ordered::{Chain, Order, Pair, Value, key, status};
use super::prefix;
use crate::field::Field;
use crate::json::{Scanner, Text, is_one_value, work};
use crate::message::Body;
use crate::octets::Octets;
use crate::out::Out;
use crate::text::{find, rfind, split_once};

/// Records of 2017 and 2018 have the label `result` in place of `versionUuid`, and end with `dst`.
const ORDER: Order = Order::new(
    &[
        key("rt").word(),
        key("suser"),
        key("suid"),
        key("cs1Label").before("userAuthenticationMechanism cs1=").word(),
        key("cs1").word(),
        key("request").word(),
        key("requestMethod").word(),
        key("cs3Label").word(),
        key("cs3").word(),
        key("cs4Label").before("httpStatusCode cs4=").word(),
        key("cs4").word(),
        key("src"),
        key("dst").word(),
        key("cs2Label").before("resourceName cs2=").word(),
        key("cs2"),
        key("cs5Label").before("resourceUuid cs5=").word(),
        key("cs5").word(),
        key("deviceAction").word(),
        key("cs6Label").before("requestDetails cs6=").word(),
        key("cs6"),
    ],
    b" ",
    b'=',
);

/// What stands between the user's name and X-Forwarded-For.
static REQUEST: Chain = Chain(&[
    ("suid=", Value::Word),
    (" cs1Label=userAuthenticationMechanism cs1=", Value::Word),
    (" request=", Value::Word),
    (" requestMethod=", Value::Method),
    (" cs3Label=", Value::Word),
    (" cs3=", Value::Word),
    (" cs4Label=httpStatusCode cs4=", Value::Word),
    (" src=", Value::None),
]);
/// How the request's row begins.
const ACTORS: [&[u8]; 2] = [b" suid=uaa-", b" suid=mtls-"];
/// Between that and the credential's name.
static SERVER: Chain = Chain(&[("dst=", Value::Word), (" cs2Label=resourceName cs2=", Value::None)]);
/// Behind the name.
static OPERATION: Chain = Chain(&[("cs5Label=resourceUuid cs5=", Value::Word), (" deviceAction=", Value::Word)]);
/// The destination, with which old records end.
static DESTINATION: Chain = Chain(&[("dst=", Value::None)]);

/// An operation, by the word in `deviceAction`.
#[derive(Debug)]
struct Operation {
    name: &'static str,
    call: Call,
    object: &'static str,
    /// Whether `cs6` follows.
    has_details: bool,
}

const CATEGORY: &[&str] = &["iam", "api"];
/// OCSF class User Access Management: who may do what.
const USER_ACCESS: u16 = 3005;

impl Operation {
    fn named(name: &[u8]) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.name.as_bytes() == name)
    }

    const fn on(self, object: &'static str) -> Self {
        Self { object, ..self }
    }

    /// For those that are in the enumeration though no code sets them.
    const fn without_details(self) -> Self {
        Self { has_details: false, ..self }
    }
}

const fn operation(name: &'static str, effect: Effect) -> Operation {
    Operation { name, call: Call::new(CATEGORY, effect), object: "credential", has_details: true }
}

const fn grant(name: &'static str, effect: Effect, ocsf_activity: u8) -> Operation {
    Operation { call: Call::in_class(CATEGORY, effect, USER_ACCESS, ocsf_activity), ..operation(name, effect) }
        .on("permission")
}

static OPERATIONS: [Operation; 21] = [
    operation("GET", Effect::Access),
    operation("SET", Effect::Change),
    operation("GENERATE", Effect::Creation),
    operation("REGENERATE", Effect::Change),
    operation("BULK_REGENERATE", Effect::Change),
    operation("DELETE", Effect::Deletion),
    operation("FIND", Effect::Access),
    operation("GET_PERMISSIONS", Effect::Access).on("permission"),
    grant("ADD_PERMISSIONS", Effect::Creation, 1),
    grant("PUT_PERMISSIONS", Effect::Change, 1),
    grant("PATCH_PERMISSIONS", Effect::Change, 1),
    grant("DELETE_PERMISSIONS", Effect::Deletion, 2),
    operation("INTERPOLATE", Effect::Access),
    operation("INFO", Effect::Access).without_details(),
    operation("VERSION", Effect::Access).without_details(),
    operation("HEALTH", Effect::Access).without_details(),
    operation("KEY_USAGE", Effect::Access).without_details(),
    operation("GET_ALL_CERTIFICATES", Effect::Access).on("certificate"),
    operation("REGENERATE_CERTIFICATE", Effect::Change).on("certificate"),
    operation("GET_CERTIFICATE", Effect::Access).on("certificate"),
    operation("UPDATE_TRANSITIONAL_VERSION", Effect::Change).on("certificate"),
];

/// A SET that was answered 201: there was no such credential before.
static FIRST_SET: Call = Call::in_class(CATEGORY, Effect::Change, call::API_ACTIVITY, 1);
/// Endpoints that name no operation.
static NAMELESS: Calls = Calls::new(CATEGORY);

/// One record or, for a request about several credentials, one for each with line feeds between them.
pub(crate) fn extract(body: &Body<'_>, out: &mut Out<'_>) {
    let (prefix, text) = prefix::before_cef(body.text);
    let group = Group::of(text);
    let Some(mut at) = group.next(text, out) else {
        prefix.report(out);
        return extract_one(text, out);
    };
    out.begin_batch();
    let mut rest = text;
    loop {
        out.begin_event();
        prefix.report(out);
        extract_one(&rest[..at], out);
        out.end_event();
        if at == rest.len() {
            break;
        }
        rest = &rest[at + 1..];
        at = group.next(rest, out).unwrap_or(rest.len());
    }
    out.end_batch();
}

const NEXT_RECORD: &[u8] = b"\nCEF:0|cloud_foundry|credhub|";

/// The records of one request, by what they have in common: everything from the header to the method, in one line. `None`
/// where the first line does not have that.
#[derive(Debug)]
struct Group<'a>(Option<&'a [u8]>);

impl<'a> Group<'a> {
    fn of(text: &'a [u8]) -> Self {
        let first = find(text, NEXT_RECORD).map_or(text, |at| &text[..at]);
        let method = find(first, b" requestMethod=");
        Self(method.and_then(|method| Some(&first[..method + find(&first[method..], b" cs3Label=")?])))
    }

    /// Where the line feed before the next record stands. A client's text may have one as well, with any record behind it:
    /// such a place is left in the record that holds it, which shows that it can be read in two ways.
    fn next(&self, text: &[u8], out: &mut Out<'_>) -> Option<usize> {
        let mut from = 0;
        while let Some(at) = find(&text[from..], NEXT_RECORD) {
            let at = from + at;
            if self.has(&text[at + 1..]) {
                return Some(at);
            }
            out.ambiguous();
            from = at + 1;
        }
        None
    }

    /// Whether `text`, which may have been cut, begins as the records of the group do.
    fn has(&self, text: &[u8]) -> bool {
        let Some(start) = self.0 else { return false };
        let same = start.iter().zip(text).take_while(|(ours, theirs)| ours == theirs).count();
        work::visit(same);
        same == start.len() || same == text.len()
    }
}

fn extract_one(record: &[u8], out: &mut Out<'_>) {
    let header = header(record);
    let signature = header.report(out);
    let Some(text) = header.extension() else {
        set_action(signature.id, out);
        return out.truncated();
    };
    let (text, has_last_blank) = text.strip_suffix(b" ").map_or((text, false), |text| (text, true));
    let reading = Reading::of(text);
    let end = |before: &Ordered<'_>, last: &Pair<'_>, out: &Out<'_>| {
        if reading.is_ambiguous { End::Unknown } else { end(before, last, has_last_blank, out) }
    };
    let extension = Ordered::read(&reading.order, text, NONE, out, end);
    if reading.is_ambiguous {
        out.ambiguous();
    }
    if let Some(operation) = extension.get("deviceAction").filter(|value| Operation::named(out.get(*value)).is_some()) {
        out.set(Field::EventAction, operation);
    }
    set_action(signature.id, out);
    normalise(&reading, &extension, out);
}

/// How an extension is to be read.
#[derive(Debug)]
struct Reading {
    order: Order,
    is_ambiguous: bool,
    /// The destination is the last key, and X-Forwarded-For before it may hold another.
    has_two_destinations: bool,
}

impl Reading {
    /// Of each row that CredHub writes, there must be one where it can stand. Reading stops before the first of which there
    /// are more.
    fn of(text: &[u8]) -> Self {
        let mut reading = Self { order: ORDER, is_ambiguous: false, has_two_destinations: false };
        // The details are JSON to the end of the record, in which a name stands once more.
        let details = Self::details(text);
        let text = &text[..details.unwrap_or(text.len())];
        let request = reading.find_request(text).map_or(0, |request| request.end);
        if let Some(server) = reading.find("dst", &SERVER, text, request) {
            reading.find("cs5Label", &OPERATION, text, server.end);
        } else if !reading.is_ambiguous {
            let places = DESTINATION.places(text).filter(|link| link.place.start >= request);
            reading.has_two_destinations = places.take(2).count() == 2;
            reading.is_ambiguous = reading.has_two_destinations;
        }
        reading
    }

    /// Where the operation ends that is followed by one JSON value, up to the end of the text.
    ///
    /// Such a place in a client's text before it is no other: there, CredHub's own ` cs6=` would stand within a string of that
    /// value, the first quote of the details would end the string, and the name behind that quote is no JSON. Neither is there
    /// one in a string of the details, where no quote stands without a backslash.
    fn details(text: &[u8]) -> Option<usize> {
        const LABEL: &[u8] = b" cs6Label=requestDetails cs6=";
        let mut from = 0;
        while let Some(at) = find(&text[from..], LABEL) {
            let start = from + at;
            from = start + LABEL.len();
            if is_one_value(&text[from..]) {
                return Some(start);
            }
        }
        None
    }

    /// Where the request's row is. A client's id may hold a blank, which makes it none that [`REQUEST`] knows: what looks like
    /// the row's beginning counts as well, unless it stands behind a row. A user's id holds no blank, and a client's name is its
    /// id once more, so that a whole row in that stands there twice: a single row behind which there is a beginning is CredHub's own.
    fn find_request(&mut self, text: &[u8]) -> Option<Range<usize>> {
        let row = self.find("suid", &REQUEST, text, 0);
        if self.is_ambiguous {
            return row;
        }
        let starts = ACTORS.iter().flat_map(|actor| all(text, actor)).map(|blank| blank + 1);
        let mut others = starts.filter(|start| row.as_ref().is_none_or(|row| *start < row.start));
        match (&row, others.next(), others.next()) {
            (_, None, _) => row,
            (None, Some(start), None) => {
                self.order = ORDER.at("suid", start);
                Some(start..start)
            }
            (_, Some(_), _) => {
                self.order = ORDER.nowhere("suid");
                self.is_ambiguous = true;
                row
            }
        }
    }

    /// Where `chain`, whose first key is `name`, is behind `from`.
    fn find(&mut self, name: &'static str, chain: &Chain, text: &[u8], from: usize) -> Option<Range<usize>> {
        if self.is_ambiguous {
            return None;
        }
        let mut places = chain.places(text).map(|link| link.place).filter(|place| place.start >= from);
        let first = places.next()?;
        self.is_ambiguous = places.next().is_some();
        self.order = if self.is_ambiguous { self.order.nowhere(name) } else { self.order.at(name, first.start) };
        Some(first)
    }
}

/// All places of `needle`.
fn all<'a>(text: &'a [u8], needle: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    work::visit(text.len());
    memmem::find_iter(text, needle)
}

fn set_action(value: Option<Octets>, out: &mut Out<'_>) {
    if let Some(value) = value {
        out.set(Field::EventAction, value);
    }
}

/// The header, whose signature id and name are the same text and may hold a `|`.
///
/// A path holds no blank, so it does not reach beyond ` suser=`, and the last `|0|rt=` before that is the true one.
fn header(record: &[u8]) -> Header<'_> {
    const FIELDS_BEFORE: usize = 4;
    const END: &[u8] = b"|0|";
    let mut header = Header::read(record, FIELDS_BEFORE, NONE);
    let rest = header.rest();
    let reach = split_once(rest, b" suser=").map_or(rest, |(reach, _)| reach);
    let end = rfind(reach, b"|0|rt=");
    if let Some(end) = end
        && let (signature, [b'|', name @ ..]) = rest[..end].split_at(end / 2)
        && signature == name
    {
        header.complete([signature, name, b"0"], &rest[end + END.len()..]);
    } else {
        header.read_on(Header::FIELDS);
    }
    header
}

/// How a record ends with this pair. The last blank may be lost on the way, so the details must tell by themselves.
fn end(before: &Ordered<'_>, last: &Pair<'_>, has_last_blank: bool, out: &Out<'_>) -> End {
    let is_whole = match last.name {
        "cs6" => is_one_value(last.value),
        "deviceAction" => last.value == b"null" || Operation::named(last.value).is_some_and(|known| !known.has_details),
        "dst" => before.labelled("result", out).is_some() && !last.value.is_empty(),
        _ => false,
    };
    match last.name {
        _ if is_whole => End::Whole,
        "deviceAction" if has_last_blank => End::Early,
        _ => End::Within,
    }
}

fn normalise(reading: &Reading, extension: &Ordered<'_>, out: &mut Out<'_>) {
    extension.set_time("rt", out);
    for (field, name) in [
        (Field::UserName, "suser"),
        (Field::UserId, "suid"),
        (Field::UrlOriginal, "request"),
        (Field::HttpMethod, "requestMethod"),
    ] {
        extension.set(field, name, out);
    }
    const CLIENT: &[u8] = b"uaa-client:";
    if let Some(actor) = extension.get("suid")
        && let text = out.get(actor)
        && text.starts_with(CLIENT)
    {
        out.set(Field::OauthClient, actor.part(CLIENT.len()..text.len()));
    }
    // `src` is the whole of X-Forwarded-For where there is one.
    if let Some(source) = extension.get("src") {
        let first = out.get(source).split(|octet| *octet == b',').next().map_or(0, <[u8]>::len);
        out.set_address(Field::SourceIp, source.part(0..first));
    }
    if !reading.has_two_destinations {
        extension.set_address(Field::DestinationIp, "dst", out);
    }
    let status = extension.labelled("httpStatusCode", out).and_then(|value| status(out.get(value)));
    if let Some(status) = status {
        out.set_integer(Field::HttpStatus, status);
        out.set_word(Field::EventOutcome, call::outcome(status));
    }
    let operation = extension.raw("deviceAction").and_then(Operation::named);
    let call = match (operation, extension.raw("requestMethod")) {
        (Some(operation), _) if operation.name == "SET" && status == Some(201) => Some(&FIRST_SET),
        (Some(operation), _) => Some(&operation.call),
        (None, Some(method)) => Some(NAMELESS.get(Effect::of_method(method))),
        (None, None) => None,
    };
    if let Some(call) = call {
        out.means(call.meaning(status));
    }
    set_object(operation, extension, out);
}

/// What the request was about: the resource of the record or, when there is none of that name, what was asked for.
fn set_object(operation: Option<&Operation>, extension: &Ordered<'_>, out: &mut Out<'_>) {
    let known = |label, out: &Out<'_>| extension.labelled(label, out).filter(|value| out.get(*value) != b"null");
    let id = known("resourceUuid", out);
    let name = known("resourceName", out).or_else(|| {
        let details = extension.raw("cs6")?;
        name_in(details).map(|name| out.decode(&name))
    });
    if id.is_none() && name.is_none() {
        return;
    }
    out.set_word(Field::ObjectType, operation.map_or("credential", |operation| operation.object));
    for (field, value) in [(Field::ObjectId, id), (Field::ObjectName, name)] {
        if let Some(value) = value {
            out.set(field, value);
        }
    }
}

/// The member `name` of the request's details.
fn name_in(details: &[u8]) -> Option<Text<'_>> {
    let mut found = None;
    let whole = Scanner::new(details).members(|name, value| {
        let text = value.string_or_skip()?;
        if name.is(b"name") {
            found = found.or(text);
        }
        Some(())
    });
    whole.and(found)
}

#[cfg(test)]
mod tests {
    use record::Class;

    use crate::linear;

    #[test]
    fn work_is_linear() {
        const HEADER: &str = "CEF:0|cloud_foundry|credhub|1|";
        const DOUBTFUL: &str = "CEF:0|cloud_foundry|credhub|1|a|a|0|rt=1 suser= suid= cs1Label=a cs1=a request= requestMethod= \
            cs3Label=a cs3=a cs4Label=a cs4=a src= dst= cs2Label=a cs2=a cs5Label=a cs5=a deviceAction=GET cs6Label=a cs6=";
        const REQUEST: &str = "CEF:0|cloud_foundry|credhub|1|a|a|0|rt=1 suser= suid= requestMethod=a cs3Label=a";
        let details = [DOUBTFUL, "{\"name\":\""].concat();
        let group = format!("\n{REQUEST}");
        linear::check(
            Class::CredhubCef,
            &[
                (HEADER, "|0|rt=", ""),
                (HEADER, "a|", "0|rt=1 suser="),
                (HEADER, " suser=", ""),
                (DOUBTFUL, "=", " "),
                (DOUBTFUL, " cs1Label=", " "),
                (DOUBTFUL, "[", " "),
                (DOUBTFUL, " suid=uaa-", " "),
                (HEADER, "|0|rt=1 suser= suid=mtls-", ""),
                (DOUBTFUL, "\nCEF:0|cloud_foundry|credhub|", " "),
                (HEADER, "\nCEF:0|cloud_foundry|credhub|", ""),
                (REQUEST, &group, ""),
                (REQUEST, &group[..group.len() - 1], ""),
                (&details, "\\\"", "\"}"),
                (&details, "\",\"name\":\"", "\"}"),
                (&details, " cs6Label=requestDetails cs6={\"a", "\"}"),
                (&details, " cs6Label=requestDetails cs6=[\"", ""),
                (&details, " cs6Label=requestDetails cs6=[\",", ""),
                (&details, " cs6Label=requestDetails cs6=[", ""),
                (&details, " cs6Label=requestDetails cs6=[\"\",\"", ""),
            ],
        );
    }
}
