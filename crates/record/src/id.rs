//! The identity of a record: which journal, and the how-manieth in it.

use std::fmt;

/// Names a journal for its whole life: random, 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JournalId(pub u64);

/// A record's place in its journal, counted from 0. Later records have larger numbers; there are no gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The place `records` further on.
    #[must_use]
    pub const fn plus(self, records: u64) -> Self {
        Self(self.0 + records)
    }
}

/// Identifies a record among all instances, and stays the same when a record is delivered again.
///
/// Printed as 16 hexadecimal digits, a hyphen, and 16 more, so that ids of one journal sort by age as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordId {
    /// The journal that holds, or held, the record.
    pub journal: JournalId,
    /// Its place in there.
    pub sequence: Sequence,
}

impl RecordId {
    /// The printed form, without an allocation.
    #[must_use]
    pub fn to_ascii(self) -> [u8; 33] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 33];
        for place in 0..16 {
            let shift = 60 - 4 * place;
            text[place] = DIGITS[(self.journal.0 >> shift & 15) as usize];
            text[17 + place] = DIGITS[(self.sequence.0 >> shift & 15) as usize];
        }
        text
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{:016x}", self.journal.0, self.sequence.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_printed_forms_agree() {
        let id = RecordId { journal: JournalId(0x0123_4567_89ab_cdef), sequence: Sequence(0xfedc) };
        assert_eq!(id.to_string().as_bytes(), id.to_ascii());
        assert_eq!(id.to_string(), "0123456789abcdef-000000000000fedc");
    }
}
