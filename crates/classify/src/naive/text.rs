//! The rules for text.

use record::Flags;

use super::Decision;
use super::pattern::{BLANKS, CAPITALS, DIGITS, HYPHENATED, LETTERS, Part, ends};
use crate::{REACH_BYTES, RuleText, cef, k8s, logmessage, pks, uaa};
use Part::{Either, Is, Maybe, Shape, Some as Run, Without};

const RFC3339: Part = Either(&[
    &[Shape("0000-00-00T00:00:00"), Maybe(&[Is("."), DIGITS]), Is("Z")],
    &[Shape("0000-00-00T00:00:00"), Maybe(&[Is("."), DIGITS]), Shape("+00:00")],
    &[Shape("0000-00-00T00:00:00"), Maybe(&[Is("."), DIGITS]), Shape("-00:00")],
]);

/// What stands before a line in a CRI log.
pub(super) const CRI: &[Part] = &[RFC3339, Either(&[&[Is(" stdout F ")], &[Is(" stderr F ")]])];

const BARE: &[Part] = &[];
const RUBY: &[Part] = &[
    Is("I, ["),
    Shape("0000-00-00T00:00:00."),
    DIGITS,
    Is(" #"),
    DIGITS,
    Is("]"),
    Maybe(&[Is(" ["), Without(b']'), Is("]")]),
    BLANKS,
    Is("INFO -- "),
    Maybe(&[Is("DirectorAudit")]),
    Is(": "),
];
const CREDHUB: &[Part] = &[RFC3339, Is(": ")];
const GO: &[Part] = &[Shape("0000/00/00 00:00:00 ")];

const WORD: Part = Run(|octet| octet != b' ');
const SPRING: &[Part] = &[
    Shape("0000-00-00 00:00:00."),
    DIGITS,
    BLANKS,
    CAPITALS,
    BLANKS,
    DIGITS,
    Is(" --- ["),
    Without(b']'),
    Is("]"),
    BLANKS,
    WORD,
    BLANKS,
    Is(": "),
];
const SPRING_AGENT: &[Part] = &[
    Shape("0000-00-00 00:00:00."),
    DIGITS,
    BLANKS,
    CAPITALS,
    BLANKS,
    DIGITS,
    Is(" --- ["),
    Without(b']'),
    Is("]"),
    BLANKS,
    Maybe(&[WORD]),
    Is(".telemetry.Agent"),
    BLANKS,
    Is(": "),
];
const ON_DEMAND_BROKER: &[Part] = &[
    Is("["),
    Without(b']'),
    Is("] "),
    Maybe(&[Is("["), Without(b']'), Is("] ")]),
    Shape("0000/00/00 00:00:00."),
    DIGITS,
    Is(" "),
];

const ACTION: &[Part] = &[Is("Action '"), HYPHENATED, Is("' by user '")];
const TELEMETRY: &[Part] = &[Is("Telemetry - ")];
const TASK: &[Part] =
    &[Is("BOSH task ID "), DIGITS, Is(" status: "), LETTERS, Is(" "), HYPHENATED, Is(" deployment for instance ")];
const FLUENTD: &[Part] = &[
    Shape("0000-00-00 00:00:00 "),
    Either(&[&[Shape("+0000")], &[Shape("-0000")]]),
    Is(" ["),
    LETTERS,
    Is("]: #"),
    DIGITS,
];
const LEGACY: &[Part] = &[RFC3339, Is(" AUDIT: id=\"")];

fn decision(rule: &'static RuleText, start: usize, end: usize) -> Decision {
    Decision { rule, start, end, flags: Flags::NONE }
}

pub(super) fn decide(text: &[u8], app_name: &[u8]) -> Decision {
    let found = None
        .or_else(|| search(text, cef))
        .or_else(|| search(text, broker))
        .or_else(|| server(text, app_name))
        .or_else(|| search(text, spring))
        .or_else(|| legacy(text))
        .or_else(|| search(text, uaa));
    found.unwrap_or(Decision::NOTHING)
}

/// Asks `rule` at each place where a needle may begin, with what is before it and what is there.
fn search(text: &[u8], rule: impl Fn(&[u8], &[u8]) -> Option<Decision>) -> Option<Decision> {
    (0..=text.len().min(REACH_BYTES)).find_map(|start| rule(&text[..start], &text[start..]))
}

/// Whether `before` is, from end to end, one of the prefixes.
fn is_after(before: &[u8], prefixes: &[&[Part]]) -> bool {
    prefixes.iter().any(|prefix| ends(prefix, before).contains(&before.len()))
}

/// The rule for a record that is told by its first words.
fn words(rule: &'static RuleText, expected: &[Part], before: &[u8], record: &[u8]) -> Option<Decision> {
    let len = *ends(expected, record).last()?;
    Some(decision(rule, before.len(), before.len() + len))
}

fn broker(before: &[u8], record: &[u8]) -> Option<Decision> {
    words(&pks::BROKER, TASK, before, record).filter(|_| is_after(before, &[ON_DEMAND_BROKER]))
}

/// The logger tells which of the two rules is asked.
fn spring(before: &[u8], record: &[u8]) -> Option<Decision> {
    let telemetry = words(&pks::AGENT, TELEMETRY, before, record).filter(|_| is_after(before, &[SPRING_AGENT]));
    let action = words(&pks::API, ACTION, before, record);
    telemetry.or_else(|| action.filter(|_| is_after(before, &[SPRING]) && !is_after(before, &[SPRING_AGENT])))
}

fn server(text: &[u8], app_name: &[u8]) -> Option<Decision> {
    let is_server = app_name == b"telemetry-server" || app_name.starts_with(b"telemetry-server/");
    words(&pks::SERVER, FLUENTD, b"", text).filter(|_| is_server)
}

/// Every value but placeholders is between quotes, and the last one is; a stage comes with a response.
fn legacy(text: &[u8]) -> Option<Decision> {
    let decision = words(&k8s::LEGACY, LEGACY, b"", text)?;
    let has = |key: &[u8]| position(text, key).is_some();
    let is_whole = text.trim_ascii_end().ends_with(b"\"") && (has(b" response=\"") || !has(b" stage=\""));
    let flags = if is_whole { Flags::NONE } else { Flags::TRUNCATED_UPSTREAM };
    Some(Decision { flags, ..decision })
}

/// What stands before the first ` --- ` behind a level.
const UAA: &[Part] = &[
    Maybe(&[Is("[job="), Without(b']'), Is("]"), BLANKS]),
    Is("["),
    Without(b']'),
    Is("]"),
    Maybe(&[Is(" ["), Without(b']'), Is("]")]),
    Is(" uaa"),
];
const UAA_LEVEL: &[Part] = &[Is(" "), CAPITALS, Is(" --- ")];

/// `[stamp] uaa - pid [thread] ....  INFO --- `, perhaps with more in brackets.
fn is_uaa_layout(text: &[u8]) -> bool {
    ends(UAA, text).iter().any(|name_end| {
        let level_end = (*name_end..text.len()).find_map(|start| Some(start + ends(UAA_LEVEL, &text[start..]).last()?));
        level_end == Some(text.len())
    })
}

fn cef(before: &[u8], record: &[u8]) -> Option<Decision> {
    let start = before.len();
    if !record.starts_with(b"CEF:") || !is_after(before, &[BARE, RUBY, CREDHUB, GO]) {
        return None;
    }
    let version_len = record[4..].iter().take_while(|octet| octet.is_ascii_digit()).count();
    let version = &record[4..4 + version_len];
    let unfinished = |flags| Some(Decision { flags, ..decision(&cef::UNFINISHED, start, start + 4 + version_len) });
    let header = 4 + version_len;
    if record.len() == header {
        return unfinished(Flags::CEF_SHORT);
    }
    if version.is_empty() || record[header] != b'|' {
        return unfinished(Flags::CEF_VERSION);
    }
    let mut flags = if version == b"0" || version == b"1" { Flags::NONE } else { Flags::CEF_VERSION };
    let vendor = header + 1;

    let producers = [
        (&cef::CLOUD_CONTROLLER, "cloud_foundry|cloud_controller_ng|", true),
        (&cef::CREDHUB, "cloud_foundry|credhub|", false),
        (&cef::BOSH, "CloudFoundry|BOSH|", false),
    ];
    for (rule, vendor_product, escapes) in producers {
        if !record[vendor..].starts_with(vendor_product.as_bytes()) {
            continue;
        }
        let product_end = vendor + vendor_product.len();
        let fields = fields(&record[product_end..], escapes);
        match fields.len() {
            0 => return unfinished(flags | Flags::CEF_SHORT),
            1..4 => flags |= Flags::CEF_SHORT | Flags::TRUNCATED_UPSTREAM,
            _ => {
                if !is_severity(fields[3]) {
                    flags |= Flags::CEF_SEVERITY;
                }
                let fields_len: usize = fields[..4].iter().map(|field| field.len() + 1).sum();
                if is_cut(rule, &record[product_end + fields_len..]) {
                    flags |= Flags::TRUNCATED_UPSTREAM;
                }
            }
        }
        return Some(Decision { flags, ..decision(rule, start, start + product_end) });
    }
    let fields = fields(&record[vendor..], true);
    if fields.len() < 6 {
        return unfinished(flags | Flags::CEF_SHORT);
    }
    if start > 0 {
        return None;
    }
    if !is_severity(fields[5]) {
        flags |= Flags::CEF_SEVERITY;
    }
    let fields_len: usize = fields[..6].iter().map(|field| field.len() + 1).sum();
    Some(Decision { flags, ..decision(&cef::GENERIC, start, start + vendor + fields_len) })
}

/// Whether an extension lacks the keys that come last.
fn is_cut(rule: &'static RuleText, extension: &[u8]) -> bool {
    if *rule == cef::CLOUD_CONTROLLER {
        let key = b" cs5Label=xForwardedFor cs5";
        return last_key_end(extension).is_none_or(|end| !extension[..end].ends_with(key));
    }
    let has = |key: &[u8]| position(extension, key).is_some();
    *rule == cef::CREDHUB && !has(b" deviceAction=") && !(has(b" cs3Label=result ") && has(b" dst="))
}

/// Where the last `=` is that no backslash escapes.
fn last_key_end(extension: &[u8]) -> Option<usize> {
    let (mut end, mut at) = (None, 0);
    while at < extension.len() {
        match extension[at] {
            b'\\' => at += 1,
            b'=' => end = Some(at),
            _ => {}
        }
        at += 1;
    }
    end
}

/// The fields that are ended by `|`; with `escapes` a backslash takes its meaning from the next octet.
fn fields(text: &[u8], escapes: bool) -> Vec<&[u8]> {
    let mut fields = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < text.len() {
        if escapes && text[at] == b'\\' {
            at += 2;
            continue;
        }
        if text[at] == b'|' {
            fields.push(&text[start..at]);
            start = at + 1;
        }
        at += 1;
    }
    fields
}

fn is_severity(field: &[u8]) -> bool {
    let known =
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "Unknown", "Low", "Medium", "High", "Very-High"];
    known.iter().any(|severity| severity.as_bytes() == field)
}

fn uaa(before: &[u8], record: &[u8]) -> Option<Decision> {
    const SEPARATOR: &[u8] = b"'): principal=";
    let start = before.len();
    if !record.starts_with(b"Audit: ") || !(before.is_empty() || is_uaa_layout(before)) {
        return None;
    }
    let event_type = record[7..].iter().take_while(|octet| octet.is_ascii_alphanumeric()).count();
    let head_end = 7 + event_type + 3;
    if !record[7..].first()?.is_ascii_uppercase() || !record[7 + event_type..].starts_with(b" ('") {
        return None;
    }
    let body = &record[head_end..];
    let separators = count(body, SEPARATOR);
    let tail = match position(body, SEPARATOR) {
        Some(at) => &body[at..],
        None if start == 0 => return None,
        None => b"",
    };
    let zones = count(tail, b"], identityZoneId=[");
    let mut flags = Flags::NONE;
    if separators == 0 || zones == 0 || !record.trim_ascii_end().ends_with(b"]") {
        flags |= Flags::TRUNCATED_UPSTREAM;
    }
    if separators > 1 || zones > 1 || count(tail, b", origin=[") > 1 || count(body, b"=<redacted>&") > 0 {
        flags |= Flags::UAA_AMBIGUOUS;
    }
    Some(Decision { flags, ..decision(&uaa::LINE, start, start + head_end) })
}

/// A viewer's print of a firehose envelope.
pub(super) fn pasted(text: &[u8]) -> Option<Decision> {
    const KEY: &[u8] = b"\\\\n event_type: ";
    let start = position(text, KEY).filter(|_| text.starts_with(b"{ \\\\n "))?;
    let is_log_message = text[start + KEY.len()..].starts_with(b"LogMessage\\\\n");
    let end = start + KEY.len() + b"LogMessage\\\\n".len();
    is_log_message.then(|| decision(&logmessage::PASTED, start, end))
}

fn position(text: &[u8], needle: &[u8]) -> Option<usize> {
    (0..text.len()).find(|start| text[*start..].starts_with(needle))
}

fn count(text: &[u8], needle: &[u8]) -> usize {
    (0..text.len()).filter(|start| text[*start..].starts_with(needle)).count()
}
