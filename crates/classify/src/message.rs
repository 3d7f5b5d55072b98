//! MSG without what does not belong to the record.

use std::ops::Range;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The part of `frame` from `msg` on without byte-order marks and white space before it, and without line ends and NUL after it.
pub(crate) fn trimmed(frame: &[u8], msg: usize) -> Range<usize> {
    let mut start = msg.min(frame.len());
    loop {
        match frame.get(start) {
            Some(b' ' | b'\t' | b'\r' | b'\n') => start += 1,
            Some(0xEF) if frame[start..].starts_with(BYTE_ORDER_MARK) => start += BYTE_ORDER_MARK.len(),
            _ => break,
        }
    }
    let mut end = frame.len();
    while end > start && matches!(frame[end - 1], b'\r' | b'\n' | 0) {
        end -= 1;
    }
    start..end
}
