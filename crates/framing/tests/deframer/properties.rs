//! What holds for any stream under any cuts.

use gully_framing::{Framing, Settings, write_octet_counted};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use record::Flags;

use crate::connection::{Message, Outcome, receive};

/// `stream` in pieces of these lengths, taken in turn; what is left is the last piece.
fn pieces<'a>(stream: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = stream;
    let mut pieces = Vec::new();
    for &length in lengths {
        let (piece, left) = rest.split_at(length.min(rest.len()));
        pieces.push(piece);
        rest = left;
    }
    pieces.push(rest);
    pieces
}

/// Octets of all kinds, those that mean something to a deframer more often.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        6 => select(b"\n\r\0 <>0123459-".as_slice()).prop_map(|octet| vec![octet]),
        2 => select(vec!["<14>1 ", "<-1>", "3 ab\n", "5 abc\r\n", "20 ", "\r\n", "GET ", "\x16\x03", "12345678"])
            .prop_map(|token| token.as_bytes().to_vec()),
        2 => vec(any::<u8>(), 0..30),
    ];
    vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

/// A stream that is well formed up to somewhere, so that frames of all lengths are seen.
fn counted_octets() -> impl Strategy<Value = Vec<u8>> {
    let between = select(vec!["", "", "", "", "\n", "\r\n"]);
    let frame = (vec(select(b"ab\r\n1 ".as_slice()), 0..40), between).prop_map(|(message, between)| {
        let mut frame = Vec::new();
        write_octet_counted(&message, &mut frame);
        frame.extend_from_slice(between.as_bytes());
        frame
    });
    (vec(frame, 0..20), octets()).prop_map(|(frames, rest)| [frames.concat(), rest].concat())
}

fn settings() -> impl Strategy<Value = Settings> {
    (select(Framing::ALL), 1_u32..40).prop_map(|(framing, frame_bytes_max)| Settings { framing, frame_bytes_max })
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    vec(0_usize..12, 0..100)
}

/// The specification of newline and NUL framing: split the whole stream at the trailer, then look at each line.
fn by_splitting(settings: Settings, trailer: u8, stream: &[u8]) -> Outcome {
    let frame_bytes_max = settings.frame_bytes_max as usize;
    let mut outcome = Outcome { framing: Some(settings.framing), ..Outcome::default() };
    let mut lines: Vec<&[u8]> = stream.split(|octet| *octet == trailer).collect();
    let last = lines.pop().expect("split gives one part at least");
    for line in lines {
        let content = if trailer == b'\n' { line.strip_suffix(b"\r").unwrap_or(line) } else { line };
        if content.is_empty() {
            outcome.counts.empty += 1;
            continue;
        }
        let flags = if content.len() > frame_bytes_max { Flags::TRUNCATED } else { Flags::NONE };
        let octets = content[..content.len().min(frame_bytes_max)].to_vec();
        outcome.messages.push(Message { octets, flags, original_bytes: content.len() as u32 });
    }
    outcome.partial_bytes = last.len() as u64;
    outcome
}

proptest! {
    #[test]
    fn the_cuts_make_no_difference(
        settings in settings(),
        stream in prop_oneof![octets(), counted_octets()],
        cuts in cuts(),
        frames_max in 1_usize..5,
    ) {
        let whole = receive(settings, usize::MAX, [stream.as_slice()]);
        prop_assert_eq!(&receive(settings, usize::MAX, pieces(&stream, &cuts)), &whole);
        prop_assert_eq!(&receive(settings, frames_max, pieces(&stream, &cuts)), &whole);
    }

    #[test]
    fn lines_are_what_splitting_gives(
        framing in select(vec![Framing::Newline, Framing::Nul]),
        frame_bytes_max in 1_u32..40,
        stream in octets(),
        cuts in cuts(),
    ) {
        // A front that is no probe, and an end without a PRI: both have tests of their own.
        let stream = [b"x".as_slice(), &stream, b"\n\0x"].concat();
        let settings = Settings { framing, frame_bytes_max };
        let trailer = if framing == Framing::Newline { b'\n' } else { b'\0' };
        let expected = by_splitting(settings, trailer, &stream);
        prop_assert_eq!(receive(settings, usize::MAX, pieces(&stream, &cuts)), expected);
    }

    #[test]
    fn counted_messages_come_back_as_they_were(
        messages in vec(vec(any::<u8>(), 1..3000), 1..20),
        cuts in vec(0_usize..2000, 0..100),
        framing in select(vec![Framing::Detect, Framing::OctetCounting]),
    ) {
        let mut stream = Vec::new();
        messages.iter().for_each(|message| write_octet_counted(message, &mut stream));
        let settings = Settings { framing, ..Settings::default() };
        let outcome = receive(settings, usize::MAX, pieces(&stream, &cuts));
        // A line end at the end of a message is not part of it.
        let stripped = messages.iter().map(|message| match message.as_slice() {
            [content @ .., b'\r', b'\n'] | [content @ .., b'\n'] => content,
            content => content,
        });
        let expected: Vec<&[u8]> = stripped.filter(|message| !message.is_empty()).collect();
        let received: Vec<&[u8]> = outcome.messages.iter().map(|message| message.octets.as_slice()).collect();
        prop_assert_eq!(received, expected);
        prop_assert_eq!((outcome.fault, outcome.partial_bytes), (None, 0));
    }

    #[test]
    fn lines_come_back_as_they_were(
        messages in vec("[^\r\n]{1,200}", 1..20),
        cuts in vec(0_usize..2000, 0..100),
        line_end in select(vec!["\n", "\r\n"]),
    ) {
        let stream = messages.iter().map(|message| format!("<14>{message}{line_end}")).collect::<String>();
        let outcome = receive(Settings::default(), usize::MAX, pieces(stream.as_bytes(), &cuts));
        let expected: Vec<Vec<u8>> = messages.iter().map(|message| format!("<14>{message}").into_bytes()).collect();
        let received: Vec<Vec<u8>> = outcome.messages.into_iter().map(|message| message.octets).collect();
        prop_assert_eq!(received, expected);
        prop_assert_eq!((outcome.fault, outcome.partial_bytes), (None, 0));
    }
}
