//! The specification of the classifier: the same rules as plainly as they can be said.
//!
//! Loops over octets, lists and trees; no care for speed, no code shared with the fast rules but their names. It allocates, and
//! recurses at most [`crate::DEPTH_MAX`] levels deep. Nothing but tests, fuzzing and benches should call it.

mod escape;
mod json;
mod pattern;
mod text;

use record::{Class, Flags, FrameSpan};

use crate::header::{Located, Provenance};
use crate::{CUT_MARKS, INNER_BYTES_MAX, Rule, RuleText, Verdict, audit_event, k8s, logmessage, rule, ucp};
use json::{Ending, Value};

/// What `frame` is, by the book.
#[must_use]
pub fn class_of(frame: &[u8], located: &Located) -> Verdict {
    let header = &located.spans;
    let decision = match located.provenance {
        Provenance::Application => by_header(&rule::APPLICATION, located),
        Provenance::Container => by_header(&rule::CONTAINER, located),
        Provenance::Envelope => by_header(&rule::ENVELOPE, located),
        Provenance::Platform | Provenance::None => {
            let (start, end) = trimmed(frame, header.msg as usize);
            let msg = header.msg as usize;
            let lengths = [frame.len(), frame.len() - msg, end, end - msg];
            let is_at_mark = lengths.iter().any(|bytes| CUT_MARKS.contains(bytes));
            message(&frame[start..end], header.app_name.of(frame), is_at_mark).shifted(start)
        }
    };
    Verdict {
        class: decision.rule.class,
        header: *header,
        flags: located.flags | decision.flags,
        rule: Rule::new(decision.rule, FrameSpan::new(decision.start as u32, decision.end as u32)),
    }
}

/// A rule, the octets it matched, and what is odd.
#[derive(Clone, Copy)]
struct Decision {
    rule: &'static RuleText,
    start: usize,
    end: usize,
    flags: Flags,
}

impl Decision {
    const NOTHING: Self = Self { rule: &rule::NONE, start: 0, end: 0, flags: Flags::NONE };

    fn shifted(self, by: usize) -> Self {
        Self { start: self.start + by, end: self.end + by, ..self }
    }
}

fn by_header(rule: &'static RuleText, located: &Located) -> Decision {
    let header = &located.spans;
    let of_field = |field: record::ShortSpan| (field.start as usize, field.start as usize + field.len as usize);
    let sd = header.structured_data;
    let (start, end) = match (sd.is_empty(), header.procid.is_absent()) {
        (false, _) => (sd.start as usize, sd.end as usize),
        (true, false) => of_field(header.procid),
        (true, true) => of_field(header.app_name),
    };
    Decision { rule, start, end, flags: Flags::NONE }
}

/// Without byte-order marks and white space in front, without line ends and NUL behind.
fn trimmed(text: &[u8], from: usize) -> (usize, usize) {
    let mut start = from;
    loop {
        if text[start..].starts_with("\u{FEFF}".as_bytes()) {
            start += 3;
        } else if start < text.len() && b" \t\r\n".contains(&text[start]) {
            start += 1;
        } else {
            break;
        }
    }
    let mut end = text.len();
    while end > start && b"\r\n\0".contains(&text[end - 1]) {
        end -= 1;
    }
    (start, end)
}

fn message(text: &[u8], app_name: &[u8], is_at_mark: bool) -> Decision {
    if text.starts_with(b"{") {
        return object(text, true);
    }
    if let Some(after_cookie) = text.strip_prefix(b"@cee:") {
        let brace = after_cookie.iter().position(|octet| *octet != b' ' && *octet != b'\t');
        if let Some(brace) = brace
            && after_cookie[brace] == b'{'
        {
            return object(&after_cookie[brace..], true).shifted(5 + brace);
        }
    }
    if let [start, ..] = pattern::ends(text::CRI, text)[..] {
        return inner(&text[start..], is_at_mark).shifted(start);
    }
    line(text, app_name, is_at_mark)
}

/// A record inside a carrier, in which no further carrier counts.
fn inner(text: &[u8], is_at_mark: bool) -> Decision {
    let is_at_mark = is_at_mark || (text.len() == 16_384 && text.last() != Some(&b'\n'));
    let (start, end) = trimmed(text, 0);
    let text = &text[start..end];
    let decision = if text.starts_with(b"{") { object(text, false) } else { line(text, b"", is_at_mark) };
    decision.shifted(start)
}

/// A record of text that ends where senders cut was cut, however whole it looks.
fn line(text: &[u8], app_name: &[u8], is_at_mark: bool) -> Decision {
    let mut decision = text::decide(text, app_name);
    if is_at_mark && decision.rule.class != Class::Other {
        decision.flags |= Flags::TRUNCATED_UPSTREAM;
    }
    decision
}

fn object(text: &[u8], carriers: bool) -> Decision {
    if let Some(decision) = text::pasted(text) {
        return decision;
    }
    let document = json::Document::read(text);
    let top = &document.top;
    let is_cut = document.ending == Ending::Cut;
    let unwrapped = match carriers {
        true => json_file(top).or_else(|| steno(top)).or_else(|| cut_carrier(text, top).filter(|_| is_cut)),
        false => None,
    };
    let decision = json_rule(top, document.ending).or(unwrapped).unwrap_or(Decision::NOTHING);

    let mut flags = decision.flags | document.flags;
    if watched(top).iter().any(|object| object.has_duplicates()) {
        flags |= Flags::JSON_DUP;
    }
    match document.ending {
        Ending::Whole => {}
        Ending::Cut if decision.rule.class != Class::Other => flags |= Flags::TRUNCATED_UPSTREAM,
        Ending::Cut | Ending::Broken => flags |= Flags::JSON_SYNTAX,
    }
    if carriers && is_cut && (starts_as_json_file(text) || message_of_steno(text).is_some()) {
        flags |= Flags::TRUNCATED_UPSTREAM;
    }
    Decision { flags, ..decision }
}

/// The objects whose members can decide.
fn watched(top: &Value) -> Vec<&Value> {
    let resource = top.get("resources").and_then(Value::first);
    [Some(top), top.get("audit"), top.get("entity"), resource, resource.and_then(|resource| resource.get("entity"))]
        .into_iter()
        .flatten()
        .collect()
}

fn json_rule(top: &Value, ending: Ending) -> Option<Decision> {
    let at = |rule: &'static RuleText, key: &str| {
        let (start, end) = top.key(key)?;
        Some(Decision { rule, start, end, flags: Flags::NONE })
    };
    let is = |key: &str, wanted: &str| top.text(key).is_some_and(|text| text == wanted.as_bytes());
    let of_audit_group =
        |object: &Value| object.text("apiVersion").is_some_and(|api| api.starts_with(b"audit.k8s.io/"));

    if is("event_type", "LogMessage") {
        return at(&logmessage::OBJECT, "event_type");
    }
    let kind_fits = !top.has_value("kind") || is("kind", "Event");
    let api_fits = !top.has_value("apiVersion") || of_audit_group(top);
    if is_request_event(top) && kind_fits && api_fits {
        return at(&k8s::EVENT, "auditID");
    }
    if ending == Ending::Cut && is("kind", "Event") && of_audit_group(top) {
        return at(&k8s::EVENT, "auditID")
            .filter(|_| top.text("auditID").is_some())
            .or_else(|| at(&k8s::EVENT, "kind"));
    }
    let has_item = top.get("items").and_then(Value::first).is_some_and(Value::is_object);
    if is("kind", "EventList") && of_audit_group(top) && has_item {
        return at(&k8s::LIST, "items");
    }
    if top.get("audit").is_some_and(is_request_event) {
        return at(&ucp::RECORD, "audit");
    }
    if ending == Ending::Cut && top.ends_in("audit") && top.get("audit").is_some_and(is_start_of_ucp_event) {
        return at(&ucp::RECORD, "audit");
    }
    if is_v3(top) {
        return at(&audit_event::V3, "target");
    }
    if is_v2(top) {
        return at(&audit_event::V2, "entity");
    }
    let resource = top.get("resources").and_then(Value::first);
    if ending != Ending::Broken && resource.is_some_and(|resource| is_v3(resource) || is_v2(resource)) {
        return at(&audit_event::PAGE, "resources");
    }
    None
}

fn is_request_event(object: &Value) -> bool {
    ["auditID", "stage", "requestURI", "verb"].iter().all(|key| object.text(key).is_some())
}

fn is_start_of_ucp_event(object: &Value) -> bool {
    let is_swarm = object.text("kind").is_some_and(|kind| kind == b"docker-swarm");
    let is_levelled = object.text("level").is_some() && object.get("metadata").is_some_and(Value::is_object);
    object.text("auditID").is_some() && (is_swarm || is_levelled)
}

fn is_v3(object: &Value) -> bool {
    let is_object = |key| object.get(key).is_some_and(Value::is_object);
    is_object("actor") && is_object("target") && object.text("type").is_some()
}

fn is_v2(object: &Value) -> bool {
    object.get("entity").is_some_and(|entity| entity.text("actor").is_some() && entity.text("actee").is_some())
}

/// Docker's json-file.
fn json_file(top: &Value) -> Option<Decision> {
    let stream = top.text("stream")?;
    let is_stream = stream == b"stdout" || stream == b"stderr";
    (is_stream && top.text("time").is_some()).then_some(())?;
    Some(carried(top.raw("log")?))
}

/// Cloud Controller's Steno record of an audit event.
fn steno(top: &Value) -> Option<Decision> {
    (top.text("source")? == b"cc.model.event").then_some(())?;
    Some(carried(top.raw("message")?)).filter(|decision| decision.rule.class == Class::AuditEvent)
}

const JSON_FILE_START: &[u8] = br#"{"log":""#;

fn starts_as_json_file(text: &[u8]) -> bool {
    text.starts_with(JSON_FILE_START)
}

/// Where `message` begins in what starts like a Steno record.
fn message_of_steno(text: &[u8]) -> Option<usize> {
    const MEMBER: &[u8] = br#","message":""#;
    let time = text.strip_prefix(br#"{"timestamp":"#)?;
    let len = time.iter().position(|octet| !b"0123456789\".-+:TZe".contains(octet))?;
    let after = time[len..].strip_prefix(MEMBER).filter(|_| len > 0)?;
    Some(text.len() - after.len())
}

/// A record in a carrier of which the text ends inside the record: docker's, whose first member it is, or an audit event in
/// a Steno record, by the first member that Cloud Controller gives it.
fn cut_carrier(text: &[u8], top: &Value) -> Option<Decision> {
    let decision = |start: usize| carried(json::Raw { octets: without_cut_escape(&text[start..]), start });
    if starts_as_json_file(text) && !top.has_value("log") {
        return Some(decision(JSON_FILE_START.len())).filter(|decision| decision.rule.class != Class::Other);
    }
    let start = message_of_steno(text)?;
    let is_event = !top.has_value("message") && text[start..].starts_with(br#"{\"guid\":"#);
    is_event.then(|| decision(start)).filter(|decision| decision.rule == &audit_event::V3)
}

/// Walks over the escapes one by one; an escape that the text ends in is left out.
fn without_cut_escape(raw: &[u8]) -> &[u8] {
    let mut at = 0;
    while at < raw.len() {
        let rest = &raw[at..];
        let is_beginning = match rest {
            [b'\\'] => true,
            [b'\\', b'u', digits @ ..] => digits.len() < 4 && digits.iter().all(u8::is_ascii_hexdigit),
            _ => false,
        };
        if is_beginning {
            return &raw[..at];
        }
        at += if rest[0] == b'\\' { 2 } else { 1 };
    }
    raw
}

/// The record in a JSON string, of which at most [`INNER_BYTES_MAX`] octets are looked at. When there are more, nothing
/// is said about its end.
fn carried(string: json::Raw<'_>) -> Decision {
    let (text, whole) = escape::undone(string.octets, INNER_BYTES_MAX);
    let mut decision = inner(&text, false);
    if !whole {
        let told: Vec<&str> =
            decision.flags.names().filter(|name| !["json_syntax", "truncated_upstream"].contains(name)).collect();
        let flag_named = |wanted: &&str| Flags::ALL.iter().find(|(_, name)| name == wanted).map(|(flag, _)| *flag);
        decision.flags = told.iter().filter_map(flag_named).fold(Flags::NONE, Flags::with);
    }
    Decision { start: string.start, end: string.start + string.octets.len(), ..decision }
}
