//! How large a condition may be. What is evaluated for every record must have a known worst case.

/// Octets of a condition's text.
pub const CONDITION_BYTES_MAX: usize = 16 << 10;

/// Levels of `not` and parentheses.
pub const NESTING_MAX: usize = 32;

/// Comparisons in a condition.
pub const COMPARISONS_MAX: usize = 256;

/// Values in a list.
pub const LIST_MAX: usize = 1024;

/// Regular expressions in a condition.
pub const REGEXES_MAX: usize = 16;

/// Bytes of a compiled regular expression; its cache of states may grow to as much again.
pub const REGEX_BYTES_MAX: usize = 1 << 20;

/// Parts of a producer's own name, `native.a.b` has two.
pub const NATIVE_PARTS_MAX: usize = 32;
