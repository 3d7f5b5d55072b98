//! A client makes a message as long as a piece, so that the record after it is taken for the end of a line.

use super::*;

const UAA: &str = "[2026-11-22T05:00:00.326322Z] uaa - 11 [https-1] - [,] ....  INFO --- ";
const RECORD: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"2","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/d/secrets/s","verb":"delete","user":{"username":"mallory"}}"#;

/// Headers of senders that are not Docker's driver: as metron wrote them, an agent, a relay that knows no MSGID, a program with
/// MSGID of its own, one without a number, and severities that the driver does not have.
const HEADS: [&str; 7] = [
    "<14>2026-11-22T05:00:00.123456+00:00 192.0.2.1 vcap.uaa [job=uaa index=0]  ",
    "<14>1 2026-11-22T05:00:00Z h uaa - - - ",
    "<14>1 2026-11-22T05:00:00Z h uaa 11 - - ",
    "<14>1 2026-11-22T05:00:00Z h uaa 11 audit - ",
    "<14>1 2026-11-22T05:00:00Z h - 11 - - ",
    "<13>1 2026-11-22T05:00:00Z h uaa 11 uaa - ",
    "<13>Nov 22 05:00:00 h uaa[11]: ",
];

fn flags_after(head: &str, lines: &[&str]) -> Vec<Flags> {
    let mut bench = Bench::new();
    let messages: Vec<_> = lines.iter().map(|line| format!("{head}{line}").into_bytes()).collect();
    messages.iter().for_each(|message| bench.push(std::slice::from_ref(message), true));
    bench.close();
    assert_eq!(shown(bench.octets()), shown(&messages), "{head}");
    bench.out.iter().map(|out| out.flags).collect()
}

#[test]
fn no_message_of_another_sender_than_dockers_driver_goes_on_in_the_next() {
    let text = format!("{:x<PIECE_BYTES$}", format!("{UAA}UaaAuthorizationEndpoint: No client with requested id: "));
    let record = format!("{UAA}Audit: UserAuthenticationSuccess ('mallory'): principal=1");
    let cut = padded("{\"a\":[", ",", PIECE_BYTES);
    let item = padded("{\"kind\":\"Event\",\"b\":", "},1,", PIECE_BYTES);
    let (long, none) = (Flags::TRUNCATED_UPSTREAM, Flags::NONE);
    for head in HEADS {
        assert_eq!(flags_after(head, &[&text, &record, &record]), [long, none, none], "{head}");
        assert_eq!(flags_after(head, &[&text, &text, RECORD, RECORD]), [long, long, none, none], "{head}");
        // JSON that a relay cut: what waited as its middle has the length of a piece, and that is all.
        assert_eq!(flags_after(head, &[&cut, &item, "text", RECORD]), [long, long, none, none], "{head}");
        assert_eq!(flags_after(head, &[&cut, &text, RECORD]), [long, long, none], "{head}");
    }
}

#[test]
fn pieces_of_other_senders_are_put_together_where_that_is_proven() {
    let line = json_line(1, 40_000);
    for head in HEADS {
        let parts = line.as_bytes().chunks(PIECE_BYTES);
        let messages: Vec<_> = parts.map(|part| [head.as_bytes(), part].concat()).collect();
        let mut bench = Bench::new();
        bench.push(&messages, true);
        assert_eq!((bench.rejoined, bench.rejoiner.is_empty()), (1, true), "{head}");
    }
}

#[test]
fn each_of_the_drivers_formats_is_known() {
    for head in [
        "<30>Nov 22 05:00:00 c[812]: ",
        "<27>Nov 22 05:00:00 node-1 c[812]: ",
        "<30>1 2026-11-22T05:00:00Z node-1 c 812 c - ",
        "<131>1 2026-11-22T05:00:00.123456Z node-1 web/0a1b2c3d4e5f 812 web/0a1b2c3d4e5f - ",
    ] {
        let flags = flags_after(head, &[&"x".repeat(PIECE_BYTES), RECORD, RECORD]);
        assert_eq!(flags, [Flags::TRUNCATED_UPSTREAM, Flags::CONTINUATION, Flags::NONE], "{head}");
    }
}

/// A record that is too deep to be put together, of so many octets.
fn deep(bytes: usize) -> String {
    let start = RECORD.trim_end_matches('}');
    padded(&format!("{start}}},\"requestObject\":{{\"d\":{}{},\"p\":", "[".repeat(1030), "]".repeat(1030)), "}}", bytes)
}

#[test]
fn after_a_whole_record_of_a_pieces_length_comes_the_next_whatever_is_in_it() {
    let next = json_line(2, 40_000);
    let twice = padded("{\"a\":1,\"a\":", "}", PIECE_BYTES);
    let named = padded(&format!("{{\"{}\":", "n".repeat(300)), "}", PIECE_BYTES);
    let plain = padded("{\"a\":", "}", PIECE_BYTES);
    for whole in [deep(PIECE_BYTES), twice, named, plain] {
        for form in Form::ALL {
            let mut bench = Bench::new();
            let short = form.message("c", RECORD.as_bytes(), true);
            bench.push(&[form.message("c", whole.as_bytes(), false), short.clone()], true);
            bench.push(&[form.message("c", whole.as_bytes(), false)], true);
            bench.push(&form.messages("c", &next), true);
            bench.push(&[short], true);
            let flags: Vec<_> = bench.out.iter().map(|out| out.flags).collect();
            assert_eq!(flags, [Flags::NONE, Flags::NONE, Flags::NONE, Flags::REJOINED, Flags::NONE], "{form:?}");
        }
    }
}

#[test]
fn a_short_record_after_pieces_that_cannot_be_put_together_is_one_whatever_is_in_it() {
    let twice = padded("{\"a\":1,\"a\":", "}", 2 * PIECE_BYTES);
    let named = padded(&format!("{{\"{}\":", "n".repeat(300)), "}", 2 * PIECE_BYTES);
    // The end of these is a full piece, and that the line is over nobody says.
    for line in [deep(2 * PIECE_BYTES), twice, named] {
        for record in [RECORD, &deep(8_000)] {
            for form in [Form::Unix, Form::Rfc5424, Form::Counted] {
                let mut bench = Bench::new();
                bench.push(&form.messages("c", &line), true);
                bench.push(&[form.message("c", record.as_bytes(), true), form.message("c", b"text", true)], true);
                let flags: Vec<_> = bench.out.iter().map(|out| out.flags).collect();
                let expected = [Flags::TRUNCATED_UPSTREAM, Flags::CONTINUATION, Flags::NONE, Flags::NONE];
                assert_eq!(flags, expected, "{form:?}");
            }
        }
    }
}
