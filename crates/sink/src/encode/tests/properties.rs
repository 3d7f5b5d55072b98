//! What holds for every record, whatever its octets.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn octets() -> impl Strategy<Value = Vec<u8>> {
    let text = any::<String>().prop_map(String::into_bytes);
    let jsonish = r#"\{"a":[0-9]{1,3}[\n }\[\]]{0,3}\}"#.prop_map(String::into_bytes);
    prop_oneof![text, prop::collection::vec(any::<u8>(), 0..200), jsonish]
}

/// Any octets, with header fields at any places: the encoder does not rely on what they hold.
pub(super) fn sample() -> impl Strategy<Value = Sample> {
    let dialect = prop::sample::select(vec![Dialect::Unknown, Dialect::Rfc5424, Dialect::Rfc3164]);
    let places = prop::collection::vec(0.0..1.0_f64, 13);
    let sd = prop::collection::vec(prop::sample::select(br#"[]" =\ab"#.as_slice()), 0..40);
    (octets(), sd, dialect, 0_u16..400, places, any::<u64>()).prop_map(|(octets, sd, dialect, pri, places, bits)| {
        let frame = [octets.as_slice(), br#"[a b="c"#, &sd, b"] m", &octets].concat();
        let place = |index: usize| (places[index] * (frame.len() + 1) as f64) as usize;
        let short = |index: usize| {
            let (a, b) = (place(index), place(index + 1));
            ShortSpan::new(a.min(b), a.max(b)).unwrap()
        };
        let sd_start = octets.len() as u32;
        let header = HeaderSpans {
            dialect,
            pri: Pri::new(pri),
            timestamp: short(0),
            hostname: short(2),
            app_name: short(4),
            procid: short(6),
            msgid: short(8),
            structured_data: FrameSpan::new(sd_start, sd_start + 9 + sd.len() as u32),
            msg: place(12) as u32,
        };
        let flags = Flags::ALL.iter().enumerate().filter(|(index, _)| bits >> index & 3 == 3);
        let flags = flags.map(|(_, (flag, _))| *flag).filter(|flag| *flag != Flags::INVALID_UTF8);
        let flags = flags.fold(Flags::NONE, Flags::with);
        let class = Class::ALL[bits as usize % Class::COUNT];
        Sample { header, flags, class, ..Sample::plain(frame) }
    })
}

/// What a reader sees of a record, after checks that hold for every one.
fn read(line: &[u8]) -> Value {
    let text = std::str::from_utf8(line).expect("a record is UTF-8");
    let (body, end) = text.split_at(text.len() - 1);
    assert_eq!(end, "\n");
    assert!(!body.chars().any(|c| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')));
    let value = serde_json::from_str::<Value>(body).expect("a record is JSON");
    schema::check(&value);
    value
}

proptest! {
    #[test]
    fn a_record_is_one_line_of_json_and_its_message_comes_back(sample in sample()) {
        let frame = sample.frame.clone();
        let message = sample.header.message(&frame).to_vec();
        let value = read(&sample.encoded(JSON));
        prop_assert_eq!(value["message"].as_str().unwrap(), String::from_utf8_lossy(&message));
        let raw = value.get("raw_base64").map(|text| text.as_str().unwrap());
        match (raw, std::str::from_utf8(&message)) {
            (Some(raw), _) => {
                use base64::Engine;
                prop_assert_eq!(base64::engine::general_purpose::STANDARD.decode(raw).unwrap(), frame);
            }
            (None, Ok(text)) => {
                prop_assert_eq!(value["message"].as_str(), Some(text));
                prop_assert!(std::str::from_utf8(&frame).is_ok());
            }
            (None, Err(_)) => prop_assert!(false, "octets that are not UTF-8 are lost"),
        }
    }

    #[test]
    fn an_embedded_message_is_the_value_that_it_was(sample in sample()) {
        let message = sample.header.message(&sample.frame).to_vec();
        let value = read(&sample.encoded(EMBEDDED));
        match value["message"].as_str() {
            Some(text) => prop_assert_eq!(text, String::from_utf8_lossy(&message)),
            None => prop_assert_eq!(value["message"].clone(), serde_json::from_slice::<Value>(&message).unwrap()),
        }
    }

    #[test]
    fn a_counted_frame_has_the_length_it_says_and_ends_in_the_message(sample in sample()) {
        let (frame, message) = (sample.frame.clone(), sample.header.message(&sample.frame).to_vec());
        let dialect = sample.header.dialect;
        let out = sample.encoded(Encoding::Syslog);
        let blank = out.iter().position(|octet| *octet == b' ').unwrap();
        let count = std::str::from_utf8(&out[..blank]).unwrap().parse::<usize>().unwrap();
        let body = out[blank + 1..].strip_suffix(b"\n").unwrap();
        prop_assert_eq!(body.len() + 1, count);
        let is_kept = if dialect == Dialect::Rfc5424 { body == frame } else { body.ends_with(&message) };
        prop_assert!(is_kept);
    }
}
