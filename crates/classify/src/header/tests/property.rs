//! What holds for any octets, and for any legal header.

use proptest::collection::vec;
use proptest::prelude::*;
use record::{Flags, FrameSpan, HeaderSpans};

use super::*;
use crate::header::{locate_raw, locate_rfc3164, locate_rfc5424};

const LOCATORS: [fn(&[u8]) -> Located; 4] = [locate, locate_raw, locate_rfc5424, locate_rfc3164];

/// Spans lie in the frame, in the order of the fields, and before MSG.
fn assert_ordered(frame: &[u8], spans: &HeaderSpans) {
    let mut last = 0;
    for span in [spans.timestamp, spans.hostname, spans.app_name, spans.procid, spans.msgid] {
        if !span.is_absent() {
            assert!(usize::from(span.start) >= last, "{spans:?}");
            last = usize::from(span.start) + usize::from(span.len);
        }
    }
    let FrameSpan { start, end } = spans.structured_data;
    if start != end {
        assert!(start < end && start as usize > last, "{spans:?}");
        last = end as usize;
    }
    assert!(last <= spans.msg as usize && spans.msg as usize <= frame.len(), "{spans:?}");
    if spans.dialect == Dialect::Unknown {
        assert_eq!(*spans, HeaderSpans::default());
    }
}

/// Pieces of headers, so that random frames get far into the scanners.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"<14>",
        b"<-1>",
        b"<",
        b"1 ",
        b"1",
        b" ",
        b"  ",
        b"- ",
        b"-",
        b"[",
        b"]",
        b"[[",
        b"]]",
        b"\"",
        b"\\",
        b"=\"",
        b":",
        b"Jan 20 04:56:26",
        b"Feb  3 2026 04:56:26.5",
        b"2026-01-20T04:56:26.36Z",
        b"host ",
        b"uaa[rs2]",
        b"job/rs2 ",
        b"tag: ",
        b"vcap.uaa ",
        b"[job=a index=0]  ",
        b"[tags@47450 a=\"b\"]",
        b"[instance@47450 ",
        b"CEF:0|",
        b"{\"a\":1}",
        b"\xEF\xBB\xBF",
        b"\n",
        b"\t",
        b"\0",
        b"\xFF",
        b"stdout F ",
    ];
    prop_oneof![4 => proptest::sample::select(pieces).prop_map(<[u8]>::to_vec), 1 => vec(any::<u8>(), 0..4)]
}

fn frame() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..80), vec(piece(), 0..24).prop_map(|pieces| pieces.concat())]
}

#[test]
fn a_megabyte_of_anything_takes_no_longer_than_its_octets() {
    let starts = [
        "",
        "<",
        "<14>",
        "<14>1 ",
        "<14>1 - - - - - ",
        "<14>1 - - - - - [a k=\"",
        "<14>1 - - - - - [instance@47450 k=\"\"\"",
        "<14>Jan 20 04:56:26 ",
        "<14>Jan 20 04:56:26 h ",
        "2026-01-20T04:56:26Z ",
        "Jan 20 04:56:26 h vcap.x [job=",
    ];
    let repeated = [
        "1",
        " ",
        "x",
        "x ",
        "[",
        "]",
        "[[",
        "[a",
        "[a]",
        "[a k=\"\"]",
        " k=\"\"",
        "\\",
        "\\\"",
        "\"",
        "] ",
        "- ",
        "\t",
        "\0",
    ];
    for start in starts {
        for repeated in repeated {
            let frame = format!("{start}{}", repeated.repeat((1 << 20) / repeated.len()));
            for locate in LOCATORS {
                // A search that began anew at each octet would take hours.
                assert_ordered(frame.as_bytes(), &locate(frame.as_bytes()).spans);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_octets_give_ordered_spans(frame in frame()) {
        for locate in LOCATORS {
            let Located { spans, flags, provenance } = locate(&frame);
            assert_ordered(&frame, &spans);
            prop_assert_eq!(flags.contains(Flags::NO_PROVENANCE), provenance == Provenance::None);
        }
    }

    #[test]
    fn a_legal_rfc_5424_header_is_found_exactly(
        pri in 0u16..=191,
        fields in ["-|20[0-9]{2}-0[1-9]-[12][0-8]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]0[0-9]:[0-5][0-9])",
            "[!-~]{1,255}", "[!-~]{1,48}", "[!-~]{1,128}", "[!-~]{1,32}"],
        elements in vec(("[a-z]{1,8}", vec(("[a-zA-Z@_.-]{1,32}", "([^\\\\\"\\]]|\\\\.){0,40}"), 0..4)), 0..4),
        message in vec(any::<u8>(), 0..40),
    ) {
        // A number makes names unlike each other.
        let sd: String = elements.iter().enumerate().map(|(number, (sd_id, parameters))| {
            let parameters: String =
                parameters.iter().enumerate().map(|(number, (name, value))| format!(" {number}{}=\"{value}\"", &name[1..])).collect();
            format!("[{number}{sd_id}{parameters}]")
        }).collect();
        let nil = if sd.is_empty() { "-" } else { "" };
        let mut frame = format!("<{pri}>1 {} {nil}{sd} ", fields.join(" ")).into_bytes();
        let message_start = frame.len();
        frame.extend_from_slice(&message);

        let Located { spans, flags, .. } = locate(&frame);
        prop_assert_eq!(flags | Flags::NO_PROVENANCE, Flags::NO_PROVENANCE);
        prop_assert_eq!(spans.pri.map(|pri| u16::from(pri.value())), Some(pri));
        let found = [spans.timestamp, spans.hostname, spans.app_name, spans.procid, spans.msgid];
        for (field, span) in fields.iter().zip(found) {
            let expected = if field == "-" { "" } else { field.as_str() };
            prop_assert_eq!(span.of(&frame), expected.as_bytes());
        }
        prop_assert_eq!(spans.structured_data.of(&frame), sd.as_bytes());
        let mark = if message.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        prop_assert_eq!(spans.msg as usize, message_start + mark);
    }

    #[test]
    fn a_legal_rfc_3164_header_is_found_exactly(
        pri in 0u16..=191,
        stamp in "(Jan|Mar|May|Jul) ( [1-9]|[12][0-9]) (0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
        host in "[a-z][a-z0-9.-]{0,60}",
        tag in "[a-zA-Z][a-zA-Z0-9_./-]{0,40}",
        procid in "[0-9a-z]{1,10}",
        message in vec(any::<u8>(), 0..40),
    ) {
        let mut frame = format!("<{pri}>{stamp} {host} {tag}[{procid}]: ").into_bytes();
        let message_start = frame.len();
        frame.extend_from_slice(&message);

        let Located { spans, flags, .. } = locate(&frame);
        prop_assert_eq!(flags | Flags::NO_PROVENANCE, Flags::NO_PROVENANCE);
        let found = [spans.timestamp, spans.hostname, spans.app_name, spans.procid].map(|span| span.of(&frame));
        let expected = [&stamp, &host, &tag, &procid].map(String::as_bytes);
        prop_assert_eq!(found, expected);
        let mark = if message.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        prop_assert_eq!(spans.msg as usize, message_start + mark);
    }

    #[test]
    fn provenance_does_not_depend_on_msg(
        header in proptest::sample::select(vec![
            "<14>1 - h a p m - ", "<14>1 - h a p m [a@1 k=\"v\"] ", "<14>1 - h a p m [instance@47450 k=\"v\"] ",
            "<14>1 - h a [APP/0] m - ", "<14>1 - h a p m [tags@47450 k=\"v\"] ", "<14>1 - h pod.log/a p m - ",
            "<14>Jan 20 04:56:26 h uaa[rs2]: ", "<14>Jan 20 04:56:26 h uaa[rs2] ",
        ]),
        message in vec(piece(), 0..12),
    ) {
        let alone = locate(header.as_bytes());
        let whole = locate(&[header.as_bytes(), &message.concat()].concat());
        prop_assert_eq!(alone.provenance, whole.provenance);
        let (alone, whole) = (HeaderSpans { msg: 0, ..alone.spans }, HeaderSpans { msg: 0, ..whole.spans });
        prop_assert_eq!(alone, whole);
    }
}
