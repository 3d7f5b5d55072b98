//! Lines that end with LF, CR LF or, by configuration, NUL.

use gully_framing::{Counts, Framing, Settings};
use record::Flags;

use crate::connection::{Message, Outcome, check, message, whole};

const NEWLINE: Settings = Settings { framing: Framing::Newline, frame_bytes_max: 16 };
const NUL: Settings = Settings { framing: Framing::Nul, frame_bytes_max: 16 };

fn received(settings: Settings, messages: Vec<Message>) -> Outcome {
    Outcome { messages, framing: Some(settings.framing), ..Outcome::default() }
}

#[track_caller]
fn check_whole(settings: Settings, stream: &str, messages: &[&str]) {
    check(settings, stream, &received(settings, whole(messages)));
}

#[track_caller]
fn check_end(settings: Settings, stream: &str, last: Option<Message>, partial_bytes: u64) {
    check(settings, stream, &Outcome { partial_bytes, ..received(settings, last.into_iter().collect()) });
}

#[test]
fn a_line_feed_ends_a_line() {
    check_whole(NEWLINE, "<14>1 a\n<14>1 b\nc\n", &["<14>1 a", "<14>1 b", "c"]);
}

#[test]
fn a_line_that_looks_counted_is_a_line() {
    check_whole(NEWLINE, "57 <14>1 b\n7 <14>1 c\n", &["57 <14>1 b", "7 <14>1 c"]);
}

#[test]
fn one_cr_before_the_line_feed_is_stripped() {
    check_whole(NEWLINE, "a\r\nb\r\r\nc\rd\n\re\n", &["a", "b\r", "c\rd", "\re"]);
}

#[test]
fn a_nul_in_a_line_is_content() {
    check_whole(NEWLINE, "a\0b\n\0\n\0c\n", &["a\0b", "\0", "\0c"]);
}

#[test]
fn empty_lines_are_counted_and_not_emitted() {
    let counts = Counts { empty: 4, lenient_trailer: 0 };
    check(NEWLINE, "\n\r\na\n\n\nb\n", &Outcome { counts, ..received(NEWLINE, whole(&["a", "b"])) });
    let counts = Counts { empty: 300, lenient_trailer: 0 };
    check(NEWLINE, "\n".repeat(300), &Outcome { counts, ..received(NEWLINE, vec![]) });
}

#[test]
fn nul_framing_ends_a_message_at_nul_alone() {
    check_whole(NUL, "<14>1 a\n\0b\r\nc\0d\r\0", &["<14>1 a\n", "b\r\nc", "d\r"]);
    check_whole(NUL, "\n\0", &["\n"]);
    let counts = Counts { empty: 2, lenient_trailer: 0 };
    check(NUL, "\0\0a\0", &Outcome { counts, ..received(NUL, whole(&["a"])) });
}

#[test]
fn a_long_line_is_cut_and_the_stream_goes_on() {
    let cut = |original_bytes| message("0123456789abcdef", Flags::TRUNCATED, original_bytes);
    for (line, original_bytes) in [
        ("0123456789abcdefg\n", 17),
        ("0123456789abcdefg\r\n", 17),
        ("0123456789abcdef\r\r\n", 17),
        ("0123456789abcdef\r\r\r\r\r\n", 20),
        ("0123456789abcdef\rx\n", 18),
        ("0123456789abcdefghijklmnopqrstuvwxyz\n", 36),
        ("0123456789abcdefghijklmnopqrstuvwxyz\r\n", 36),
        ("0123456789abcdef\0\n", 17),
    ] {
        let expected = [vec![cut(original_bytes)], whole(&["<14>1 b"])].concat();
        check(NEWLINE, format!("{line}<14>1 b\n"), &received(NEWLINE, expected));
        let twice = [vec![cut(original_bytes); 2], whole(&["c"])].concat();
        check(NEWLINE, format!("{line}{line}c\n"), &received(NEWLINE, twice));
    }
    let expected = [vec![cut(18)], whole(&["b"])].concat();
    check(NUL, "0123456789abcdef\r\n\0b\0", &received(NUL, expected));
}

#[test]
fn a_line_that_just_fits_is_whole() {
    let full = "0123456789abcdef";
    check_whole(NEWLINE, &format!("{full}\n{full}\r\nc\n"), &[full, full, "c"]);
    check_whole(NEWLINE, "0123456789abcde\r\r\n", &["0123456789abcde\r"]);
    check_whole(NUL, &format!("{full}\0c\0"), &[full, "c"]);
}

#[test]
fn a_last_line_that_begins_with_a_pri_is_emitted() {
    for line in ["<1>", "<14>a", "<191>1 -", "<999>", "<-1>a", "<14>a\r", "<14>a\0"] {
        let last = message(line, Flags::UNTERMINATED, line.len() as u32);
        check_end(NEWLINE, line, Some(last), 0);
    }
    let last = message("<14>a\n", Flags::UNTERMINATED, 6);
    check_end(NUL, "<14>a\n", Some(last), 0);
}

#[test]
fn a_last_line_without_a_pri_is_partial() {
    for line in ["a", "<", "<1", "<>", "<1234>", "<-1", "<-2>", "<1a>", "<+1>", "57 <14>1 b", "\r", " <14>"] {
        check_end(NEWLINE, line, None, line.len() as u64);
        check_end(NUL, line, None, line.len() as u64);
    }
}

#[test]
fn a_long_last_line_is_cut_and_marked_twice() {
    let cut = |original_bytes| message("<14>456789abcdef", Flags::TRUNCATED | Flags::UNTERMINATED, original_bytes);
    for line in ["<14>456789abcdefg", "<14>456789abcdef\r", "<14>456789abcdefghijklmnopq", "<14>456789abcdef\r\r\r"] {
        check_end(NEWLINE, line, Some(cut(line.len() as u32)), 0);
    }
    let full = "<14>456789abcdef";
    check_end(NEWLINE, full, Some(message(full, Flags::UNTERMINATED, 16)), 0);
    check_end(NEWLINE, "0123456789abcdefghijklmnopq", None, 27);
}
