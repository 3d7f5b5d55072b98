//! Lengths at which senders are known to cut, whatever the record says.

use std::ops::Range;

/// syslog-release's file forwarder over UDP, rsyslog's `$MaxMessageSize`, Docker's pieces of one line.
pub const CUT_MARKS: [usize; 3] = [1_024, 8_192, 16_384];

/// Whether a text of `bytes` octets ends where a sender is known to cut.
pub(crate) fn is_one(bytes: usize) -> bool {
    CUT_MARKS.contains(&bytes)
}

/// Whether `text`, which a carrier holds, is as long as Docker's pieces, and no line feed shows that it is whole.
pub(crate) fn is_piece(text: &[u8]) -> bool {
    const PIECE_BYTES: usize = CUT_MARKS[2];
    text.len() == PIECE_BYTES && !text.ends_with(b"\n")
}

/// Whether `frame`, or its MSG, ends at such a length; `record` lies in MSG. Line ends behind it may be a relay's.
pub(crate) fn is_end(frame: &[u8], msg: usize, record: &Range<usize>) -> bool {
    [frame.len(), record.end].iter().any(|end| is_one(*end) || end.checked_sub(msg).is_some_and(is_one))
}
