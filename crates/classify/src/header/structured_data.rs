//! STRUCTURED-DATA (RFC 5424 section 6.3): where it ends, and where MSG begins.

use memchr::memchr3;
use record::Flags;

use super::provenance::Signs;

/// More elements than these are left to MSG.
const ELEMENTS_MAX: usize = 512;
/// The longest SD-NAME that is accepted; the RFC's limit is [`NAME_LEN_FLAGGED`], and loggregator exceeds it on purpose.
const NAME_LEN_MAX: usize = 255;
/// A longer SD-NAME gets [`Flags::SD_NAME_LENGTH`].
const NAME_LEN_FLAGGED: usize = 32;
/// So many names are remembered in the search for one that occurs twice.
const NAMES_COMPARED: usize = 16;

/// What was found.
#[derive(Debug)]
pub(super) struct StructuredData {
    /// After the last `]`; the start when there is no readable structured data.
    pub(super) end: usize,
    /// The first octet of MSG.
    pub(super) message: usize,
    /// [`Flags::SD_SYNTAX`], [`Flags::SD_LIMIT`], [`Flags::SD_DUP`] and [`Flags::SD_NAME_LENGTH`], where they apply.
    pub(super) flags: Flags,
}

/// Reads NILVALUE or elements at `start`, which lies inside `frame`, and the space after them.
///
/// - What is not well formed stays part of MSG, from its first octet: no text is lost. But the BOSH syslog forwarder
///   does not escape its values, so damage after `[instance@47450 ` lets MSG begin after the next `] `.
/// - After 512 elements MSG begins at the next one, with [`Flags::SD_LIMIT`].
/// - SD-IDs count for provenance up to the damage, that of the damaged element included: a value can spoil the
///   syntax, but not hide where the frame came from.
/// - [`Flags::SD_DUP`] compares each SD-ID, and each PARAM-NAME of an element, with the first 16 of them.
///
/// Linear in the length of the structured data; no allocation.
pub(super) fn scan(frame: &[u8], start: usize, signs: &mut Signs) -> StructuredData {
    let mut flags = Flags::NONE;
    if frame[start] == b'-' {
        return match after(frame, start + 1) {
            Some(message) => StructuredData { end: start, message, flags },
            None => malformed(frame, start, flags),
        };
    }
    let mut sd_ids = Names::default();
    let mut at = start;
    let mut elements = 0;
    while frame.get(at) == Some(&b'[') {
        if elements == ELEMENTS_MAX {
            return StructuredData { end: at, message: at, flags: flags | Flags::SD_LIMIT };
        }
        match element(frame, at + 1, &mut sd_ids, signs, &mut flags) {
            Some(end) => at = end,
            None => return malformed(frame, start, flags),
        }
        elements += 1;
    }
    match after(frame, at) {
        Some(message) if elements > 0 => StructuredData { end: at, message, flags },
        _ => malformed(frame, start, flags),
    }
}

/// Where MSG begins when structured data ends at `end`; nothing when something else follows. A line end that the
/// framing left in place is no content, and is accepted in place of the space.
fn after(frame: &[u8], end: usize) -> Option<usize> {
    match &frame[end..] {
        [] | [b'\n'] | [b'\r', b'\n'] => Some(end),
        [b' ', ..] => Some(end + 1),
        _ => None,
    }
}

fn malformed(frame: &[u8], start: usize, flags: Flags) -> StructuredData {
    let unescaped = frame[start..].starts_with(b"[instance@47450 ");
    let message = unescaped.then(|| memchr::memmem::find(&frame[start..], b"] ")).flatten().map(|at| start + at + 2);
    StructuredData { end: start, message: message.unwrap_or(start), flags: flags | Flags::SD_SYNTAX }
}

/// Reads an SD-ELEMENT from after its `[`; gives the offset after its `]`.
fn element<'a>(
    frame: &'a [u8],
    start: usize,
    sd_ids: &mut Names<'a>,
    signs: &mut Signs,
    flags: &mut Flags,
) -> Option<usize> {
    let sd_id = name(frame, start, flags)?;
    signs.see_element(sd_id);
    sd_ids.add(sd_id, flags);
    if sd_id.iter().filter(|&&octet| octet == b'@').count() > 1 {
        return None;
    }
    let mut parameters = Names::default();
    let mut at = start + sd_id.len();
    loop {
        match frame.get(at)? {
            b']' => return Some(at + 1),
            b' ' => {
                let parameter = name(frame, at + 1, flags)?;
                parameters.add(parameter, flags);
                let equals = at + 1 + parameter.len();
                if !frame[equals..].starts_with(b"=\"") {
                    return None;
                }
                at = value(frame, equals + 2)?;
            }
            _ => return None,
        }
    }
}

/// Reads an SD-NAME: 1 to 255 printable octets without `=`, `]` and `"`.
fn name<'a>(frame: &'a [u8], start: usize, flags: &mut Flags) -> Option<&'a [u8]> {
    let octets = frame.get(start..)?;
    let window = &octets[..octets.len().min(NAME_LEN_MAX + 1)];
    let len = window.iter().position(|&octet| !IN_NAME[usize::from(octet)]).unwrap_or(window.len());
    if len == 0 || len > NAME_LEN_MAX {
        return None;
    }
    if len > NAME_LEN_FLAGGED {
        *flags |= Flags::SD_NAME_LENGTH;
    }
    Some(&octets[..len])
}

/// The octets of an SD-NAME: printable, without `=`, `]` and `"`.
static IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet = b'!';
    while octet <= b'~' {
        table[octet as usize] = !matches!(octet, b'=' | b']' | b'"');
        octet += 1;
    }
    table
};

/// Reads a PARAM-VALUE from after its opening quote; gives the offset after the closing one. A backslash takes the next
/// octet with it, whatever it is; an unescaped `]` is a fault.
fn value(frame: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr3(b'"', b'\\', b']', frame.get(at..)?)?;
        match frame[at] {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => return None,
        }
    }
}

/// The first names of a list, to find one that occurs twice.
#[derive(Default)]
struct Names<'a> {
    first: [&'a [u8]; NAMES_COMPARED],
    count: usize,
    /// A bit for each kind of name that was seen, so that most names need no comparison.
    kinds: u64,
}

impl<'a> Names<'a> {
    /// Adds a name, which is not empty; sets [`Flags::SD_DUP`] when it is among the first ones already.
    fn add(&mut self, name: &'a [u8], flags: &mut Flags) {
        let kind = 1 << ((usize::from(name[0]) + 3 * usize::from(name[name.len() - 1]) + 7 * name.len()) % 64);
        if self.kinds & kind != 0 && self.first[..self.count].contains(&name) {
            *flags |= Flags::SD_DUP;
        }
        self.kinds |= kind;
        if let Some(free) = self.first.get_mut(self.count) {
            *free = name;
            self.count += 1;
        }
    }
}
