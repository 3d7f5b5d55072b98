//! Headers and structured data that break RFC 5424 or RFC 3164. Nothing is invalid: every row is delivered, marked.

use crate::support::client::{counted, send};
use crate::support::setup::Setup;
use crate::support::wait::SOON;

/// A frame, and the flag that it must carry; none for a good one.
type Row = (&'static [u8], Option<&'static str>);

/// Flags that say something about the header. A good header has none of them.
const HEADER_FLAGS: &[&str] = &[
    "no_pri",
    "pri_syntax",
    "pri_range",
    "version",
    "header_short",
    "header_syntax",
    "timestamp",
    "ts_suspect",
    "hostname",
    "field_length",
    "sd_syntax",
    "sd_dup",
    "sd_limit",
    "sd_name_length",
    "invalid_utf8",
];

#[test]
fn the_priority_value() {
    check(&[
        (b"hello", Some("no_pri")),
        (b"<192>1 - - - - - - x", Some("pri_range")),
        (b"<999>1 - - - - - - x", Some("pri_range")),
        (b"<1000>1 - - - - - - x", Some("pri_range")),
        (b"<>1 - - - - - - x", Some("pri_syntax")),
        (b"<-1>1 - - - - - - x", Some("pri_syntax")),
        (b"<01>1 - - - - - - x", Some("pri_syntax")),
        (b"<1 4>1 - - - - - - x", Some("pri_syntax")),
        (b"<14", Some("pri_syntax")),
        (b"<14 >1 - - - - - - x", Some("pri_syntax")),
        (b"<99999999999999999999>1 - - - - - - x", Some("pri_syntax")),
        (b"<0>1 - - - - - - x", None),
        (b"<191>1 - - - - - - x", None),
    ]);
}

#[test]
fn the_version() {
    check(&[
        (b"<14>0 - - - - - - x", Some("version")),
        (b"<14>2 - - - - - - x", Some("version")),
        (b"<14>1000 - - - - - - x", Some("version")),
    ]);
}

#[test]
fn a_header_that_is_cut_or_torn() {
    check(&[
        (b"<14>", Some("header_short")),
        (b"<14>1", Some("header_short")),
        (b"<14>1 ", Some("header_short")),
        (b"<14>1 2026-11-21T10:00:00Z", Some("header_short")),
        (b"<14>1 2026-11-21T10:00:00Z host", Some("header_short")),
        (b"<14>1 2026-11-21T10:00:00Z host app", Some("header_short")),
        (b"<14>1 2026-11-21T10:00:00Z host app 1", Some("header_short")),
        (b"<14>1 2026-11-21T10:00:00Z host app 1 id", Some("header_short")),
        (b"<14>1  - - - - - - x", Some("header_syntax")),
        (b"<14>1 -\t- - - - - x", Some("header_syntax")),
        (b"<14>1 - - - - - -", None),
        (b"<14>1 - - - - - - ", None),
    ]);
}

#[test]
fn the_timestamp() {
    check(&[
        (b"<14>1 2026-13-01T00:00:00Z - - - - - x", Some("timestamp")),
        (b"<14>1 2026-02-30T00:00:00Z - - - - - x", Some("timestamp")),
        (b"<14>1 2026-02-01T24:00:00Z - - - - - x", Some("timestamp")),
        (b"<14>1 2026-02-01T23:59:60Z - - - - - x", Some("timestamp")),
        (b"<14>1 2026-02-01T00:00:00+25:00 - - - - - x", Some("timestamp")),
        (b"<14>1 2026-02-01T00:00:00.1234567Z - - - - - x", Some("timestamp")),
        (b"<14>1 2026-02-01t00:00:00z - - - - - x", Some("timestamp")),
        (b"<14>1 2026-02-01T00:00:00 - - - - - x", Some("timestamp")),
        (b"<14>1 0000-01-01T00:00:00Z - - - - - x", Some("ts_suspect")),
        (b"<14>1 9999-12-31T00:00:00Z - - - - - x", Some("ts_suspect")),
        (b"<14>Feb 31 00:00:00 host tag: x", Some("timestamp")),
    ]);
}

#[test]
fn names_that_are_too_long_or_not_printable() {
    let host = |length: usize| format!("<14>1 - {} - - - - x", "h".repeat(length)).into_bytes();
    let app = |length: usize| format!("<14>1 - - {} - - - x", "a".repeat(length)).into_bytes();
    let procid = |length: usize| format!("<14>1 - - - {} - - x", "p".repeat(length)).into_bytes();
    let msgid = |length: usize| format!("<14>1 - - - - {} - x", "m".repeat(length)).into_bytes();
    check_owned(&[
        (host(255), None),
        (host(256), Some("hostname")),
        ("<14>1 - hôte - - - - x".into(), Some("hostname")),
        (b"<14>1 - ho\0st - - - - x".to_vec(), Some("hostname")),
        (b"<14>1 - ../../etc/cron.d/x ../../etc/cron.d/x - - - x".to_vec(), None),
        (b"<14>1 - ${jndi:ldap://x/y} %00 - - - x".to_vec(), None),
        (app(48), None),
        (app(49), Some("field_length")),
        (procid(128), None),
        (procid(129), Some("field_length")),
        (msgid(32), None),
        (msgid(33), Some("field_length")),
    ]);
}

#[test]
fn structured_data() {
    let name = |length: usize| format!("<14>1 - - - - - [{} a=\"b\"] x", "n".repeat(length)).into_bytes();
    let elements = |count: usize| {
        let elements: String = (0..count).map(|number| format!("[e{number}]")).collect();
        format!("<14>1 - - - - - {elements} x").into_bytes()
    };
    check_owned(&[
        (b"<14>1 - - - - - [".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - []".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [a".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [a b".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [a b=".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [a b=\"".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [a b=\"c".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [a b=\"c\"".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [a b=\"c]d\"] x".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [a b=\"c\"d\"] x".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [a b=\"c\\\"] x".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [a b=\"c\\x\"] x".to_vec(), None),
        (b"<14>1 - - - - - -[a b=\"c\"] x".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - -- x".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [a b=\"c\"][a b=\"d\"] x".to_vec(), Some("sd_dup")),
        (b"<14>1 - - - - - [a b=\"c\" b=\"d\"] x".to_vec(), Some("sd_dup")),
        (b"<14>1 - - - - - [a][b] x".to_vec(), None),
        (b"<14>1 - - - - - [a] [b] x".to_vec(), None),
        (name(32), None),
        (name(33), Some("sd_name_length")),
        (name(255), Some("sd_name_length")),
        (name(256), Some("sd_syntax")),
        (elements(512), None),
        (elements(513), Some("sd_limit")),
        (elements(10_000), Some("sd_limit")),
    ]);
}

#[test]
fn octets_that_are_not_utf_8() {
    check(&[
        (b"<14>1 - - - - - - lone \x80", Some("invalid_utf8")),
        (b"<14>1 - - - - - - overlong \xc0\xaf", Some("invalid_utf8")),
        (b"<14>1 - - - - - - surrogate \xed\xa0\x80", Some("invalid_utf8")),
        (b"<14>1 - - - - - - too high \xf5\x80\x80\x80", Some("invalid_utf8")),
        (b"<14>1 - - - - - - cut \xe2\x82", Some("invalid_utf8")),
        (b"<14>1 - - - - - - \xef\xbb\xbfmarked \x80", Some("invalid_utf8")),
        (b"<14>1 - - - - - - \xef\xbb\xbfmarked", None),
        (b"<14>1 - - - - - - \xef\xbb\xbf\xef\xbb\xbfmarked twice", None),
    ]);
}

/// The octets themselves are not lost: they stand beside the readable text.
#[test]
fn octets_that_are_not_utf_8_survive_in_base64() {
    let (gully, addresses) = Setup::plain(&["tcp"]);
    send(addresses[0], &counted(b"<14>1 - - - - - - \xff\xfe"));
    gully.wait_for_delivered(1, SOON);
    let records = gully.records();
    assert_eq!(records[0].message(), "\u{fffd}\u{fffd}");
    // The whole frame, header included.
    assert_eq!(records[0].text("raw_base64"), "PDE0PjEgLSAtIC0gLSAtIC0g//4=");
}

#[test]
fn control_characters_come_back_as_they_went_in() {
    let text =
        "tab\t bell\u{7} escape\u{1b}[31m delete\u{7f} separator\u{2028} override\u{202e} quote\" backslash\\ nul\0.";
    let (gully, addresses) = Setup::plain(&["tcp"]);
    send(addresses[0], &counted(format!("<14>1 - - - - - - {text}").as_bytes()));
    gully.wait_for_delivered(1, SOON);
    assert_eq!(gully.records()[0].message(), text);
}

#[track_caller]
fn check(rows: &[Row]) {
    let rows: Vec<_> = rows.iter().map(|(frame, flag)| (frame.to_vec(), *flag)).collect();
    check_owned(&rows);
}

/// Sends all rows over one connection: whatever a frame holds, the next one is whole.
#[track_caller]
fn check_owned(rows: &[(Vec<u8>, Option<&str>)]) {
    let (gully, addresses) = Setup::plain(&["tcp"]);
    let stream: Vec<u8> = rows.iter().flat_map(|(frame, _)| counted(frame)).collect();
    send(addresses[0], &stream);
    gully.wait_for_delivered(rows.len() as u64, SOON);

    let mut faults = Vec::new();
    for ((frame, flag), record) in rows.iter().zip(gully.records()) {
        let excerpt = || frame[..frame.len().min(80)].escape_ascii().to_string();
        let flags = record.flags();
        let complaints: Vec<_> = flags.iter().filter(|flag| HEADER_FLAGS.contains(flag)).collect();
        match flag {
            Some(flag) if !flags.contains(flag) => faults.push(format!("{}: no {flag} among {flags:?}", excerpt())),
            None if !complaints.is_empty() => faults.push(format!("{}: is good, but has {complaints:?}", excerpt())),
            _ => {}
        }
        let (frame, message) = (String::from_utf8_lossy(frame), record.message());
        if !frame.ends_with(message) {
            faults.push(format!("{}: the message {message:.80?} is not its end", excerpt()));
        }
        assert_eq!(record.class(), "other");
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    gully.assert_ledger();
}
