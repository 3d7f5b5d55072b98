//! Rows of frames and the whole of what is found in each, in a compact form.

mod property;
mod provenance;
mod raw;
mod rfc3164;
mod rfc5424;
mod structured_data;

use record::{Dialect, ShortSpan};

use super::{Located, Provenance, locate};

/// Asserts what `locate` finds in each frame.
///
/// The form is `dialect pri=… ts=… host=… app=… proc=… msgid=… sd=… msg=… !flag … @provenance`. Absent fields, and
/// the flag `no_provenance` with its provenance, are left out; MSG is quoted by `|`.
#[track_caller]
fn check(rows: &[(&str, &str)]) {
    let mut wrong = String::new();
    for (frame, expected) in rows {
        let found = show(frame.as_bytes(), &locate(frame.as_bytes()));
        if found != *expected {
            wrong.push_str(&format!("{frame:?}\n  found    {found}\n  expected {expected}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn show(frame: &[u8], located: &Located) -> String {
    let Located { spans, flags, provenance } = *located;
    let mut text = spans.dialect.name().to_owned();
    if let Some(pri) = spans.pri {
        text.push_str(&format!(" pri={}", pri.value()));
    }
    let mut field = |name: &str, octets: &[u8]| {
        if !octets.is_empty() {
            text.push_str(&format!(" {name}={}", String::from_utf8_lossy(octets)));
        }
    };
    let fields = [
        ("ts", spans.timestamp),
        ("host", spans.hostname),
        ("app", spans.app_name),
        ("proc", spans.procid),
        ("msgid", spans.msgid),
    ];
    fields.into_iter().for_each(|(name, span): (&str, ShortSpan)| field(name, span.of(frame)));
    field("sd", spans.structured_data.of(frame));
    if spans.dialect == Dialect::Unknown {
        assert_eq!(spans.msg, 0, "without a header the whole frame is MSG");
    } else {
        text.push_str(&format!(" msg=|{}|", String::from_utf8_lossy(spans.message(frame))));
    }
    flags.names().filter(|name| *name != "no_provenance").for_each(|name| text.push_str(&format!(" !{name}")));
    if provenance != Provenance::None {
        text.push_str(&format!(" @{provenance:?}"));
    }
    text
}
