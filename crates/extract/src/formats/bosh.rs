//! BOSH director, agent and blobstore: CEF (bosh-director, `request_logger.rb`; bosh-agent, `common_event_format.go`;
//! the blobstore's `nginx.conf.erb`).
//!
//! None of them escapes anything, each numbers its `cs` keys in its own way, and all write a value before its label. User
//! names, clients, headers and reasons can hold what looks like further keys: see [`reading`].

mod reading;

use std::ops::Range;

use memchr::{memchr, memrchr_iter};

use super::call::{self, API_ACTIVITY, Call, Effect};
use super::cef::{End, Header, NONE, Ordered};
use super::ordered::{self, Chain, Order, Pair, Value, key};
use super::prefix;
use crate::field::Field;
use crate::json::work;
use crate::message::Body;
use crate::octets::Octets;
use crate::out::Out;
use crate::text::rsplit_once;
use reading::{Reading, Severity};

/// One of the programs that write as this vendor and product.
#[derive(Debug)]
struct Component {
    order: Order,
    /// What the server says before a client's headers, and behind them. The first key of either stands in `order`.
    head: Chain,
    tail: Option<Chain>,
    /// The key of the reason for a failure, which may follow the tail.
    reason: &'static str,
    /// Keys with which an extension may begin.
    first: &'static [&'static str],
    /// The key with which a record ends, and what it then holds; `""` where that is free.
    end: (&'static str, &'static str),
    /// The label of the reason, with which a failure ends; empty where none is written.
    reason_label: &'static str,
    /// The header's name is the path of a request, not the name of a method.
    names_path: bool,
    /// That name may hold blanks.
    may_have_blanks: bool,
}

static DIRECTOR: Component = Component {
    order: Order::new(
        &[
            key("duser").optional(),
            key("requestClientApplication").optional(),
            key("requestMethod").word(),
            key("src").word(),
            key("spt").word(),
            key("shost").word(),
            key("cs1"),
            key("cs1Label").before("ips cs2=").word(),
            key("cs2"),
            key("cs2Label").before("httpHeaders cs3=").word(),
            key("cs3").word(),
            key("cs3Label").before("authType cs4=").word(),
            key("cs4").word(),
            key("cs4Label").before("responseStatus").word(),
            key("cs5").optional(),
            key("cs5Label").before("statusReason"),
        ],
        b" ",
        b'=',
    ),
    head: Chain(&[
        ("requestMethod=", Value::Method),
        (" src=", Value::Word),
        (" spt=", Value::Word),
        (" shost=", Value::Word),
        (" cs1=", Value::Word),
        (" cs1Label=ips cs2=", Value::None),
    ]),
    tail: Some(Chain(&[
        ("cs2Label=httpHeaders cs3=", Value::Word),
        (" cs3Label=authType cs4=", Value::Status),
        (" cs4Label=responseStatus", Value::None),
    ])),
    reason: " cs5=",
    first: &["duser=", "requestClientApplication=", "requestMethod="],
    end: ("cs4Label", "responseStatus"),
    reason_label: "cs5Label",
    names_path: true,
    may_have_blanks: false,
};

/// The agent's HTTP API. A test of 2017 has `responseStatuscs4=`.
static AGENT_HTTP: Component = Component {
    order: Order::new(
        &[
            key("duser"),
            key("requestMethod").word(),
            key("src").word(),
            key("spt").word(),
            key("shost").word(),
            key("cs1"),
            key("cs1Label").before("httpHeaders cs2=").word(),
            key("cs2").word(),
            key("cs2Label").before("authType cs3=").word(),
            key("cs3").word(),
            key("cs3Label").before("responseStatus").word(),
            key("cs4").optional().glued(),
            key("cs4Label").before("statusReason"),
        ],
        b" ",
        b'=',
    ),
    head: Chain(&[
        ("requestMethod=", Value::Method),
        (" src=", Value::Word),
        (" spt=", Value::Word),
        (" shost=", Value::Word),
        (" cs1=", Value::None),
    ]),
    tail: Some(Chain(&[
        ("cs1Label=httpHeaders cs2=", Value::Word),
        (" cs2Label=authType cs3=", Value::Status),
        (" cs3Label=responseStatus", Value::None),
    ])),
    reason: "cs4=",
    first: &["duser="],
    end: ("cs3Label", "responseStatus"),
    reason_label: "cs4Label",
    names_path: true,
    may_have_blanks: true,
};

/// The agent's methods over NATS. The user is the subject for the reply.
static AGENT_NATS: Component = Component {
    order: Order::new(
        &[
            key("duser"),
            key("src").word(),
            key("spt").word(),
            key("shost").word(),
            key("cs1").optional(),
            key("cs1Label").before("statusReason"),
        ],
        b" ",
        b'=',
    ),
    head: Chain(&[("src=", Value::Word), (" spt=", Value::Word), (" shost=", Value::Word)]),
    tail: None,
    reason: "",
    first: &["duser="],
    end: ("shost", ""),
    reason_label: "cs1Label",
    names_path: false,
    may_have_blanks: true,
};

/// The blobstore's nginx.
static BLOBSTORE: Component = Component {
    order: Order::new(
        &[
            // Always written, but reading begins behind it where it cannot be told.
            key("requestClientApplication").optional(),
            key("requestMethod").word(),
            key("src").word(),
            key("spt").word(),
            key("cs1").word(),
            key("cs1Label").before("authType cs2=").word(),
            key("cs2").word(),
            key("cs2Label").before("responseStatus").word(),
        ],
        b" ",
        b'=',
    ),
    // Everything behind the client's name of itself is the server's.
    head: Chain(&[
        ("requestMethod=", Value::Method),
        (" src=", Value::Word),
        (" spt=", Value::Word),
        (" cs1=", Value::Word),
        (" cs1Label=authType cs2=", Value::Status),
        (" cs2Label=responseStatus", Value::None),
    ]),
    tail: None,
    reason: "",
    first: &["requestClientApplication="],
    end: ("cs2Label", "responseStatus"),
    reason_label: "",
    names_path: true,
    may_have_blanks: true,
};

/// What the label of the reason says.
const REASON: &[u8] = b"statusReason";
/// The signature id of both of the agent's interfaces.
const AGENT: &[u8] = b"agent_api";

const CATEGORY: &[&str] = &["api", "web"];
static AGENT_READS: Call = Call::in_class(CATEGORY, Effect::Access, API_ACTIVITY, 2);
static AGENT_CHANGES: Call = Call::in_class(CATEGORY, Effect::Change, API_ACTIVITY, 3);
/// Methods of the agent that change nothing.
const READING_METHODS: [&[u8]; 6] = [b"ping", b"get_state", b"get_task", b"list_disk", b"fetch_logs", b"info"];

impl Component {
    fn of(signature_id: &[u8], name: &[u8]) -> &'static Self {
        match signature_id {
            AGENT if name.starts_with(b"/") => &AGENT_HTTP,
            AGENT => &AGENT_NATS,
            b"blobstore_api" => &BLOBSTORE,
            _ => &DIRECTOR,
        }
    }

    /// Whether nothing follows the head.
    fn ends_with_head(&self) -> bool {
        self.tail.is_none() && self.names_path
    }

    /// How a record ends with this pair. A failure without its reason was cut.
    fn end(&self, last: &Pair<'_>, severity: Severity) -> End {
        let (name, text) = self.end;
        let is_end =
            last.name == name && if text.is_empty() { !last.value.is_empty() } else { last.value == text.as_bytes() };
        let lacks_reason = severity == Severity::Failure && !self.reason_label.is_empty();
        match is_end {
            true if !lacks_reason => End::Whole,
            true if !text.is_empty() => End::Early,
            _ if last.name == self.reason_label && last.value == REASON => End::Whole,
            _ => End::Within,
        }
    }
}

pub(crate) fn extract(body: &Body<'_>, out: &mut Out<'_>) {
    let (prefix, record) = prefix::before_cef(body.text);
    prefix.report(out);
    let (header, text) = header(record);
    let signature = header.report(out);
    let Some(text) = text else { return out.truncated() };
    let is_named = signature.name.is_some();
    let name = if is_named { header.name() } else { header.rest() };
    let component = Component::of(header.signature_id(), name);
    let text = text.strip_suffix(b" ").unwrap_or(text);
    if !is_named && header.signature_id() == AGENT {
        return status_alone(component, text, out);
    }
    let severity = Severity::of(header.severity());
    let mut reading = Reading::of(component, severity, text, is_named);
    if !is_named || reading.has_doubtful_names(component, text) {
        reading.leave_out_names();
    }
    if reading.is_ambiguous {
        out.ambiguous();
    }
    let end = |last: &Pair<'_>| if reading.is_open() { End::Unknown } else { component.end(last, severity) };
    let order = reading.order(component, text);
    let extension = match reading.start {
        Some(start) => Ordered::read(&order, &text[start..], NONE, out, |_, last, _| end(last)),
        None => Ordered::new(),
    };
    normalise(component, &reading, &header, &extension, signature.name, out);
}

/// Of a name that may hold all of a record but its end: only the status is certain, which stands at the end.
fn status_alone(component: &Component, text: &[u8], out: &mut Out<'_>) {
    let is_whole = text.ends_with(b"responseStatus") || text.ends_with(REASON);
    let status = Reading::of(component, Severity::Unknown, text, false).status.filter(|_| is_whole);
    if let Some(status) = status {
        out.set_integer(Field::HttpStatus, status);
        out.set_word(Field::EventOutcome, call::outcome(status));
    }
    out.means(call::WEB.get(Effect::Unknown).meaning(status));
    out.ambiguous();
}

/// The header, whose name is a path that may hold a `|`, and the extension.
///
/// The director writes a path as it was sent, without a blank, and neither is there one in the extension before the end of
/// its first value: the severity stands before the first blank. The agent writes it decoded, and an old nginx takes blanks
/// in it: there, the severity is searched for in all of the record. Where several places could be that, name and severity
/// are left out, and the extension is what follows the last.
fn header(record: &[u8]) -> (Header<'_>, Option<&[u8]>) {
    const FIELDS_BEFORE: usize = 5;
    let mut header = Header::read(record, FIELDS_BEFORE, NONE);
    let rest = header.rest();
    let component = Component::of(header.signature_id(), rest);
    let blank = || memchr(b' ', rest).unwrap_or(rest.len());
    let reach = if component.may_have_blanks { rest.len() } else { blank() };
    work::visit(2 * reach);
    let first = component.first;
    let mut ends = memrchr_iter(b'|', &rest[..reach]).filter(|at| begins_extension(rest, *at, reach, first));
    let Some(end) = ends.next() else { return (header, None) };
    let extension = &rest[end + 3..];
    if ends.next().is_none() {
        header.complete([&rest[..end], &rest[end + 1..end + 2]], extension);
    }
    (header, Some(extension))
}

/// Whether there stands at `at` a `|`, a digit, `|` and one of the keys `first`. The value of a method ends at `reach`, and the
/// next key follows.
fn begins_extension(text: &[u8], at: usize, reach: usize, first: &[&str]) -> bool {
    const METHOD: &str = "requestMethod=";
    const AFTER_METHOD: &[u8] = b" src=";
    let [b'|', b'0'..=b'9', b'|', rest @ ..] = &text[at..reach] else { return false };
    let is_method = || {
        !rest.contains(&b'|') && (text[reach..].starts_with(AFTER_METHOD) || AFTER_METHOD.starts_with(&text[reach..]))
    };
    work::visit(METHOD.len());
    first.iter().any(|key| rest.starts_with(key.as_bytes()) && (*key != METHOD || is_method()))
}

fn normalise(
    component: &Component,
    reading: &Reading,
    header: &Header<'_>,
    extension: &Ordered<'_>,
    name: Option<Octets>,
    out: &mut Out<'_>,
) {
    extension.set(Field::UserName, "duser", out);
    extension.set(Field::HttpMethod, "requestMethod", out);
    extension.set_address(Field::SourceIp, "src", out);
    extension.set_port(Field::SourcePort, "spt", out);
    if let Some(reason) = extension.labelled("statusReason", out) {
        out.set(Field::EventReason, reason);
    }
    if let Some(headers) = extension.labelled("httpHeaders", out)
        && let Some(place) = user_agent(out.get(headers))
    {
        out.set(Field::UserAgent, headers.part(place));
    }
    let written = extension.labelled("responseStatus", out).and_then(|value| ordered::status(out.get(value)));
    let severity = Severity::of(header.severity());
    let status = reading.status.or(written).filter(|status| severity.allows(*status));
    if let Some(status) = status {
        out.set_integer(Field::HttpStatus, status);
    }
    if let Some(outcome) = severity.outcome().or(status.map(call::outcome)) {
        out.set_word(Field::EventOutcome, outcome);
    }
    if name.is_none() || extension.raw("requestMethod").is_none() && reading.is_ambiguous && component.names_path {
        out.means(call::WEB.get(Effect::Unknown).meaning(status));
    }
    let Some(name) = name else { return };
    if component.names_path {
        out.set(Field::UrlOriginal, name);
        if let Some(method) = extension.raw("requestMethod") {
            let action = out.copy(|copy| copy.extend([method, b" ", header.name()].iter().copied().flatten()));
            out.set(Field::EventAction, action);
            out.means(call::WEB.get(Effect::of_method(method)).meaning(status));
        }
    } else {
        out.set(Field::EventAction, name);
        let call = if READING_METHODS.contains(&header.name()) { &AGENT_READS } else { &AGENT_CHANGES };
        out.means(call.meaning(None));
    }
    match header.signature_id() {
        b"director_api" => {
            extension.set(Field::OauthClient, "requestClientApplication", out);
            set_object(header.name(), name, out);
        }
        b"blobstore_api" => {
            let id = header.name().iter().rposition(|octet| *octet == b'/').map_or(0, |slash| slash + 1);
            out.set_word(Field::ObjectType, "blob");
            out.set(Field::ObjectId, name.part(id..header.name().len()));
        }
        AGENT if !component.names_path => {
            out.set_word(Field::ObjectType, "agent");
            extension.set(Field::ObjectId, "shost", out);
        }
        _ => {}
    }
}

/// What a path of the director names: `/deployments/cf/…` is the deployment cf, `/tasks/12` the task 12. `name` is the
/// place of `path`.
fn set_object(path: &[u8], name: Octets, out: &mut Out<'_>) {
    const BY_NAME: [&[u8]; 3] = [b"deployments", b"releases", b"stemcells"];
    let Some(rest) = path.strip_prefix(b"/") else { return };
    let mut segments = rest.split(|octet| *octet == b'/');
    let sort = segments.next().unwrap_or_default();
    out.set(Field::ObjectType, name.part(1..1 + sort.len()));
    if let Some(object) = segments.next() {
        let field = if BY_NAME.contains(&sort) { Field::ObjectName } else { Field::ObjectId };
        let start = 1 + sort.len() + 1;
        out.set(field, name.part(start..start + object.len()));
    }
}

/// Where the user agent stands in `headers`, which are `name=value` with `&` between them: values before it may look like
/// it, so it is the last before the header that follows.
fn user_agent(headers: &[u8]) -> Option<Range<usize>> {
    const NAME: &[u8] = b"USER_AGENT=";
    const NEXT: &[u8] = b"&X_BOSH_UPLOAD_REQUEST_TIME=";
    let headers = rsplit_once(headers, NEXT).map_or(headers, |(before, _)| before);
    let start = match rsplit_once(headers, b"&USER_AGENT=") {
        Some((before, _)) => before.len() + 1 + NAME.len(),
        None => headers.starts_with(NAME).then_some(NAME.len())?,
    };
    Some(start..headers.len())
}

#[cfg(test)]
mod tests {
    use record::Class;

    use crate::linear;

    #[test]
    fn work_is_linear() {
        const HEADER: &str = "CEF:0|CloudFoundry|BOSH|1|director_api|";
        const START: &str =
            "CEF:0|CloudFoundry|BOSH|1|director_api|/|1|requestMethod=a src=a spt=a shost=a cs1=a cs1Label=a cs2=";
        const END: &str = " cs2Label=httpHeaders cs3=a cs3Label=a cs4=1 cs4Label=responseStatus";
        let reason = [START, END, " cs5="].concat();
        linear::check(
            Class::BoshCef,
            &[
                (HEADER, "|", "|1|requestMethod="),
                (HEADER, "|1|duser=", ""),
                (HEADER, "/", "|1|duser="),
                (START, "=", END),
                (START, "&USER_AGENT=", END),
                (START, "&X_BOSH_UPLOAD_REQUEST_TIME=", END),
                (START, " cs2Label=httpHeaders cs3=", ""),
                (START, " cs2Label=", END),
                (&reason, " cs5Label=", ""),
                (&reason, "=", " cs5Label=statusReason"),
                ("CEF:0|CloudFoundry|BOSH|1|agent_api|a|1|duser=", " src=", ""),
                ("CEF:0|CloudFoundry|BOSH|1|agent_api|/|1|duser=", "cs4=", ""),
                ("CEF:0|CloudFoundry|BOSH|1|agent_api|/", " |1|duser=", ""),
                ("CEF:0|CloudFoundry|BOSH|1|agent_api|/", " |", "|1|duser="),
                ("CEF:0|CloudFoundry|BOSH|-|blobstore_api|", "/", "|1|requestClientApplication=a requestMethod=GET"),
            ],
        );
    }
}
