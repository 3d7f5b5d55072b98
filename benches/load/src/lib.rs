//! Load for the benches: messages like those of a platform, ways to send them, and the least program that could receive them.

pub mod copy;
pub mod corpus;
pub mod idle;
pub mod send;

/// How messages are told apart in a stream (RFC 6587 section 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Each message ends with LF.
    Newline,
    /// Each message follows its length and a space.
    Counted,
}

impl Framing {
    /// The framing of this name: `lf` or `oct`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "lf" => Some(Self::Newline),
            "oct" => Some(Self::Counted),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Newline => "lf",
            Self::Counted => "oct",
        }
    }

    /// The length of the whole frames at the front of `octets`. Finds it with the least work that each framing allows.
    #[must_use]
    pub fn whole_bytes(self, octets: &[u8]) -> usize {
        match self {
            Self::Newline => octets.iter().rposition(|octet| *octet == b'\n').map_or(0, |last| last + 1),
            Self::Counted => counted_frames(octets).0,
        }
    }

    /// How many whole frames there are at the front of `octets`.
    #[must_use]
    pub fn count(self, octets: &[u8]) -> u64 {
        match self {
            Self::Newline => count_newlines(octets),
            Self::Counted => counted_frames(octets).1,
        }
    }
}

/// How many line feeds there are. Written so that the compiler makes vector code of it.
fn count_newlines(octets: &[u8]) -> u64 {
    let of_part = |part: &[u8]| part.iter().map(|octet| u8::from(*octet == b'\n')).sum::<u8>();
    octets.chunks(255).map(|part| u64::from(of_part(part))).sum()
}

/// The length of the whole counted frames at the front, and how many they are.
fn counted_frames(octets: &[u8]) -> (usize, u64) {
    let (mut end, mut frames) = (0, 0);
    while let Some(frame_bytes) = counted_frame_bytes(&octets[end..])
        && end + frame_bytes <= octets.len()
    {
        end += frame_bytes;
        frames += 1;
    }
    (end, frames)
}

/// The length of a counted frame with its count; nothing while the count is not whole.
fn counted_frame_bytes(octets: &[u8]) -> Option<usize> {
    let digits = octets.iter().take(9).position(|octet| *octet == b' ')?;
    let count = octets[..digits].iter().fold(0, |count, digit| count * 10 + usize::from(digit - b'0'));
    Some(digits + 1 + count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_frames_end_where_the_next_begins() {
        let check = |framing: Framing, octets: &[u8], bytes, count| {
            assert_eq!((framing.whole_bytes(octets), framing.count(octets)), (bytes, count));
        };
        check(Framing::Newline, b"a\nbc\nd", 5, 2);
        check(Framing::Newline, b"no end", 0, 0);
        check(Framing::Counted, b"1 a2 bc3 d", 7, 2);
        check(Framing::Counted, b"12", 0, 0);
    }

    #[test]
    fn newlines_are_counted_beyond_a_part() {
        assert_eq!(count_newlines(&[b'\n'; 1000]), 1000);
        assert_eq!(count_newlines(&[b'x'; 1000]), 0);
    }
}
