//! RFC 5424: fields, PRI, VERSION and damage.

use super::*;
use crate::header::{locate_rfc3164, locate_rfc5424};

#[test]
fn a_whole_header() {
    check(&[
        (
            "<14>1 2024-05-01T10:00:00.123456+00:00 h.example app p m [a@1 k=\"v\"] hello",
            "rfc5424 pri=14 ts=2024-05-01T10:00:00.123456+00:00 host=h.example app=app proc=p msgid=m sd=[a@1 k=\"v\"] msg=|hello|",
        ),
        (
            "<14>1 2024-05-01T10:00:00Z h a p m - x",
            "rfc5424 pri=14 ts=2024-05-01T10:00:00Z host=h app=a proc=p msgid=m msg=|x|",
        ),
        (
            "<14>1 2024-05-01T10:00:00Z h a p m -",
            "rfc5424 pri=14 ts=2024-05-01T10:00:00Z host=h app=a proc=p msgid=m msg=||",
        ),
        ("<0>1 - - - - - -", "rfc5424 pri=0 msg=||"),
        ("<191>1 - - - - - - ", "rfc5424 pri=191 msg=||"),
        ("<14>1 - - - - - -   two blanks are content", "rfc5424 pri=14 msg=|  two blanks are content|"),
        ("<14>1 - - - - - -\n", "rfc5424 pri=14 msg=|\n|"),
    ]);
}

#[test]
fn util_linux_logger_is_an_ordinary_sender() {
    check(&[(
        "<13>1 2026-11-21T22:00:00.123456+00:00 host user - - [timeQuality tzKnown=\"1\" isSynced=\"0\"] text",
        "rfc5424 pri=13 ts=2026-11-21T22:00:00.123456+00:00 host=host app=user \
         sd=[timeQuality tzKnown=\"1\" isSynced=\"0\"] msg=|text|",
    )]);
}

#[test]
fn pri_minus_one_is_tolerated_before_a_whole_header() {
    check(&[
        ("<-1>1 - h a p - - x", "rfc5424 host=h app=a proc=p msg=|x| !pri_syntax"),
        ("<-1>1", "unknown !pri_syntax !header_short"),
        ("<-1>hello", "unknown !pri_syntax"),
        ("<-2>1 - - - - - - x", "unknown !pri_syntax"),
    ]);
}

#[test]
fn a_damaged_pri_is_no_header() {
    check(&[
        ("<192>1 - - - - - - x", "unknown !pri_range"),
        ("<999>1 - - - - - - x", "unknown !pri_range"),
        ("<1000>1 - - - - - - x", "unknown !pri_range"),
        ("<99999>hello", "unknown !pri_range"),
        ("<999999999>1 ", "unknown !pri_range"),
        ("<9999999999>1 ", "unknown !pri_syntax"),
        ("<99999999999999999999>1 - - - - - - x", "unknown !pri_syntax"),
        ("<>1 - - - - - - x", "unknown !pri_syntax"),
        ("<01>1 - - - - - - x", "unknown !pri_syntax"),
        ("<00>1 - - - - - - x", "unknown !pri_syntax"),
        ("<1 4>1 - - - - - - x", "unknown !pri_syntax"),
        ("<14 >1 - - - - - - x", "unknown !pri_syntax"),
        ("< 14>1 - - - - - - x", "unknown !pri_syntax"),
        ("<14", "unknown !pri_syntax"),
        ("<", "unknown !pri_syntax"),
        ("<+14>1 - - - - - - x", "unknown !no_pri"),
        ("<html>", "unknown !no_pri"),
        (" <14>1 - - - - - - x", "unknown !no_pri"),
        ("", "unknown !no_pri"),
        ("hello", "unknown !no_pri"),
        ("57 <14>1 - - - - - - x", "unknown !no_pri"),
    ]);
}

#[test]
fn another_version_is_no_header() {
    check(&[
        ("<14>0 - - - - - - x", "unknown !version"),
        ("<14>2 - - - - - - x", "unknown !version"),
        ("<14>01 - - - - - - x", "unknown !version"),
        ("<14>10 ", "unknown !version"),
        ("<14>1000 - - - - - - x", "unknown !version"),
        ("<14>10000 bottles", "rfc3164 pri=14 msg=|10000 bottles|"),
        ("<14>1x", "rfc3164 pri=14 msg=|1x|"),
        ("<14>12", "rfc3164 pri=14 msg=|12|"),
    ]);
}

#[test]
fn a_frame_that_ends_inside_the_header_is_short() {
    let whole = "<14>1 2024-05-01T10:00:00Z host app proc msgid ";
    for end in "<14>".len()..=whole.len() {
        check(&[(&whole[..end], "unknown !header_short")]);
    }
}

#[test]
fn one_space_separates_fields() {
    let fields = ["<14>1", "2024-05-01T10:00:00Z", "h", "a", "p", "m", "-"];
    for gap in 0..fields.len() - 1 {
        for separator in ["  ", "\t", " \t", "\n", "\r\n"] {
            let (before, after) = (fields[..=gap].join(" "), fields[gap + 1..].join(" "));
            let frame = format!("{before}{separator}{after} x");
            let expected = match (gap, separator) {
                // A version is recognised by the space or the tab after it.
                (0, "\n" | "\r\n") => format!("rfc3164 pri=14 msg=|{}|", &frame[4..]),
                _ => "unknown !header_syntax".to_owned(),
            };
            check(&[(&frame, &expected)]);
        }
    }
}

#[test]
fn an_impossible_time_is_flagged_and_kept() {
    for stamp in [
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-05-01T24:00:00Z",
        "2026-05-01T23:60:00Z",
        "2026-06-30T23:59:60Z",
        "2026-05-01T10:00:00.1234567Z",
        "2026-05-01T10:00:00.Z",
        "2026-05-01t10:00:00Z",
        "2026-05-01T10:00:00z",
        "2026-05-01T10:00:00",
        "2026-05-01T10:00:00+25:00",
        "2026-05-01T10:00:00+01:60",
        "2026-05-01T10:00:00+0100",
        "2026-05-01T10:00:00ZZ",
        "2026-05-01",
        "2026/05/01T10:00:00Z",
        "+026-05-01T10:00:00Z",
        "1714557600",
        "--",
        "Jan",
    ] {
        let expected = format!("rfc5424 pri=14 ts={stamp} host=h app=a proc=p msgid=m msg=|x| !timestamp");
        check(&[(&format!("<14>1 {stamp} h a p m - x"), &expected)]);
    }
}

#[test]
fn an_unlikely_year_is_suspect() {
    for (year, flag) in [
        ("0000", " !ts_suspect"),
        ("1969", " !ts_suspect"),
        ("1970", ""),
        ("2100", ""),
        ("2101", " !ts_suspect"),
        ("9999", " !ts_suspect"),
    ] {
        let stamp = format!("{year}-01-01T00:00:00.5-23:59");
        let expected = format!("rfc5424 pri=14 ts={stamp} msg=|x|{flag}");
        check(&[(&format!("<14>1 {stamp} - - - - - x"), &expected)]);
    }
    for leap_day in ["2024-02-29T23:59:59Z", "2000-02-29T00:00:00Z"] {
        check(&[(&format!("<14>1 {leap_day} - - - - -"), &format!("rfc5424 pri=14 ts={leap_day} msg=||"))]);
    }
}

#[test]
fn long_fields_are_flagged_and_kept() {
    for (at, limit, name, flag) in [
        (1, 255, "host", "hostname"),
        (2, 48, "app", "field_length"),
        (3, 128, "proc", "field_length"),
        (4, 32, "msgid", "field_length"),
    ] {
        for (len, flag) in [(limit, String::new()), (limit + 1, format!(" !{flag}"))] {
            let value = "x".repeat(len);
            let mut fields = ["-"; 6];
            fields[at] = &value;
            check(&[(
                &format!("<14>1 {} y", fields.join(" ")),
                &format!("rfc5424 pri=14 {name}={value} msg=|y|{flag}"),
            )]);
        }
    }
}

#[test]
fn a_strange_hostname_is_flagged_and_kept() {
    check(&[
        ("<14>1 - ../../etc - - - - x", "rfc5424 pri=14 host=../../etc msg=|x|"),
        ("<14>1 - ${jndi:ldap://x} - - - - x", "rfc5424 pri=14 host=${jndi:ldap://x} msg=|x|"),
        ("<14>1 - a\0b - - - - x", "rfc5424 pri=14 host=a\0b msg=|x| !hostname"),
        ("<14>1 - a\x1b[2J - - - - x", "rfc5424 pri=14 host=a\x1b[2J msg=|x| !hostname"),
        ("<14>1 - \u{e9} - - - - x", "rfc5424 pri=14 host=\u{e9} msg=|x| !hostname"),
        ("<14>1 - a\x7f - - - - x", "rfc5424 pri=14 host=a\x7f msg=|x| !hostname"),
    ]);
}

#[test]
fn fields_beyond_the_reach_of_spans_are_no_header() {
    for at in 0..5 {
        let value = "x".repeat(70_000);
        let mut fields = ["-"; 6];
        fields[at] = &value;
        check(&[(&format!("<14>1 {} y", fields.join(" ")), "unknown !field_length")]);
    }
}

#[test]
fn one_byte_order_mark_is_skipped() {
    check(&[
        ("<14>1 - - - - - - \u{feff}x", "rfc5424 pri=14 msg=|x|"),
        ("<14>1 - - - - - - \u{feff}\u{feff}x", "rfc5424 pri=14 msg=|\u{feff}x|"),
        ("<14>1 - - - - - - \u{feff}", "rfc5424 pri=14 msg=||"),
        ("<14>1 - - - - - - x\u{feff}", "rfc5424 pri=14 msg=|x\u{feff}|"),
        ("<14>Jan  1 00:00:00 h t: \u{feff}x", "rfc3164 pri=14 ts=Jan  1 00:00:00 host=h app=t msg=|x|"),
        ("\u{feff}<14>1 - - - - - - x", "unknown !no_pri"),
    ]);
}

#[test]
fn a_version_decides_the_dialect_even_before_a_traditional_stamp() {
    check(&[(
        "<14>1 Jan 20 04:56:26 host tag: text",
        "rfc5424 pri=14 ts=Jan host=20 app=04:56:26 proc=host msgid=tag: msg=|text| !timestamp !sd_syntax",
    )]);
}

#[test]
fn a_forced_dialect_is_the_only_one_tried() {
    let show_5424 = |frame: &str| show(frame.as_bytes(), &locate_rfc5424(frame.as_bytes()));
    let show_3164 = |frame: &str| show(frame.as_bytes(), &locate_rfc3164(frame.as_bytes()));
    assert_eq!(show_5424("<14>1 - h a p m - x"), "rfc5424 pri=14 host=h app=a proc=p msgid=m msg=|x|");
    assert_eq!(show_5424("<-1>1 - h a p m - x"), "rfc5424 host=h app=a proc=p msgid=m msg=|x| !pri_syntax");
    assert_eq!(show_5424("<14>Jan 20 04:56:26 h t: x"), "unknown !version");
    assert_eq!(show_5424("Jan 20 04:56:26 h t: x"), "unknown !no_pri");
    assert_eq!(show_3164("<14>1 - h a p m - x"), "rfc3164 pri=14 msg=|1 - h a p m - x|");
    assert_eq!(show_3164("Jan 20 04:56:26 h some words"), "rfc3164 ts=Jan 20 04:56:26 host=h msg=|some words| !no_pri");
    assert_eq!(show_3164("words"), "rfc3164 msg=|words| !no_pri");
    assert_eq!(show_3164("<-1>words"), "unknown !pri_syntax");
    assert_eq!(show_3164("<192>words"), "unknown !pri_range");
}
