//! What readers of lines may rely on.

use serde_json::Value;

/// So many lines of UTF-8, without what else may be taken for the end of a line.
pub(crate) fn text(out: &[u8], expected: usize) -> impl Iterator<Item = &str> {
    let text = std::str::from_utf8(out).expect("lines are UTF-8");
    let text = text.strip_suffix('\n').expect("the last line ends, too");
    assert_eq!(text.split('\n').count(), expected, "lines in {text}");
    assert!(!text.contains('\r'), "a carriage return in {text}");
    text.split('\n')
}

/// So many lines, each of which is a JSON object without a name that comes twice, and holds nothing that a terminal obeys and
/// does not show.
pub(crate) fn json(out: &[u8], expected: usize) {
    let is_hidden = |character: char| {
        character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    for line in text(out, expected) {
        assert!(!line.chars().any(is_hidden), "a hidden character in {line}");
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let members = value.as_object().unwrap_or_else(|| panic!("no object: {line}"));
        let places = places(line);
        assert_eq!(members.len(), places.len(), "a name comes twice in {line}");
        // Values that senders wrote stay as they are; the names beside them are the encoder's.
        for name in ["native", "ecs"] {
            let is_it = |place: &usize| line[..*place].ends_with(&format!("\"{name}\":"));
            if let (Some(place), Some(inner)) = (places.iter().copied().find(is_it), value[name].as_object()) {
                assert_eq!(inner.len(), self::places(&line[place..]).len(), "a name comes twice in {name} of {line}");
            }
        }
    }
}

/// Where the values of the object at the start of `json`, which is well-formed, begin.
fn places(json: &str) -> Vec<usize> {
    let (mut places, mut depth, mut is_text, mut is_escaped) = (Vec::new(), 0, false, false);
    for (place, octet) in json.bytes().enumerate() {
        match octet {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            _ if is_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b':' if depth == 1 => places.push(place + 1),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    places
}

/// One counted frame that ends in `message` and a line feed.
pub(crate) fn counted(out: &[u8], message: &[u8]) {
    let blank = out.iter().position(|octet| *octet == b' ').expect("a blank follows the count");
    let (count, frame) = (&out[..blank], &out[blank + 1..]);
    assert_eq!(count, frame.len().to_string().as_bytes(), "the count is wrong");
    assert!(frame.strip_suffix(b"\n").is_some_and(|frame| frame.ends_with(message)), "the message is altered");
}
