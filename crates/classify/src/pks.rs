//! PKS/TKGI: the API's actions, the broker's tasks, telemetry.

use record::Class;

use crate::REACH_BYTES;
use crate::cursor::Cursor;
use crate::found::Found;
use crate::rule::RuleText;

pub(crate) static API: RuleText = RuleText {
    name: "pks.api",
    class: Class::PksApi,
    sentence: "a Spring log line whose text is `Action '…' by user '…`",
};

pub(crate) static BROKER: RuleText = RuleText {
    name: "pks.broker",
    class: Class::PksBroker,
    sentence: "a service broker's `BOSH task ID … status: … deployment for instance …`",
};

pub(crate) static AGENT: RuleText = RuleText {
    name: "pks.telemetry.agent",
    class: Class::PksTelemetry,
    sentence: "a Spring log line of the logger `….telemetry.Agent` whose text begins with `Telemetry - `",
};

pub(crate) static SERVER: RuleText = RuleText {
    name: "pks.telemetry.server",
    class: Class::PksTelemetry,
    sentence: "a fluentd log line from `telemetry-server`, as the header says",
};

/// The rules for PKS. `app_name` is the header's, empty when there is none.
pub(crate) fn decide(text: &[u8], app_name: &[u8]) -> Option<Found> {
    match text.first()? {
        b'[' => broker(text),
        b'0'..=b'9' => server(text, app_name).or_else(|| spring(text)),
        _ => None,
    }
}

/// `2019-05-16 14:59:34.897  INFO 7594 --- [thread] logger : ` and a text.
fn spring(text: &[u8]) -> Option<Found> {
    let mut layout = Cursor::new(&text[..text.len().min(REACH_BYTES)]);
    layout.shape(b"0000-00-00 00:00:00.")?;
    layout.digits()?;
    layout.blanks()?;
    layout.some(|octet| octet.is_ascii_uppercase())?;
    layout.blanks()?;
    layout.digits()?;
    layout.literal(b" --- [")?;
    layout.past(b']')?;
    layout.blanks()?;
    let logger = layout.some(|octet| octet != b' ')?;
    layout.blanks()?;
    layout.literal(b": ")?;
    let start = layout.at();
    let mut words = Cursor::new(&text[start..]);
    let rule = if logger.ends_with(b".telemetry.Agent") {
        words.literal(b"Telemetry - ")?;
        &AGENT
    } else {
        words.literal(b"Action '")?;
        words.some(|octet| octet.is_ascii_lowercase() || octet == b'-')?;
        words.literal(b"' by user '")?;
        &API
    };
    Some(Found::new(rule, start, start + words.at()))
}

/// `[name] [request] 2019/06/04 20:16:52.493286 BOSH task ID 132 status: processing delete deployment for instance `.
fn broker(text: &[u8]) -> Option<Found> {
    let mut layout = Cursor::new(&text[..text.len().min(REACH_BYTES)]);
    layout.literal(b"[")?;
    layout.past(b']')?;
    layout.literal(b" ")?;
    if layout.maybe(b"[") {
        layout.past(b']')?;
        layout.literal(b" ")?;
    }
    layout.shape(b"0000/00/00 00:00:00.")?;
    layout.digits()?;
    layout.literal(b" ")?;
    let start = layout.at();
    let mut words = Cursor::new(&text[start..]);
    words.literal(b"BOSH task ID ")?;
    words.digits()?;
    words.literal(b" status: ")?;
    words.some(|octet| octet.is_ascii_lowercase())?;
    words.literal(b" ")?;
    words.some(|octet| octet.is_ascii_lowercase() || octet == b'-')?;
    words.literal(b" deployment for instance ")?;
    Some(Found::new(&BROKER, start, start + words.at()))
}

/// `2019-06-04 21:41:05 +0000 [debug]: #0 `, from `telemetry-server` or `telemetry-server/rs2`.
fn server(text: &[u8], app_name: &[u8]) -> Option<Found> {
    let Some(b"" | [b'/', ..]) = app_name.strip_prefix(b"telemetry-server") else { return None };
    let mut line = Cursor::new(text);
    line.shape(b"0000-00-00 00:00:00 ")?;
    line.shape(b"+0000").or_else(|| line.shape(b"-0000"))?;
    line.literal(b" [")?;
    line.some(|octet| octet.is_ascii_lowercase())?;
    line.literal(b"]: #")?;
    line.digits()?;
    Some(Found::new(&SERVER, 0, line.at()))
}
