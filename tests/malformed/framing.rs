//! Frames that are not (RFC 6587 section 3.4).

use super::{Bench, row};
use crate::support::client::counted;

/// The default of `frame_bytes_max`.
const FRAME_BYTES_MAX: usize = 256 * 1024;

/// Whatever is longer is not even skipped.
const FRAME_BYTES_HARD_MAX: usize = 16 * 1024 * 1024;

const HEADER: &str = "<14>1 - - - - - - ";

#[test]
fn octet_counting() {
    let long = format!("{HEADER}{}", "x".repeat(300_000));
    let cut = || long[HEADER.len()..FRAME_BYTES_MAX].to_owned();
    let many = 10_000;
    let rows = || {
        vec![
            row("a count of zero", "0 ").fault("octet_zero"),
            row("a leading zero", "007 <14>1 -").fault("octet_leading_zero"),
            row("a count beyond 64 bits", "18446744073709551615 x").fault("octet_too_large"),
            row("a count of ten digits", "9999999999 x").fault("octet_too_large"),
            row("digits without end", vec![b'1'; 1024 * 1024]).fault("octet_too_large"),
            row("a count beyond the hard limit", "17825792 x").fault("octet_too_large"),
            row("a negative count", "-5 x").fault("octet_bad_char"),
            row("a signed count", "+5 x").fault("octet_bad_char"),
            row("a tab after the count", "5\tx").fault("octet_bad_char"),
            row("no space after the count", "5x").fault("octet_bad_char"),
            row("a space before the count", " 5 x").fault("octet_bad_char"),
            row("a digit of another script", "٥ x").fault("octet_bad_char"),
            row("a frame above frame_bytes_max", counted(long.as_bytes())).flagged(cut(), "truncated"),
            row("a count that is too small", "10 0123456789ab").record("0123456789").fault("octet_bad_char"),
            row("a count that swallows the next", "14 0123456789ab12 0123456789ab")
                .record("0123456789ab12")
                .fault("octet_bad_char"),
            row("a line feed after a counted frame", "5 abcde\n5 fghij")
                .record("abcde")
                .record("fghij")
                .counts("gully_frames_lenient_trailer_total", 1),
            row("line feeds after a counted frame", "5 abcde\n\n\n5 fghij").record("abcde").fault("octet_bad_char"),
            row("what looks like a frame inside a frame", counted(format!("{HEADER}a\n99 <14>1 forged").as_bytes()))
                .record("a\n99 <14>1 forged"),
            row("a line feed that is counted", "6 abcde\n").record("abcde"),
            row("nothing but a counted line feed", "1 \n").counts("gully_frames_empty_total", 1),
            row("the end of the connection inside a frame", "10 abc")
                .finishes()
                .counts("gully_partial_at_eof_total", 1),
            (0..many).fold(row("ten thousand frames of one octet", "1 a".repeat(many)), |row, _| row.record("a")),
        ]
    };
    Bench::new("framing = \"octet-counting\"\n", counted).check(rows);
}

#[test]
fn newline_framing() {
    let line = |octets: &[u8]| [octets, b"\n"].concat();
    let long = format!("{HEADER}{}", "x".repeat(300 * 1024));
    let cut = || long[HEADER.len()..FRAME_BYTES_MAX].to_owned();
    let rows = || {
        vec![
            row("a count inside a line connection", format!("{HEADER}a\n57 {HEADER}b\n"))
                .record("a")
                .flagged(format!("57 {HEADER}b"), "no_pri"),
            row("CR LF", format!("{HEADER}a\r\n")).record("a"),
            row("a lone CR", format!("{HEADER}a\rb\n")).record("a\rb"),
            row("NUL inside", format!("{HEADER}a\0b\n")).record("a\0b"),
            row("a line above frame_bytes_max", line(long.as_bytes())).flagged(cut(), "truncated"),
            row("a line beyond the hard limit", vec![b'x'; FRAME_BYTES_HARD_MAX + 1]).fault("line_too_long"),
            row("a thousand empty lines", "\n".repeat(1_000)).counts("gully_frames_empty_total", 1_000),
            row("the end of the connection inside a line with a PRI", format!("{HEADER}tail"))
                .finishes()
                .flagged("tail", "unterminated"),
            row("the end of the connection inside any other line", "no priority value")
                .finishes()
                .counts("gully_partial_at_eof_total", 1),
        ]
    };
    Bench::new("framing = \"newline\"\n", |octets| [octets, b"\n"].concat()).check(rows);
}

#[test]
fn nul_framing() {
    let frame = |octets: &[u8]| [octets, b"\0"].concat();
    let rows = || {
        vec![
            row("line feeds inside", format!("{HEADER}a\nb\0")).record("a\nb"),
            row("two in one read", format!("{HEADER}a\0{HEADER}b\0")).record("a").record("b"),
            row("an empty frame", "\0").counts("gully_frames_empty_total", 1),
        ]
    };
    Bench::new("framing = \"nul\"\n", frame).check(rows);
}

/// The first octets decide, and what comes later cannot change it.
#[test]
fn detection() {
    let rows = || {
        vec![
            row("a TLS handshake on a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
                .fault("tls_on_plain"),
            row("an HTTP request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n").fault("http"),
            row("an SSH client", "SSH-2.0-OpenSSH_9.2\r\n").fault("ssh"),
            row("nothing at all", "").finishes().fault("empty_connection"),
            row("a count", counted(b"<14>1 - - - - - - counted")).record("counted"),
            row("lines", format!("{HEADER}a\n5 abcde\n")).finishes().record("a").flagged("5 abcde", "no_pri"),
            // Nothing says what it is, so it is kept: whoever sent it sees it again in the files.
            row("NULs", [&[0; 100][..], b"\n"].concat()).finishes().flagged("\0".repeat(100), "no_pri"),
            row("the beginning of gzip", b"\x1f\x8b\x08\0\n").finishes().flagged("\u{1f}\u{fffd}\u{8}\0", "no_pri"),
            row("a z, as some compressed streams begin", "zx\u{1}\n").finishes().flagged("zx\u{1}", "no_pri"),
            row("a line that begins with a year", "2026-11-21T10:00:00Z host x\n18 is a number\n")
                .finishes()
                .record_any()
                .flagged("18 is a number", "no_pri"),
        ]
    };
    Bench::new("", counted).check(rows);
}
