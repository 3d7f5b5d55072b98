//! Records that were cut, altered or put together from pieces.

use std::collections::BTreeMap;

use gully_extract::{Event, Extractor, Field, FieldValue, Input, Value, Wanted};
use proptest::prelude::*;
use record::Flags;

use crate::check::{self, CLASSES, Line};
use crate::support;

/// Fields by the producer's names, the members of objects as `object/member`.
type Natives = BTreeMap<String, Vec<u8>>;

struct Taken {
    class: &'static str,
    natives: Natives,
    flags: Flags,
}

/// Takes `frame` apart in all ways that can be wanted, and checks what holds of any extraction.
fn take(frame: &[u8]) -> Taken {
    let verdict = classify::classify(frame);
    let input = Input { octets: frame, header: &verdict.header, class: verdict.class, flags: verdict.flags };
    let mut extractor = Extractor::new();
    for wanted in [Wanted { native: false, event: true }, Wanted { native: true, event: false }] {
        let extraction = extractor.extract(&input, wanted);
        assert!(wanted.native || extraction.native().count() == 0);
    }
    let extraction = extractor.extract(&input, Wanted::ALL);
    assert!(extraction.is_batch() || extraction.events().len() == 1);
    let is_text = CLASSES.contains(&verdict.class.name());
    let natives = if is_text { natives(extraction.native()) } else { Natives::new() };
    if is_text {
        for event in extraction.events() {
            check_values(frame, &natives, &event);
        }
    }
    Taken { class: verdict.class.name(), natives, flags: extraction.flags() }
}

fn natives<'a>(items: impl Iterator<Item = gully_extract::Item<'a>>) -> Natives {
    let mut natives = Natives::new();
    let mut path: Vec<String> = Vec::new();
    for (index, item) in items.enumerate() {
        if item.value == Value::End {
            path.pop().expect("an end has a beginning");
            continue;
        }
        let name = item.name.map_or_else(|| format!("#{index}"), |name| String::from_utf8_lossy(name).into_owned());
        let name = path.iter().chain([&name]).cloned().collect::<Vec<_>>().join("/");
        let value = match item.value {
            Value::Text(text) => text.to_vec(),
            Value::Integer(number) => number.to_string().into_bytes(),
            Value::Boolean(mark) => mark.to_string().into_bytes(),
            Value::Object | Value::Array => {
                path.push(
                    item.name.map_or_else(|| format!("#{index}"), |name| String::from_utf8_lossy(name).into_owned()),
                );
                continue;
            }
            Value::Json(json) => panic!("these formats hold no JSON values: {json:?}"),
            Value::End => unreachable!("seen above"),
        };
        assert!(natives.insert(name.clone(), value).is_none(), "{name} twice");
    }
    assert!(path.is_empty(), "all is closed");
    natives
}

/// Every value is in the frame as it stands, or comes from there by undoing escapes.
fn check_values(frame: &[u8], natives: &Natives, event: &Event<'_>) {
    for (name, value) in natives {
        let is_mark = name == "uaa.sanitized" || name.rsplit('/').next() == Some("truncated");
        assert!(is_mark || is_from(frame, value), "{name}: {:?}", String::from_utf8_lossy(value));
    }
    for (field, value) in event.fields() {
        match (field, value) {
            (Field::Timestamp, FieldValue::Text(text)) => assert!(header::timestamp_nanos(text).is_some()),
            // A method and a path, with a blank between them.
            (Field::EventAction, FieldValue::Text(text)) => {
                let is_pair = |blank: usize| is_from(frame, &text[..blank]) && is_from(frame, &text[blank + 1..]);
                let mut blanks = (0..text.len()).filter(|at| text[*at] == b' ');
                assert!(is_from(frame, text) || blanks.any(is_pair), "{:?}", String::from_utf8_lossy(text));
            }
            // The header's, whose escapes are others.
            _ if field.name().starts_with("platform.") => {}
            (Field::EventKind | Field::EventDataset | Field::EventOutcome | Field::ObjectType, _) => {}
            (_, FieldValue::Text(text)) => {
                assert!(is_from(frame, text), "{}: {:?}", field.name(), String::from_utf8_lossy(text));
            }
            (_, FieldValue::Integer(_) | FieldValue::Words(_)) => {}
        }
    }
}

/// Whether `value` stands in `frame`, or all of it does that no escape stands for.
fn is_from(frame: &[u8], value: &[u8]) -> bool {
    let is_in = |part: &[u8]| memchr::memmem::find(frame, part).is_some();
    let may_be_escaped = |octet: &u8| !matches!(octet, b' '..=b'~') || b"\\=|\"/".contains(octet);
    is_in(value) || value.split(may_be_escaped).all(is_in)
}

#[test]
fn a_carried_record_is_the_same_record() {
    let mut carried = 0;
    for line in check::corpus() {
        let bare = take(&line.message);
        let Ok(text) = std::str::from_utf8(&line.message) else { continue };
        // Only a bare message can be a log line; a syslog header in it would be text.
        if text.contains('\n') || classify::classify(&line.message).header.msg != 0 {
            continue;
        }
        let entry =
            serde_json::json!({ "log": format!("{text}\n"), "stream": "stdout", "time": "2024-05-01T10:00:00Z" });
        for frame in [entry.to_string(), format!("2024-05-01T10:00:00.123456789Z stdout F {text}")] {
            let inner = take(frame.as_bytes());
            assert_eq!((inner.class, &inner.natives), (bare.class, &bare.natives), "{frame}");
            carried += 1;
        }
    }
    assert!(carried > 400, "only {carried} records");
}

/// Keys that may be the last of a record, and then cannot be told from their beginning: Cloud Controller's, those of
/// CredHub until 2018, and those of BOSH's agent.
const LAST: [&str; 4] = ["cef.ext/cs5", "cef.labels/xForwardedFor", "cef.ext/dst", "cef.ext/shost"];

#[test]
fn a_record_cut_anywhere_gives_nothing_that_was_not_there() {
    let mut cuts = 0;
    for line in check::corpus() {
        let whole = take(&line.message);
        // What was typed into an ambiguous line may be taken for its end when that is cut off.
        if whole.flags.contains(Flags::UAA_AMBIGUOUS) || line.class == "cef" {
            continue;
        }
        for end in 0..line.message.len() {
            let cut = take(&line.message[..end]);
            if cut.class != line.class {
                continue;
            }
            cuts += 1;
            for (name, value) in &cut.natives {
                let is_open =
                    LAST.contains(&name.as_str()) && whole.natives.get(name).is_some_and(|all| all.starts_with(value));
                let is_same = whole.natives.get(name) == Some(value);
                assert!(
                    is_same || is_open || name == "truncated",
                    "{} cut at {end}: {name} = {:?}",
                    line.id,
                    String::from_utf8_lossy(value)
                );
            }
            assert!(is_marked_or_complete(&line, &whole, &cut), "{} cut at {end} is not marked", line.id);
        }
    }
    assert!(cuts > 50_000, "only {cuts} cuts");
}

/// A cut shows, unless nothing is missing but what may be missing.
fn is_marked_or_complete(line: &Line, whole: &Taken, cut: &Taken) -> bool {
    let without = |natives: &Natives, names: &[&str]| -> Natives {
        natives
            .iter()
            .filter(|(name, _)| !names.iter().any(|other| name.starts_with(other)))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    let optional: &[&str] = match line.class.as_str() {
        "cf.cloud_controller.cef" => &LAST,
        // A reason follows failures, and the agent's subject has no end.
        "bosh.director.cef" => {
            &["cef.ext/cs1", "cef.ext/cs4", "cef.ext/cs5", "cef.ext/shost", "cef.labels/statusReason"]
        }
        "cf.credhub.cef" => &["cef.ext/dst"],
        _ => &["uaa.authentication_type", "uaa.detailed_description", "uaa.sanitized"],
    };
    cut.flags.contains(Flags::TRUNCATED_UPSTREAM)
        || without(&whole.natives, optional) == without(&cut.natives, optional)
}

#[test]
fn a_tail_does_not_change_what_stands_before_it() {
    const TAILS: [&str; 6] = [
        " suser=root",
        " cs4Label=httpStatusCode cs4=500",
        " deviceAction=DELETE cs6Label=requestDetails cs6={} ",
        " rt=1 src=6.6.6.6 dst=6.6.6.6 requestMethod=DELETE",
        " cs5Label=xForwardedFor cs5=6.6.6.6",
        "|0|rt=1 suser=root",
    ];
    /// The last values of records, which a tail makes longer or breaks.
    const LAST_VALUES: [&str; 8] =
        ["cs5", "cs6", "deviceAction", "dst", "shost", "xForwardedFor", "requestDetails", "truncated"];
    for line in check::corpus().iter().filter(|line| line.class != "cf.uaa.audit" && line.class != "cef") {
        let before = take(&line.message);
        for tail in TAILS {
            let mut forged = line.message.clone();
            while forged.last().is_some_and(|octet| matches!(octet, b'\r' | b'\n' | 0)) {
                forged.pop();
            }
            forged.extend_from_slice(tail.as_bytes());
            let after = take(&forged);
            for (name, value) in &before.natives {
                let key = name.rsplit('/').next().unwrap_or_default();
                if LAST_VALUES.contains(&key)
                    || key.ends_with("Label")
                    || key == "responseStatus"
                    || key == "statusReason"
                {
                    continue;
                }
                assert_eq!(after.natives.get(name), Some(value), "{}: {name} with {tail}", line.id);
            }
        }
    }
}

/// Octets that these formats are made of.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::sample::select(
            [
                "CEF:0|cloud_foundry|cloud_controller_ng|1|a|a|0|",
                "CEF:0|cloud_foundry|credhub|1|a|a|0|",
                "CEF:0|CloudFoundry|BOSH|1|director_api|/a|1|",
                "CEF:0|CloudFoundry|BOSH|1|agent_api|a|7|",
                "CEF:1|a|b|c|d|e|5|",
                "I, [2026-01-20T04:56:26.384189 #19]  INFO -- : ",
                "2024-05-01T10:00:00.883Z: ",
                "2024/05/01 10:00:00 ",
                " rt=1",
                " suser=",
                " suid=",
                " cs1Label=",
                " cs1=",
                " cs3Label=result",
                " cs4=200",
                " cs5=",
                " cs6={\"name\":\"a\"}",
                " deviceAction=GET",
                " duser=",
                "requestMethod=GET",
                " cs2Label=httpHeaders cs3=",
                " responseStatuscs4=",
                "USER_AGENT=&",
                "|",
                "\\",
                "\\=",
                "=",
                " ",
                "\n",
                "[uaa] [2019-05-16 17:12:48.833] uaa - 7 [t] - [a,b] ....  INFO --- ",
                "Audit: ",
                "UserCreatedEvent ('",
                "PrincipalNotFound ('null",
                "TokenIssuedEvent ('[\"",
                "'): principal=",
                ", origin=[",
                "client=a, user=b",
                ", details=(",
                "remoteAddress=10.0.0.6",
                "tokenType=bearertokenValue=",
                "], identityZoneId=[",
                "], authenticationType=[",
                "], detailedDescription=[",
                "]",
                "[SANITIZED]",
                "[\"user_id=",
                "{\"group_name\":",
                "\"",
                "\\u00",
                "Class:a; ID:",
                "é",
            ]
            .map(str::as_bytes)
            .map(<[u8]>::to_vec)
            .to_vec()
        ),
        prop::collection::vec(any::<u8>(), 0..4),
    ]
}

proptest! {
    #[test]
    fn pieces_in_any_order_are_survived(pieces in prop::collection::vec(piece(), 1..24)) {
        take(&pieces.concat());
    }

    #[test]
    fn altered_and_spliced_records_are_survived(
        (first, second) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        (end, start) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        inserted in piece(),
    ) {
        thread_local! {
            static LINES: Vec<Line> = check::corpus();
        }
        LINES.with(|lines| {
            let (first, second) = (&first.get(lines).message, &second.get(lines).message);
            let mut frame = [&first[..end.index(first.len() + 1)], &inserted[..], &second[start.index(second.len() + 1)..]].concat();
            for (place, octet) in &flips {
                if !frame.is_empty() {
                    let place = place.index(frame.len());
                    frame[place] = *octet;
                }
            }
            take(&frame);
        });
    }
}

/// `text` with `x` in place of `@`, so often that it has `bytes` octets.
fn filled(text: &str, bytes: usize) -> Vec<u8> {
    text.replace('@', &"x".repeat(bytes + 1 - text.len())).into_bytes()
}

#[test]
fn the_last_value_of_text_that_ends_where_senders_cut_is_left_out() {
    #[rustfmt::skip]
    const LINES: [(&str, &str, &[&str]); 7] = [
        ("CEF:0|a|b|c|d|e|5|request=/@ src=10.0.0.1", "url.original", &["source.ip"]),
        ("CEF:0|a|b|c|d|e|5|request=/@ spt=10", "url.original", &["source.port"]),
        ("CEF:0|a|b|c|d|e|5|request=/@ suser=a\\=b", "url.original", &["user.name"]),
        ("CEF:0|CloudFoundry|BOSH|1|agent_api|ping|1|duser=director.@ src=10.0.0.1 spt=1 shost=agent", "source.ip", &["object.id"]),
        ("CEF:0|cloud_foundry|credhub|2|GET /a|GET /a|0|rt=1 suser=@ suid=uaa-user:1 cs1Label=userAuthenticationMechanism cs1=uaa request=/a requestMethod=GET cs3Label=result cs3=success cs4Label=httpStatusCode cs4=200 src=10.0.0.1 dst=10.0.0.2", "source.ip", &["destination.ip"]),
        ("<14>1 - h telemetry-server - - - 2019-06-04 21:41:05 +0000 [info]: #0 @ address=\"10.0.0.1\" port=4", "source.ip", &["source.port"]),
        ("Audit: UserNotFound (''): principal=h, origin=[remoteAddress=10.0.0.1, clientId=@], identityZoneId=[uaa]", "source.ip", &["oauth.client.id"]),
    ];
    for mark in classify::CUT_MARKS {
        for (text, before, last) in LINES {
            for (bytes, is_cut) in [(mark - 1, false), (mark, true), (mark + 1, false)] {
                let found = support::extract(&filled(text, bytes), "auto");
                let has = |name: &str| !found.ecs[name].is_null();
                assert!(has(before), "{text} of {bytes} octets: {:#}", found.ecs);
                assert_eq!(found.flags.contains(Flags::TRUNCATED_UPSTREAM), is_cut, "{text} of {bytes} octets");
                assert_eq!(check::is_truncated(&found), is_cut);
                last.iter().for_each(|name| assert_eq!(has(name), !is_cut, "{name} in {text} of {bytes} octets"));
            }
        }
    }
}
