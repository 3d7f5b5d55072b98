//! The labelled lines with secrets put into them: class, header and all other fields stay what they were.

use std::fs;
use std::path::Path;

use classify::{Verdict, classify};
use extract::{Extractor, Input, Value, Wanted};
use gully_redact::Redactor;
use proptest::prelude::*;
use proptest::sample::Index;
use record::Class;

use crate::harness::all;

/// Secrets in their usual surroundings, each once in each text and each without a character that any format escapes.
const SECRETS: &[&str] = &[
    " Authorization: Bearer hunter2hunter2hunter2 ",
    " ?password=hunter2&x=y ",
    " tokenValue=hunter2hunter2, ",
    " https://bob:hunter2@h/ ",
    " Cookie: a=hunter2; b=hunter2 ",
    " eyJhbGciOiJ9.eyJzdWIiOiJ9.hunter2 ",
    " sessionId=hunter2 ",
];

pub(crate) fn lines() -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let files = fs::read_dir(directory).expect("the corpus is part of the project").flatten();
    let mut paths: Vec<_> = files.map(|file| file.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    let text: String = paths.iter().map(|path| fs::read_to_string(path).expect("the corpus is UTF-8")).collect();
    let message = |line: &str| {
        let label: serde_json::Value = serde_json::from_str(line).expect("the corpus is JSON");
        label["message"].as_str().expect("a message").as_bytes().to_vec()
    };
    text.lines().map(message).collect()
}

/// Names and values, flat.
pub(crate) fn fields(frame: &[u8], verdict: &Verdict) -> Vec<(Option<String>, String)> {
    let mut extractor = Extractor::new();
    let input = Input { octets: frame, header: &verdict.header, class: verdict.class, flags: verdict.flags };
    let extraction = extractor.extract(&input, Wanted { native: true, event: false });
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let item = |item: extract::Item<'_>| {
        let value = match item.value {
            Value::Text(octets) | Value::Json(octets) => text(octets),
            other => format!("{other:?}"),
        };
        (item.name.map(text), value)
    };
    extraction.native().map(item).collect()
}

/// Redacts `frame` and holds the result to it; gives how many secrets were found.
#[track_caller]
fn check(redactor: &Redactor, frame: &[u8]) -> usize {
    let before = classify(frame);
    let mut redacted = Vec::new();
    let shown = String::from_utf8_lossy(frame);
    let Some(found) = redactor.redact(frame, before.class, &before.header, &mut redacted) else {
        assert!(redacted.is_empty());
        return 0;
    };
    let after = classify(&redacted);
    let result = String::from_utf8_lossy(&redacted);
    assert_eq!((after.class, after.flags), (before.class, before.flags), "{shown}\n{result}");
    assert_eq!(after.header, found.header, "{shown}\n{result}");
    let (fields_before, fields_after) = (fields(frame, &before), fields(&redacted, &after));
    assert_eq!(fields_before.len(), fields_after.len(), "{shown}\n{result}");
    let is_same = |before: &str, after: &str| before == after || after.contains("hmac-sha256:");
    for (before, after) in fields_before.iter().zip(&fields_after) {
        let names = is_same(before.0.as_deref().unwrap_or(""), after.0.as_deref().unwrap_or(""));
        assert!(names && is_same(&before.1, &after.1), "{before:?} {after:?}");
    }
    // What is there again after redaction has been replaced.
    let mut again = Vec::new();
    assert!(redactor.redact(&redacted, after.class, &after.header, &mut again).is_none(), "{result}");
    let finds = redactor.finds(frame, before.class, &before.header);
    assert!(finds.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
    finds.len()
}

/// Places where free text may stand: for JSON before the end of a string, for text after what decided about the class.
fn places(frame: &[u8], verdict: &Verdict) -> Vec<usize> {
    let is_json = classify::message(frame, verdict.header.msg as usize);
    if frame[is_json].first() != Some(&b'{') {
        let start = verdict.rule.matched.end as usize;
        return (start..frame.len()).filter(|at| frame[*at] == b' ').collect();
    }
    let closes = |at: &usize| {
        frame[*at] == b'"' && frame[*at - 1] != b'\\' && matches!(frame.get(*at + 1), Some(b',' | b'}' | b']'))
    };
    (verdict.header.msg as usize + 1..frame.len()).filter(closes).collect()
}

#[test]
fn the_corpus_as_it_is_stays_what_it_is() {
    let redactor = all();
    let found: usize = lines().iter().map(|line| check(redactor, line)).sum();
    assert!(found >= 4, "the licence keys of UCP at least, found {found}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn secrets_anywhere_are_found_and_nothing_else_changes(
        line in any::<Index>(),
        place in any::<Index>(),
        secret in prop::sample::select(SECRETS),
    ) {
        thread_local! {
            static LINES: (Vec<Vec<u8>>, &'static Redactor) = (lines(), all());
        }
        LINES.with(|(lines, redactor)| {
            let line = line.get(lines);
            let verdict = classify(line);
            let places = places(line, &verdict);
            if places.is_empty() {
                return;
            }
            let at = *place.get(&places);
            // An extension's value has no `=` of its own: behind a blank it would begin another field.
            let is_escaped = matches!(verdict.class, Class::CloudControllerCef | Class::Cef);
            let secret = if is_escaped { secret.replace('=', "\\=") } else { secret.to_owned() };
            let frame = [&line[..at], secret.as_bytes(), &line[at..]].concat();
            if classify(&frame).class == verdict.class {
                let found = check(redactor, &frame);
                assert!(found > 0, "{}", String::from_utf8_lossy(&frame));
                let mut redacted = Vec::new();
                let verdict = classify(&frame);
                let _ = redactor.redact(&frame, verdict.class, &verdict.header, &mut redacted);
                let text = String::from_utf8_lossy(&redacted);
                assert!(!text.contains("hunter2"), "{text}");
            }
        });
    }

    /// Any octets at all: no panic, and only what was found changes.
    #[test]
    fn any_octets_are_taken(parts in prop::collection::vec(prop_oneof![
        prop::collection::vec(any::<u8>(), 0..8),
        prop::sample::select(SECRETS).prop_map(|secret| secret.as_bytes().to_vec()),
        prop::sample::select(&["{\"", "\":\"", "\"}", "\\\"", "\\\\\\\"", "{\"kind\":\"Secret\",\"data\":{\"a\":\"b", "-----BEGIN PRIVATE KEY-----",
            "\"password\":", "[", "]", "{", "<14>1 - a b c d [x@1 token=\"", "CEF:0|a|b|c|d|e|5|", "\\u0070assword", "objectRef", ":"][..])
            .prop_map(|text| text.as_bytes().to_vec()),
    ], 0..24)) {
        let frame = parts.concat();
        let verdict = classify(&frame);
        let redactor = all();
        let finds = redactor.finds(&frame, verdict.class, &verdict.header);
        let mut redacted = Vec::new();
        let result = redactor.redact(&frame, verdict.class, &verdict.header, &mut redacted);
        prop_assert_eq!(result.is_some(), !finds.is_empty());
        if let Some(result) = result {
            let (mut at, mut expected) = (0, 0);
            for find in &finds {
                expected += find.span.start as usize - at + 44;
                at = find.span.end as usize;
            }
            prop_assert_eq!(redacted.len(), expected + frame.len() - at);
            prop_assert!(result.header.msg as usize <= redacted.len());
        }
    }
}
