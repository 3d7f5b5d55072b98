//! ArcSight's Common Event Format: Cloud Controller, CredHub, BOSH, and anybody else's.
//!
//! `CEF:` version `|` vendor `|` product `|` device version `|` signature id `|` name `|` severity `|` extension
//!
//! The record stands at the start of the message. Only what the four producers' loggers write may precede theirs; other
//! vendors' CEF must be bare and have all seven header fields.

use memchr::{memchr, memchr2, memmem, memrchr, memrchr_iter};
use record::{Class, Flags};

use crate::REACH_BYTES;
use crate::cursor::Cursor;
use crate::found::Found;
use crate::rule::RuleText;

pub(crate) static CLOUD_CONTROLLER: RuleText = RuleText {
    name: "cef.cloud_controller",
    class: Class::CloudControllerCef,
    sentence: "CEF of vendor `cloud_foundry`, product `cloud_controller_ng`, at the start or after a logger's prefix",
};

pub(crate) static CREDHUB: RuleText = RuleText {
    name: "cef.credhub",
    class: Class::CredhubCef,
    sentence: "CEF of vendor `cloud_foundry`, product `credhub`, at the start or after a logger's prefix",
};

pub(crate) static BOSH: RuleText = RuleText {
    name: "cef.bosh",
    class: Class::BoshCef,
    sentence: "CEF of vendor `CloudFoundry`, product `BOSH`, at the start or after a logger's prefix",
};

pub(crate) static GENERIC: RuleText = RuleText {
    name: "cef.generic",
    class: Class::Cef,
    sentence: "CEF of another vendor or product, with all seven header fields, at the start of the message",
};

pub(crate) static UNFINISHED: RuleText = RuleText {
    name: "cef.unfinished",
    class: Class::Other,
    sentence: "it begins like CEF, but its header has no version or ends before the producer is certain",
};

/// A producer that has a class of its own.
struct Producer {
    rule: &'static RuleText,
    /// Vendor and product, each with the `|` after it.
    vendor_product: &'static [u8],
    /// Whether it writes `|` and `\` in header fields as `\|` and `\\`. The others write them as they are.
    escapes: bool,
    /// Whether a record with this extension was cut for certain.
    is_cut: fn(&[u8]) -> bool,
}

const PRODUCERS: [Producer; 3] = [
    Producer {
        rule: &CLOUD_CONTROLLER,
        vendor_product: b"cloud_foundry|cloud_controller_ng|",
        escapes: true,
        is_cut: cloud_controller_is_cut,
    },
    Producer { rule: &CREDHUB, vendor_product: b"cloud_foundry|credhub|", escapes: false, is_cut: credhub_is_cut },
    // Each of its components ends otherwise, and some with any of their keys: only extraction can tell.
    Producer { rule: &BOSH, vendor_product: b"CloudFoundry|BOSH|", escapes: false, is_cut: |_| false },
];

/// Device version, signature id, name, severity.
const FIELDS_AFTER_PRODUCT: usize = 4;
/// Those, and vendor and product.
const FIELDS: usize = 6;

/// The rule for CEF.
///
/// A producer of our own is certain when the device version after its product is whole; a header that ends later than that
/// keeps the class.
pub(crate) fn decide(text: &[u8]) -> Option<Found> {
    const NEEDLE: &[u8] = b"CEF:";
    let start = prefix(text).filter(|start| text[*start..].starts_with(NEEDLE))?;
    let after = start + NEEDLE.len();
    let version = text[after..].iter().take_while(|octet| octet.is_ascii_digit()).count();
    let unfinished = |flags| Some(Found::new(&UNFINISHED, start, after + version).with(flags));
    match text.get(after + version) {
        None => return unfinished(Flags::CEF_SHORT),
        Some(b'|') if version > 0 => {}
        Some(_) => return unfinished(Flags::CEF_VERSION),
    }
    let version_flag = match &text[after..after + version] {
        b"0" | b"1" => Flags::NONE,
        _ => Flags::CEF_VERSION,
    };
    let vendor = after + version + 1;
    for producer in &PRODUCERS {
        if text[vendor..].starts_with(producer.vendor_product) {
            let product_end = vendor + producer.vendor_product.len();
            let fields = Fields::read(text, product_end, FIELDS_AFTER_PRODUCT, producer.escapes);
            if fields.whole == 0 {
                return unfinished(version_flag | Flags::CEF_SHORT);
            }
            let shape = if fields.whole < FIELDS_AFTER_PRODUCT {
                Flags::CEF_SHORT | Flags::TRUNCATED_UPSTREAM
            } else if (producer.is_cut)(&text[fields.end..]) {
                severity_flag(fields.last) | Flags::TRUNCATED_UPSTREAM
            } else {
                severity_flag(fields.last)
            };
            return Some(Found::new(producer.rule, start, product_end).with(version_flag | shape));
        }
    }
    let fields = Fields::read(text, vendor, FIELDS, true);
    if fields.whole < FIELDS {
        return unfinished(version_flag | Flags::CEF_SHORT);
    }
    (start == 0).then(|| Found::new(&GENERIC, start, fields.end).with(version_flag | severity_flag(fields.last)))
}

/// Cloud Controller writes its keys in a fixed order, `cs5` last, and escapes each `=` in values.
fn cloud_controller_is_cut(extension: &[u8]) -> bool {
    let mut before = extension;
    while let Some(at) = memrchr(b'=', before) {
        before = &before[..at];
        let backslashes = before.iter().rev().take_while(|octet| **octet == b'\\').count();
        if backslashes % 2 == 0 {
            return !before.ends_with(b" cs5Label=xForwardedFor cs5");
        }
    }
    true
}

/// CredHub writes its keys in a fixed order, too, and escapes nothing. `deviceAction` is the last that is always there; before
/// 2019 it was `dst`, and `cs3` was the result.
fn credhub_is_cut(extension: &[u8]) -> bool {
    // Near the end, and so found sooner than a search would be made ready.
    if memrchr_iter(b' ', extension).any(|at| extension[at..].starts_with(b" deviceAction=")) {
        return false;
    }
    let has = |key: &[u8]| memmem::find(extension, key).is_some();
    !(has(b" cs3Label=result ") && has(b" dst="))
}

/// Where `CEF:` must begin: at 0, or after one of the prefixes that the producers' loggers write.
fn prefix(text: &[u8]) -> Option<usize> {
    let window = &text[..text.len().min(REACH_BYTES)];
    match text.first()? {
        b'C' => Some(0),
        b'I' => ruby_prefix(window),
        b'0'..=b'9' => credhub_prefix(window).or_else(|| go_prefix(window)),
        _ => None,
    }
}

/// Ruby's Logger: `I, [2026-01-20T04:56:26.384189 #19]  INFO -- : `. BOSH adds ` [thread]` and `DirectorAudit`.
fn ruby_prefix(text: &[u8]) -> Option<usize> {
    let mut cursor = Cursor::new(text);
    cursor.literal(b"I, [")?;
    cursor.shape(b"0000-00-00T00:00:00.")?;
    cursor.digits()?;
    cursor.literal(b" #")?;
    cursor.digits()?;
    cursor.literal(b"]")?;
    if cursor.maybe(b" [") {
        cursor.past(b']')?;
    }
    cursor.blanks()?;
    cursor.literal(b"INFO -- ")?;
    cursor.maybe(b"DirectorAudit");
    cursor.literal(b": ")?;
    Some(cursor.at())
}

/// CredHub's log4j layout: `2024-05-01T10:00:00.883Z: `.
fn credhub_prefix(text: &[u8]) -> Option<usize> {
    let mut cursor = Cursor::new(text);
    cursor.rfc3339()?;
    cursor.literal(b": ")?;
    Some(cursor.at())
}

/// Go's log package, as BOSH's agent uses it: `2024/05/01 10:00:00 `.
fn go_prefix(text: &[u8]) -> Option<usize> {
    let mut cursor = Cursor::new(text);
    cursor.shape(b"0000/00/00 00:00:00")?;
    cursor.literal(b" ")?;
    Some(cursor.at())
}

/// Header fields that are whole, which means: followed by their `|`.
struct Fields<'a> {
    whole: usize,
    /// The last of them, empty when there is none.
    last: &'a [u8],
    /// After the `|` of the last one.
    end: usize,
}

impl<'a> Fields<'a> {
    /// Up to `wanted` fields from `start` on.
    fn read(text: &'a [u8], start: usize, wanted: usize, escapes: bool) -> Self {
        let mut fields = Self { whole: 0, last: b"", end: start };
        while fields.whole < wanted
            && let Some(len) = field_len(&text[fields.end..], escapes)
        {
            fields.last = &text[fields.end..fields.end + len];
            fields.end += len + 1;
            fields.whole += 1;
        }
        fields
    }
}

/// Length of the field that `text` begins with; `None` when no `|` ends it.
fn field_len(text: &[u8], escapes: bool) -> Option<usize> {
    if !escapes {
        return memchr(b'|', text);
    }
    let mut at = 0;
    loop {
        at += memchr2(b'|', b'\\', text.get(at..)?)?;
        if text[at] == b'|' {
            return Some(at);
        }
        at += 2;
    }
}

/// Severity is 0 to 10 or one of five words.
fn severity_flag(severity: &[u8]) -> Flags {
    match severity {
        [b'0'..=b'9'] | b"10" | b"Unknown" | b"Low" | b"Medium" | b"High" | b"Very-High" => Flags::NONE,
        _ => Flags::CEF_SEVERITY,
    }
}
