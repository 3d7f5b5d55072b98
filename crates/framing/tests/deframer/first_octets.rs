//! Detection, and other protocols on our port.

use gully_framing::{FrameFault, Framing, Probe, Settings};

use crate::connection::{Outcome, check, whole};

#[track_caller]
fn check_detected(stream: impl AsRef<[u8]>, framing: Framing, messages: &[&str]) {
    let expected = Outcome { messages: whole(messages), framing: Some(framing), ..Outcome::default() };
    check(Settings::default(), stream, &expected);
}

#[test]
fn one_to_eight_digits_and_a_space_are_octet_counting() {
    check_detected("7 <14>1 a", Framing::OctetCounting, &["<14>1 a"]);
    check_detected("12 <14>1 abcdef", Framing::OctetCounting, &["<14>1 abcdef"]);
    check_detected("5  <14>", Framing::OctetCounting, &[" <14>"]);
    let partial = Outcome { partial_bytes: 10, framing: Some(Framing::OctetCounting), ..Outcome::default() };
    check(Settings::default(), "12345678 x", &partial);
}

#[test]
fn eight_digits_above_the_hard_limit_are_still_octet_counting() {
    let fault = Some(FrameFault::OctetTooLarge { at_least: 20_260_101 });
    let expected = Outcome { fault, framing: Some(Framing::OctetCounting), ..Outcome::default() };
    check(Settings::default(), "20260101 12:00 restarted\n", &expected);
}

#[test]
fn anything_else_is_newline() {
    for line in [
        "<14>1 - - - - - - x",
        "hello",
        "123456789 x",
        "999999999999999999999999999999 x",
        "5x",
        "5\tx",
        "-5 x",
        "+5 x",
        " 5 x",
        "\r",
        "\0\0\0\0",
        "٥ x",
        "\u{1f}\u{8b}\u{8}",
        "{\"a\":1}",
    ] {
        let kept = if line == "\r" { vec![] } else { vec![line] };
        let empty = u64::from(line == "\r");
        let mut expected = Outcome { messages: whole(&kept), framing: Some(Framing::Newline), ..Outcome::default() };
        expected.counts.empty = empty;
        check(Settings::default(), format!("{line}\n"), &expected);
    }
}

#[test]
fn a_count_that_begins_with_zero_is_a_line() {
    check_detected("0 x\n", Framing::Newline, &["0 x"]);
    check_detected("007 <14>1 -\n", Framing::Newline, &["007 <14>1 -"]);
    check_detected("0\n", Framing::Newline, &["0"]);
}

#[test]
fn a_line_that_looks_counted_does_not_switch_the_framing() {
    check_detected("<14>1 a\n57 <14>1 b\n", Framing::Newline, &["<14>1 a", "57 <14>1 b"]);
}

#[test]
fn a_counted_frame_does_not_make_later_lines_good() {
    let expected = Outcome {
        messages: whole(&["<14>1 a"]),
        fault: Some(FrameFault::OctetBadChar { found: b'<' }),
        framing: Some(Framing::OctetCounting),
        ..Outcome::default()
    };
    check(Settings::default(), "7 <14>1 a<14>1 b\n", &expected);
}

const OTHER_PROTOCOLS: [(&[u8], Probe); 16] = [
    (b"\x16\x03\x01\x02\x00\x01", Probe::TlsOnPlain),
    (b"\x16\x03", Probe::TlsOnPlain),
    (b"GET / HTTP/1.1\r\n\r\n", Probe::Http),
    (b"POST /events HTTP/1.1\r\n", Probe::Http),
    (b"PUT / ", Probe::Http),
    (b"HEAD / ", Probe::Http),
    (b"OPTIONS * ", Probe::Http),
    (b"DELETE / ", Probe::Http),
    (b"CONNECT host:1 ", Probe::Http),
    (b"TRACE / ", Probe::Http),
    (b"PATCH / ", Probe::Http),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Probe::Http),
    (b"SSH-2.0-OpenSSH_9.2\r\n", Probe::Ssh),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 5000 514\r\n9 <14>1 - -", Probe::Proxy),
    (b"PROXY UNKNOWN\r\n", Probe::Proxy),
    (b"\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00", Probe::Proxy),
];

#[test]
fn another_protocol_is_a_probe_under_every_framing() {
    for framing in Framing::ALL {
        for (stream, probe) in OTHER_PROTOCOLS {
            let expected = Outcome {
                fault: Some(FrameFault::Probe(probe)),
                framing: (*framing != Framing::Detect).then_some(*framing),
                ..Outcome::default()
            };
            check(Settings { framing: *framing, ..Settings::default() }, stream, &expected);
        }
    }
}

#[test]
fn a_line_that_only_begins_like_another_protocol_is_a_line() {
    let lines = ["GETTING up", "GET", "get / x", "PRIVATE", "PRI * HTT", "PATCHED x", "SSH 2", "SSH", "P", "\x16\x02"];
    for line in lines {
        check_detected(format!("{line}\n"), Framing::Newline, &[line]);
    }
}

#[test]
fn another_protocol_after_the_first_octets_is_content() {
    check_detected("<14>1 a\nGET / HTTP/1.1\n", Framing::Newline, &["<14>1 a", "GET / HTTP/1.1"]);
}

#[test]
fn a_connection_that_ends_undecided_was_newline() {
    for stream in ["1", "12345678", "G", "PRI * HTT", "SSH", "\x16"] {
        let expected =
            Outcome { partial_bytes: stream.len() as u64, framing: Some(Framing::Newline), ..Outcome::default() };
        check(Settings::default(), stream, &expected);
    }
}

#[test]
fn a_fixed_framing_that_ends_in_its_first_octets_keeps_its_name() {
    for framing in [Framing::OctetCounting, Framing::Newline, Framing::Nul] {
        let expected = Outcome { partial_bytes: 2, framing: Some(framing), ..Outcome::default() };
        check(Settings { framing, ..Settings::default() }, "GE", &expected);
    }
}

#[test]
fn a_connection_without_an_octet_decides_nothing() {
    check(Settings::default(), "", &Outcome::default());
}
