//! Why a connection cannot go on.

use std::fmt;

use crate::FRAME_BYTES_HARD_MAX;

/// The next frame boundary cannot be known, or the peer does not speak syslog: the connection must be closed.
///
/// Always the sender's doing. Frames found before the fault are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameFault {
    /// The first octets are those of another protocol.
    Probe(Probe),
    /// MSG-LEN is `0`; it must be a positive number (RFC 6587 section 3.4.1).
    OctetZero,
    /// MSG-LEN begins with `0` and goes on; it must begin with another digit (RFC 6587 section 3.4.1).
    OctetLeadingZero,
    /// MSG-LEN is above [`FRAME_BYTES_HARD_MAX`]. Raised at the ninth digit, or at the space after fewer.
    OctetTooLarge {
        /// The digits read so far, as a number.
        at_least: u32,
    },
    /// Where MSG-LEN or the space after it was due, there was something else.
    OctetBadChar {
        /// The octet found.
        found: u8,
    },
    /// A line has passed [`FRAME_BYTES_HARD_MAX`] octets without its trailer.
    LineTooLong,
}

impl FrameFault {
    /// Every label that [`Self::reason`] gives.
    pub const REASONS: [&'static str; 9] = [
        Probe::TlsOnPlain.reason(),
        Probe::Http.reason(),
        Probe::Ssh.reason(),
        Probe::Proxy.reason(),
        Self::OctetZero.reason(),
        Self::OctetLeadingZero.reason(),
        Self::OctetTooLarge { at_least: 0 }.reason(),
        Self::OctetBadChar { found: 0 }.reason(),
        Self::LineTooLong.reason(),
    ];

    /// The cause as a metric label.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Probe(probe) => probe.reason(),
            Self::OctetZero => "octet_zero",
            Self::OctetLeadingZero => "octet_leading_zero",
            Self::OctetTooLarge { .. } => "octet_too_large",
            Self::OctetBadChar { .. } => "octet_bad_char",
            Self::LineTooLong => "line_too_long",
        }
    }
}

impl fmt::Display for FrameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Probe(probe) => write!(f, "found {probe}, expected syslog"),
            Self::OctetZero => f.write_str("found an octet count of 0, expected at least 1"),
            Self::OctetLeadingZero => {
                f.write_str("found an octet count with a leading 0, expected a digit from 1 to 9")
            }
            Self::OctetTooLarge { at_least } => {
                write!(f, "found an octet count of {at_least} or more, expected at most {FRAME_BYTES_HARD_MAX}")
            }
            Self::OctetBadChar { found } => {
                write!(f, "found '{}' in place of an octet count, expected digits and a space", found.escape_ascii())
            }
            Self::LineTooLong => {
                write!(
                    f,
                    "found more than {FRAME_BYTES_HARD_MAX} octets without a trailer, expected the end of the line"
                )
            }
        }
    }
}

impl std::error::Error for FrameFault {}

/// Another protocol, known by its first octets: a load balancer's health check, a scanner, or a wrong port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Probe {
    /// A TLS handshake record where TLS is not expected (RFC 8446 section 5.1).
    TlsOnPlain,
    /// An HTTP request line (RFC 9112 section 3), or the preface of HTTP/2 (RFC 9113 section 3.4).
    Http,
    /// An SSH identification string (RFC 4253 section 4.2).
    Ssh,
    /// A header of HAProxy's PROXY protocol, version 1 or 2, which is not to be guessed but configured (its section 2).
    Proxy,
}

impl Probe {
    const fn reason(self) -> &'static str {
        match self {
            Self::TlsOnPlain => "tls_on_plain",
            Self::Http => "http",
            Self::Ssh => "ssh",
            Self::Proxy => "proxy",
        }
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TlsOnPlain => "a TLS handshake",
            Self::Http => "an HTTP request",
            Self::Ssh => "an SSH client",
            Self::Proxy => "a PROXY protocol header (switch it off at the load balancer)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_was_found_in_printable_ascii() {
        let complaint = FrameFault::OctetBadChar { found: b'\t' }.to_string();
        assert_eq!(complaint, r"found '\t' in place of an octet count, expected digits and a space");
        let complaint = FrameFault::OctetTooLarge { at_least: 999_999_999 }.to_string();
        assert_eq!(complaint, "found an octet count of 999999999 or more, expected at most 16777216");
    }

    #[test]
    fn no_two_causes_share_a_label() {
        let mut reasons = FrameFault::REASONS.to_vec();
        reasons.sort_unstable();
        reasons.dedup();
        assert_eq!(reasons.len(), FrameFault::REASONS.len());
    }
}
