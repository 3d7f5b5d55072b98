//! Damaged records: whatever happens to the octets, every value is in the record or stands for a part of it.

use gully_extract::{Event, Extractor, Field, FieldValue, Input, Value as Native, Wanted};
use proptest::prelude::*;
use record::Class;

const APP: &str = "83d2297d-ac52-4387-9217-4302fb6a5d7f";

pub(crate) fn records() -> Vec<String> {
    let details = "class A {\n    host: a.example.org\n    size: class B {\n        workers: 3\n    }\n}";
    let action = format!(
        "2019-05-16 14:59:34.897  INFO 7594 --- [exec-7] io.pivotal.pks.cluster.ClusterService    : Action 'create-cluster' \
         by user 'ann', cluster name: 'logs', plan name: 'small'. Details: {details}"
    );
    let event = r#"{"guid":"e-1","created_at":"2024-05-01T10:00:00Z","type":"audit.app.create","actor":{"guid":"u-1","type":"user","name":"žofie \"x\""},"target":{"guid":"t-1","type":"app","name":"w\u0065b"},"data":{"a":[1,{"b":null}]},"space":null,"organization":{"guid":"o-1"}}"#;
    vec![
        action.replace('\n', "#012"),
        action,
        "[broker] [r-1] 2019/06/04 20:16:52.493286 BOSH task ID 132 status: done delete deployment for instance i-1: \
         Description: delete it Result: /deployments/x"
            .to_owned(),
        "2019-05-16 14:59:34.911 INFO 7594 --- [t] i.p.telemetry.Agent : Telemetry - addCluster: cluster request: class R \
         { name: logs }, cluster entity: ClusterEntity{name='logs', uuid='f4e2', owner='ann', planId='p', \
         taskStartedAt=2019}, plan: class Plan { id: 8A0E }"
            .to_owned(),
        "<14>1 - h telemetry-server rs2 - - 2020-02-01 08:00:03 +0130 [debug]: #0 connection established \
         address=\"10.0.0.1\" port=40001"
            .to_owned(),
        format!(
            r#"<14>1 2024-05-01T10:00:00Z acme.prod.web {APP} [APP/TASK/T/0] - [tags@47450 app_id="{APP}" app_name="w\"b" index="c-1" instance_id="0" source_type="APP/TASK/t"] hello\n"#
        ),
        format!("<11>1 2024-05-01T10:00:00Z acme.prod.web {APP} [APP/PROC/WEB/0] - - hello"),
        r#"<6>May  1 10:00:00 nozzle doppler[11]: @cee: {"cf_app_id":"a-1","event_type":"LogMessage","job_index":"c-1","message_type":"OUT","msg":"a\nb","n":[1],"source_instance":"0","source_type":"APP/PROC/WEB","timestamp":1714557600123456789}"#.to_owned(),
        r"{ \\n cf_app_id: a-1\\n event_type: LogMessage\\n msg: hello\\n origin: rep\\n source_type: APP\\n}".to_owned(),
        event.to_owned(),
        format!(r#"{{"resources":[{event},{event}],"pagination":{{}}}}"#),
        r#"{"metadata":{"guid":"e-1"},"entity":{"type":"app.crash","actor":"p","actor_type":"process","actor_name":"web","actee":"a","actee_type":"app","timestamp":"2024-05-01T10:00:00+02:00","metadata":{"x":"y"},"space_guid":"s"}}"#.to_owned(),
        r#"<14>1 - h uaa rs2 - [instance@47450 director="d" environment="p "q"" deployment="cf" group="g" az="z" id="i"] text"#.to_owned(),
        r#"<14>1 - prod pod.log/shop/web-0/web - - [kubernetes@47450 app="x\]" namespace_name="shop" object_name="web-0" container_name="web" vm_id="vm-1"] text"#.to_owned(),
        "<14>2015-08-26T04:57:46.033329+00:00 10.0.16.19 vcap.uaa [job=uaa-z1 index=0]  text".to_owned(),
    ]
}

/// What is found in the frame; with both sorts of fields, which must not depend on each other.
fn with_extraction<T>(frame: &[u8], wanted: Wanted, look: impl FnOnce(&gully_extract::Extraction<'_>) -> T) -> T {
    let verdict = classify::classify(frame);
    let input = Input { octets: frame, header: &verdict.header, class: verdict.class, flags: verdict.flags };
    look(&Extractor::new().extract(&input, wanted))
}

fn texts(event: &Event<'_>) -> Vec<(Field, Vec<u8>)> {
    let texts = event.fields().filter_map(|(field, value)| match value {
        FieldValue::Text(text) => Some((field, text.to_vec())),
        FieldValue::Integer(number) => Some((field, number.to_string().into_bytes())),
        FieldValue::Words(_) => None,
    });
    let mut texts: Vec<_> = texts.collect();
    texts.sort();
    texts
}

/// Whether `value` is part of the record: as it stands there, or after escapes are undone.
fn is_of(frame: &[u8], value: &[u8]) -> bool {
    memchr::memmem::find(frame, value).is_some() || {
        let escaped = serde_json::to_string(&String::from_utf8_lossy(value)).unwrap();
        let json = &escaped.as_bytes()[1..escaped.len() - 1];
        let plain = undone(frame);
        memchr::memmem::find(frame, json).is_some() || memchr::memmem::find(&plain, value).is_some()
    }
}

/// The frame with all that JSON and structured data escape undone, wherever it stands. Obvious, and slow.
fn undone(frame: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = frame;
    while let Some((first, after)) = rest.split_first() {
        let (octets, width): (Vec<u8>, usize) = match (first, after.first()) {
            (b'\\', Some(octet @ (b'"' | b'\\' | b'/' | b']'))) => (vec![*octet], 2),
            (b'\\', Some(b'n')) => (vec![b'\n'], 2),
            (b'\\', Some(b't')) => (vec![b'\t'], 2),
            (b'\\', Some(b'r')) => (vec![b'\r'], 2),
            (b'\\', Some(b'b')) => (vec![8], 2),
            (b'\\', Some(b'f')) => (vec![12], 2),
            (b'\\', Some(b'u')) => match after.get(1..5).and_then(|hex| std::str::from_utf8(hex).ok()) {
                Some(hex) => match u32::from_str_radix(hex, 16) {
                    Ok(code) => (char::from_u32(code).unwrap_or('\u{FFFD}').to_string().into_bytes(), 6),
                    Err(_) => (vec![*first], 1),
                },
                None => (vec![*first], 1),
            },
            _ => (vec![*first], 1),
        };
        plain.extend(octets);
        rest = &rest[width..];
    }
    plain
}

/// Values that are made of others, or of our own words.
const MADE: [Field; 8] = [
    Field::Timestamp,
    Field::EventKind,
    Field::EventDataset,
    Field::EventOutcome,
    Field::ObjectType,
    Field::Stream,
    Field::PlatformProcess,
    Field::SourcePort,
];

fn is_ours(class: Class) -> bool {
    matches!(
        class,
        Class::PksApi | Class::PksBroker | Class::PksTelemetry | Class::LogMessage | Class::AuditEvent | Class::Other
    )
}

#[track_caller]
fn check(frame: &[u8]) {
    if !is_ours(classify::classify(frame).class) {
        return;
    }
    let both = with_extraction(frame, Wanted::ALL, |extraction| {
        let mut open = 0_i32;
        for item in extraction.native() {
            match item.value {
                Native::Object | Native::Array => open += 1,
                Native::End => open -= 1,
                Native::Text(text) | Native::Json(text) => {
                    let words: [&[u8]; 2] = [b"OUT", b"ERR"];
                    assert!(words.contains(&text) || is_of(frame, text), "{:?}", text.escape_ascii().to_string());
                }
                Native::Integer(_) | Native::Boolean(_) => {}
            }
            assert!(open >= 0, "an end too many");
        }
        assert_eq!(open, 0, "an end is missing");
        extraction.events().map(|event| texts(&event)).collect::<Vec<_>>()
    });
    for (field, text) in both.iter().flatten().filter(|(field, _)| !MADE.contains(field)) {
        assert!(is_of(frame, text), "{field:?} {:?}", text.escape_ascii().to_string());
    }
    let alone = with_extraction(frame, Wanted { native: false, event: true }, |extraction| {
        extraction.events().map(|event| texts(&event)).collect::<Vec<_>>()
    });
    assert_eq!(both, alone, "the event does not depend on the native fields");
}

#[test]
fn cuts_at_every_octet() {
    for record in records() {
        let frame = record.as_bytes();
        for end in 0..=frame.len() {
            check(&frame[..end]);
        }
    }
}

#[test]
fn a_cut_gives_no_other_values() {
    // A value that is there after a cut is the one of the whole record, but for those that nothing ends except the record.
    const CUT: [Field; 3] = [Field::Message, Field::EventReason, Field::SourcePort];
    for record in records() {
        let frame = record.as_bytes();
        let class = classify::classify(frame).class;
        let whole =
            with_extraction(frame, Wanted::ALL, |found| found.events().map(|event| texts(&event)).collect::<Vec<_>>());
        for end in 0..frame.len() {
            if classify::classify(&frame[..end]).class != class {
                continue;
            }
            with_extraction(&frame[..end], Wanted::ALL, |found| {
                for (event, whole) in found.events().zip(&whole) {
                    for (field, text) in texts(&event) {
                        let same = whole.contains(&(field, text.clone()));
                        assert!(
                            same || CUT.contains(&field) || class == Class::Other,
                            "{field:?} {text:?} at {end} of {record}"
                        );
                    }
                }
            });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn flips(record in 0..records().len(), flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut frame = records().swap_remove(record).into_bytes();
        for (at, octet) in flips {
            let at = at.index(frame.len());
            frame[at] = octet;
        }
        check(&frame);
    }

    #[test]
    fn splices(
        one in 0..records().len(),
        other in 0..records().len(),
        end in any::<prop::sample::Index>(),
        start in any::<prop::sample::Index>(),
    ) {
        let (one, other) = (records().swap_remove(one), records().swap_remove(other));
        let (one, other) = (one.as_bytes(), other.as_bytes());
        check(&[&one[..end.index(one.len())], &other[start.index(other.len())..]].concat());
    }

    #[test]
    fn parts_in_any_order(parts in prop::collection::vec((0..records().len(), any::<prop::sample::Index>(), 1..40_usize), 0..8)) {
        let mut frame = Vec::new();
        for (record, start, len) in parts {
            let record = records().swap_remove(record).into_bytes();
            let start = start.index(record.len());
            frame.extend_from_slice(&record[start..record.len().min(start + len)]);
        }
        check(&frame);
    }
}
