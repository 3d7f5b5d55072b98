//! Every labelled line has its class, however it is asked.

use crate::lines::{self, Line};
use gully_classify::{Verdict, classify, classify_located, header, naive};

#[track_caller]
fn check(verdict: impl Fn(&Line) -> Verdict) {
    let lines = lines::all();
    assert!(lines.len() >= 552, "only {} lines", lines.len());
    let wrong: Vec<String> = lines
        .iter()
        .map(|line| (line, verdict(line)))
        .filter(|(line, verdict)| verdict.class != line.class)
        .map(|(line, verdict)| {
            format!("{} ({}): {} by {:?}, not {}", line.id, line.transport, verdict.class, verdict.rule, line.class)
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} lines:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}

#[test]
fn every_line_has_its_class_when_the_transport_is_told() {
    check(|line| classify_located(&line.message, line.located()));
}

#[test]
fn every_line_has_its_class_when_the_header_is_found_out() {
    check(|line| classify(&line.message));
}

#[test]
fn every_line_has_its_class_by_the_specification() {
    check(|line| naive::class_of(&line.message, &line.located()));
    check(|line| naive::class_of(&line.message, &header::locate(&line.message)));
}

#[test]
fn fast_and_specification_agree_on_class_flags_and_rule() {
    for line in lines::all() {
        for located in [line.located(), header::locate(&line.message)] {
            let fast = classify_located(&line.message, located);
            assert_eq!(fast, naive::class_of(&line.message, &located), "{}", line.id);
        }
    }
}

#[test]
fn what_surrounds_a_message_changes_neither_class_nor_rule() {
    for line in lines::all().iter().filter(|line| line.transport == "raw") {
        let expected = classify_located(&line.message, line.located());
        for (before, after) in [
            ("\u{FEFF}", ""),
            ("  \t", ""),
            ("\r\n\u{FEFF} ", ""),
            ("", "\r\n"),
            ("", "\n\0"),
            ("", "\0\0"),
            ("\n", "\n"),
        ] {
            let message = [before.as_bytes(), &line.message, after.as_bytes()].concat();
            let verdict = classify_located(&message, header::locate_raw(&message));
            assert_eq!(
                (verdict.class, verdict.rule.name()),
                (expected.class, expected.rule.name()),
                "{}: {before:?} {after:?}",
                line.id
            );
            assert_eq!(verdict.flags, expected.flags, "{}: {before:?} {after:?}", line.id);
        }
    }
}
