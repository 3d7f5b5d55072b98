//! RFC 3164 and its kin. There is no grammar, only habits: each part is taken when it is unmistakable, and the rest is
//! MSG. A wrong guess would cut a record's first words off, and with them its class.
//!
//! **With PRI**, in this order:
//!
//! | after PRI | reading |
//! | --- | --- |
//! | no stamp | all is MSG |
//! | a stamp without the space after it | all is MSG; a traditional stamp gets the flag `timestamp` |
//! | an RFC 3339 stamp and `stdout F `, `stderr P ` and so on, or `AUDIT: id="` | the stamp belongs to a container log or a Kubernetes audit line: all is MSG |
//! | a stamp (`Mmm dd [yyyy] hh:mm:ss[.f]` or RFC 3339; one blank may precede it) | TIMESTAMP, see below |
//!
//! | after TIMESTAMP | reading |
//! | --- | --- |
//! | the beginning of a record ([`begins_record`]) | MSG |
//! | `tag[pid]`, `tag:`, `job/process` | TAG without HOSTNAME, as docker writes it |
//! | a name of `[A-Za-z0-9._%@-]` or an IPv6 address, and a space | HOSTNAME, see below |
//! | anything else | MSG |
//!
//! | after HOSTNAME | reading |
//! | --- | --- |
//! | the beginning of a record | MSG |
//! | `tag[pid]` with or without colon, `tag:`, `job/process`, `vcap.job`, a known job's name, a word before `[` and a digit | TAG, then MSG |
//! | anything else, plain words too | MSG, without one leading blank |
//!
//! **Without PRI** a frame is a raw line of a file unless a stamp with a legal value and one of these follow each other:
//!
//! | stamp | then |
//! | --- | --- |
//! | traditional | `tag[pid]` |
//! | traditional | a host, and any tag or the beginning of a record (`CEF:`, `{"`, or `[` and a digit) |
//! | RFC 3339 | a host, and `tag[pid]` |
//! | RFC 3339 | a host with a digit, a dot or a hyphen, or `localhost`, and any tag |
//!
//! where a host is not all capitals (`INFO`), and neither `stdout` nor `stderr`. A traditional stamp may name a day that
//! does not exist: the shape is specific enough.

use record::{Dialect, Flags, HeaderSpans, Pri, ShortSpan};

use super::provenance::Signs;
use super::tag::{self, Form, Tag};
use super::timestamp::{self, Stamp};
use super::{Located, message_start};

/// A longer word is no host.
const HOSTNAME_LEN_MAX: usize = 255;

/// Reads a frame that is taken for RFC 3164, from `start`, after PRI if there is one.
pub(super) fn locate(frame: &[u8], start: usize, pri: Option<Pri>) -> Located {
    let stamp_start = if frame[start..].starts_with(b" ") { start + 1 } else { start };
    let (parts, stamp_flags) = match stamped(&frame[stamp_start..]) {
        Stamped::Yes(stamp, _) => (Parts::after_stamp(frame, stamp_start, stamp.len), stamp.flags),
        Stamped::No(flags) => (Parts { message: start, ..Parts::default() }, flags),
    };
    let pri_flags = if pri.is_none() { Flags::NO_PRI } else { Flags::NONE };
    parts.locate(frame, pri, pri_flags | stamp_flags)
}

/// Reads a frame without PRI, when it is certain that it begins with a syslog header.
pub(super) fn recognise(frame: &[u8]) -> Option<Located> {
    let Stamped::Yes(stamp, style) = stamped(frame) else { return None };
    let parts = Parts::after_stamp(frame, 0, stamp.len);
    let host = Host::of(&frame[parts.hostname.0..parts.hostname.1]);
    let certain = match (style, host, parts.form) {
        (Style::Traditional, Host::Absent, form) => form == Some(Form::Pid),
        (Style::Traditional, Host::Plausible | Host::Certain, Some(_)) => true,
        (Style::Traditional, Host::Plausible | Host::Certain, None) => begins_platform_record(&frame[parts.message..]),
        (Style::Rfc3339, _, _) if stamp.flags.contains(Flags::TIMESTAMP) => false,
        (Style::Rfc3339, Host::Plausible, form) => form == Some(Form::Pid),
        (Style::Rfc3339, Host::Certain, form) => form.is_some(),
        (_, Host::Implausible, _) | (Style::Rfc3339, Host::Absent, _) => false,
    };
    certain.then(|| parts.locate(frame, None, Flags::NO_PRI | stamp.flags))
}

enum Style {
    Traditional,
    Rfc3339,
}

enum Stamped {
    Yes(Stamp, Style),
    /// No stamp; the flag says so when something like one is there.
    No(Flags),
}

/// Reads a stamp that belongs to the header, at the start of `octets`.
fn stamped(octets: &[u8]) -> Stamped {
    if let Some(stamp) = timestamp::traditional(octets) {
        return match octets.get(stamp.len) {
            None | Some(b' ') => Stamped::Yes(stamp, Style::Traditional),
            Some(_) => Stamped::No(Flags::TIMESTAMP),
        };
    }
    match timestamp::rfc3339(octets) {
        Some(stamp) if !follows_stamp_of_line(&octets[stamp.len..]) => Stamped::Yes(stamp, Style::Rfc3339),
        _ => Stamped::No(Flags::NONE),
    }
}

/// Whether the stamp before `octets` is that of a line in a container's log, or of a Kubernetes audit line in its legacy
/// form, and not that of a header.
fn follows_stamp_of_line(octets: &[u8]) -> bool {
    const MARKS: [&[u8]; 5] = [b" stdout F ", b" stdout P ", b" stderr F ", b" stderr P ", b" AUDIT: id=\""];
    MARKS.iter().any(|mark| octets.starts_with(mark))
}

/// What a header holds, as offsets; an empty range is absent.
#[derive(Debug, Clone, Copy, Default)]
struct Parts {
    timestamp: (usize, usize),
    hostname: (usize, usize),
    tag: (usize, usize),
    procid: (usize, usize),
    message: usize,
    form: Option<Form>,
}

impl Parts {
    /// Reads what follows a stamp.
    fn after_stamp(frame: &[u8], stamp_start: usize, stamp_len: usize) -> Self {
        let stamp_end = stamp_start + stamp_len;
        let start = frame.len().min(stamp_end + 1);
        let parts = Self { timestamp: (stamp_start, stamp_end), message: start, ..Self::default() };
        if begins_record(&frame[start..]) {
            return parts;
        }
        if let Some(tag) = tag::scan(frame, start)
            && (matches!(tag.form, Form::Pid | Form::Colon) || frame[start..tag.name_end].contains(&b'/'))
        {
            return parts.with_tag(start, tag);
        }
        let Some(len) = hostname_len(&frame[start..]) else { return parts };
        let parts = Self { hostname: (start, start + len), message: start + len + 1, ..parts };
        if begins_record(&frame[parts.message..]) {
            return parts;
        }
        match tag::scan(frame, parts.message) {
            Some(tag) => parts.with_tag(parts.message, tag),
            // An empty tag: content begins with a blank by custom.
            None if frame[parts.message..].starts_with(b" ") => Self { message: parts.message + 1, ..parts },
            None => parts,
        }
    }

    fn with_tag(self, start: usize, tag: Tag) -> Self {
        let procid = (tag.procid_start, tag.procid_end);
        Self { tag: (start, tag.name_end), procid, message: tag.message, form: Some(tag.form), ..self }
    }

    fn locate(self, frame: &[u8], pri: Option<Pri>, flags: Flags) -> Located {
        // The parts are bounded one by one, so that all of them lie in the first thousand octets.
        let short = |(start, end)| ShortSpan::new(start, end).unwrap_or(ShortSpan::ABSENT);
        let spans = HeaderSpans {
            dialect: Dialect::Rfc3164,
            pri,
            timestamp: short(self.timestamp),
            hostname: short(self.hostname),
            app_name: short(self.tag),
            procid: short(self.procid),
            msg: message_start(frame, self.message),
            ..HeaderSpans::default()
        };
        let mut signs = Signs::default();
        signs.see_app_name(spans.app_name.of(frame));
        signs.see_procid(spans.procid.of(frame));
        Located::new(spans, flags, signs)
    }
}

/// The length of the host at the start of `octets`, when there is one and a space follows: a name, or an address; a name
/// may hold `@` and `_`, as relays write it.
fn hostname_len(octets: &[u8]) -> Option<usize> {
    let is_host = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'_' | b'-' | b':' | b'%' | b'@');
    let len = octets.iter().take(HOSTNAME_LEN_MAX + 1).take_while(|&&octet| is_host(octet)).count();
    let word = &octets[..len];
    let is_name = word.iter().any(u8::is_ascii_alphanumeric) && !word.contains(&b':');
    (len <= HOSTNAME_LEN_MAX && octets.get(len) == Some(&b' ') && (is_name || is_ipv6(word))).then_some(len)
}

/// Whether the word can be an IPv6 address, perhaps with a zone; the time of day is none.
fn is_ipv6(word: &[u8]) -> bool {
    let address = word.split(|&octet| octet == b'%').next().unwrap_or_default();
    let whole =
        address.windows(2).any(|pair| pair == b"::") || address.iter().filter(|&&octet| octet == b':').count() == 7;
    whole && address.iter().all(|octet| octet.is_ascii_hexdigit() || matches!(octet, b':' | b'.'))
}

/// How far a word can be believed to be a host when no PRI says that this is syslog.
enum Host {
    Absent,
    /// A stream or a log level.
    Implausible,
    Plausible,
    /// Hardly anything but a host or an address.
    Certain,
}

impl Host {
    fn of(word: &[u8]) -> Self {
        if word.is_empty() {
            Self::Absent
        } else if matches!(word, b"stdout" | b"stderr") || word.iter().all(u8::is_ascii_uppercase) {
            Self::Implausible
        } else if word == b"localhost" || word.iter().any(|octet| matches!(octet, b'0'..=b'9' | b'.' | b'-' | b':')) {
            Self::Certain
        } else {
            Self::Plausible
        }
    }
}

/// Whether a record begins here, though its first word could be read as a host or a tag: CEF, a UAA audit line, a
/// legacy Kubernetes audit line, a CEE cookie, or a date.
fn begins_record(octets: &[u8]) -> bool {
    match octets {
        [b'C', b'E', b'F', b':', b'0'..=b'9', ..] => true,
        [b'A', b'u', b'd', b'i', b't', b':', b' ', b'A'..=b'Z', ..] => true,
        [y0, y1, y2, y3, b'-' | b'/', m0, m1, b'-' | b'/', d0, d1, ..] => {
            [y0, y1, y2, y3, m0, m1, d0, d1].into_iter().all(u8::is_ascii_digit)
        }
        _ => octets.starts_with(b"AUDIT: id=\"") || octets.starts_with(b"@cee:"),
    }
}

/// Whether a record begins here that is specific enough to prove the header before it.
fn begins_platform_record(octets: &[u8]) -> bool {
    matches!(octets, [b'C', b'E', b'F', b':', b'0'..=b'9', ..] | [b'{', b'"', ..] | [b'[', b'0'..=b'9', ..])
}
