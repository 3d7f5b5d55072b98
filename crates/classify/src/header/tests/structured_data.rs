//! STRUCTURED-DATA: what is well formed, where MSG begins when it is not, and the limits.

use super::*;

/// Rows of what follows MSGID and what is found there: `sd=… msg=… !flag`.
#[track_caller]
fn check_sd(rows: &[(&str, &str)]) {
    for (sd, expected) in rows {
        check(&[(&format!("<14>1 - - - - - {sd}"), &format!("rfc5424 pri=14 {expected}"))]);
    }
}

#[test]
fn elements_stand_next_to_each_other() {
    check_sd(&[
        ("[a] x", "sd=[a] msg=|x|"),
        ("[a]", "sd=[a] msg=||"),
        ("[a][b k=\"v\" l=\"\"] x", "sd=[a][b k=\"v\" l=\"\"] msg=|x|"),
        ("[a] [b] x", "sd=[a] msg=|[b] x|"),
        ("- [b] x", "msg=|[b] x|"),
        ("[a]  x", "sd=[a] msg=| x|"),
        ("[a k=\"v\"] \u{feff}x", "sd=[a k=\"v\"] msg=|x|"),
    ]);
}

#[test]
fn a_backslash_takes_the_next_octet_along() {
    for value in [r#"\""#, r"\]\\", r"\x", r"a\\", "\\\u{e9}"] {
        let sd = format!("[a k=\"{value}\"]");
        let frame = format!("<14>1 - - - - - {sd} x");
        let Located { spans, flags, .. } = locate(frame.as_bytes());
        assert_eq!(spans.structured_data.of(frame.as_bytes()), sd.as_bytes());
        assert_eq!((spans.message(frame.as_bytes()), flags), (b"x".as_slice(), record::Flags::NO_PROVENANCE), "{sd}");
    }
}

#[test]
fn damage_leaves_everything_to_msg() {
    for sd in [
        "[",
        "[]",
        "[] x",
        "[a",
        "[a b",
        "[a b=",
        "[a b=\"",
        "[a b=\"c",
        "[a b=\"c\"",
        "[a ] x",
        "[a  b=\"c\"] x",
        "[ a] x",
        "[a b=c] x",
        "[a b='c'] x",
        "[a =\"c\"] x",
        "[a b=\"c\"d=\"e\"] x",
        "[a b=\"c]\"] x",
        "[a b=\"c\"d\"] x",
        "[a b=\"c\\\"] x",
        "[a b=\"c\\",
        "[a\tb=\"c\"] x",
        "[a=b] x",
        "[\u{e9}] x",
        "[a@1@2] x",
        "[a][b]x",
        "[a]x",
        "[a]\tx",
        "[a][",
        "-[a b=\"c\"] x",
        "--",
        "-x",
        "x",
        "text without structured data",
    ] {
        check_sd(&[(sd, &format!("msg=|{sd}| !sd_syntax"))]);
    }
}

#[test]
fn the_forwarder_that_does_not_escape_is_understood() {
    check_sd(&[
        ("[instance@47450 director=\"a\"b\" id=\"\"] CEF:0|x", "msg=|CEF:0|x| !sd_syntax @Platform"),
        ("[instance@47450 group=\"a]b\" id=\"\"] x] y", "msg=|x] y| !sd_syntax @Platform"),
        ("[instance@47450 group=\"a\\\"] x", "msg=|x| !sd_syntax @Platform"),
        ("[instance@47450 group=\"a", "msg=|[instance@47450 group=\"a| !sd_syntax @Platform"),
        ("[other@1 group=\"a\"b\"] x", "msg=|[other@1 group=\"a\"b\"] x| !sd_syntax"),
        ("[instance@474500 group=\"a\"b\"] x", "msg=|[instance@474500 group=\"a\"b\"] x| !sd_syntax"),
    ]);
}

#[test]
fn a_name_that_occurs_twice_is_flagged() {
    check_sd(&[
        ("[a][b][a] x", "sd=[a][b][a] msg=|x| !sd_dup"),
        ("[a k=\"1\" k=\"2\"] x", "sd=[a k=\"1\" k=\"2\"] msg=|x| !sd_dup"),
        ("[a k=\"1\"][b k=\"2\"] x", "sd=[a k=\"1\"][b k=\"2\"] msg=|x|"),
        ("[a a=\"1\"] x", "sd=[a a=\"1\"] msg=|x|"),
    ]);
    let many: String = (0..16).map(|id| format!("[e{id}]")).collect();
    check_sd(&[(&format!("{many}[e15] x"), &format!("sd={many}[e15] msg=|x| !sd_dup"))]);
    check_sd(&[(&format!("{many}[e16] x"), &format!("sd={many}[e16] msg=|x|"))]);
}

#[test]
fn long_names_are_flagged_and_longer_ones_are_damage() {
    for (len, flag) in [(32, ""), (33, " !sd_name_length"), (255, " !sd_name_length")] {
        let name = "n".repeat(len);
        check_sd(&[
            (&format!("[{name}] x"), &format!("sd=[{name}] msg=|x|{flag}")),
            (&format!("[a {name}=\"\"] x"), &format!("sd=[a {name}=\"\"] msg=|x|{flag}")),
        ]);
    }
    let name = "n".repeat(256);
    check_sd(&[
        (&format!("[{name}] x"), &format!("msg=|[{name}] x| !sd_syntax")),
        (&format!("[a {name}=\"\"] x"), &format!("msg=|[a {name}=\"\"] x| !sd_syntax")),
    ]);
}

#[test]
fn elements_above_the_limit_are_left_to_msg() {
    let most = "[e]".repeat(512);
    check_sd(&[
        (&format!("{most} x"), &format!("sd={most} msg=|x| !sd_dup")),
        (&format!("{most}[e] x"), &format!("sd={most} msg=|[e] x| !sd_dup !sd_limit")),
        (&format!("{most}[e"), &format!("sd={most} msg=|[e| !sd_dup !sd_limit")),
    ]);
}

#[test]
fn large_values_are_read_whole() {
    let large = "v".repeat(250 << 10);
    let escapes = "\\\"".repeat(100_000);
    for value in [large, escapes] {
        let sd = format!("[a k=\"{value}\"]");
        let frame = format!("<14>1 - - - - - {sd} x");
        let located = locate(frame.as_bytes());
        assert_eq!(located.spans.structured_data.of(frame.as_bytes()), sd.as_bytes());
        assert_eq!(located.spans.message(frame.as_bytes()), b"x");
    }
}
