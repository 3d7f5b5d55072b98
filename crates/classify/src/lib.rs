//! Frame to class: which audit format the octets of a syslog message are, or none.
//!
//! ```text
//!  frame ─► header::locate ─► provenance ─► trim MSG ─► `{` …  JSON family  ─► Verdict: class, header spans, flags, rule
//!                             (may decide)            └► else  text family ─►
//! ```
//!
//! The rules, in the order in which they are asked:
//!
//! 1. **Provenance.** What an application printed is [`Class::LogMessage`], whatever it says; container output, metrics and
//!    events of a drain are [`Class::Other`]. Content is not looked at.
//! 2. **Family.** Byte-order mark, blanks and line ends around MSG do not count. A `{` (also after the cookie `@cee:`)
//!    makes it JSON, anything else text. A CRI line and a docker json-file object are carriers: unwrapped once, here.
//! 3. **Format.** One file for each: `cef`, `uaa`, `pks`, `k8s`, `ucp`, `logmessage`, `audit_event`. Text rules are
//!    anchored at the start of the message, so a quoted record is not a record, and whatever decides begins within
//!    [`REACH_BYTES`]. JSON rules look at members of the top-level object (and of the few objects that a format puts
//!    around its event), so nothing inside a string or a request body can win.
//!
//! A record that was cut keeps its class when its producer and type are certain, and is flagged. A syntax error, or nesting
//! beyond [`DEPTH_MAX`], *after* the members that identify a record does not take the class away either: otherwise a
//! request body could hide the request from the audit trail.
//!
//! What this room does not do: it checks no UTF-8, reads no time stamp or number, takes no field out (that is the
//! extractors' work), allocates nothing, and never recurses over input. Time is linear in the frame; stack is bounded
//! by [`INNER_BYTES_MAX`] and a few hundred octets.
//!
//! [`naive`] says the same rules in the plainest way. It is the specification: [`classify_located`] is held equal to it by
//! property tests and a fuzz target.

#[cfg(doc)]
use record::Class;
use record::{Flags, HeaderSpans};

mod audit_event;
mod carrier;
mod cef;
mod content;
mod cursor;
mod found;
pub mod header;
mod json;
mod k8s;
mod logmessage;
mod mark;
mod message;
pub mod naive;
mod near;
mod pks;
mod rule;
mod uaa;
mod ucp;

use header::{Located, Provenance};
pub use mark::CUT_MARKS;
pub use near::{NearMiss, Why, near_misses};
pub use rule::{Rule, RuleText};

/// The needle of a text format begins at most this many octets into the message: the longest prefix known, UAA's with
/// pid, thread and trace, has 150.
pub const REACH_BYTES: usize = 256;

/// Levels of JSON that are followed. What lies deeper is skipped by counting brackets, and flagged.
pub const DEPTH_MAX: u32 = 64;

/// Octets of a carried record, after its JSON escapes are undone, that are looked at. Docker hands over a line in pieces of
/// at most 16 KiB, so what it carries is seen whole.
pub const INNER_BYTES_MAX: usize = 17 * 1024;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The class; the same as the rule's.
    pub class: record::Class,
    /// Where the parts of the header lie in the frame.
    pub header: HeaderSpans,
    /// What is odd about header and message.
    pub flags: Flags,
    /// What decided, and on which octets.
    pub rule: Rule,
}

/// The octets of `frame` from `msg` on that are the record: without byte-order marks and white space before it, and without
/// line ends and NUL after it.
#[must_use]
pub fn message(frame: &[u8], msg: usize) -> std::ops::Range<usize> {
    message::trimmed(frame, msg)
}

/// Where the line begins in `text`, if that is a whole log line of a container runtime (CRI).
#[must_use]
pub fn cri_line(text: &[u8]) -> Option<usize> {
    carrier::cri(text)
}

/// Where the record begins in `text`, if that begins with UAA's log layout.
#[must_use]
pub fn uaa_layout(text: &[u8]) -> Option<usize> {
    uaa::layout_end(text)
}

/// What UAA's log layout writes for what it masks: `password=<redacted>`.
pub const UAA_MASK: &[u8] = uaa::MASK;

/// What the escape of a JSON string (RFC 8259 section 7) at the start of `raw` stands for, and how many octets it has.
///
/// A surrogate without its partner stands for U+FFFD; a first octet that begins no escape stands for itself. `raw` is not empty.
#[must_use]
pub fn json_escape<'a>(raw: &'a [u8], utf8: &'a mut [u8; 4]) -> (&'a [u8], usize) {
    json::one(raw, utf8)
}

/// What is odd about the JSON of a record of `class`, all of it: a verdict on a carrier knows no more than the first
/// [`INNER_BYTES_MAX`] octets of what is in it. `text` begins with `{`, and nothing around it does not belong to it.
#[must_use]
pub fn json_flags(text: &[u8], class: record::Class) -> Flags {
    if logmessage::pasted(text).is_some() { Flags::NONE } else { json::outline(text).flags(class) }
}

/// Finds the header of `frame` and tells what the frame is.
///
/// `frame` is one message without octet count and trailer, of at most 4 GiB. Any octets are accepted, and none is altered.
#[must_use]
pub fn classify(frame: &[u8]) -> Verdict {
    classify_located(frame, header::locate(frame))
}

/// As [`classify`], for a header that was found before, or for a dialect that somebody insists on.
///
/// `located` must have been made for `frame`.
#[must_use]
pub fn classify_located(frame: &[u8], located: Located) -> Verdict {
    let spans = located.spans;
    let (found, offset) = match located.provenance {
        Provenance::Application => (found::Found::by_header(&rule::APPLICATION, &spans), 0),
        Provenance::Container => (found::Found::by_header(&rule::CONTAINER, &spans), 0),
        Provenance::Envelope => (found::Found::by_header(&rule::ENVELOPE, &spans), 0),
        Provenance::Platform | Provenance::None => {
            let message = message::trimmed(frame, spans.msg as usize);
            let start = message.start;
            let is_at_mark = mark::is_end(frame, spans.msg as usize, &message);
            (content::decide(&frame[message], spans.app_name.of(frame), is_at_mark), start)
        }
    };
    found.verdict(offset, &located)
}
