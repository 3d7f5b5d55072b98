//! Where the parts of a syslog header lie in a frame.

use crate::{FrameSpan, Pri};

/// Which header a frame has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dialect {
    /// No header that we know; the whole frame is the message. A result, not a failure.
    #[default]
    Unknown,
    /// RFC 5424, recognised by `<PRI>1 `.
    Rfc5424,
    /// RFC 3164 and its kin: with or without PRI, with a traditional or an RFC 3339 stamp, with or without host and tag.
    Rfc3164,
}

impl Dialect {
    /// The name in the JSON record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Rfc5424 => "rfc5424",
            Self::Rfc3164 => "rfc3164",
        }
    }
}

/// A range of octets near the start of a frame. Empty means absent; NILVALUE is absent too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct ShortSpan {
    /// Offset of the first octet from the start of the frame.
    pub start: u16,
    /// Length in octets; 0 when the field is absent.
    pub len: u16,
}

impl ShortSpan {
    /// The range of a field that is not there.
    pub const ABSENT: Self = Self { start: 0, len: 0 };

    /// The range `start..end`, or nothing when it lies beyond 65,535 octets, where no sane header reaches.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Option<Self> {
        debug_assert!(start <= end);
        Some(Self { start: u16::try_from(start).ok()?, len: u16::try_from(end - start).ok()? })
    }

    /// Whether the field is absent.
    #[must_use]
    pub const fn is_absent(self) -> bool {
        self.len == 0
    }

    /// The octets of the field in `frame`; empty when it is absent.
    #[must_use]
    pub fn of(self, frame: &[u8]) -> &[u8] {
        let start = usize::from(self.start);
        &frame[start..start + usize::from(self.len)]
    }
}

/// The header of a frame, found once when the frame is classified, and used by every encoder. All ranges are
/// relative to the start of the frame and lie inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct HeaderSpans {
    /// Which header this is.
    pub dialect: Dialect,
    /// PRI, when there is a legal one.
    pub pri: Option<Pri>,
    /// TIMESTAMP as sent.
    pub timestamp: ShortSpan,
    /// HOSTNAME.
    pub hostname: ShortSpan,
    /// APP-NAME (RFC 5424), or TAG without its pid and colon (RFC 3164).
    pub app_name: ShortSpan,
    /// PROCID (RFC 5424), or the pid between brackets after the tag (RFC 3164).
    pub procid: ShortSpan,
    /// MSGID (RFC 5424).
    pub msgid: ShortSpan,
    /// STRUCTURED-DATA from its first `[` to after its last `]` (RFC 5424); empty when nil or absent.
    pub structured_data: FrameSpan,
    /// Where MSG begins, after its byte-order mark if it has one; the length of the frame when there is no MSG.
    pub msg: u32,
}

impl HeaderSpans {
    /// The octets of MSG in `frame`.
    #[must_use]
    pub fn message(self, frame: &[u8]) -> &[u8] {
        &frame[self.msg as usize..]
    }
}
