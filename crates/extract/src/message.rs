//! MSG without what does not belong to the record, and records out of their carriers.

use record::Class;

use crate::extractor::Input;
use crate::json::{Kind, Scanner, Text};

/// Where the record's own text is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Message {
    /// In the frame, between these octets.
    Frame { start: usize, end: usize },
    /// In the buffer, whose escapes were undone.
    Carried { start: usize, end: usize },
}

/// A record's own text, as the formats get it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Body<'a> {
    /// Without byte-order mark, blanks and line ends around it.
    pub(crate) text: &'a [u8],
    /// Octets after it that were cut off: blanks, line ends, NUL. CredHub's last blank says that its record is whole.
    pub(crate) whole: &'a [u8],
}

impl Message {
    pub(crate) fn of<'a>(self, frame: &'a [u8], carried: &'a [u8]) -> Body<'a> {
        let (all, start, end) = match self {
            Self::Frame { start, end } => (frame, start, end),
            Self::Carried { start, end } => (carried, start, end),
        };
        Body { text: &all[start..end], whole: &all[start..] }
    }
}

/// Finds the record in the frame's MSG; a carrier is unwrapped once, into `carried`.
pub(crate) fn message(input: &Input<'_>, carried: &mut Vec<u8>) -> Message {
    let frame = input.octets;
    let range = classify::message(frame, input.header.msg as usize);
    if matches!(input.class, Class::LogMessage | Class::Other) {
        return Message::Frame { start: range.start, end: range.end };
    }
    let text = &frame[range.clone()];
    if let Some(line) = classify::cri_line(text) {
        return trimmed_frame(frame, range.start + line, range.end);
    }
    if text.first() == Some(&b'{')
        && let Some(inner) = carried_text(text)
    {
        inner.decode_into(carried);
        let range = classify::message(carried, 0);
        return Message::Carried { start: range.start, end: range.end };
    }
    Message::Frame { start: range.start, end: range.end }
}

fn trimmed_frame(frame: &[u8], start: usize, end: usize) -> Message {
    let range = classify::message(&frame[..end], start);
    Message::Frame { start: range.start, end: range.end }
}

/// The text in an entry of docker's json-file log, or in a Steno record.
///
/// A carrier's members are all at its top level, so only a record that is one is read beyond its first members.
fn carried_text(text: &[u8]) -> Option<Text<'_>> {
    let mut log = None;
    let mut message = None;
    let (mut has_stream, mut has_time, mut is_event_log) = (false, false, false);
    let whole = Scanner::new(text).members(|name, value| {
        let is_string = value.kind()? == Kind::String;
        if name.is(b"log") && is_string && log.is_none() {
            log = Some(value.string()?);
        } else if name.is(b"message") && is_string && message.is_none() {
            message = Some(value.string()?);
        } else if name.is(b"source") && is_string {
            is_event_log |= value.string()?.is(b"cc.model.event");
        } else {
            has_stream |= name.is(b"stream");
            has_time |= name.is(b"time");
            value.skip()?;
        }
        Some(())
    });
    // What was cut may still be a carrier, if it got that far.
    let _ = whole;
    match (log, message) {
        (Some(log), _) if has_stream && has_time => Some(log),
        (_, Some(message)) if is_event_log => Some(message),
        _ => None,
    }
}
