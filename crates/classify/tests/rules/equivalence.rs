//! The fast rules say what the specification says: class, flags, rule and matched octets, on whatever octets.

use std::sync::LazyLock;

use gully_classify::{CUT_MARKS, classify_located, header, naive};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::lines;

static LINES: LazyLock<Vec<lines::Line>> = LazyLock::new(lines::all);

/// What decides somewhere, and what nearly does.
const NEEDLES: &[&str] = &[
    "CEF:0|",
    "CEF:",
    "cloud_foundry|credhub|2|",
    "CloudFoundry|BOSH|1|",
    "cloud_foundry|cloud_controller_ng|",
    "|",
    "\\|",
    "\\",
    "Audit: ",
    "Audit: UserX ('",
    "'): principal=",
    ", origin=[",
    "], identityZoneId=[",
    "password=<redacted>",
    "=<redacted>&",
    "--- ",
    " INFO --- ",
    "[2024] uaa - 1 [a] ....  INFO --- ",
    "] uaa",
    "]",
    "[",
    " --- [",
    ": Action '",
    "' by user '",
    "BOSH task ID 1 status: ",
    " deployment for instance ",
    ".telemetry.Agent ",
    "Telemetry - ",
    "]: #0",
    " AUDIT: id=\"",
    "\" stage=\"",
    "\" response=\"",
    " cs5Label=xForwardedFor cs5=",
    " cs3Label=result ",
    " dst=",
    " deviceAction=",
    "\\=",
    "=",
    " stdout F ",
    " F ",
    "2024-05-01T10:00:00.001Z",
    "2024-05-01 10:00:00.001",
    "2024/05/01 10:00:00.1 ",
    "2024/05/01 10:00:00 ",
    "I, [2024-05-01T10:00:00.1 #1]  INFO -- : ",
    "\u{FEFF}",
    " ",
    "\t",
    "\r\n",
    "\0",
    "@cee: ",
    "{",
    "}",
    "\"",
    ":",
    ",",
    "\\u0061",
    "\\ud83d",
    "\\x",
    "\u{1}",
    "1e5",
    "-",
    "0.",
    "true",
    "nul",
    "\"auditID\":\"a\",",
    "\"stage\":\"s\",",
    "\"requestURI\":\"/\",",
    "\"verb\":\"get\",",
    "\"kind\":\"Event\",",
    "\"kind\":\"Ev\\u0065nt\",",
    "\"kind\":\"EventList\",",
    "\"kind\":null,",
    "\"kind\":\"docker-swarm\",",
    "\"level\":\"Metadata\",",
    "\"metadata\":{},",
    "\"metadata\":{",
    "\"apiVersion\":\"audit.k8s.io\\/v1\",",
    "\"apiVersion\":\"v1\",",
    "\"items\":[{",
    "\"items\":[",
    "\"audit\":{",
    "\"event_type\":\"LogMessage\",",
    "\"event_t\\u0079pe\":\"LogMessage\",",
    "\"type\":\"t\",",
    "\"actor\":{},",
    "\"target\":{},",
    "\"entity\":{",
    "\"actor\":\"a\",\"actee\":\"b\"",
    "\"resources\":[{",
    "\"resources\":[1,{",
    "\"log\":\"x\\n\",",
    "\"stream\":\"stdout\",",
    "\"time\":\"t\"",
    "\"source\":\"cc.model.event\",",
    "\"message\":\"{\\\"actor\\\":{},\\\"target\\\":{},\\\"type\\\":\\\"\\\"}\",",
    "\\\\n event_type: LogMessage\\\\n",
    "{ \\\\n ",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    "{\"a\":{\"a\":{\"a\":{\"a\":",
    "{\"log\":\"",
    "{\"timestamp\":1.5e9,\"message\":\"",
    "{\\\"guid\\\":\\\"g\\\",",
    "\\\"actor\\\":{},",
    "\\\"target\\\":{},",
    "\\\"type\\\":\\\"t\\\",",
];

#[track_caller]
fn check(frame: &[u8]) {
    for located in [header::locate(frame), header::locate_raw(frame)] {
        let expected = naive::class_of(frame, &located);
        assert_eq!(classify_located(frame, located), expected, "{:?}", frame.escape_ascii().to_string());
    }
}

#[test]
fn lines_cut_at_every_length() {
    let ids = [
        "m-k8s-001",
        "m-k8s-034",
        "m-k8s-044",
        "m-k8s-045",
        "m-k8s-048",
        "m-k8s-049",
        "m-ucp-001",
        "m-ucp-006",
        "m-ucp-008",
        "m-ucp-019",
        "m-ucp-023",
        "m-uaa-067",
        "m-uaa-068",
        "m-bosh-002",
        "m-credhub-002",
        "m-cloud_controller-002",
        "m-cef-003",
        "m-pks-001",
        "m-pks-006",
        "m-pks-020",
        "m-seeds-019",
        "m-seeds-040",
        "m-audit_event-003",
        "m-audit_event-035",
        "m-audit_event-039",
        "m-logmessage-001",
        "m-syslog-035",
    ];
    for id in ids {
        let line = LINES.iter().find(|line| line.id == id).unwrap_or_else(|| panic!("no line {id}"));
        (0..=line.message.len()).for_each(|len| check(&line.message[..len]));
    }
}

#[test]
fn every_needle_at_the_start_and_every_pair_of_them() {
    for first in NEEDLES {
        check(first.as_bytes());
        NEEDLES.iter().for_each(|second| check(format!("{first}{second}").as_bytes()));
    }
}

#[test]
fn a_needle_at_the_edge_of_what_is_searched() {
    for padding in 150..270 {
        let thread = "x".repeat(padding);
        check(format!("[2024] uaa - 1 [{thread}] ....  INFO --- Audit: UserX ('a'): principal=b, origin=[c], identityZoneId=[d]").as_bytes());
        check(
            format!("I, [2024-05-01T10:00:00.1 #1] [{thread}]  INFO -- : CEF:0|CloudFoundry|BOSH|1|a|b|1|").as_bytes(),
        );
        check(format!("2024-05-01 10:00:00.1 INFO 1 --- [{thread}] a.B : Action 'x' by user 'y'").as_bytes());
        check(
            format!("[{thread}] 2024/05/01 10:00:00.1 BOSH task ID 1 status: done delete deployment for instance x")
                .as_bytes(),
        );
    }
}

#[test]
fn lengths_around_those_at_which_senders_cut() {
    for mark in CUT_MARKS {
        for bytes in mark - 80..mark + 80 {
            for (start, end) in [
                ("<14>1 - h app - - - CEF:0|a|b|c|d|e|5|x=", "\r\n\0"),
                ("2024-05-01T10:00:00Z stdout F CEF:0|a|b|c|d|e|5|x=", "\n"),
                ("{\"log\":\"CEF:0|a|b|c|d|e|5|x=", "\\n\",\"stream\":\"stderr\",\"time\":\"t\"}"),
                ("{\"log\":\" CEF:0|a|b|c|d|e|5|x=", ""),
            ] {
                check(format!("{start}{}{end}", "y".repeat(bytes - start.len())).as_bytes());
            }
        }
    }
}

#[test]
fn a_carried_record_longer_than_what_is_looked_at() {
    for filler in [16_000, 17_200, 17_300, 17_380, 17_408, 17_409, 20_000] {
        for unit in ["y", "\\n", "\\u00e9"] {
            let filler = unit.repeat(filler / unit.len());
            let inner = format!(
                "{{\\\"kind\\\":\\\"Event\\\",\\\"auditID\\\":\\\"a\\\",\\\"stage\\\":\\\"s\\\",\\\"requestURI\\\":\\\"/\\\",\\\"x\\\":\\\"{filler}\\\",\\\"verb\\\":\\\"get\\\"}}"
            );
            check(format!("{{\"log\":\"{inner}\",\"stream\":\"stdout\",\"time\":\"t\"}}").as_bytes());
            check(format!("{{\"log\":\"Audit: X ('{filler}'): principal=a, origin=[], identityZoneId=[]\",\"stream\":\"stderr\",\"time\":\"t\"}}").as_bytes());
        }
    }
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    any::<Index>().prop_map(|index| LINES[index.index(LINES.len())].message.clone())
}

/// Pieces that mean something, one after the other.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    vec(select(NEEDLES), 0..24).prop_map(|pieces| pieces.concat().into_bytes())
}

/// A piece put into `line` at any place.
fn with_piece(line: &[u8], place: Index, piece: &[u8]) -> Vec<u8> {
    let (before, after) = line.split_at(place.index(line.len() + 1));
    [before, piece, after].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_octets(frame in vec(any::<u8>(), 0..300)) {
        check(&frame);
    }

    #[test]
    fn any_sequence_of_needles(frame in pieces()) {
        check(&frame);
        check(&[b"{".as_slice(), &frame, b"}"].concat());
    }

    #[test]
    fn a_line_cut_anywhere(line in line(), place in any::<Index>()) {
        check(&line[..place.index(line.len() + 1)]);
        check(&line[place.index(line.len() + 1)..]);
    }

    #[test]
    fn a_line_with_other_octets_in_it(mut line in line(), changes in vec((any::<Index>(), any::<u8>()), 1..6)) {
        for (place, octet) in changes {
            if !line.is_empty() {
                let place = place.index(line.len());
                line[place] = octet;
            }
        }
        check(&line);
    }

    #[test]
    fn a_line_with_needles_in_it(line in line(), needles in vec((any::<Index>(), select(NEEDLES)), 1..4)) {
        check(&needles.iter().fold(line, |line, (place, needle)| with_piece(&line, *place, needle.as_bytes())));
    }

    #[test]
    fn two_lines_spliced(first in line(), second in line(), places in any::<(Index, Index)>()) {
        let (head, _) = first.split_at(places.0.index(first.len() + 1));
        let (_, tail) = second.split_at(places.1.index(second.len() + 1));
        check(&[head, tail].concat());
        check(&with_piece(&first, places.0, &second));
    }

    #[test]
    fn a_line_carried_by_docker(line in line(), place in any::<Index>(), piece in select(NEEDLES)) {
        let line = with_piece(&line, place, piece.as_bytes());
        let log = serde_json::to_string(&String::from_utf8_lossy(&line)).unwrap();
        check(format!("{{\"log\":{log},\"stream\":\"stdout\",\"time\":\"2024-05-01T10:00:00Z\"}}\n").as_bytes());
    }

    #[test]
    fn a_carrier_cut_anywhere(line in line(), place in any::<Index>()) {
        let text = serde_json::to_string(&String::from_utf8_lossy(&line)).unwrap();
        for start in ["{\"log\":", "{\"timestamp\":\"2024-05-01T10:00:00Z\",\"message\":"] {
            let carrier = format!("{start}{text},\"stream\":\"stdout\",\"time\":\"t\"}}").into_bytes();
            check(&carrier[..place.index(carrier.len() + 1)]);
        }
    }
}
