//! Readings of short texts that several formats need.

use std::net::IpAddr;

use crate::json::work;

/// A whole number in decimal digits, with or without a minus sign; `None` for anything else, also when it is too large.
pub(crate) fn integer(digits: &[u8]) -> Option<i64> {
    let body = digits.strip_prefix(b"-").unwrap_or(digits);
    let is_number = !body.is_empty() && body.iter().all(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(digits).ok()?.parse().ok())?
}

/// Whether the text is an address of the Internet Protocol, version 4 or 6, without a port or zone.
pub(crate) fn is_address(text: &[u8]) -> bool {
    const LONGEST: usize = 45;
    text.len() <= LONGEST && std::str::from_utf8(text).is_ok_and(|text| text.parse::<IpAddr>().is_ok())
}

/// What stands before and after the first `separator`.
pub(crate) fn split_once<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = find(text, separator)?;
    Some((&text[..at], &text[at + separator.len()..]))
}

/// What stands before and after the last `separator`.
pub(crate) fn rsplit_once<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = rfind(text, separator)?;
    Some((&text[..at], &text[at + separator.len()..]))
}

/// Where `needle` is first.
pub(crate) fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    let found = memchr::memmem::find(text, needle);
    work::visit(found.map_or(text.len(), |at| at + needle.len()));
    found
}

/// Where `needle` is last.
pub(crate) fn rfind(text: &[u8], needle: &[u8]) -> Option<usize> {
    let found = memchr::memmem::rfind(text, needle);
    work::visit(text.len() - found.unwrap_or_default());
    found
}
