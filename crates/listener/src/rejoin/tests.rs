//! Lines as containers write them, cut as Docker cuts them, in any mixture and with any loss.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;

const SETTINGS: Rejoin = Rejoin { time_max: Duration::from_secs(2), bytes_max: 200 * 1024 };

/// A frame that came out.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Out {
    octets: Vec<u8>,
    flags: Flags,
    received_at: u64,
}

/// Pushes messages through a rejoiner, a few to a chunk, and gives what comes out, and why what was given up.
struct Bench {
    rejoiner: Rejoiner,
    out: Vec<Out>,
    rejoined: u64,
    failures: Vec<Failure>,
    /// The clock: each call of the rejoiner is a tick.
    ticks: u64,
}

impl Bench {
    fn new() -> Self {
        Self { rejoiner: Rejoiner::default(), out: Vec::new(), rejoined: 0, failures: Vec::new(), ticks: 0 }
    }

    fn output(&mut self) -> Output {
        self.ticks += 1;
        Output::new(UnixNanos(self.ticks))
    }

    fn collect(&mut self, output: &Output, chunk: &[u8]) {
        for Chunk { octets, frames, received_at } in output.chunks(chunk, 3) {
            assert!(!frames.is_empty() && frames.len() <= 3);
            for frame in frames {
                let octets = frame.span.of(&octets).to_vec();
                assert_eq!(frame.original_bytes as usize, octets.len());
                self.out.push(Out { octets, flags: frame.flags, received_at: received_at.0 });
            }
        }
        self.rejoined += output.rejoined;
        self.failures.extend(&output.failures);
    }

    fn octets(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.out.iter().map(|out| &out.octets)
    }

    fn push(&mut self, messages: &[Vec<u8>], has_room: bool) {
        let (mut chunk, mut frames, mut output) = (Vec::new(), Vec::new(), self.output());
        for message in messages {
            let start = chunk.len() as u32;
            chunk.extend_from_slice(message);
            frames.push(Frame::whole(start, chunk.len() as u32));
        }
        for frame in frames {
            let refusal = (!has_room).then_some(Failure::Memory);
            self.rejoiner.push(frame.span.of(&chunk), frame, SETTINGS, refusal, &mut output);
        }
        self.collect(&output, &chunk);
    }

    fn expire(&mut self, now: Instant) {
        let mut output = self.output();
        self.rejoiner.expire(now, SETTINGS, &mut output);
        self.collect(&output, &[]);
    }

    fn close(&mut self) {
        let mut output = self.output();
        self.rejoiner.give_up(Failure::Closed, SETTINGS, &mut output);
        self.collect(&output, &[]);
    }
}

/// How Docker writes a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Docker's own, which has no host.
    Unix,
    Rfc5424,
    /// As [`Form::Rfc5424`], with the line feed that octet counting counts.
    Counted,
    /// Whole entries of a json-file log.
    JsonFile,
}

impl Form {
    const ALL: [Self; 4] = [Self::Unix, Self::Rfc5424, Self::Counted, Self::JsonFile];

    fn message(self, container: &str, part: &[u8], is_last: bool) -> Vec<u8> {
        let head = match self {
            Self::Unix => format!("<30>Nov 22 05:00:00 {container}[812]: "),
            _ => format!("<30>1 2026-11-22T05:00:00Z node-1 {container} 812 {container} - "),
        };
        let tail = if self == Self::Counted { "\n" } else { "" };
        let body = if self == Self::JsonFile {
            let line = format!("{}{}", String::from_utf8_lossy(part), if is_last { "\n" } else { "" });
            let line = serde_json::to_string(&line).unwrap();
            format!(r#"{{"log":{line},"stream":"stdout","time":"2026-11-22T05:00:00.1Z"}}"#).into_bytes()
        } else {
            part.to_vec()
        };
        [head.as_bytes(), &body, tail.as_bytes()].concat()
    }

    /// The messages of a line. An empty rest is not sent.
    fn messages(self, container: &str, line: &str) -> Vec<Vec<u8>> {
        let parts: Vec<_> = line.as_bytes().chunks(PIECE_BYTES).collect();
        let last = parts.len().saturating_sub(1);
        parts.iter().enumerate().map(|(index, part)| self.message(container, part, index == last)).collect()
    }
}

/// A JSON line of about so many octets, like nothing else.
fn json_line(number: usize, bytes: usize) -> String {
    let unit = format!("\\\"{{[x]}},:{number} ");
    let text = unit.repeat(bytes / 2 / unit.len());
    let items: Vec<_> = (0..bytes / 40).map(|item| format!("{{\"n\":{item},\"of\":\"{number}\"}}")).collect();
    format!("{{\"audit\":{{\"number\":{number},\"text\":\"{text}\",\"items\":[{}]}}}}", items.join(","))
}

/// `start` and `end`, and between them a string that makes them so many octets.
fn padded(start: &str, end: &str, bytes: usize) -> String {
    format!("{start}\"{}\"{end}", "y".repeat(bytes - start.len() - end.len() - 2))
}

/// What can be shown of messages when a test fails.
fn shown<'a>(messages: impl IntoIterator<Item = &'a Vec<u8>>) -> Vec<String> {
    let short = |message: &Vec<u8>| {
        let ends = [&message[..message.len().min(60)], &message[message.len().saturating_sub(20)..]].concat();
        format!("{} octets: {}", message.len(), String::from_utf8_lossy(&ends))
    };
    messages.into_iter().map(short).collect()
}

/// The text in a message of any form, its carrier undone.
fn text_of(message: &[u8]) -> Vec<u8> {
    Head::read(message, &Frame::whole(0, message.len() as u32)).piece(false).text.into_owned()
}

#[test]
fn a_record_in_pieces_is_whole_again_in_every_form() {
    for form in Form::ALL {
        for bytes in [20_000, 40_000, 100_000] {
            let (mut bench, line) = (Bench::new(), json_line(1, bytes));
            let messages = form.messages("0a1b2c3d4e5f", &line);
            assert!(messages.len() > 1);
            bench.push(&messages, true);
            let whole = form.message("0a1b2c3d4e5f", line.as_bytes(), form == Form::JsonFile);
            assert_eq!(bench.out.len(), 1, "{form:?}");
            assert_eq!(bench.out[0].flags, Flags::REJOINED);
            assert!(text_of(&bench.out[0].octets).trim_ascii_end() == line.as_bytes());
            if form != Form::JsonFile {
                assert!(bench.out[0].octets == whole);
            }
            assert!(bench.rejoiner.is_empty() && bench.failures.is_empty());
        }
    }
}

#[test]
fn a_record_that_ends_with_a_full_piece_is_not_waited_for() {
    let mut line = json_line(1, 20_000);
    let missing = line.len().next_multiple_of(PIECE_BYTES) - line.len();
    line.insert_str(1, &" ".repeat(missing));
    let mut bench = Bench::new();
    bench.push(&Form::Unix.messages("c", &line), true);
    assert_eq!((bench.rejoined, bench.rejoiner.is_empty()), (1, true));
}

#[test]
fn what_cannot_be_proven_is_left_as_it_came_and_says_where_it_may_be_cut() {
    let cut = "{\"a\":\"".to_owned() + &"x".repeat(PIECE_BYTES - 6);
    let (begun, goes_on) = (Flags::TRUNCATED_UPSTREAM, Flags::CONTINUATION);
    for (line, flags) in [
        // Text, JSON that is whole in one piece, no JSON, and a piece that is one octet too short or too long.
        ("text ".repeat(PIECE_BYTES / 4), &[begun, goes_on][..]),
        (format!("{{\"a\":\"{}\"}}", "x".repeat(PIECE_BYTES - 8)), &[Flags::NONE]),
        (format!("{{a:{}", "x".repeat(PIECE_BYTES)), &[begun, goes_on]),
        (cut[..PIECE_BYTES - 1].to_owned(), &[Flags::NONE]),
    ] {
        let mut bench = Bench::new();
        let messages = Form::Unix.messages("c", &line);
        bench.push(&messages, true);
        assert!(bench.rejoiner.is_empty());
        assert_eq!(shown(bench.octets()), shown(&messages));
        assert_eq!(bench.out.iter().map(|out| out.flags).collect::<Vec<_>>(), flags);
        assert!(bench.failures.is_empty());
    }
    let mut bench = Bench::new();
    let tagged = format!("<30>1 - h c 1 - [x@1 a=\"b\"] {cut}").into_bytes();
    bench.push(&[tagged], true);
    assert_eq!((bench.out.len(), bench.rejoiner.is_empty()), (1, true), "not from Docker");
}

#[test]
fn pieces_without_an_end_come_as_they_were_the_first_flagged() {
    let pieces = Form::Unix.messages("c", &json_line(1, 60_000));
    type GiveUp<'a> = &'a dyn Fn(&mut Bench);
    let give_ups: [(&str, Failure, GiveUp<'_>); 4] = [
        ("time", Failure::Timeout, &|bench| bench.expire(Instant::now() + SETTINGS.time_max)),
        ("close", Failure::Closed, &Bench::close),
        ("another record", Failure::NotWhole, &|bench| bench.push(&Form::Unix.messages("c", "{\"b\":1}"), true)),
        ("no room", Failure::Memory, &|bench| bench.push(&pieces[2..3], false)),
    ];
    for (name, failure, give_up) in give_ups {
        let mut bench = Bench::new();
        bench.push(&pieces[..2], true);
        bench.expire(Instant::now() + SETTINGS.time_max / 2);
        assert!(bench.out.is_empty() && !bench.rejoiner.is_empty(), "{name}");
        give_up(&mut bench);
        assert_eq!(shown(bench.octets().take(2)), shown(&pieces[..2]), "{name}");
        let flags = (bench.out[0].flags, bench.out[1].flags);
        assert_eq!(flags, (Flags::TRUNCATED_UPSTREAM, Flags::CONTINUATION), "{name}");
        assert_eq!(bench.failures, [failure], "{name}");
        assert!(bench.rejoiner.waiting.is_empty(), "{name}");
        bench.expire(Instant::now() + SETTINGS.time_max);
        assert!(bench.rejoiner.is_empty(), "{name}");
    }
}

#[test]
fn a_record_longer_than_the_bound_comes_in_pieces() {
    let mut bench = Bench::new();
    let pieces = Form::Unix.messages("c", &json_line(1, 300_000));
    bench.push(&pieces, true);
    assert_eq!(bench.failures, [Failure::TooLong]);
    assert_eq!(shown(bench.octets()), shown(&pieces));
}

#[test]
fn after_a_lost_end_nothing_begins_before_a_line_has_ended() {
    let (lost, next, after) = (json_line(1, 40_000), json_line(2, 40_000), json_line(3, 40_000));
    let mut bench = Bench::new();
    bench.push(&Form::Unix.messages("c", &lost)[..1], true);
    bench.push(&Form::Unix.messages("c", &next), true);
    bench.push(&Form::Unix.messages("c", &after), true);
    assert_eq!(bench.failures, [Failure::NotWhole]);
    assert_eq!((bench.out.len(), bench.rejoined), (5, 1));
    assert!(bench.out[1..4].iter().all(|out| out.flags == Flags::CONTINUATION), "whose they are nobody can tell");
    assert!(text_of(&bench.out[4].octets) == after.as_bytes());
}

#[test]
fn others_overtake_and_the_same_sender_does_not() {
    let pieces = Form::Unix.messages("c", &json_line(1, 20_000));
    let mut bench = Bench::new();
    let other = Form::Unix.messages("d", "other").remove(0);
    bench.push(&[pieces[0].clone(), other.clone()], true);
    assert_eq!(shown(bench.octets()), shown(&[other]));
    let same = Form::Unix.messages("c", "the same").remove(0);
    bench.push(std::slice::from_ref(&same), true);
    assert_eq!(shown(bench.octets().skip(1)), shown(&[pieces[0].clone(), same]));
}

#[test]
fn a_last_piece_is_no_longer_than_a_piece_and_the_whole_no_longer_than_the_bound() {
    for (last, failure) in [(PIECE_BYTES, None), (PIECE_BYTES + 1, Some(Failure::NotWhole))] {
        for form in Form::ALL {
            let first = format!("{{\"a\":\"{}", "x".repeat(PIECE_BYTES - 6));
            let last = format!("{}\"}}", "y".repeat(last - 2));
            let pieces = [form.message("c", first.as_bytes(), false), form.message("c", last.as_bytes(), true)];
            let mut bench = Bench::new();
            bench.push(&pieces, true);
            assert_eq!(bench.failures, Vec::from_iter(failure), "{form:?}");
            assert_eq!(bench.out.len(), if failure.is_none() { 1 } else { 2 });
        }
    }
    // The bound counts the headers of pieces, too.
    let mut bench = Bench::new();
    let pieces = Form::Unix.messages("c", &format!("{{\"a\":\"{}\"}}", "x".repeat(SETTINGS.bytes_max - 8)));
    bench.push(&pieces, true);
    assert_eq!((bench.failures.as_slice(), bench.rejoined), (&[Failure::TooLong][..], 0));
    assert_eq!(shown(bench.octets()), shown(&pieces));
}

#[test]
fn a_character_goes_on_in_the_next_piece_or_nothing_was_proven() {
    let first = [b"{\"a\":\"", "x".repeat(PIECE_BYTES - 7).as_bytes(), b"\xC3"].concat();
    for (last, is_proven) in [(&b"\xA9\"}"[..], true), (b"y\"}", false), (b"\"}", false)] {
        let pieces = [Form::Unix.message("c", &first, false), Form::Unix.message("c", last, true)];
        let mut bench = Bench::new();
        bench.push(&pieces, true);
        assert_eq!((bench.rejoined == 1, bench.out.len() == 1), (is_proven, is_proven));
    }
}

#[test]
fn a_member_that_comes_twice_proves_nothing() {
    let first = format!("{{\"a\":\"{}", "x".repeat(PIECE_BYTES - 6));
    for (last, is_proven) in [("\",\"b\":{\"a\":1}}", true), ("\",\"a\":1}", false), ("\",\"\\u0061\":1}", false)] {
        let pieces = [Form::Unix.message("c", first.as_bytes(), false), Form::Unix.message("c", last.as_bytes(), true)];
        let mut bench = Bench::new();
        bench.push(&pieces, true);
        assert_eq!(bench.rejoined == 1, is_proven, "{last}");
    }
}

#[test]
fn no_message_of_the_same_sender_overtakes_whatever_it_is() {
    for form in [Form::Rfc5424, Form::JsonFile] {
        let piece = form.messages("c", &json_line(1, 20_000)).remove(0);
        let cut = form.message("c", &[b'x'; 50_000], true);
        let tagged = b"<30>1 2026-11-22T05:00:00Z node-1 c 812 c [x@1 a=\"b\"] hello".to_vec();
        for (message, damage) in [(cut, Flags::TRUNCATED), (tagged, Flags::NONE)] {
            let mut bench = Bench::new();
            bench.push(std::slice::from_ref(&piece), true);
            let mut output = bench.output();
            let frame = Frame { flags: damage, ..Frame::whole(0, message.len() as u32) };
            bench.rejoiner.push(&message, frame, SETTINGS, None, &mut output);
            bench.collect(&output, &message);
            assert_eq!(shown(bench.octets()), shown(&[piece.clone(), message]));
            assert_eq!(bench.failures, [Failure::NotWhole]);
        }
    }
}

#[test]
fn pieces_keep_the_time_at_which_they_were_read() {
    let mut bench = Bench::new();
    let pieces = Form::Unix.messages("c", &json_line(1, 50_000));
    bench.push(&pieces[..1], true);
    bench.push(&pieces[1..2], true);
    bench.push(&Form::Unix.messages("c", "text"), true);
    assert_eq!(bench.out.iter().map(|out| out.received_at).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn time_stamps_tell_pieces_that_do_not_follow_each_other() {
    let parts = [padded("{\"a\":[", ",", PIECE_BYTES), padded("", ",", PIECE_BYTES), "1]}".to_owned()];
    let message =
        |part: &String, stamp: &str| format!("<30>1 2026-11-22T05:00:00{stamp} node-1 c 812 c - {part}").into_bytes();
    let entry = |part: &String, stamp: &str| {
        let line = serde_json::to_string(&if part.len() == PIECE_BYTES { part.clone() } else { format!("{part}\n") });
        format!(r#"{{"log":{},"stream":"stdout","time":"2026-11-22T05:00:00{stamp}"}}"#, line.unwrap()).into_bytes()
    };
    type Write<'a> = &'a dyn Fn(&String, &str) -> Vec<u8>;
    // The syslog driver's stamps go on; docker's log has the time of the first in each entry.
    for (write, stamps, is_proven) in [
        (&message as Write<'_>, [".000001Z", ".000001Z", ".000002Z"], true),
        (&message, [".000001Z", ".000003Z", ".000002Z"], false),
        (&message, [".000002+01:00", ".000001Z", ".000001Z"], true),
        (&message, [".000002Z", ".1Z", ".2Z"], true),
        (&entry, [".1Z", ".1Z", ".1Z"], true),
        (&entry, [".1Z", ".1Z", ".2Z"], false),
        (&entry, [".1Z", ".2Z", ".2Z"], false),
    ] {
        let messages: Vec<_> = parts.iter().zip(stamps).map(|(part, stamp)| write(part, stamp)).collect();
        let mut bench = Bench::new();
        bench.push(&messages, true);
        bench.close();
        assert_eq!(bench.rejoined == 1, is_proven, "{stamps:?}");
        if !is_proven {
            let flags: Vec<_> = bench.out.iter().map(|out| out.flags).collect();
            assert_eq!(flags, [Flags::TRUNCATED_UPSTREAM, Flags::CONTINUATION, Flags::CONTINUATION]);
            assert_eq!(bench.failures, [Failure::NotWhole]);
        }
    }
}

#[test]
fn a_long_name_is_not_followed_and_all_that_is_kept_takes_credit() {
    let mut bench = Bench::new();
    let first = format!("{{\"{}", "n".repeat(PIECE_BYTES - 2));
    bench.push(&[Form::Unix.message("c", first.as_bytes(), false)], true);
    assert!(bench.rejoiner.waiting.is_empty(), "nothing waits for the end of a name");
    assert_eq!(bench.out[0].flags, Flags::TRUNCATED_UPSTREAM);
    let members: String = (0..1000).map(|name| format!("\"{name}\":0,")).collect();
    let first = padded(&format!("{{{members}\"z\":{}", "[".repeat(1000)), ",", PIECE_BYTES);
    bench.push(&[Form::Unix.message("d", first.as_bytes(), false)], true);
    let waiting = &bench.rejoiner.waiting[0];
    assert!(waiting.bytes() > waiting.octets.capacity() + 1000 * 16 + 1000, "names and levels count");
}

#[test]
fn a_first_piece_that_cannot_wait_is_counted() {
    let piece = Form::Unix.messages("c", &json_line(1, 20_000)).remove(0);
    for (bytes_max, refusal, failure) in [
        (16 * 1024, None, Failure::TooLong),
        (1 << 20, Some(Failure::Memory), Failure::Memory),
        (1 << 20, Some(Failure::Closed), Failure::Closed),
    ] {
        let mut bench = Bench::new();
        let mut output = bench.output();
        let frame = Frame::whole(0, piece.len() as u32);
        bench.rejoiner.push(&piece, frame, Rejoin { bytes_max, ..SETTINGS }, refusal, &mut output);
        bench.collect(&output, &piece);
        assert_eq!((bench.failures.as_slice(), bench.out.len()), (&[failure][..], 1));
        assert_eq!(bench.out[0].flags, Flags::TRUNCATED_UPSTREAM);
    }
}

#[test]
fn so_many_senders_may_wait_and_no_more() {
    let mut bench = Bench::new();
    for number in 0..=SENDERS_MAX {
        bench.push(&Form::Unix.messages(&format!("c{number}"), &json_line(1, 20_000))[..1], true);
    }
    assert_eq!((bench.rejoiner.waiting.len(), bench.out.len()), (SENDERS_MAX, 1));
    assert_eq!(bench.failures, [Failure::Memory]);
}

/// A line of one container.
#[derive(Debug, Clone)]
enum Line {
    Json(usize),
    Text(usize),
}

fn lines() -> impl Strategy<Value = Vec<(usize, Line)>> {
    let line = prop_oneof![
        (0_usize..90_000).prop_map(Line::Json),
        (16_000_usize..50_000).prop_map(Line::Json),
        (0_usize..40_000).prop_map(Line::Text),
    ];
    prop::collection::vec((0_usize..3, line), 1..8)
}

mod forged;
mod lost;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// In any mixture of containers, with any pieces lost: what remains comes out once and in the order of its container; what
    /// is put together is one JSON object of pieces that followed each other, and when nothing was lost it is the line.
    #[test]
    fn nothing_is_lost_doubled_or_glued_wrongly(
        lines in lines(),
        form in prop::sample::select(&Form::ALL[..]),
        order in prop::collection::vec(0_usize..3, 0..64),
        losses in prop::collection::vec(prop::bool::weighted(0.15), 64),
        lossy in any::<bool>(),
        chunk_messages in 1_usize..5,
    ) {
        let mut queues: BTreeMap<usize, Vec<Vec<u8>>> = BTreeMap::new();
        let mut originals = Vec::new();
        for (number, (container, line)) in lines.iter().enumerate() {
            let line = match line {
                Line::Json(bytes) => json_line(number, *bytes),
                Line::Text(bytes) => format!("line {number} ").repeat(bytes / 8),
            };
            queues.entry(*container).or_default().extend(form.messages(&format!("c{container}"), &line));
            originals.push(line);
        }
        let mut losses = losses.into_iter().cycle();
        for queue in queues.values_mut() {
            queue.retain(|_| !(losses.next().unwrap_or_default() && lossy));
        }
        // Mixed, each container's in order.
        let mut sent: BTreeMap<usize, Vec<Vec<u8>>> = BTreeMap::new();
        let mut stream = Vec::new();
        for container in order.into_iter().chain((0..3).flat_map(|container| vec![container; 64])) {
            if let Some(queue) = queues.get_mut(&container).filter(|queue| !queue.is_empty()) {
                let message = queue.remove(0);
                sent.entry(container).or_default().push(message.clone());
                stream.push(message);
            }
        }
        let mut bench = Bench::new();
        for messages in stream.chunks(chunk_messages) {
            bench.push(messages, true);
        }
        bench.close();

        let is_of = |message: &[u8], container: usize| {
            let name = format!(" c{container}");
            message.windows(name.len()).take(60).any(|window| window == name.as_bytes())
        };
        for (container, sent) in &sent {
            let out = bench.out.iter().filter(|out| is_of(&out.octets, *container));
            let came: Vec<u8> = out.flat_map(|out| text_of(&out.octets)).collect();
            let went: Vec<u8> = sent.iter().flat_map(|message| text_of(message)).collect();
            prop_assert!(came == went, "of {container}");
        }
        let rejoined: Vec<_> = bench.out.iter().filter(|out| out.flags.contains(Flags::REJOINED)).collect();
        prop_assert_eq!(rejoined.len() as u64, bench.rejoined);
        for out in &rejoined {
            let text = String::from_utf8(text_of(&out.octets)).unwrap();
            prop_assert!(serde_json::from_str::<Map<String, Value>>(&text).is_ok());
        }
        if !lossy {
            let long: Vec<_> = originals.iter().filter(|line| line.starts_with('{') && line.len() > PIECE_BYTES).collect();
            prop_assert_eq!(rejoined.len(), long.len());
            for out in rejoined {
                let text = String::from_utf8(text_of(&out.octets)).unwrap();
                prop_assert!(long.iter().any(|line| **line == text.trim_end()));
            }
            prop_assert!(bench.failures.is_empty());
        }
    }
}
