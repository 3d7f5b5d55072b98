//! A place between two records of a journal.

use record::Sequence;

/// A place between two records: everything before [`Position::next`] lies before it.
///
/// Positions are ordered, and mean the same to every cursor of one journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Position(Sequence);

impl Position {
    /// The place right before the record `next`.
    #[must_use]
    pub const fn before(next: Sequence) -> Self {
        Self(next)
    }

    /// The first record behind this place.
    #[must_use]
    pub const fn next(self) -> Sequence {
        self.0
    }
}
