//! The syslog header of a frame: found once, without allocation, and used by everyone.
//!
//! [`locate`] is the one place that decides where the header's fields and MSG lie. Nothing is invalid: a frame whose
//! header cannot be read has the dialect [`Dialect::Unknown`](record::Dialect::Unknown), its whole text is MSG, and a flag says what was wrong.
//!
//! | the frame begins with | reading |
//! | --- | --- |
//! | `<PRI>1 ` | RFC 5424; a fault between two fields makes it `Unknown` (`header_short`, `header_syntax`, `field_length`) |
//! | `<-1>1 ` | RFC 5424 without a PRI, flag `pri_syntax`: Cloud Foundry writes this for an unknown stream |
//! | `<PRI>` and another number of one to four digits, then a space | `Unknown`, flag `version` |
//! | `<PRI>` alone, or with a bare `1` | `Unknown`, flag `header_short` |
//! | `<PRI>` and anything else | RFC 3164, with as many fields as are there |
//! | a PRI above 191 | `Unknown`, flag `pri_range` |
//! | `<` and a damaged PRI (`<>`, `<01>`, `<1 4>`, `<14`, more than nine digits) | `Unknown`, flag `pri_syntax` |
//! | a time stamp, a host and a tag without PRI | RFC 3164, flag `no_pri`; the conditions are strict |
//! | anything else | `Unknown`, flag `no_pri` |
//!
//! What counts as a time stamp, a host and a tag is in the tables of `rfc3164.rs`.
//!
//! The octets decide alone: UTF-8 is not required, and time is linear in the length of the frame.

mod priority;
mod provenance;
mod rfc3164;
mod rfc5424;
mod structured_data;
mod tag;
mod timestamp;

#[cfg(test)]
mod tests;

use priority::Priority;
use provenance::Signs;
pub use provenance::{Provenance, is_guid, is_source_type};
use record::{Flags, HeaderSpans};

/// What [`locate`] finds out about a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// Where the fields and MSG lie, relative to the start of the frame.
    pub spans: HeaderSpans,
    /// What is odd about the header, and [`Flags::NO_PROVENANCE`] when `provenance` is [`Provenance::None`].
    pub flags: Flags,
    /// Who sent it, as far as the header tells.
    pub provenance: Provenance,
}

impl Located {
    fn new(spans: HeaderSpans, flags: Flags, signs: Signs) -> Self {
        let provenance = signs.verdict();
        let flags = if provenance == Provenance::None { flags | Flags::NO_PROVENANCE } else { flags };
        Self { spans, flags, provenance }
    }

    /// No header: the whole frame is MSG.
    fn unknown(flags: Flags, signs: Signs) -> Self {
        Self::new(HeaderSpans::default(), flags, signs)
    }
}

/// Finds the header of `frame`, of whichever dialect it is.
///
/// `frame` is one message without octet count and trailer. All spans lie inside it; a field that is absent or nil is
/// empty. Octets beyond 4 GiB are not looked at. Worst case: two passes over the structured data.
#[must_use]
pub fn locate(frame: &[u8]) -> Located {
    let frame = addressable(frame);
    match priority::scan(frame) {
        Priority::Legal { pri, end } => match version(frame, end) {
            Version::One { end } => rfc5424::locate(frame, end, Some(pri), Flags::NONE),
            Version::Fault(flag) => Located::unknown(flag, Signs::default()),
            Version::Absent => rfc3164::locate(frame, end, Some(pri)),
        },
        Priority::Absent => {
            rfc3164::recognise(frame).unwrap_or_else(|| Located::unknown(Flags::NO_PRI, Signs::default()))
        }
        damaged => without_pri(frame, damaged),
    }
}

/// Takes the whole frame for MSG, with the flags of a frame that has no PRI.
#[must_use]
pub fn locate_raw(_frame: &[u8]) -> Located {
    Located::unknown(Flags::NO_PRI, Signs::default())
}

/// Finds the header of a frame that is said to be RFC 5424. Another dialect is not tried: what is not RFC 5424 is
/// [`Dialect::Unknown`](record::Dialect::Unknown).
#[must_use]
pub fn locate_rfc5424(frame: &[u8]) -> Located {
    let frame = addressable(frame);
    match priority::scan(frame) {
        Priority::Legal { pri, end } => match version(frame, end) {
            Version::One { end } => rfc5424::locate(frame, end, Some(pri), Flags::NONE),
            Version::Fault(flag) => Located::unknown(flag, Signs::default()),
            Version::Absent => Located::unknown(Flags::VERSION, Signs::default()),
        },
        damaged => without_pri(frame, damaged),
    }
}

/// Finds the header of a frame that is said to be RFC 3164: a version digit is text, and a frame without PRI is read
/// as freely as one with PRI. A damaged PRI still makes it [`Dialect::Unknown`](record::Dialect::Unknown).
#[must_use]
pub fn locate_rfc3164(frame: &[u8]) -> Located {
    let frame = addressable(frame);
    match priority::scan(frame) {
        Priority::Legal { pri, end } => rfc3164::locate(frame, end, Some(pri)),
        Priority::Absent => rfc3164::locate(frame, 0, None),
        Priority::MinusOne => Located::unknown(Flags::PRI_SYNTAX, Signs::default()),
        Priority::Fault(flag) => Located::unknown(flag, Signs::default()),
    }
}

/// What remains to be done for a frame without a legal PRI.
fn without_pri(frame: &[u8], priority: Priority) -> Located {
    let flag = match priority {
        Priority::MinusOne => match version(frame, priority::MINUS_ONE.len()) {
            Version::One { end } => return rfc5424::locate(frame, end, None, Flags::PRI_SYNTAX),
            Version::Fault(flag) => flag | Flags::PRI_SYNTAX,
            Version::Absent => Flags::PRI_SYNTAX,
        },
        Priority::Fault(flag) => flag,
        Priority::Legal { .. } | Priority::Absent => Flags::NO_PRI,
    };
    Located::unknown(flag, Signs::default())
}

/// The part of the frame that 32-bit offsets reach.
fn addressable(frame: &[u8]) -> &[u8] {
    &frame[..frame.len().min(u32::MAX as usize)]
}

enum Version {
    /// `1 `; the fields begin at `end`.
    One { end: usize },
    /// Like a version, but another one or cut.
    Fault(Flags),
    /// No version: RFC 3164.
    Absent,
}

/// Reads VERSION and the space after it (RFC 5424 section 6.2.2).
fn version(frame: &[u8], start: usize) -> Version {
    const DIGITS_MAX: usize = 4;
    let octets = &frame[start..];
    if octets.starts_with(b"1 ") {
        return Version::One { end: start + 2 };
    }
    let digits = octets.iter().take(DIGITS_MAX + 1).take_while(|octet| octet.is_ascii_digit()).count();
    match octets.get(digits) {
        None if octets.is_empty() || octets == b"1" => Version::Fault(Flags::HEADER_SHORT),
        Some(b'\t') if &octets[..digits] == b"1" => Version::Fault(Flags::HEADER_SYNTAX),
        Some(b' ') if (1..=DIGITS_MAX).contains(&digits) => Version::Fault(Flags::VERSION),
        _ => Version::Absent,
    }
}

/// Where MSG begins when `start` is the octet after the header: behind one byte-order mark (RFC 5424 section 6.4).
fn message_start(frame: &[u8], start: usize) -> u32 {
    const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
    let start = if frame[start..].starts_with(BYTE_ORDER_MARK) { start + BYTE_ORDER_MARK.len() } else { start };
    offset(start)
}

/// An offset into an [`addressable`] frame.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
