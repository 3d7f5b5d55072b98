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
        // Nothing where a space must follow.
        (b"<14>Oct 11 22:14:15host tag: x", Some("timestamp")),
        (b"<14>Oct 11 22:14:15", None),
    ]);
}

/// A parser that looks for the end of the stamp must not walk through all that follows.
#[test]
fn garbage_after_a_timestamp() {
    let garbage = |octet: &str| octet.repeat(64 * 1024);
    let stamped = |end: &str| format!("<14>Oct 11 22:14:15{end}").into_bytes();
    check_owned(&[
        (stamped(&garbage("x")), Some("timestamp")),
        (stamped(&garbage(":")), Some("timestamp")),
        (stamped(&format!(".{}", garbage("0"))), Some("timestamp")),
        (stamped(&format!(" {}", garbage(":"))), None),
        (format!("<14>1 2026-11-21T10:00:00.{} - - - - - x", garbage("0")).into_bytes(), Some("field_length")),
    ]);
}

/// Texts that begin as both RFC 5424 and RFC 3164 do. A version and a space make it RFC 5424; a name of a month makes it RFC 3164.
#[test]
fn headers_that_could_be_either() {
    let rows: &[(&str, &str, &str)] = &[
        ("<14>1 Jan  1 00:00:00 host tag: x", "unknown", "<14>1 Jan  1 00:00:00 host tag: x"),
        ("<14>1 Oct 11 22:14:15 host tag: x", "rfc5424", "x"),
        ("<14>Oct 11 22:14:15 10.0.0.1 tag: x", "rfc3164", "x"),
        ("<14>Oct 11 22:14:15 1 tag: x", "rfc3164", "x"),
    ];
    let (gully, addresses) = Setup::plain(&["tcp"]);
    send(addresses[0], &rows.iter().flat_map(|(frame, ..)| counted(frame.as_bytes())).collect::<Vec<_>>());
    gully.wait_for_delivered(rows.len() as u64, SOON);
    for ((frame, dialect, message), record) in rows.iter().zip(gully.records()) {
        assert_eq!(record.syslog("dialect"), dialect, "{frame}");
        assert_eq!(record.message(), *message, "{frame}");
        let broken = record.has_flag("timestamp") || record.has_flag("header_syntax");
        assert_eq!(broken, *dialect != "rfc3164", "{frame} has {:?}", record.flags());
    }
    assert_eq!(gully.records()[2].syslog("hostname"), "10.0.0.1");
    assert_eq!(gully.records()[3].syslog("hostname"), "1");
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
        // Where an element is broken, the good one before it counts no more.
        (b"<14>1 - - - - - [good a=\"b\"][a b=\"c]d\"] x".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [good a=\"b\"][a b=\"c\"d\"] x".to_vec(), Some("sd_syntax")),
        // Signature blocks (RFC 5848) are parameters like others, trusted by nobody.
        (b"<14>1 - - - - - [ssign VER=\"0111\" RSID=\"1\" SG=\"0\" SIGN=\"AAAA\"] x".to_vec(), None),
        (b"<14>1 - - - - - [ssign VER=\"0111\" RSID=] x".to_vec(), Some("sd_syntax")),
        (b"<14>1 - - - - - [ssign-cert VER=\"]\" FRAG=\"\"] x".to_vec(), Some("sd_syntax")),
    ]);
}

#[test]
fn structured_data_that_fills_a_frame() {
    let values = ["v".repeat(250 * 1024), "\\\"".repeat(100_000), "\\\\\\]".repeat(50_000)];
    let frames = values.each_ref().map(|value| format!("<14>1 - - - - - [a b=\"{value}\"] x").into_bytes());
    check_owned(&frames.each_ref().map(|frame| (frame.clone(), None)));

    let (gully, addresses) = Setup::plain(&["tcp"]);
    send(addresses[0], &frames.iter().flat_map(|frame| counted(frame)).collect::<Vec<_>>());
    gully.wait_for_delivered(frames.len() as u64, SOON);
    let unescaped = [values[0].clone(), "\"".repeat(100_000), "\\]".repeat(50_000)];
    for (record, value) in gully.records().iter().zip(unescaped) {
        assert!(record.syslog("sd")["a"]["b"] == *value, "the value came back changed");
        assert_eq!(record.message(), "x");
    }
}

/// What nobody understands is passed on octet for octet, so that a signature over it can still be checked.
#[test]
fn signature_blocks_come_back_as_they_went_in() {
    let blocks = [
        "<110>1 2009-05-03T14:00:39.519005+02:00 host syslogd 2138 - [ssign VER=\"0111\" RSID=\"1\" SG=\"0\" SPRI=\"0\" GBC=\"2\" FMN=\"1\" CNT=\"7\" HB=\"K6wz vWE=\" SIGN=\"AKBbX4J7QkrwuwdbV7Taujk2lvOf\"]",
        "<110>1 - host syslogd 2138 - [ssign VER=\"0111\" SIGN=\"not\\] base64\" SIGN=\"twice\"]",
        "<110>1 - host syslogd 2138 - [ssign-cert VER=0111",
    ];
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.file_sink("records", "all.log", "raw");
    let gully = setup.start();
    send(address, &blocks.iter().flat_map(|block| counted(block.as_bytes())).collect::<Vec<_>>());
    gully.wait_for_delivered(blocks.len() as u64, SOON);
    let lines = std::fs::read_to_string(gully.directory().join("all.log")).unwrap();
    assert_eq!(lines.lines().collect::<Vec<_>>(), blocks);
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
