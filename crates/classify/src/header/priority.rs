//! PRI: the number between angle brackets at the start of a frame (RFC 5424 section 6.2.1).

use record::{Flags, Pri};

/// What Cloud Foundry writes for a stream that is neither stdout nor stderr.
pub(super) const MINUS_ONE: &[u8] = b"<-1>";

/// What a frame begins with.
pub(super) enum Priority {
    /// A PRI of 0 to 191; the rest begins at `end`.
    Legal { pri: Pri, end: usize },
    /// [`MINUS_ONE`].
    MinusOne,
    /// Something like a PRI: [`Flags::PRI_RANGE`] or [`Flags::PRI_SYNTAX`].
    Fault(Flags),
    /// Nothing of the kind. `<` and a letter is markup, not a PRI.
    Absent,
}

/// Reads PRI. A number is told from nonsense up to nine digits; more are [`Flags::PRI_SYNTAX`].
pub(super) fn scan(frame: &[u8]) -> Priority {
    const DIGITS_MAX: usize = 9;
    let [b'<', rest @ ..] = frame else { return Priority::Absent };
    let mut value = 0u32;
    let mut digits = 0;
    while let Some(digit @ b'0'..=b'9') = rest.get(digits) {
        if digits == DIGITS_MAX {
            return Priority::Fault(Flags::PRI_SYNTAX);
        }
        value = value * 10 + u32::from(digit - b'0');
        digits += 1;
    }
    match rest.get(digits) {
        Some(b'>') if digits > 0 => {}
        Some(b'-') if frame.starts_with(MINUS_ONE) => return Priority::MinusOne,
        Some(b'>' | b'-' | b' ') | None => return Priority::Fault(Flags::PRI_SYNTAX),
        Some(_) if digits > 0 => return Priority::Fault(Flags::PRI_SYNTAX),
        Some(_) => return Priority::Absent,
    }
    if digits > 1 && rest[0] == b'0' {
        return Priority::Fault(Flags::PRI_SYNTAX);
    }
    match u16::try_from(value).ok().and_then(Pri::new) {
        Some(pri) => Priority::Legal { pri, end: digits + 2 },
        None => Priority::Fault(Flags::PRI_RANGE),
    }
}
