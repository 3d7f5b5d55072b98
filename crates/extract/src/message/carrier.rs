//! JSON objects that carry a record as text in one of their members: docker's json-file log, and Cloud Controller's log
//! of its audit events. Which object is one, the classifier decides; here its decision is followed.

use memchr::memmem;
use record::Class;

use crate::json::{Scanner, Text, keys, work};

keys! {
    /// The members of the two carriers, none of which identifies a record.
    Member {
        // docker: daemon/logger/jsonfilelog.
        Log b"log"
        Stream b"stream"
        Attrs b"attrs"
        Time b"time"
        // Cloud Controller: lib/steno/codec.
        Timestamp b"timestamp"
        Message b"message"
        LogLevel b"log_level"
        Source b"source"
        Data b"data"
        ThreadId b"thread_id"
        FiberId b"fiber_id"
        ProcessId b"process_id"
        File b"file"
        Lineno b"lineno"
        Method b"method"
    }
}

const STENO_SOURCE: &[u8] = b"cc.model.event";

/// What carries the record of `class` in `text`, which begins with a brace; `None` when `text` is the record itself.
///
/// An object with only the members of a carrier is one. In the first other member nearly every record shows that it is
/// none, so that it is not read twice; the rare mixture is left to the classifier.
pub(super) fn carried_text(text: &[u8], class: Class) -> Option<Text<'_>> {
    let (mut log, mut message) = (None, None);
    let (mut is_stream, mut is_time, mut is_event_log) = (false, false, false);
    let mut is_mixture = false;
    // What was cut may still be a carrier, if it got that far.
    let _ = Scanner::new(text).keyed(|member, _, value| {
        let Some(member) = member else {
            is_mixture = true;
            return None;
        };
        let text = value.string_or_skip()?;
        match member {
            Member::Log => log = text,
            Member::Stream => is_stream = text.is_some_and(|text| text.is(b"stdout") || text.is(b"stderr")),
            Member::Time => is_time = text.is_some(),
            Member::Message => message = text,
            Member::Source => is_event_log = text.is_some_and(|text| text.is(STENO_SOURCE)),
            _ => {}
        }
        Some(())
    });
    if is_mixture {
        return if may_carry(text, class) { by_classifier(text, class) } else { None };
    }
    let whole = log.filter(|_| is_stream && is_time).or(message.filter(|_| is_event_log));
    // One that was cut inside what it carries has not shown yet what it is. A viewer's print is no JSON at all.
    whole.or_else(|| if text.starts_with(b"{\"") { by_classifier(text, class) } else { None })
}

/// The same as the classifier has it.
fn by_classifier(text: &[u8], class: Class) -> Option<Text<'_>> {
    let verdict = classify::classify_located(text, classify::header::locate_raw(text));
    let matched = verdict.rule.matched.of(text);
    // Rules about members match a name with its quotes; what is carried is matched without.
    let is_carried = verdict.class == class && !matched.is_empty() && matched[0] != b'"';
    is_carried.then(|| Text::new(matched, !matched.contains(&b'\\')))
}

/// Whether the classifier has to be asked about an object with other members, too: whether `text` has what no carrier is without: the name of its member, or its source, be it with escapes.
fn may_carry(text: &[u8], class: Class) -> bool {
    let has = |needle: &[u8]| {
        work::visit(text.len());
        memmem::find(text, needle).is_some()
    };
    // The escapes of `l`, `o` and `g`.
    has(b"\"log\"") || has(br"\u006") || (class == Class::AuditEvent && (has(STENO_SOURCE) || has(br"\u00")))
}
