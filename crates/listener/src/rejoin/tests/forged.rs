//! A client writes into the middle of a line what looks like a record, or like an entry of docker's log.

use super::*;

const UCP_START: &str = r#"{"audit":{"auditID":"true-1","kind":"kubernetes","level":"request","requestURI":"/api/v1/x","sourceIPs":["192.0.2.9:1"],"user":{"extra":{"username":["mallory"]}},"verb":"POST","requestObject":"#;
const UCP_FORGED: &str = r#"{"audit":{"auditID":"f-1","kind":"docker-swarm","level":"metadata","requestURI":"/v1.40/secrets/FORGED","sourceIPs":["192.0.2.66:1"],"user":{"extra":{"username":["admin"]}},"verb":"DELETE""#;
const K8S_START: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"true-1","stage":"ResponseComplete","requestURI":"/apis/x/v1/foos","verb":"create","user":{"username":"mallory"},"requestObject":"#;
const K8S_FORGED: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"forged","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/kube-system/secrets/db","verb":"delete","user":{"username":"kubernetes-admin"}"#;

/// The starts of a record with a raw object in it, of the forged one, and the ends of both.
const KINDS: [(&str, &str, &str, &str); 2] =
    [(UCP_START, UCP_FORGED, "}}", "},\"level\":\"info\"}"), (K8S_START, K8S_FORGED, "}", ",\"annotations\":{}}")];

/// An entry of docker's log with `record` as its line, of so many octets.
fn log_entry(record: &str, bytes: usize) -> String {
    let line = serde_json::to_string(&format!("{record}\n")).unwrap();
    padded(&format!("{{\"log\":{line},\"stream\":\"stdout\",\"time\":\"t\",\"attrs\":{{\"pad\":"), "}}", bytes)
}

fn sent(form: Form, parts: &[&str]) -> Vec<Vec<u8>> {
    let last = parts.len() - 1;
    parts.iter().enumerate().map(|(at, part)| form.message("ucp-controller", part.as_bytes(), at == last)).collect()
}

/// Sends parts, and gives what came out: its flags, and whether it was one record again.
fn flags_of(form: Form, parts: &[&str]) -> (Bench, Vec<Flags>) {
    let mut bench = Bench::new();
    let messages = sent(form, parts);
    for message in &messages {
        bench.push(std::slice::from_ref(message), true);
    }
    bench.close();
    let flags = bench.out.iter().map(|out| out.flags).collect();
    (bench, flags)
}

#[test]
fn an_entry_of_dockers_log_in_the_middle_of_a_line_is_a_part_of_it() {
    for (start, forged, forged_end, end) in KINDS {
        let first = padded(&format!("{start}{{\"p\":"), ",\"x\":[", PIECE_BYTES);
        let record = format!("{forged}{forged_end}");
        for bytes in [PIECE_BYTES, PIECE_BYTES - 500] {
            let middle = log_entry(&record, bytes);
            let last = format!("]}}{end}");
            for form in [Form::Unix, Form::Rfc5424, Form::Counted] {
                let parts = if bytes == PIECE_BYTES {
                    vec![first.clone(), middle.clone(), last.clone()]
                } else {
                    // The short last piece.
                    vec![first.clone(), format!("{middle}{last}")]
                };
                let parts: Vec<_> = parts.iter().map(String::as_str).collect();
                let (bench, flags) = flags_of(form, &parts);
                assert_eq!(flags, [Flags::REJOINED], "{form:?}");
                let whole = form.message("ucp-controller", parts.concat().as_bytes(), true);
                assert!(bench.out[0].octets == whole, "the evidence is in it");
                assert!(serde_json::from_str::<Value>(&parts.concat()).is_ok());
            }
        }
    }
}

#[test]
fn a_plain_message_between_entries_of_dockers_log_ends_their_record_and_overtakes_nothing() {
    let line = json_line(1, 40_000);
    let mut messages = Form::JsonFile.messages("c", &line);
    messages.insert(1, Form::Rfc5424.message("c", b"plain", true));
    let mut bench = Bench::new();
    bench.push(&messages, true);
    bench.close();
    assert_eq!(shown(bench.octets()), shown(&messages));
    assert_eq!((bench.failures.as_slice(), bench.rejoined), (&[Failure::NotWhole][..], 0));
    let flags: Vec<_> = bench.out.iter().map(|out| out.flags).collect();
    let goes_on = vec![Flags::CONTINUATION; messages.len() - 2];
    assert_eq!(flags, [vec![Flags::TRUNCATED_UPSTREAM, Flags::NONE], goes_on].concat());
}

/// Whether the text is of a kind that a classifier could take for a record.
fn stands_alone(out: &Out) -> bool {
    serde_json::from_slice::<Map<String, Value>>(&text_of(&out.octets)).is_ok()
}

#[test]
fn whatever_breaks_a_line_its_middle_is_no_record() {
    for (start, forged, forged_end, end) in KINDS {
        let middle = padded(&format!("{forged},\"pad\":"), forged_end, PIECE_BYTES);
        let deep = |at: &str| format!("{}{}{at}", "[".repeat(1100), "]".repeat(1100));
        let plain = padded(&format!("{start}{{\"p\":"), ",\"x\":[", PIECE_BYTES);
        let fill = format!("{}, ", "z".repeat(PIECE_BYTES));
        let big: Vec<_> = (0..14).map(|_| padded("", ",", PIECE_BYTES)).collect();
        let ways: [(&str, Option<Failure>, Vec<&str>, String); 5] = [
            (
                "deep in the first piece",
                None,
                vec![],
                padded(&format!("{start}{{\"d\":{}", deep(",\"p\":")), ",\"x\":[", PIECE_BYTES),
            ),
            ("too long", Some(Failure::TooLong), big.iter().map(String::as_str).collect(), plain.clone()),
            ("text", None, vec![], fill[..PIECE_BYTES].to_owned()),
            ("invalid", None, vec![], padded("{a:", "[", PIECE_BYTES)),
            ("deep later", Some(Failure::NotWhole), vec![], plain),
        ];
        for (name, failure, between, first) in ways {
            let deep_end = format!("{}]}}{end}", deep(""));
            let last = if name == "deep later" { format!(",{deep_end}") } else { format!("]}}{end}") };
            let mut parts = vec![first.as_str()];
            parts.extend(between);
            parts.extend([middle.as_str(), &last]);
            for form in Form::ALL {
                let (bench, flags) = flags_of(form, &parts);
                assert_eq!(shown(bench.octets()), shown(&sent(form, &parts)), "{name} {form:?}");
                assert_eq!(flags[0], Flags::TRUNCATED_UPSTREAM, "{name} {form:?}");
                assert!(flags[1..].iter().all(|flags| *flags == Flags::CONTINUATION), "{name} {form:?}: {flags:?}");
                assert!(bench.out.iter().any(stands_alone), "the forged record is there, and flagged");
                assert_eq!(bench.failures, Vec::from_iter(failure), "{name} {form:?}");
            }
        }
    }
}

#[test]
fn nothing_is_put_together_inside_a_line_that_was_given_up() {
    // After too many octets a whole record in three pieces of its own.
    let first = padded(&format!("{UCP_START}{{\"p\":"), ",\"x\":[", PIECE_BYTES);
    let filler = padded("", ",", PIECE_BYTES);
    let record = padded(&format!("{UCP_FORGED},\"pad\":"), "}}", 3 * PIECE_BYTES);
    let record: Vec<_> = record.as_bytes().chunks(PIECE_BYTES).map(|part| std::str::from_utf8(part).unwrap()).collect();
    let mut parts = vec![first.as_str()];
    parts.extend(std::iter::repeat_n(filler.as_str(), 14));
    parts.extend(&record);
    parts.push("]}},\"level\":1}");
    let (bench, flags) = flags_of(Form::Rfc5424, &parts);
    assert_eq!((bench.rejoined, bench.failures.as_slice()), (0, &[Failure::TooLong][..]));
    assert_eq!(flags.len(), parts.len());
    assert!(flags[1..].iter().all(|flags| *flags == Flags::CONTINUATION));
    // A line that came in pieces is over with its short one: the next record is whole again.
    let mut bench = bench;
    bench.push(&Form::Rfc5424.messages("ucp-controller", &json_line(1, 40_000)), true);
    assert_eq!(bench.rejoined, 1);
}

#[test]
fn the_middle_of_a_line_of_which_the_first_piece_could_not_wait_is_no_record() {
    let first = padded(&format!("{UCP_START}{{\"p\":"), ",\"x\":[", PIECE_BYTES);
    let middle = padded(&format!("{UCP_FORGED},\"pad\":"), "}}", PIECE_BYTES);
    let messages = sent(Form::Rfc5424, &[&first, &middle, "]}},\"level\":1}"]);
    let goes_on = Flags::CONTINUATION;
    // No room.
    let mut bench = Bench::new();
    bench.push(&messages, false);
    assert_eq!(
        bench.out.iter().map(|out| out.flags).collect::<Vec<_>>(),
        [Flags::TRUNCATED_UPSTREAM, goes_on, goes_on]
    );
    // Too many senders.
    let mut bench = Bench::new();
    for number in 0..SENDERS_MAX {
        bench.push(&Form::Unix.messages(&format!("c{number}"), &json_line(1, 20_000))[..1], true);
    }
    bench.push(&messages, true);
    assert_eq!(
        bench.out.iter().map(|out| out.flags).collect::<Vec<_>>(),
        [Flags::TRUNCATED_UPSTREAM, goes_on, goes_on]
    );
    // A frame that was cut at a small bound: its length as sent tells.
    let mut bench = Bench::new();
    let mut output = bench.output();
    for message in &messages {
        let bytes = message.len().min(8192);
        let flags = if bytes < message.len() { Flags::TRUNCATED } else { Flags::NONE };
        let frame = Frame { flags, original_bytes: message.len() as u32, ..Frame::whole(0, bytes as u32) };
        bench.rejoiner.push(&message[..bytes], frame, SETTINGS, None, &mut output);
    }
    let cut = Flags::TRUNCATED;
    let expected = [cut | Flags::TRUNCATED_UPSTREAM, cut | goes_on, goes_on];
    assert_eq!(output.as_read(3).unwrap().iter().map(|frame| frame.flags).collect::<Vec<_>>(), expected);
}

#[test]
fn a_short_record_after_a_lost_end_is_one_and_a_line_is_forgotten_in_time() {
    let first = padded(&format!("{UCP_START}{{\"p\":"), ",\"x\":[", PIECE_BYTES);
    let record = format!("{UCP_FORGED}}}}}");
    // No JSON object ends with a whole one that begins with a piece, so this is the next record.
    let (_, flags) = flags_of(Form::Rfc5424, &[&first, &record, &record]);
    assert_eq!(flags, [Flags::TRUNCATED_UPSTREAM, Flags::NONE, Flags::NONE]);
    // Text may end with anything.
    let (_, flags) = flags_of(Form::Rfc5424, &[&"x".repeat(PIECE_BYTES), &record, &record]);
    assert_eq!(flags, [Flags::TRUNCATED_UPSTREAM, Flags::CONTINUATION, Flags::NONE]);
    let mut bench = Bench::new();
    bench.push(&sent(Form::Rfc5424, &[&"x".repeat(PIECE_BYTES)]), true);
    assert!(!bench.rejoiner.is_empty() && bench.rejoiner.due().is_some());
    bench.expire(Instant::now() + SETTINGS.time_max);
    assert!(bench.rejoiner.is_empty() && bench.rejoiner.due().is_none());
    bench.push(&sent(Form::Rfc5424, &[&record]), true);
    assert_eq!(bench.out[1].flags, Flags::NONE);
}

#[test]
fn a_character_that_was_cut_does_not_hide_that_a_line_goes_on() {
    // Docker's log has three octets for each octet of a character that its pieces part.
    let first = format!("{}\u{FFFD}", padded(&format!("{UCP_START}{{\"p\":"), ",\"x\":[", PIECE_BYTES));
    let middle = padded(&format!("{UCP_FORGED},\"pad\":"), "}}", PIECE_BYTES);
    let (_, flags) = flags_of(Form::JsonFile, &[&first, &middle, "]}},\"level\":1}"]);
    assert_eq!(flags, [Flags::TRUNCATED_UPSTREAM, Flags::CONTINUATION, Flags::CONTINUATION]);
}

#[test]
fn blanks_and_a_byte_order_mark_at_the_start_of_a_piece_belong_to_it() {
    let first = padded(&format!("{UCP_START}{{\"p\":"), ",\"x\":[", PIECE_BYTES);
    for start in [" ", "   ", "\t", "\u{FEFF}"] {
        for form in Form::ALL {
            let is_blank = start.trim().is_empty();
            let middle = padded(&format!("{start}{UCP_FORGED},\"pad\":"), "}}", PIECE_BYTES);
            let (_, flags) = flags_of(form, &[&first, &middle, "]}},\"level\":1}"]);
            let cut = [Flags::TRUNCATED_UPSTREAM, Flags::CONTINUATION, Flags::CONTINUATION];
            assert_eq!(flags, if is_blank { &[Flags::REJOINED][..] } else { &cut }, "{form:?} {start:?}");
        }
    }
}

#[test]
fn so_many_lines_are_remembered_and_no_more() {
    let mut bench = Bench::new();
    for number in 0..=rest::RESTS_MAX {
        bench.push(&[Form::Unix.message(&format!("c{number}"), &[b'x'; PIECE_BYTES], false)], true);
    }
    let goes_on = |number: usize, bench: &mut Bench| {
        bench.push(&[Form::Unix.message(&format!("c{number}"), b"y", true)], true);
        bench.out.last().unwrap().flags == Flags::CONTINUATION
    };
    assert_eq!([0, 1, rest::RESTS_MAX].map(|number| goes_on(number, &mut bench)), [false, true, true]);
    assert!(bench.rejoiner.rests.bytes() <= 128 * 1024, "{}", bench.rejoiner.rests.bytes());
}

#[test]
fn frames_that_are_not_put_together_are_flagged_by_their_length() {
    for (form, bytes, is_flagged) in [
        (Form::Unix, PIECE_BYTES, true),
        (Form::Counted, PIECE_BYTES, true),
        (Form::JsonFile, PIECE_BYTES, true),
        (Form::Unix, PIECE_BYTES - 1, false),
        (Form::Unix, PIECE_BYTES + 1, false),
    ] {
        let message = form.message("c", padded(&format!("{UCP_FORGED},\"pad\":"), "}}", bytes).as_bytes(), false);
        let mut frames = [Frame::whole(0, message.len() as u32)];
        flag_pieces(&mut frames, &message);
        assert_eq!(frames[0].flags == Flags::TRUNCATED_UPSTREAM, is_flagged, "{form:?} {bytes}");
    }
}
