//! What is found in a JSON record is what stands there: a place in it, or a text that JSON's escapes lead back to.

use gully_extract::{Extractor, Input, Item, Value as Native, Wanted};
use proptest::prelude::*;
use record::{Class, Flags, HeaderSpans};
use serde_json::{Map, Value, json};

/// Where the items of a list or object begin, and the names that lead there.
struct Place {
    names: Vec<String>,
    next_element: usize,
}

/// Texts by the names and places that lead to them.
type Found = Vec<(Vec<String>, Vec<u8>, bool)>;

/// All texts of a record; with each, whether it lies in the record.
fn texts(class: Class, text: &[u8]) -> Found {
    let header = HeaderSpans::default();
    let input = Input { octets: text, header: &header, class, flags: Flags::NONE };
    let mut extractor = Extractor::new();
    let extraction = extractor.extract(&input, Wanted::ALL);
    let mut found = Vec::new();
    let mut open = vec![Place { names: Vec::new(), next_element: 0 }];
    for Item { name, value } in extraction.native() {
        let place = open.last_mut().expect("an end for each begin");
        let mut names = place.names.clone();
        match name {
            Some(name) => names.push(String::from_utf8(name.to_vec()).expect("names of the input")),
            None => {
                names.push(place.next_element.to_string());
                place.next_element += 1;
            }
        }
        match value {
            Native::Text(octets) => found.push((names, octets.to_vec(), lies_in(octets, text))),
            Native::Json(octets) => assert!(lies_in(octets, text), "JSON is not copied"),
            Native::Object | Native::Array => open.push(Place { names, next_element: 0 }),
            Native::End => drop(open.pop()),
            Native::Integer(_) | Native::Boolean(_) => {}
        }
    }
    assert_eq!(open.len(), 1, "what begins ends");
    found
}

fn lies_in(part: &[u8], text: &[u8]) -> bool {
    text.as_ptr_range().contains(&part.as_ptr()) || part.is_empty()
}

/// The text in `record` to which the flat names lead.
fn source<'a>(record: &'a Value, names: &[String]) -> Option<&'a str> {
    let Some((name, rest)) = names.split_first() else { return record.as_str() };
    match record {
        Value::Array(elements) => source(elements.get(name.parse::<usize>().ok()?)?, rest),
        _ => {
            let own = record.get(name).and_then(|member| source(member, rest));
            own.or_else(|| {
                let (object, member) = name.split_once('.')?;
                source(record.get(object)?, &[&[member.to_owned()], rest].concat())
            })
        }
    }
}

/// Escapes some of the characters of a JSON text that only occur in strings and need no escape.
fn escaped(json: &str, noise: &[bool]) -> String {
    let mut noise = noise.iter().cycle();
    let escape = |character: char| -> String {
        let is_free = matches!(character, '/' | '&' | '<' | '@' | '\u{7F}'..);
        match noise.next() {
            Some(true) if is_free => {
                character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04X}")).collect()
            }
            _ => character.to_string(),
        }
    };
    json.chars().map(escape).collect()
}

/// Which characters are escaped, beside those that must be.
fn noise() -> impl Strategy<Value = Vec<bool>> {
    prop_oneof![Just(vec![false]), prop::collection::vec(any::<bool>(), 1..16)]
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof!["[ -~]{0,20}", "[a-z/&<é🙂\\\\\"\n]{0,20}", any::<String>()].prop_map(Value::from)
}

fn event() -> impl Strategy<Value = Value> {
    let list = || prop::collection::vec(text(), 0..4);
    let map = || {
        prop::collection::vec(("[a-z.]{1,8}", text()), 0..4)
            .prop_map(|members| members.into_iter().collect::<Map<_, _>>())
    };
    let user = (text(), text(), list(), map()).prop_map(
        |(name, id, groups, extra)| json!({"username": name, "uid": id, "groups": groups, "extra": extra, "other": name}),
    );
    let status = (text(), text())
        .prop_map(|(message, reason)| json!({"code": 404, "message": message, "reason": reason, "status": "Failure"}));
    ((text(), text(), text(), text(), text()), user, list(), map(), status).prop_map(
        |((id, uri, verb, stage, agent), user, sources, annotations, status)| {
            json!({
                "kind": "Event", "auditID": id, "stage": stage, "requestURI": uri, "verb": verb, "user": user, "impersonatedUser": user,
                "sourceIPs": sources, "userAgent": agent, "objectRef": annotations, "responseStatus": status,
                "requestObject": status, "stageTimestamp": "2024-05-01T10:00:00Z", "unknown": agent, "annotations": annotations,
            })
        },
    )
}

/// Holds all that is found in `record`, written with some escapes, to `expected`.
fn check(
    class: Class,
    record: &Value,
    expected: &Value,
    noise: &[bool],
    cut: Option<usize>,
) -> Result<(), TestCaseError> {
    let json = escaped(&record.to_string(), noise);
    let octets = &json.as_bytes()[..cut.map_or(json.len(), |cut| cut % json.len())];
    let found = texts(class, octets);
    prop_assert!(cut.is_some() || found.len() > 10);
    for (names, text, is_in_record) in found {
        let stood = source(expected, &names);
        prop_assert_eq!(stood.map(str::as_bytes), Some(text.as_slice()), "{:?}", names);
        let may_have_escapes = Value::from(stood).to_string().contains('\\') || noise.contains(&true);
        prop_assert!(is_in_record || may_have_escapes, "{:?} was copied", names);
    }
    Ok(())
}

proptest! {
    #[test]
    fn of_kubernetes(event in event(), noise in noise()) {
        check(Class::K8sAudit, &event, &event, &noise, None)?;
    }

    #[test]
    fn of_kubernetes_in_a_list(event in event(), noise in noise()) {
        let list = |name: &str| json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", name: [event, event]});
        check(Class::K8sAudit, &list("items"), &list("events"), &noise, None)?;
    }

    #[test]
    fn of_kubernetes_when_it_was_cut(event in event(), noise in noise(), cut: usize) {
        check(Class::K8sAudit, &event, &event, &noise, Some(cut))?;
    }

    #[test]
    fn of_ucp(event in event(), noise in noise()) {
        let record = |name: &str| {
            json!({"audit": event, name: {"level": "info", "msg": "audit", "time": "2024-05-01T10:00:00Z"}})
        };
        let mut written = record("log");
        let log = written.as_object_mut().and_then(|members| members.remove("log"));
        for (name, value) in log.iter().filter_map(Value::as_object).flatten() {
            written[name] = value.clone();
        }
        check(Class::UcpAudit, &written, &record("log"), &noise, None)?;
    }

    #[test]
    fn of_anything_nothing_but_places_and_texts(class in prop::sample::select(vec![Class::K8sAudit, Class::UcpAudit]), text: Vec<u8>) {
        texts(class, &text);
    }
}
