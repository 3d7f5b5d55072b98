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

/// So many lines, each of which is a JSON object and holds nothing that a terminal obeys and does not show.
pub(crate) fn json(out: &[u8], expected: usize) {
    let is_hidden = |character: char| {
        character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    for line in text(out, expected) {
        assert!(!line.chars().any(is_hidden), "a hidden character in {line}");
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(value.is_object(), "no object: {line}");
    }
}

/// One counted frame that ends in `message` and a line feed.
pub(crate) fn counted(out: &[u8], message: &[u8]) {
    let blank = out.iter().position(|octet| *octet == b' ').expect("a blank follows the count");
    let (count, frame) = (&out[..blank], &out[blank + 1..]);
    assert_eq!(count, frame.len().to_string().as_bytes(), "the count is wrong");
    assert!(frame.strip_suffix(b"\n").is_some_and(|frame| frame.ends_with(message)), "the message is altered");
}
