//! MSG-LEN and its space: the front of a counted frame (RFC 6587 section 3.4.1).

use crate::{FRAME_BYTES_HARD_MAX, FrameFault};

/// MSG-LEN has no more digits than this; the hard limit needs as many.
pub(crate) const DIGITS_MAX: usize = 8;

const _: () = assert!(FRAME_BYTES_HARD_MAX < 10_u32.pow(DIGITS_MAX as u32));

/// A legal MSG-LEN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MsgLen {
    /// The number of octets in the message, 1 to [`FRAME_BYTES_HARD_MAX`].
    pub(crate) declared: usize,
    /// What MSG-LEN and the space take up, in octets: 2 to 9.
    pub(crate) prefix_bytes: usize,
}

impl MsgLen {
    /// Reads MSG-LEN and the space at the front of `octets`; `None` when they go on beyond its end.
    ///
    /// Looks at nine octets at most, so an unfinished one may be read again from its start.
    pub(crate) fn parse(octets: &[u8]) -> Result<Option<Self>, FrameFault> {
        let mut declared = 0;
        for (place, &octet) in octets.iter().enumerate() {
            let digit = octet.wrapping_sub(b'0');
            if digit <= 9 {
                if declared == 0 && place > 0 {
                    return Err(FrameFault::OctetLeadingZero);
                }
                declared = declared * 10 + u32::from(digit);
                if place >= DIGITS_MAX {
                    return Err(FrameFault::OctetTooLarge { at_least: declared });
                }
                continue;
            }
            return match octet {
                b' ' if place > 0 && declared == 0 => Err(FrameFault::OctetZero),
                b' ' if declared > FRAME_BYTES_HARD_MAX => Err(FrameFault::OctetTooLarge { at_least: declared }),
                b' ' if place > 0 => Ok(Some(Self { declared: declared as usize, prefix_bytes: place + 1 })),
                found => Err(FrameFault::OctetBadChar { found }),
            };
        }
        Ok(None)
    }
}

/// Appends `message` to `out` as a counted frame: `MSG-LEN SP SYSLOG-MSG` (RFC 6587 section 3.4.1).
///
/// An empty message appends nothing, for MSG-LEN cannot be 0. A message above [`FRAME_BYTES_HARD_MAX`] octets is
/// written like any other, but receivers such as ours close the connection over it. Does not allocate but to grow
/// `out`.
pub fn write_octet_counted(message: &[u8], out: &mut Vec<u8>) {
    if message.is_empty() {
        return;
    }
    // As many places as the largest `usize` has digits, and one for the space.
    let mut prefix = [b' '; 21];
    let mut first = prefix.len() - 1;
    let mut rest = message.len();
    while rest > 0 {
        first -= 1;
        prefix[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.reserve(prefix.len() - first + message.len());
    out.extend_from_slice(&prefix[first..]);
    out.extend_from_slice(message);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(message: &[u8]) -> Vec<u8> {
        let mut out = b"before ".to_vec();
        write_octet_counted(message, &mut out);
        out.split_off(b"before ".len())
    }

    #[test]
    fn a_written_count_is_the_length_in_octets() {
        assert_eq!(written(b"x"), b"1 x");
        assert_eq!(written("é <14>1 -".as_bytes()), "10 é <14>1 -".as_bytes());
        assert_eq!(written(&[b'x'; 1000])[..6], *b"1000 x");
    }

    #[test]
    fn an_empty_message_is_not_written() {
        assert_eq!(written(b""), b"");
    }

    #[test]
    fn a_written_count_reads_back() {
        for declared in [1, 9, 10, 99, 100, 12_345, 256 * 1024, 9_999_999] {
            let frame = written(&vec![b'x'; declared]);
            let prefix_bytes = frame.len() - declared;
            assert_eq!(MsgLen::parse(&frame), Ok(Some(MsgLen { declared, prefix_bytes })));
        }
    }
}
