//! What is odd about a record. Nothing is invalid: a record is kept and marked.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// A set of marks on a record. Their names go into the JSON record's `flags` and into metrics.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Flags(u64);

macro_rules! flags {
    ($($bit:literal $constant:ident $name:literal $doc:literal)*) => {
        impl Flags {
            $(#[doc = $doc] pub const $constant: Self = Self(1 << $bit);)*

            /// Every flag with the name it has in records and metrics, in the order in which they are listed.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$constant, $name)),*];

            /// What the flag called `name` means, in a sentence; empty when there is none.
            #[must_use]
            pub fn meaning(name: &str) -> &'static str {
                match name { $($name => $doc,)* _ => "" }
            }
        }
    };
}

flags! {
    0 TRUNCATED "truncated" "Longer than `frame_bytes_max`: only the prefix is here, `original_bytes` tells the length as sent."
    1 UNTERMINATED "unterminated" "The last line of a connection, which ended without its trailer."
    2 INVALID_UTF8 "invalid_utf8" "The octets are not UTF-8. Text members show U+FFFD; `raw_base64` has the octets."
    3 EMBEDDED_LF "embedded_lf" "A datagram with a line feed inside: one record all the same (RFC 5426 section 3.1)."
    4 NO_PROVENANCE "no_provenance" "Nothing in the header tells which platform component sent it: no known SD-ID, no envelope."
    5 NO_PRI "no_pri" "The frame does not begin with a PRI."
    6 PRI_SYNTAX "pri_syntax" "Something like a PRI that is not one, such as `<-1>` or `<01>`."
    7 PRI_RANGE "pri_range" "A PRI above 191 (RFC 5424 section 6.2.1)."
    8 VERSION "version" "A VERSION other than 1 (RFC 5424 section 6.2.2)."
    9 HEADER_SHORT "header_short" "The frame ends inside the header."
    10 HEADER_SYNTAX "header_syntax" "The header's fields are not separated by exactly one space."
    11 TIMESTAMP "timestamp" "TIMESTAMP is not a legal point in time; the receive time is the one to use."
    12 TS_SUSPECT "ts_suspect" "TIMESTAMP is legal but unlikely: far from the receive time."
    13 HOSTNAME "hostname" "HOSTNAME is too long or holds more than printable ASCII."
    14 FIELD_LENGTH "field_length" "APP-NAME, PROCID or MSGID is longer than RFC 5424 allows; the value is kept."
    15 SD_SYNTAX "sd_syntax" "STRUCTURED-DATA is not well formed; it stays part of the message text."
    16 SD_DUP "sd_dup" "The same SD-ID, or the same PARAM-NAME in one element, occurs twice."
    17 SD_LIMIT "sd_limit" "More structured data than the limits allow."
    18 SD_NAME_LENGTH "sd_name_length" "An SD-ID or PARAM-NAME of more than 32 octets; up to 255 are accepted."
    19 CEF_SHORT "cef_short" "A CEF header with fewer than seven fields."
    20 CEF_VERSION "cef_version" "A CEF version other than 0 or 1."
    21 CEF_SEVERITY "cef_severity" "A CEF severity that is neither 0 to 10 nor a known word."
    22 JSON_SYNTAX "json_syntax" "Begins like JSON but is not well formed."
    23 JSON_DEPTH "json_depth" "JSON nested deeper than 64 levels."
    24 JSON_DUP "json_dup" "A member that decides the class or gives a field occurs twice; the first was taken."
    25 UAA_AMBIGUOUS "uaa_ambiguous" "A UAA audit line that can be taken apart in more than one way."
    26 TRUNCATED_UPSTREAM "truncated_upstream" "The record ends in the middle of its format: a sender cut it. Or it ends exactly where senders are known to cut: text after 1,024, 8,192 or 16,384 octets, JSON that is not proven whole after 16,384."
    27 BROKEN_FRAMING "broken_framing" "Octets that broke the framing of their connection, with what was read behind them: kept as one record of class `other`, whatever they hold."
    28 REJOINED "rejoined" "Put together from the pieces of 16 KiB that Docker cut it into. With Docker's mode `non-blocking`, which loses pieces unseen, it may lack some in the middle, or have the end of another line."
    29 REDACTED "redacted" "Secrets in it were replaced by fingerprints before it was stored."
    30 EVENTS_LIMIT "events_limit" "A batch of more than 8,192 events: those after them were not taken apart; the message has them all."
    31 CEF_AMBIGUOUS "cef_ambiguous" "CEF, or an action of the PKS API, that can be taken apart in more than one way: a client's text in it looks like further fields. What depends on it is left out."
    32 CONTINUATION "continuation" "Of a line in pieces of 16 KiB, as Docker cuts it, a piece that is not the first, and was not put together with it: kept as class `other`, whatever it holds."
}

impl Flags {
    /// No mark.
    pub const NONE: Self = Self(0);

    /// Whether no mark is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all marks of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together, in constant context.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The names of the marks that are set.
    #[must_use]
    pub const fn names(self) -> FlagNames {
        FlagNames { left: self.0 }
    }

    /// The places in [`Self::ALL`] of the marks that are set.
    pub fn indexes(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let index = left.trailing_zeros() as usize;
            let set = left != 0;
            left &= left.wrapping_sub(1);
            set.then_some(index)
        })
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Self) {
        *self = self.with(other);
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// Iterates over the names of set marks, without looking at those that are not set.
#[derive(Debug, Clone)]
pub struct FlagNames {
    left: u64,
}

impl Iterator for FlagNames {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        if self.left == 0 {
            return None;
        }
        let bit = self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        // Bits are handed out without gaps, so the bit number is the index; the test below holds it.
        Flags::ALL.get(bit).map(|(_, name)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bit_of_a_flag_is_its_place_in_the_list() {
        for (index, (flag, name)) in Flags::ALL.iter().enumerate() {
            assert_eq!(flag.0, 1 << index, "{name}");
            assert_eq!(flag.names().collect::<Vec<_>>(), [*name]);
        }
    }

    #[test]
    fn names_come_in_the_order_of_the_list() {
        let flags = Flags::PRI_SYNTAX | Flags::TRUNCATED;
        assert_eq!(flags.names().collect::<Vec<_>>(), ["truncated", "pri_syntax"]);
        assert_eq!(flags.indexes().collect::<Vec<_>>(), [0, 6]);
        assert!(flags.contains(Flags::TRUNCATED) && !flags.contains(Flags::VERSION));
    }
}
