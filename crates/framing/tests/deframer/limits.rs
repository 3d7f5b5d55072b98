//! Memory, and the work done for an octet.

use std::iter;
use std::mem::size_of;

use gully_framing::{Deframer, FRAME_BYTES_HARD_MAX, FrameFault, Framing, Settings, Step};
use record::{Flags, Frame};

use crate::connection::{Outcome, message, receive, whole};

/// More than any read, and no divisor of any limit.
const READ_BYTES: usize = 60_000;

fn settings(framing: Framing) -> Settings {
    Settings { framing, ..Settings::default() }
}

#[track_caller]
fn check_large(settings: Settings, stream: &[u8], expected: &Outcome) {
    let whole = receive(settings, usize::MAX, [stream]);
    assert_eq!(&whole, expected, "whole");
    let in_reads = receive(settings, usize::MAX, stream.chunks(READ_BYTES));
    assert_eq!(&in_reads, expected, "in reads of {READ_BYTES}");
}

#[test]
fn a_deframer_is_small() {
    assert!(size_of::<Deframer>() <= 64, "{} octets", size_of::<Deframer>());
}

#[test]
fn a_limit_out_of_range_is_taken_as_the_nearest() {
    let framing = Framing::Newline;
    let outcome = receive(Settings { framing, frame_bytes_max: 0 }, 10, [b"abc\n".as_slice()]);
    assert_eq!(outcome.messages, [message("a", Flags::TRUNCATED, 3)]);
    let line = vec![b'x'; FRAME_BYTES_HARD_MAX as usize + 1];
    let outcome = receive(Settings { framing, frame_bytes_max: u32::MAX }, 10, [line.as_slice()]);
    assert_eq!(outcome.fault, Some(FrameFault::LineTooLong));
}

#[test]
fn octets_are_searched_once() {
    let mut deframer = Deframer::new(settings(Framing::Newline));
    let mut frames = Vec::new();
    let step = deframer.push(b"abc", 10, &mut frames);
    assert_eq!(step, Ok(Step { consumed: 0, keep: 3, more: false }));
    // Had it looked again, it would see other octets than it saw.
    let step = deframer.push(b"\n\n\nd\n", 10, &mut frames);
    assert_eq!(step, Ok(Step { consumed: 5, keep: 0, more: false }));
    assert_eq!(frames, [Frame::whole(0, 4)]);
}

#[test]
fn a_long_frame_is_forgotten_but_for_its_prefix() {
    for (framing, keep_max) in [(Framing::Newline, 1000), (Framing::Nul, 1000), (Framing::OctetCounting, 1009)] {
        let mut deframer = Deframer::new(Settings { framing, frame_bytes_max: 1000 });
        let mut buffer = b"12000000 <14>1 ".to_vec();
        let mut sent = buffer.len();
        for read in iter::repeat_n([b'x'; 4096], 2000) {
            buffer.extend_from_slice(&read);
            sent += read.len();
            let step = deframer.push(&buffer, 10, &mut Vec::new()).expect("it is not too long");
            assert_eq!(step, Step { consumed: 0, keep: keep_max, more: false });
            assert_eq!(deframer.pending_bytes(), sent as u64);
            buffer.truncate(step.keep);
        }
        assert_eq!(deframer.finish(&buffer).partial_bytes, sent as u64);
    }
}

#[test]
fn a_line_may_have_as_many_octets_as_the_hard_limit() {
    let hard_max = FRAME_BYTES_HARD_MAX as usize;
    for trailer in ["\n", "\r\n"] {
        let stream = [vec![b'x'; hard_max], trailer.into(), b"b\n".to_vec()].concat();
        let prefix = "x".repeat(Settings::default().frame_bytes_max as usize);
        let cut = message(&prefix, Flags::TRUNCATED, FRAME_BYTES_HARD_MAX);
        let messages = [vec![cut], whole(&["b"])].concat();
        let framing = Some(Framing::Newline);
        check_large(settings(Framing::Newline), &stream, &Outcome { messages, framing, ..Outcome::default() });
    }
}

#[test]
fn a_line_above_the_hard_limit_ends_the_connection() {
    let hard_max = FRAME_BYTES_HARD_MAX as usize;
    for (framing, trailer) in
        [(Framing::Newline, "x"), (Framing::Newline, "x\n"), (Framing::Newline, "\r\r\n"), (Framing::Nul, "\r\0")]
    {
        let stream = [b"a".to_vec(), vec![b'x'; hard_max - 1], trailer.into()].concat();
        let expected = Outcome { fault: Some(FrameFault::LineTooLong), framing: Some(framing), ..Outcome::default() };
        check_large(settings(framing), &stream, &expected);
    }
}

#[test]
fn a_counted_frame_may_have_as_many_octets_as_the_hard_limit() {
    let stream = [b"16777216 ".to_vec(), vec![b'x'; FRAME_BYTES_HARD_MAX as usize], b"1 b".to_vec()].concat();
    let framing = Framing::OctetCounting;
    let expected = |first: &str, flags| {
        let messages = [vec![message(first, flags, FRAME_BYTES_HARD_MAX)], whole(&["b"])].concat();
        Outcome { messages, framing: Some(framing), ..Outcome::default() }
    };
    let prefix = "x".repeat(Settings::default().frame_bytes_max as usize);
    check_large(settings(framing), &stream, &expected(&prefix, Flags::TRUNCATED));
    let whole = "x".repeat(FRAME_BYTES_HARD_MAX as usize);
    let settings = Settings { framing, frame_bytes_max: FRAME_BYTES_HARD_MAX };
    check_large(settings, &stream, &expected(&whole, Flags::NONE));
}

#[test]
fn it_stops_at_the_limit_of_frames_and_says_so() {
    let mut deframer = Deframer::new(Settings::default());
    let mut frames = vec![Frame::whole(0, 1)];
    let step = deframer.push(b"<1>a\n<1>b\n<1>c", 1, &mut frames);
    assert_eq!(step, Ok(Step { consumed: 5, keep: 9, more: true }));
    assert_eq!(frames[1..], [Frame::whole(0, 4)], "frames that were there before do not count");
    let step = deframer.push(b"<1>b\n", 1, &mut frames);
    assert_eq!(step, Ok(Step { consumed: 5, keep: 0, more: false }), "nothing is left to look at");
    let step = Deframer::new(settings(Framing::OctetCounting)).push(b"4 <1>a", 1, &mut frames);
    assert_eq!(step, Ok(Step { consumed: 6, keep: 0, more: false }), "nothing is left to look at");
}

#[test]
fn the_start_of_a_line_that_broke_the_connection_is_not_emitted() {
    let mut deframer = Deframer::new(Settings { framing: Framing::Newline, frame_bytes_max: 8 });
    assert!(deframer.push(b"<14>1 a", 1, &mut Vec::new()).is_ok());
    let line = [b"<14>1 a".to_vec(), vec![b'x'; FRAME_BYTES_HARD_MAX as usize]].concat();
    assert_eq!(deframer.push(&line, 1, &mut Vec::new()), Err(FrameFault::LineTooLong));
    let end = deframer.finish(b"<14>1 a");
    assert_eq!((end.frame, end.partial_bytes), (None, 7));
}

#[test]
fn octets_that_were_never_pushed_are_partial() {
    let mut deframer = Deframer::new(settings(Framing::Newline));
    let step = deframer.push(b"<1>a\n<1>b\n<1>c", 1, &mut Vec::new());
    assert!(step.is_ok_and(|step| step.more));
    let end = deframer.finish(b"<1>b\n<1>c");
    assert_eq!((end.frame, end.partial_bytes), (None, 9));
}

#[test]
fn counts_are_since_the_last_call() {
    let mut deframer = Deframer::new(settings(Framing::Newline));
    for _ in 0..2 {
        assert!(deframer.push(b"\n\n", 10, &mut Vec::new()).is_ok());
        assert_eq!(deframer.take_counts().empty, 2);
    }
}
