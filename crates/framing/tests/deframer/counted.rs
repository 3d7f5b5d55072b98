//! Octet counting, fixed by configuration so that every broken count is one.

use gully_framing::{Counts, FrameFault, Framing, Settings};
use record::Flags;

use crate::connection::{Message, Outcome, check, message, whole};

const SETTINGS: Settings = Settings { framing: Framing::OctetCounting, frame_bytes_max: 16 };

fn received(messages: Vec<Message>) -> Outcome {
    Outcome { messages, framing: Some(Framing::OctetCounting), ..Outcome::default() }
}

#[track_caller]
fn check_whole(stream: &str, messages: &[&str]) {
    check(SETTINGS, stream, &received(whole(messages)));
}

#[track_caller]
fn check_fault(stream: impl AsRef<[u8]>, messages: &[&str], fault: FrameFault) {
    check(SETTINGS, stream, &Outcome { fault: Some(fault), ..received(whole(messages)) });
}

#[test]
fn frames_follow_one_another() {
    check_whole("7 <14>1 a7 <14>1 b10 <14>1 cdef", &["<14>1 a", "<14>1 b", "<14>1 cdef"]);
    check_whole("1 a1 b1 c", &["a", "b", "c"]);
}

#[test]
fn the_count_is_in_octets() {
    check_whole("5 <1>é5 <1>ab", &["<1>é", "<1>ab"]);
}

#[test]
fn what_looks_like_a_frame_inside_a_frame_is_content() {
    let expected = received(whole(&["<14>1 a\n99 <14>1 forged", "b"]));
    let settings = Settings { frame_bytes_max: 100, ..SETTINGS };
    check(settings, "23 <14>1 a\n99 <14>1 forged1 b", &expected);
}

#[test]
fn a_count_too_small_ends_the_connection_at_the_rest() {
    check_fault("10 <14>1 abcdef7 <14>1 b", &["<14>1 abcd"], FrameFault::OctetBadChar { found: b'e' });
}

#[test]
fn a_count_too_large_takes_from_the_next_frame() {
    check_fault("9 <14>1 a7 <14>1 b", &["<14>1 a7 "], FrameFault::OctetBadChar { found: b'<' });
    check_whole("16 <14>1 a7 <14>1 b", &["<14>1 a7 <14>1 b"]);
}

#[test]
fn a_counted_line_end_is_stripped_once() {
    check_whole("8 <14>1 a\n8 <14>1 b\n", &["<14>1 a", "<14>1 b"]);
    check_whole("9 <14>1 a\r\n1 b", &["<14>1 a", "b"]);
    check_whole("9 <14>1 a\n\n1 b", &["<14>1 a\n", "b"]);
    check_whole("11 <14>1 a\r\n\r\n1 b", &["<14>1 a\r\n", "b"]);
    check_whole("8 <14>1 a\r1 b", &["<14>1 a\r", "b"]);
    check_whole("8 <14>1 a\x001 b", &["<14>1 a\0", "b"]);
}

#[test]
fn a_frame_of_nothing_but_a_line_end_is_empty() {
    let counts = Counts { empty: 2, lenient_trailer: 0 };
    check(SETTINGS, "1 \n2 \r\n1 a", &Outcome { counts, ..received(whole(&["a"])) });
    let counts = Counts { empty: 1, lenient_trailer: 1 };
    check(SETTINGS, "1 \n\n1 a", &Outcome { counts, ..received(whole(&["a"])) });
    check_whole("1 \r1  1 \0", &["\r", " ", "\0"]);
}

#[test]
fn one_uncounted_line_end_after_a_frame_is_tolerated() {
    let tolerated = |lenient_trailer| {
        let counts = Counts { empty: 0, lenient_trailer };
        Outcome { counts, ..received(whole(&["abcde", "fghij"])) }
    };
    check(SETTINGS, "5 abcde\n5 fghij", &tolerated(1));
    check(SETTINGS, "5 abcde\r\n5 fghij", &tolerated(1));
    check(SETTINGS, "5 abcde\n5 fghij\r\n", &tolerated(2));
    check(SETTINGS, "6 abcde\n\n5 fghij", &tolerated(1));
}

#[test]
fn a_second_uncounted_line_end_ends_the_connection() {
    for (stream, found) in [
        ("5 abcde\n\n\n5 fghij", b'\n'),
        ("5 abcde\r\n\r\n5 fghij", b'\r'),
        ("5 abcde\n\r\n5 fghij", b'\r'),
        ("5 abcde\r\n\n5 fghij", b'\n'),
    ] {
        let counts = Counts { empty: 0, lenient_trailer: 1 };
        let fault = Some(FrameFault::OctetBadChar { found });
        check(SETTINGS, stream, &Outcome { counts, fault, ..received(whole(&["abcde"])) });
    }
}

#[test]
fn a_line_end_before_the_first_frame_or_a_lone_cr_is_not_tolerated() {
    check_fault("\n5 abcde", &[], FrameFault::OctetBadChar { found: b'\n' });
    check_fault("\r\n5 abcde", &[], FrameFault::OctetBadChar { found: b'\r' });
    check_fault("5 abcde\r5 fghij", &["abcde"], FrameFault::OctetBadChar { found: b'\r' });
}

#[test]
fn a_zero_count_ends_the_connection() {
    check_fault("0 ", &[], FrameFault::OctetZero);
    check_fault("1 a0 7 <14>1 b", &["a"], FrameFault::OctetZero);
}

#[test]
fn a_leading_zero_ends_the_connection() {
    check_fault("007 <14>1 -", &[], FrameFault::OctetLeadingZero);
    check_fault("07 <14>1 -", &[], FrameFault::OctetLeadingZero);
    check_fault("00", &[], FrameFault::OctetLeadingZero);
}

#[test]
fn a_count_above_the_hard_limit_ends_the_connection() {
    check_fault("16777217 x", &[], FrameFault::OctetTooLarge { at_least: 16_777_217 });
    check_fault("17825792 x", &[], FrameFault::OctetTooLarge { at_least: 17_825_792 });
    check_fault("99999999 ", &[], FrameFault::OctetTooLarge { at_least: 99_999_999 });
}

#[test]
fn the_ninth_digit_ends_the_connection() {
    check_fault("123456789", &[], FrameFault::OctetTooLarge { at_least: 123_456_789 });
    check_fault("9999999999 x", &[], FrameFault::OctetTooLarge { at_least: 999_999_999 });
    check_fault("18446744073709551615 x", &[], FrameFault::OctetTooLarge { at_least: 184_467_440 });
    check_fault([b'1'; 200], &[], FrameFault::OctetTooLarge { at_least: 111_111_111 });
}

#[test]
fn anything_but_digits_and_one_space_ends_the_connection() {
    for (stream, found) in [
        ("-5 x", b'-'),
        ("+5 x", b'+'),
        ("5\tx", b'\t'),
        ("5x", b'x'),
        (" 5 x", b' '),
        ("٥ x", 0xd9),
        ("5/", b'/'),
        ("5:", b':'),
        ("0x", b'x'),
        ("<14>1 a\n", b'<'),
        ("\0", 0),
        ("12345678x", b'x'),
        ("Gx", b'G'),
    ] {
        check_fault(stream, &[], FrameFault::OctetBadChar { found });
        check_fault(format!("1 a{stream}"), &["a"], FrameFault::OctetBadChar { found });
    }
}

#[test]
fn a_long_frame_is_cut_and_the_stream_goes_on() {
    let cut = |original_bytes| message("0123456789abcdef", Flags::TRUNCATED, original_bytes);
    let after = |cut| [vec![cut], whole(&["<14>1 b"])].concat();
    check(SETTINGS, "20 0123456789abcdefghij7 <14>1 b", &received(after(cut(20))));
    check(SETTINGS, "17 0123456789abcdefg7 <14>1 b", &received(after(cut(17))));
    check(SETTINGS, "20 0123456789abcdefghi\n7 <14>1 b", &received(after(cut(20))));
    let counts = Counts { empty: 0, lenient_trailer: 1 };
    let lenient = Outcome { counts, ..received(after(cut(20))) };
    check(SETTINGS, "20 0123456789abcdefghij\r\n7 <14>1 b", &lenient);
}

#[test]
fn two_long_frames_in_a_row_are_both_cut() {
    let cut = message("0123456789abcdef", Flags::TRUNCATED, 32);
    let stream = "32 0123456789abcdef0123456789abcdef".repeat(2);
    check(SETTINGS, stream, &received(vec![cut.clone(), cut]));
}

#[test]
fn a_message_that_fits_without_its_line_end_is_whole() {
    let full = "0123456789abcdef";
    check_whole(&format!("16 {full}1 b"), &[full, "b"]);
    check_whole(&format!("17 {full}\n1 b"), &[full, "b"]);
    check_whole(&format!("18 {full}\r\n1 b"), &[full, "b"]);
    let cut = |original_bytes| received(vec![message(full, Flags::TRUNCATED, original_bytes)]);
    check(SETTINGS, format!("17 {full}\r"), &cut(17));
    check(SETTINGS, format!("18 {full}\n\n"), &cut(18));
    check(SETTINGS, format!("19 {full}\n\r\n"), &cut(19));
}

#[test]
fn an_unfinished_frame_is_not_emitted() {
    for stream in ["5 ", "5 <14>", "1", "20 0123456789abcdef", "20 0123456789abcdefghi", "16777216 x"] {
        let partial_bytes = stream.len() as u64;
        check(SETTINGS, stream, &Outcome { partial_bytes, ..received(vec![]) });
        check(SETTINGS, format!("1 a{stream}"), &Outcome { partial_bytes, ..received(whole(&["a"])) });
    }
    check(SETTINGS, "1 a\r", &Outcome { partial_bytes: 1, ..received(whole(&["a"])) });
}

#[test]
fn a_connection_that_ends_at_a_boundary_leaves_nothing() {
    let counts = Counts { empty: 0, lenient_trailer: 1 };
    check(SETTINGS, "1 a\n", &Outcome { counts, ..received(whole(&["a"])) });
}
