//! What a runtime or a logger wraps around a record. A carrier gives no class of its own.

use record::{Flags, FrameSpan};

use crate::cursor::Cursor;
use crate::json::{self, Facts, Object, Outline};

/// Where the line begins in a whole CRI log line: `2024-05-01T10:00:00.001234567Z stdout F `. A part (`P`) carries no record.
pub(crate) fn cri(text: &[u8]) -> Option<usize> {
    cri_marked(text, b" F ")
}

/// Where the piece begins in a CRI line that is a part of a longer one.
pub(crate) fn cri_part(text: &[u8]) -> Option<usize> {
    cri_marked(text, b" P ")
}

fn cri_marked(text: &[u8], mark: &[u8]) -> Option<usize> {
    let mut line = Cursor::new(text);
    line.rfc3339()?;
    line.literal(b" std")?;
    line.literal(b"out").or_else(|| line.literal(b"err"))?;
    line.literal(mark)?;
    Some(line.at())
}

/// The line in an entry of docker's json-file log, still escaped.
pub(crate) fn json_file(outline: &Outline) -> Option<FrameSpan> {
    outline.facts(Object::Top).all(Facts::LOG | Facts::STREAM | Facts::TIME).then_some(outline.log)
}

/// The audit event in a Steno record of Cloud Controller's event model, still escaped.
pub(crate) fn steno(outline: &Outline) -> Option<FrameSpan> {
    outline.facts(Object::Top).all(Facts::SOURCE_EVENT | Facts::MESSAGE).then_some(outline.message)
}

/// The line in an entry of docker's json-file log that was cut inside it, still escaped. Docker writes `log` first, so
/// that nothing else can be there yet.
pub(crate) fn cut_json_file(text: &[u8], outline: &Outline) -> Option<FrameSpan> {
    let is_cut_inside = outline.is_cut() && !outline.facts(Object::Top).any(Facts::LOG);
    cut_string(text, log_start(text).filter(|_| is_cut_inside)?)
}

/// The text in a Steno record that was cut inside its `message`, still escaped: it begins like an event of Cloud
/// Controller's, since `source` comes later.
pub(crate) fn cut_steno(text: &[u8], outline: &Outline) -> Option<FrameSpan> {
    const EVENT_START: &[u8] = br#"{\"guid\":"#;
    let is_cut_inside = outline.is_cut() && !outline.facts(Object::Top).any(Facts::MESSAGE);
    let start = message_start(text).filter(|start| is_cut_inside && text[*start..].starts_with(EVENT_START))?;
    cut_string(text, start)
}

/// What an object that begins like a carrier carries as a whole, still escaped.
pub(crate) fn whole_member(text: &[u8], outline: &Outline) -> Option<FrameSpan> {
    let facts = outline.facts(Object::Top);
    if log_start(text).is_some() {
        return facts.all(Facts::LOG).then_some(outline.log);
    }
    message_start(text).filter(|_| facts.all(Facts::MESSAGE)).map(|_| outline.message)
}

/// Whether `text` begins as only the carriers do that we know.
pub(crate) fn begins_like_one(text: &[u8]) -> bool {
    log_start(text).or_else(|| message_start(text)).is_some()
}

/// Where the line begins in an entry of docker's json-file log.
fn log_start(text: &[u8]) -> Option<usize> {
    let mut entry = Cursor::new(text);
    entry.literal(br#"{"log":""#)?;
    Some(entry.at())
}

/// Where the message begins in a Steno record, whose time is a number or a string.
fn message_start(text: &[u8]) -> Option<usize> {
    let mut entry = Cursor::new(text);
    entry.literal(br#"{"timestamp":"#)?;
    let is_of_time =
        |octet: u8| octet.is_ascii_digit() || matches!(octet, b'"' | b'.' | b'-' | b'+' | b':' | b'T' | b'Z' | b'e');
    entry.some(is_of_time)?;
    entry.literal(br#","message":""#)?;
    Some(entry.at())
}

/// From `start` to the end, without the beginning of an escape.
fn cut_string(text: &[u8], start: usize) -> Option<FrameSpan> {
    let len = json::without_cut_escape(&text[start..]).len();
    Some(FrameSpan::new(start as u32, (start + len) as u32))
}

/// `flags` without those that speak of the end of a record, for one that was not looked at up to its end.
pub(crate) fn without_end(flags: Flags) -> Flags {
    const OF_THE_END: [Flags; 2] = [Flags::JSON_SYNTAX, Flags::TRUNCATED_UPSTREAM];
    let kept =
        Flags::ALL.iter().map(|(flag, _)| *flag).filter(|flag| flags.contains(*flag) && !OF_THE_END.contains(flag));
    kept.fold(Flags::NONE, Flags::with)
}
