//! The ways to tell where a message ends in a stream.

use std::fmt;
use std::str::FromStr;

/// How a stream is cut into messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Framing {
    /// Octet counting or newline, decided once per connection from its first octets: one to eight digits, the first not
    /// 0, and a space mean octet counting, anything else newline.
    #[default]
    Detect,
    /// `MSG-LEN SP SYSLOG-MSG` (RFC 6587 section 3.4.1, RFC 5425 section 4.3).
    OctetCounting,
    /// A message ends with LF or CR LF (RFC 6587 section 3.4.2).
    Newline,
    /// A message ends with NUL; LF and CR are content (RFC 6587 section 3.4.2 allows other trailers than LF).
    Nul,
}

impl Framing {
    /// Every framing that can be configured.
    pub const ALL: &'static [Self] = &[Self::Detect, Self::OctetCounting, Self::Newline, Self::Nul];

    /// The name in configuration and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Detect => "detect",
            Self::OctetCounting => "octet-counting",
            Self::Newline => "newline",
            Self::Nul => "nul",
        }
    }
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text was no name of a framing; it holds the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFraming(pub String);

impl fmt::Display for UnknownFraming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no framing is called {:?}, expected detect, octet-counting, newline or nul", self.0)
    }
}

impl std::error::Error for UnknownFraming {}

impl FromStr for Framing {
    type Err = UnknownFraming;

    fn from_str(name: &str) -> Result<Self, UnknownFraming> {
        let found = Self::ALL.iter().find(|framing| framing.name() == name);
        found.copied().ok_or_else(|| UnknownFraming(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_the_error_lists_them_all() {
        let complaint = "Newline".parse::<Framing>().unwrap_err().to_string();
        for framing in Framing::ALL {
            assert_eq!(framing.name().parse(), Ok(*framing));
            assert!(complaint.contains(framing.name()), "{complaint}");
        }
    }
}
