//! Lines of CEF, read back by the specification's rules.

use extract::{Extractor, Field, Input, Value as Native, Wanted};
use proptest::prelude::*;

use super::corpus::{LINES, damaged};
use super::*;

/// A line taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    header: [String; 7],
    pairs: Vec<(String, String)>,
}

impl Line {
    fn value(&self, key: &str) -> Option<&str> {
        let mut values = self.pairs.iter().filter(|(found, _)| found == key).map(|(_, value)| value.as_str());
        let first = values.next();
        assert_eq!(values.next(), None, "{key} comes twice");
        first
    }

    /// The value that has this label.
    fn labelled(&self, label: &str) -> Option<&str> {
        let (key, _) = self.pairs.iter().find(|(key, value)| key.ends_with("Label") && value == label)?;
        self.value(key.strip_suffix("Label").unwrap())
    }
}

/// Reads a line as ArcSight's "Common Event Format" says: seven fields that end with `|`, then pairs; `\` escapes what
/// would end a field, a key, and line ends.
fn parse(line: &str) -> Line {
    let mut rest = line.strip_prefix("CEF:").unwrap();
    let header = std::array::from_fn(|_| {
        let mut is_escaped = false;
        let end = rest.find(|character| {
            let ends = character == '|' && !is_escaped;
            is_escaped = character == '\\' && !is_escaped;
            ends
        });
        let (field, after) = rest.split_at(end.expect("a header has seven fields"));
        rest = &after[1..];
        unescaped(field, &[('\\', '\\'), ('|', '|')])
    });
    // The places of keys: a blank, or the beginning, a word, and a `=` that is not escaped.
    let mut is_escaped = false;
    let mut keys = Vec::new();
    for (place, character) in rest.char_indices() {
        if character == '=' && !is_escaped {
            let start = rest[..place].rfind(' ').map_or(0, |blank| blank + 1);
            assert!(start < place, "a key is empty in {line}");
            keys.push((start, place));
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    let ends = keys.iter().skip(1).map(|(start, _)| start - 1).chain([rest.len()]);
    let pairs = keys.iter().zip(ends).map(|((start, equals), end)| {
        let value = unescaped(&rest[equals + 1..end], &[('\\', '\\'), ('=', '='), ('n', '\n'), ('r', '\r')]);
        (rest[*start..*equals].to_owned(), value)
    });
    Line { header, pairs: pairs.collect() }
}

/// Undoes escapes, and knows no others than these.
fn unescaped(text: &str, escapes: &[(char, char)]) -> String {
    let mut characters = text.chars();
    let mut result = String::new();
    while let Some(character) = characters.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        let escape = characters.next().expect("a backslash escapes something");
        let (_, meant) = escapes.iter().find(|(known, _)| *known == escape).expect("a known escape");
        result.push(*meant);
    }
    result
}

/// The native pairs of each event, as a reader of UTF-8 sees them, and the whole text of the record.
struct Expected {
    class: Class,
    header: Vec<String>,
    pairs: Vec<(String, String)>,
    events: Vec<Vec<(Field, String)>>,
    message: String,
    is_batch: bool,
}

fn expected(sample: &Sample) -> Expected {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let mut extractor = Extractor::new();
    let input = Input { octets: &sample.frame, header: &sample.header, class: sample.class, flags: sample.flags };
    let extraction = extractor.extract(&input, Wanted::ALL);
    let items = || extraction.native();
    let is_cef = matches!(sample.class, Class::CloudControllerCef | Class::CredhubCef | Class::BoshCef | Class::Cef);
    let header = ["device_vendor", "device_product", "device_version", "signature_id", "name", "severity"];
    let header = header.iter().filter_map(|name| {
        let name = format!("cef.{name}");
        items().find_map(|item| match item.value {
            Native::Text(value) if item.name == Some(name.as_bytes()) => Some(text(value).replace(['\n', '\r'], " ")),
            _ => None,
        })
    });
    let pairs = items().skip_while(|item| item.name != Some(b"cef.ext")).skip(1);
    let pairs = pairs.map_while(|item| match item.value {
        Native::Text(value) => Some((text(item.name.unwrap()), text(value))),
        _ => None,
    });
    let events = extraction.events().map(|event| {
        let texts = event.fields().filter_map(|(field, _)| Some((field, text(event.text(field)?))));
        texts.collect()
    });
    Expected {
        class: sample.class,
        header: if is_cef { header.collect() } else { Vec::new() },
        pairs: if is_cef { pairs.collect() } else { Vec::new() },
        events: events.collect(),
        message: text(sample.header.message(&sample.frame)),
        is_batch: extraction.is_batch(),
    }
}

/// Encodes a record and checks that every line says what the record says.
fn check_read_back(sample: Sample) {
    let expected = expected(&sample);
    let output = String::from_utf8(sample.encoded(Encoding::Cef)).expect("a line of CEF is UTF-8");
    let lines = output.strip_suffix('\n').unwrap().split('\n').map(parse).collect::<Vec<_>>();
    assert_eq!(lines.len(), expected.events.len().max(1));
    for (place, line) in lines.iter().enumerate() {
        assert_eq!(line.header[0], "0");
        assert!(line.value("cat").is_some());
        assert!(line.value("gullyId").is_some_and(|id| id.starts_with("0123456789abcdef-000000000000002a")));
        if expected.header.len() == 6 {
            assert_eq!(line.header[1..], expected.header);
            // What did not become pairs is in `msg`, in place of the record's own.
            let has_all = line.value("msg") != Some(&expected.message);
            let is_kept = |key: &str| !is_ours(key) && (has_all || key != "msg");
            let pairs = expected.pairs.iter().filter(|(key, _)| is_kept(key)).collect::<Vec<_>>();
            assert_eq!(line.pairs[..pairs.len()].iter().collect::<Vec<_>>(), pairs);
            continue;
        }
        let event = expected.events.get(place).map_or(&[][..], Vec::as_slice);
        let text = |field: Field| event.iter().find(|(found, _)| *found == field).map(|(_, text)| text.as_str());
        if !expected.is_batch {
            assert_eq!(line.value("msg"), Some(text(Field::Message).unwrap_or(&expected.message)));
        }
        assert_eq!(line.value("cat"), Some(expected.class.name()));
        let action = text(Field::EventAction);
        assert_eq!(line.header[4], action.unwrap_or(expected.class.name()).replace(['\n', '\r'], " "));
        for (key, field) in [
            ("act", Field::EventAction),
            ("outcome", Field::EventOutcome),
            ("reason", Field::EventReason),
            ("suser", Field::UserName),
            ("suid", Field::UserId),
            ("request", Field::UrlOriginal),
            ("requestMethod", Field::HttpMethod),
            ("requestClientApplication", Field::UserAgent),
            ("externalId", Field::EventId),
        ] {
            assert_eq!(line.value(key), text(field), "{key}");
        }
        for (label, field) in
            [("objectType", Field::ObjectType), ("objectId", Field::ObjectId), ("objectName", Field::ObjectName)]
        {
            assert_eq!(line.labelled(label), text(field), "{label}");
        }
    }
}

fn is_ours(key: &str) -> bool {
    key.to_lowercase().starts_with("gully")
}

/// A record of CEF with this extension, encoded and read back.
fn again(extension: &str) -> (String, Line) {
    let message = format!("CEF:0|evil|p|1|s|n|5|{extension}");
    let mut sample = Sample::plain(&message);
    sample.class = Class::Cef;
    let output = String::from_utf8(sample.encoded(Encoding::Cef)).unwrap();
    (message, parse(output.strip_suffix('\n').unwrap()))
}

#[test]
fn a_sender_cannot_say_where_a_record_came_from() {
    for (forged, kept) in [
        ("src=1.2.3.4 gullyPeer=9.9.9.9:1 gullyListener=trusted gullyFlags=none gullyId=forged rt=abc", 2),
        ("GULLYPEER=9.9.9.9:1 GullyId=forged src=1.2.3.4 msg=hello", 1),
        ("gully=x gullyId.x=y gullyOther=z", 0),
    ] {
        let (message, line) = again(forged);
        let ours = line.pairs.iter().filter(|(key, _)| is_ours(key)).cloned().collect::<Vec<_>>();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let expected = [
            pair("gullyListener", "drain"),
            pair("gullyPeer", "192.0.2.7:40001"),
            pair("gullyId", "0123456789abcdef-000000000000002a"),
        ];
        assert_eq!(ours, expected, "{forged}");
        assert_eq!(line.value("msg"), Some(message.as_str()), "nothing is lost");
        let is_own = |(key, value): &&(String, String)| forged.contains(&format!("{key}={value}"));
        assert_eq!(line.pairs.iter().filter(is_own).count(), kept, "{forged}");
    }
}

#[test]
fn what_is_no_pair_of_its_own_is_in_the_message() {
    for extension in [
        "src=1.2.3.4 k.a=2 foo=1 foo=2 =x bar",
        "src=1.2.3.4 src=5.6.7.8",
        "foo=1 msg=a msg=b",
        "no pairs",
        "before foo=1",
    ] {
        let (message, line) = again(extension);
        assert_eq!(line.value("msg"), Some(message.as_str()), "{extension}");
    }
    for extension in ["", "foo=1 bar=a b  c", r"foo=a\=b\\c\nd bar=C:\x ", "foo=| bar=|"] {
        let (_, line) = again(extension);
        assert_eq!(line.value("msg"), None, "{extension}");
    }
    assert_eq!(again("foo=1 msg=a b").1.value("msg"), Some("a b"));
}

/// Of real records none is written twice; of the others one that was cut, and a template in place of a record.
#[test]
fn pairs_of_the_corpus_are_all_there() {
    let (mut whole, mut twice) = (0, Vec::new());
    for line in LINES.iter() {
        let sample = line.sample();
        let expected = expected(&sample);
        if expected.header.len() != 6 {
            continue;
        }
        let output = String::from_utf8(sample.encoded(Encoding::Cef)).unwrap();
        match parse(output.trim_end_matches('\n')).value("msg") == Some(expected.message.as_str()) {
            true => twice.push(line.id.as_str()),
            false => whole += 1,
        }
    }
    assert!(whole > 100, "{whole} lines of CEF");
    assert_eq!(twice, ["m-bosh-014", "m-seeds-061"]);
}

#[test]
fn every_line_of_the_corpus_reads_back() {
    LINES.iter().for_each(|line| check_read_back(line.sample()));
}

#[test]
fn the_labels_of_the_corpus_are_what_a_reader_of_cef_finds() {
    let mut count = 0;
    for line in LINES.iter() {
        let native = &line.fields["native"];
        let Some(pairs) = native["cef.ext"].as_object() else { continue };
        count += 1;
        let found = parse(std::str::from_utf8(&line.sample().encoded(Encoding::Cef)).unwrap().trim_end_matches('\n'));
        for (key, value) in pairs {
            assert_eq!(found.value(key), value.as_str(), "{}: {key}", line.id);
        }
        let names = ["device_vendor", "device_product", "device_version", "signature_id", "name", "severity"];
        for (name, found) in names.iter().zip(&found.header[1..]) {
            if let Some(value) = native[format!("cef.{name}")].as_str() {
                assert_eq!(found, value, "{}: {name}", line.id);
            }
        }
    }
    assert!(count > 100, "{count} lines of CEF");
}

proptest! {
    #[test]
    fn damaged_lines_read_back(sample in damaged()) {
        check_read_back(sample);
    }

    #[test]
    fn any_octets_in_any_class_read_back(sample in properties::sample()) {
        check_read_back(sample);
    }

    #[test]
    fn the_extractor_of_any_cef_reads_a_message_back(message in any::<String>(), tail in r"[ =\\|\nrn]{0,8}") {
        let message = message + &tail;
        let line = Sample::plain(&message).encoded(Encoding::Cef);
        let line = line.strip_suffix(b"\n").unwrap();
        let header = HeaderSpans::default();
        let mut extractor = Extractor::new();
        let input = Input { octets: line, header: &header, class: Class::Cef, flags: Flags::NONE };
        let extraction = extractor.extract(&input, Wanted::ALL);
        let found = extraction.native().find(|item| item.name == Some(b"msg")).map(|item| item.value);
        prop_assert_eq!(found, Some(Native::Text(message.as_bytes())));
    }
}

#[test]
fn a_line_by_hand() {
    let frame = "<86>1 2026-01-20T04:56:26.36Z vm-1 ss|hd 812 - - a=b|c\\d\ne";
    let found = Sample::rfc5424(frame).encoded(Encoding::Cef);
    let expected = concat!(
        r"CEF:0|Unknown|ss\|hd||other|other|1|rt=1768884986360 cat=other dvchost=vm-1 deviceProcessName=ss|hd ",
        r"deviceFacility=authpriv gullyListener=drain gullyPeer=192.0.2.7:40001 msg=a\=b|c\\d\ne ",
        "gullyId=0123456789abcdef-000000000000002a\n",
    );
    assert_eq!(String::from_utf8_lossy(&found), expected);
    let unix = Sample::plain("x").sent_by(Transport::UnixStream, Peer::Unix { uid: 0, pid: 7 }).encoded(Encoding::Cef);
    assert!(String::from_utf8_lossy(&unix).contains(r" gullyPeer=unix:uid\=0,pid\=7 "));
}
