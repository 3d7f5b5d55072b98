//! Datagrams: each is one message (RFC 5426 section 3.1).

use memchr::memchr;
use record::{Flags, Frame};

/// The frame in a datagram of `octets`, or `None` when nothing but a trailer is in it.
///
/// One trailing LF, CR LF or NUL is stripped, for senders that treat a datagram like a stream. There is no framing
/// inside a datagram: digits at its front are content, and so is an LF in the middle, which sets
/// [`Flags::EMBEDDED_LF`].
///
/// Never truncates: the network's limit of 65,535 octets is far below any other.
///
/// # Panics
/// When `octets` is longer than a span can address (4 GiB): no datagram is.
#[must_use]
pub fn datagram(octets: &[u8]) -> Option<Frame> {
    let message = match octets {
        [message @ .., b'\r', b'\n'] | [message @ .., b'\n' | b'\0'] => message,
        message => message,
    };
    if message.is_empty() {
        return None;
    }
    let mut frame = Frame::whole(0, u32::try_from(message.len()).expect("no datagram has 4 GiB"));
    if memchr(b'\n', message).is_some() {
        frame.flags |= Flags::EMBEDDED_LF;
    }
    Some(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(octets: &[u8], expected: Option<(&[u8], Flags)>) {
        let frame = datagram(octets);
        assert_eq!(frame.map(|frame| (frame.span.of(octets), frame.flags)), expected);
        assert!(frame.is_none_or(|frame| frame.original_bytes as usize == frame.span.len()));
    }

    #[test]
    fn a_datagram_is_one_message() {
        check(b"<14>1 - - - - - - hello", Some((b"<14>1 - - - - - - hello", Flags::NONE)));
        check(b"x", Some((b"x", Flags::NONE)));
    }

    #[test]
    fn one_trailer_is_stripped_and_no_more() {
        check(b"hello\n", Some((b"hello", Flags::NONE)));
        check(b"hello\r\n", Some((b"hello", Flags::NONE)));
        check(b"hello\0", Some((b"hello", Flags::NONE)));
        check(b"hello\r", Some((b"hello\r", Flags::NONE)));
        check(b"hello\0\0", Some((b"hello\0", Flags::NONE)));
        check(b"hello\n\n", Some((b"hello\n", Flags::EMBEDDED_LF)));
        check(b"hello\n\0", Some((b"hello\n", Flags::EMBEDDED_LF)));
        check(b"hello\0\n", Some((b"hello\0", Flags::NONE)));
    }

    #[test]
    fn a_line_feed_inside_is_marked_and_splits_nothing() {
        check(b"<14>a\n<14>b\n", Some((b"<14>a\n<14>b", Flags::EMBEDDED_LF)));
    }

    #[test]
    fn a_count_in_a_datagram_is_content() {
        check(b"5 <14>a", Some((b"5 <14>a", Flags::NONE)));
    }

    #[test]
    fn a_datagram_of_nothing_but_a_trailer_is_empty() {
        for octets in [b"".as_slice(), b"\n", b"\r\n", b"\0"] {
            check(octets, None);
        }
    }
}
