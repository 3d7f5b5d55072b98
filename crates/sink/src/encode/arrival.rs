//! How a record came here: the members of the JSON record that a batch has in common.

use std::io::Write;

use jiff::Timestamp;
use jiff::tz::Offset;
use record::{Record, UnixNanos};

use super::json_string::write_json_string;

/// Appends the members `received_at` to `authenticated`, without a comma before or after them.
pub(super) fn write(record: &Record<'_>, out: &mut Vec<u8>) {
    let origin = record.origin();
    out.extend_from_slice(b"\"received_at\":\"");
    write_rfc3339_micros(record.received_at(), out);
    out.extend_from_slice(b"\",\"listener\":");
    write_json_string(origin.listener.as_bytes(), out);
    out.extend_from_slice(b",\"transport\":\"");
    out.extend_from_slice(origin.transport.name().as_bytes());
    // A peer's text is made of digits, letters and `.:[]%=,` only, so nothing in it needs an escape.
    write!(out, "\",\"peer\":\"{}\"", record.peer()).expect("writing into memory does not fail");
    if let Some(name) = &origin.authenticated {
        out.extend_from_slice(b",\"authenticated\":");
        write_json_string(name.as_bytes(), out);
    }
}

/// Appends a point in time as RFC 3339 in UTC, cut to microseconds: `2026-01-20T04:56:26.360194Z`, always 27 octets.
pub(super) fn write_rfc3339_micros(nanos: UnixNanos, out: &mut Vec<u8>) {
    let timestamp = Timestamp::from_nanosecond(i128::from(nanos.0)).expect("64 bits of nanoseconds end in 2554");
    let civil = Offset::UTC.to_datetime(timestamp);
    let micros = civil.subsec_nanosecond() / 1_000;
    let (year, month, day) = (civil.year(), civil.month(), civil.day());
    let (hour, minute, second) = (civil.hour(), civil.minute(), civil.second());
    write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
        .expect("writing into memory does not fail");
}
