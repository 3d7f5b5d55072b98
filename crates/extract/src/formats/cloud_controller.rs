//! Cloud Controller security events: CEF (cloud_controller_ng, `middleware/cef_logs.rb`).
//!
//! It escapes header and extension by the specification, but for line ends, which it leaves as they are: a client can put
//! one into its user name and so cut the line.

use std::ops::Range;

use super::call::{self, API_ACTIVITY, Call, Effect};
use super::cef::{EXTENSION_OF_ONE_LINE, End, HEADER, Header, Ordered};
use super::ordered::{Order, Pair, key, status};
use super::prefix;
use crate::field::Field;
use crate::json::work;
use crate::message::Body;
use crate::octets::Octets;
use crate::out::Out;
use crate::text::{find, split_once};

const ORDER: Order = Order::new(
    &[
        key("rt").word(),
        key("suser"),
        key("suid"),
        key("request").word(),
        key("requestMethod").word(),
        key("src"),
        key("dst").word(),
        key("cs1Label").before("userAuthenticationMechanism cs1=").word(),
        key("cs1").word(),
        key("cs2Label").before("vcapRequestId cs2=").word(),
        key("cs2"),
        key("cs3Label").before("result cs3=").word(),
        key("cs3").word(),
        key("cs4Label").before("httpStatusCode cs4=").word(),
        key("cs4").word(),
        key("cs5Label").before("xForwardedFor cs5=").word(),
        key("cs5"),
    ],
    b" ",
    b'=',
);

/// A POST that starts, stops or scales something rather than creating it: `…/actions/…`.
static ACTION: Call = Call::in_class(&["api", "web"], Effect::Creation, API_ACTIVITY, 99);

/// APP-NAME under which the job's files are sent.
const JOB: &[u8] = b"cloud_controller_ng";

/// `app_name` is that of the record's header, if it has one.
pub(crate) fn extract(body: &Body<'_>, app_name: &[u8], out: &mut Out<'_>) {
    let (prefix, record) = prefix::before_cef(body.text);
    prefix.report(out);
    // Every line of the job's file begins with the logger's prefix; one without it may be the end of a user name.
    if app_name == JOB && body.text.starts_with(b"CEF:") {
        out.ambiguous();
    }
    let header = Header::read(record, Header::FIELDS, HEADER);
    let signature = header.report(out);
    let Some(text) = header.extension() else {
        set_action(signature.id, out);
        return out.truncated();
    };
    let extension = Ordered::read(&ORDER, text, EXTENSION_OF_ONE_LINE, out, |_, last, _| end(last));
    // A header that nothing follows is no request.
    set_action(signature.id.filter(|_| !extension.is_empty()), out);
    normalise(&extension, out);
}

fn set_action(value: Option<Octets>, out: &mut Out<'_>) {
    if let Some(value) = value {
        out.set(Field::EventAction, value);
    }
}

/// How a record ends with this pair: as it should with `cs5`, unless that was cut within an escape.
fn end(last: &Pair<'_>) -> End {
    let backslashes = last.value.iter().rev().take_while(|octet| **octet == b'\\').count();
    if last.name == "cs5" && backslashes % 2 == 0 { End::Whole } else { End::Within }
}

fn normalise(extension: &Ordered<'_>, out: &mut Out<'_>) {
    extension.set_time("rt", out);
    for (field, name) in [
        (Field::UserName, "suser"),
        (Field::UserId, "suid"),
        (Field::UrlOriginal, "request"),
        (Field::HttpMethod, "requestMethod"),
    ] {
        extension.set(field, name, out);
    }
    extension.set_address(Field::SourceIp, "src", out);
    extension.set_address(Field::DestinationIp, "dst", out);
    let status = extension.labelled("httpStatusCode", out).and_then(|value| status(out.get(value)));
    if let Some(status) = status {
        out.set_integer(Field::HttpStatus, status);
    }
    if let Some(result) = extension.labelled("result", out) {
        match out.get(result) {
            b"success" | b"redirect" => out.set_word(Field::EventOutcome, "success"),
            b"clientError" | b"serverError" => out.set_word(Field::EventOutcome, "failure"),
            _ => out.set_word(Field::EventOutcome, "unknown"),
        }
    }
    // The router's id of the request stands before Cloud Controller's own.
    if let Some(id) = extension.labelled("vcapRequestId", out) {
        let text = out.get(id);
        let len = split_once(text, b"::").map_or(text.len(), |(router, _)| router.len());
        out.set(Field::TraceId, id.part(0..len));
    }
    let request = extension.get("request").unwrap_or(Octets::Word(""));
    let path = out.get(request).split(|octet| *octet == b'?').next().unwrap_or_default();
    let object = Object::of(path);
    let is_action = find(path, b"/actions/").is_some();
    if let Some(Object { sort, id }) = object {
        out.set(Field::ObjectType, request.part(sort));
        out.set(Field::ObjectId, request.part(id));
    }
    if let Some(method) = extension.get("requestMethod") {
        let effect = Effect::of_method(out.get(method));
        let call = if is_action && effect == Effect::Creation { &ACTION } else { call::WEB.get(effect) };
        out.means(call.meaning(status));
    }
}

/// What a path names, as places in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Object {
    sort: Range<usize>,
    /// Empty when the path names no single object.
    id: Range<usize>,
}

impl Object {
    /// `/v3/apps/GUID/…` is the app GUID, `/v3/apps` apps. Paths outside the versioned API name nothing, and neither do those
    /// that are another's with dots or octets in `%` resolved. Empty segments are passed over, as on the way they are.
    fn of(path: &[u8]) -> Option<Self> {
        if !path.starts_with(b"/") || segments(path).any(|(segment, _)| leads_up(segment)) {
            return None;
        }
        let mut segments = segments(path).filter(|(segment, _)| !segment.is_empty());
        let mut segment = segments.next()?;
        let is_internal = segment.0 == b"internal";
        if is_internal {
            segment = segments.next()?;
        }
        let is_version = matches!(segment.0, [b'v', digits @ ..] if digits.iter().all(u8::is_ascii_digit));
        if is_version {
            segment = segments.next()?;
        }
        // Only what names the object has to stand for itself: `/v2/apps/GUID/files/a%20b` is about that app.
        let is_itself = |segment: &[u8]| !segment.contains(&b'%');
        let (_, sort) = Some(segment).filter(|(segment, _)| (is_version || is_internal) && is_itself(segment))?;
        match segments.next() {
            Some((segment, _)) if !is_itself(segment) => None,
            Some((segment, id)) if segment != b"actions" => Some(Self { sort, id }),
            _ => Some(Self { sort, id: 0..0 }),
        }
    }
}

/// What stands between slashes, and where.
fn segments(path: &[u8]) -> impl Iterator<Item = (&[u8], Range<usize>)> {
    work::visit(path.len());
    let mut at = 0;
    path.split(|octet| *octet == b'/').map(move |segment| {
        let start = at;
        at += segment.len() + 1;
        (segment, start..start + segment.len())
    })
}

/// Whether a segment stands for the one before it, or may: `.`, `..`, and either with dots in `%`.
fn leads_up(segment: &[u8]) -> bool {
    matches!(segment, b"." | b"..") || segment.windows(3).any(|octets| octets.eq_ignore_ascii_case(b"%2e"))
}

#[cfg(test)]
mod tests {
    use record::Class;

    use crate::linear;

    #[test]
    fn work_is_linear() {
        const HEADER: &str = "CEF:0|cloud_foundry|cloud_controller_ng|1|a|a|0|";
        const DOUBTFUL: &str = "rt=1 suser= suid= request= requestMethod= src= dst= cs1Label=a cs1=a cs2Label=a cs2=a \
            cs3Label=a cs3=a cs4Label=a cs4=a cs5Label=a cs5=";
        let whole = [HEADER, DOUBTFUL].concat();
        let path = [HEADER, "rt=1 suser= suid= request="].concat();
        linear::check(
            Class::CloudControllerCef,
            &[
                (HEADER, "=", ""),
                (HEADER, " rt=", ""),
                (&whole, "=", ""),
                (&whole, " cs1Label=", ""),
                (&whole, "\\", ""),
                (&path, "/v3", " requestMethod=POST src="),
                (&path, "/actions", " requestMethod=POST src="),
                (&path, "/", " requestMethod=POST src="),
                ("CEF:0|cloud_foundry|cloud_controller_ng|1|", "\\|", ""),
                ("CEF:0|cloud_foundry|cloud_controller_ng|1|", "|", "rt=1"),
            ],
        );
    }
}
