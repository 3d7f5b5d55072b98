//! MSG without what does not belong to the record, and records out of their carriers.

mod carrier;

use record::{Class, Flags};

use crate::extractor::Input;
use crate::json::work;
use crate::platform;

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
    /// Without byte-order mark and white space before it, and without line ends and NUL after it. Blanks at the end are part
    /// of it: CredHub ends its records with one.
    pub(crate) text: &'a [u8],
    /// It is text, and was known to be cut before it is taken apart.
    pub(crate) is_cut: bool,
    /// Parts of it were known to be doubtful before it is taken apart.
    pub(crate) is_ambiguous: bool,
}

impl Message {
    pub(crate) fn of<'a>(self, input: &Input<'a>, carried: &'a [u8]) -> Body<'a> {
        let frame = input.octets;
        let (all, start, end) = match self {
            Self::Frame { start, end } => (frame, start, end),
            Self::Carried { start, end } => (carried, start, end),
        };
        let text = &all[start..end];
        // JSON tells itself where it was cut, and what an application printed has no form.
        let is_record = !matches!(input.class, Class::Other | Class::LogMessage) && text.first() != Some(&b'{');
        Body {
            text,
            is_cut: is_record && input.flags.contains(Flags::TRUNCATED_UPSTREAM),
            is_ambiguous: input.flags.contains(Flags::UAA_AMBIGUOUS),
        }
    }

    /// What is odd about a record that was carried, beyond what the classifier saw of it.
    pub(crate) fn flags(self, class: Class, carried: &[u8]) -> Flags {
        match self {
            Self::Carried { start, end } if carried.len() > classify::INNER_BYTES_MAX && carried[start] == b'{' => {
                work::visit(end - start);
                classify::json_flags(&carried[start..end], class)
            }
            _ => Flags::NONE,
        }
    }
}

/// Finds the record in the frame's MSG; a carrier is unwrapped once, into `carried`.
pub(crate) fn message(input: &Input<'_>, carried: &mut Vec<u8>) -> Message {
    let frame = input.octets;
    let range = classify::message(frame, input.header.msg as usize);
    let is_as_sent = match input.class {
        Class::Other => true,
        // What an application printed is no carrier.
        Class::LogMessage => platform::is_drain(input, &header::fields(frame, input.header)),
        _ => false,
    };
    if is_as_sent {
        return Message::Frame { start: range.start, end: range.end };
    }
    let text = &frame[range.clone()];
    if let Some(line) = classify::cri_line(text) {
        return trimmed_frame(frame, range.start + line, range.end);
    }
    let start = range.start + cookie(text);
    let text = &frame[start..range.end];
    if text.first() == Some(&b'{')
        && let Some(inner) = carrier::carried_text(text, input.class)
    {
        inner.decode_into(carried);
        let range = classify::message(carried, 0);
        return Message::Carried { start: range.start, end: range.end };
    }
    Message::Frame { start, end: range.end }
}

fn trimmed_frame(frame: &[u8], start: usize, end: usize) -> Message {
    let range = classify::message(&frame[..end], start);
    Message::Frame { start: range.start, end: range.end }
}

/// Length of the cookie `@cee:` that says that JSON follows, with the blanks behind it.
fn cookie(text: &[u8]) -> usize {
    let Some(rest) = text.strip_prefix(b"@cee:") else { return 0 };
    text.len() - rest.trim_ascii_start().len()
}
