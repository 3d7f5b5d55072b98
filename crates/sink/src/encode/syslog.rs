//! A record as an RFC 5424 message, bare or as an octet-counted frame.

use std::io::Write;

use header::{Fields, fields, is_rfc5424_timestamp};
use record::{Dialect, Peer, Pri, Record};

use super::arrival::write_rfc3339_micros;

/// Appends `MSG-LEN SP SYSLOG-MSG` (RFC 6587 section 3.4.1), where the message ends in a line feed that is counted, as
/// loggregator sends it. The octets of the message are not altered.
pub(super) fn write_counted(record: &Record<'_>, out: &mut Vec<u8>) {
    let octets = record.octets();
    if record.header().dialect == Dialect::Rfc5424 {
        write_count(octets.len() + 1, out);
        out.extend_from_slice(octets);
    } else {
        let fields = fields(octets, record.header());
        let start = out.len();
        let message = write_header(record, &fields, out);
        let header_length = out.len() - start;
        // The count comes first, but is known only now. A header is short, so moving it behind its count is cheap.
        write_count(header_length + message.len() + 1, out);
        out[start..].rotate_left(header_length);
        out.extend_from_slice(message);
    }
    out.push(b'\n');
}

/// Appends SYSLOG-MSG alone: what is between the count and the line feed of [`write_counted`].
pub(super) fn write_message(record: &Record<'_>, out: &mut Vec<u8>) {
    let octets = record.octets();
    if record.header().dialect == Dialect::Rfc5424 {
        out.extend_from_slice(octets);
    } else {
        let message = write_header(record, &fields(octets, record.header()), out);
        out.extend_from_slice(message);
    }
}

fn write_count(message_length: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(message_length).as_bytes());
    out.push(b' ');
}

/// Appends an RFC 5424 header made of what is known, up to the blank before MSG. Gives the octets of the message: MSG,
/// with as much of the old header before it as the new one cannot carry.
fn write_header<'a>(record: &Record<'a>, fields: &Fields<'a>, out: &mut Vec<u8>) -> &'a [u8] {
    let spans = record.header();
    let mut message_start = spans.msg as usize;
    let pri = fields.pri.unwrap_or(Pri::USER_NOTICE);
    write!(out, "<{}>1 ", pri.value()).expect("writing into memory does not fail");

    match fields.timestamp.filter(|stamp| is_rfc5424_timestamp(stamp)) {
        Some(stamp) => out.extend_from_slice(stamp),
        None => write_rfc3339_micros(record.received_at(), out),
    }
    out.push(b' ');

    let tag_fits = fields.tag.is_none_or(|tag| is_printable(tag, APP_NAME_MAX));
    let pid_fits = fields.procid.is_none_or(|pid| is_printable(pid, PROCID_MAX));
    if !(tag_fits && pid_fits) {
        message_start = message_start.min(spans.app_name.start.into());
    }
    let hostname_fits = fields.hostname.is_none_or(|hostname| is_printable(hostname, HOSTNAME_MAX));
    if !hostname_fits {
        message_start = message_start.min(spans.hostname.start.into());
    }

    match (fields.hostname.filter(|_| hostname_fits), record.peer()) {
        (Some(hostname), _) => out.extend_from_slice(hostname),
        (None, Peer::Ip(address)) => write!(out, "{}", address.ip()).expect("writing into memory does not fail"),
        (None, Peer::Unix { .. } | Peer::Unnamed) => out.push(b'-'),
    }
    out.push(b' ');
    out.extend_from_slice(fields.tag.filter(|_| tag_fits).unwrap_or(b"-"));
    out.push(b' ');
    out.extend_from_slice(fields.procid.filter(|_| pid_fits).unwrap_or(b"-"));
    out.extend_from_slice(b" - - ");
    &record.octets()[message_start..]
}

// Lengths of RFC 5424 section 6.
const HOSTNAME_MAX: usize = 255;
const APP_NAME_MAX: usize = 48;
const PROCID_MAX: usize = 128;

/// Whether `octets` can be a header field: printable ASCII without blanks, at most `length_max` of it.
fn is_printable(octets: &[u8], length_max: usize) -> bool {
    octets.len() <= length_max && octets.iter().all(u8::is_ascii_graphic)
}
