//! RFC 5424: six fields, each followed by exactly one space, then structured data, then MSG.

use record::{Dialect, Flags, FrameSpan, HeaderSpans, Pri, ShortSpan};

use super::provenance::Signs;
use super::structured_data::{self, StructuredData};
use super::{Located, message_start, offset, timestamp};

/// The fields lie within this many octets of the start of a frame, or there is no header.
const FIELDS_END_MAX: usize = u16::MAX as usize;
const HOSTNAME_LEN_MAX: usize = 255;
const APP_NAME_LEN_MAX: usize = 48;
const PROCID_LEN_MAX: usize = 128;
const MSGID_LEN_MAX: usize = 32;

/// Finds the fields that begin at `start`, after `<PRI>1 `.
///
/// Values that break a rule are flagged and kept. A fault in the structure gives [`Dialect::Unknown`], with one of
/// [`Flags::HEADER_SHORT`] (the frame ends before STRUCTURED-DATA begins), [`Flags::HEADER_SYNTAX`] (two spaces, a tab or
/// a line break between or in fields) and [`Flags::FIELD_LENGTH`] (the fields end beyond 65,535 octets); what APP-NAME and
/// PROCID say about provenance counts all the same.
pub(super) fn locate(frame: &[u8], start: usize, pri: Option<Pri>, flags: Flags) -> Located {
    let mut spans = HeaderSpans { dialect: Dialect::Rfc5424, pri, ..HeaderSpans::default() };
    let mut signs = Signs::default();
    let fields = fields(frame, start, &mut spans);
    signs.see_app_name(spans.app_name.of(frame));
    signs.see_procid(spans.procid.of(frame));
    match fields {
        Ok((end, field_flags)) => {
            let StructuredData { end: sd_end, message, flags: sd_flags } =
                structured_data::scan(frame, end, &mut signs);
            spans.structured_data = FrameSpan::new(offset(end), offset(sd_end));
            if spans.structured_data.is_empty() {
                spans.structured_data = FrameSpan::default();
            }
            spans.msg = message_start(frame, message);
            Located::new(spans, flags | field_flags | sd_flags, signs)
        }
        Err(fault) => Located::unknown(flags | fault, signs),
    }
}

/// Reads TIMESTAMP to MSGID into `spans`. Gives the offset of STRUCTURED-DATA and what is odd about the values.
fn fields(frame: &[u8], start: usize, spans: &mut HeaderSpans) -> Result<(usize, Flags), Flags> {
    let mut flags = Flags::NONE;
    let stamp = field(frame, start)?;
    spans.timestamp = stamp.span;
    if !stamp.span.is_absent() {
        flags |= timestamp::check(stamp.span.of(frame));
    }
    let hostname = field(frame, stamp.end)?;
    spans.hostname = hostname.span;
    if !hostname.printable || hostname.len() > HOSTNAME_LEN_MAX {
        flags |= Flags::HOSTNAME;
    }
    let app_name = field(frame, hostname.end)?;
    spans.app_name = app_name.span;
    let procid = field(frame, app_name.end)?;
    spans.procid = procid.span;
    let msgid = field(frame, procid.end)?;
    spans.msgid = msgid.span;
    if app_name.len() > APP_NAME_LEN_MAX || procid.len() > PROCID_LEN_MAX || msgid.len() > MSGID_LEN_MAX {
        flags |= Flags::FIELD_LENGTH;
    }
    match frame.get(msgid.end) {
        None => Err(Flags::HEADER_SHORT),
        Some(b' ' | b'\t'..=b'\r') => Err(Flags::HEADER_SYNTAX),
        Some(_) => Ok((msgid.end, flags)),
    }
}

struct Field {
    /// Its octets; absent for NILVALUE.
    span: ShortSpan,
    /// After the space that ends it.
    end: usize,
    /// Whether all octets are PRINTUSASCII.
    printable: bool,
}

impl Field {
    fn len(&self) -> usize {
        usize::from(self.span.len)
    }
}

/// Reads a field and the one space after it.
fn field(frame: &[u8], start: usize) -> Result<Field, Flags> {
    let window = &frame[start..frame.len().min(FIELDS_END_MAX)];
    let mut printable = true;
    let mut len = 0;
    loop {
        len += graphic_len(&window[len..]);
        if len == window.len() {
            return Err(if frame.len() > FIELDS_END_MAX { Flags::FIELD_LENGTH } else { Flags::HEADER_SHORT });
        }
        match window[len] {
            b' ' if len == 0 => return Err(Flags::HEADER_SYNTAX),
            b' ' => break,
            b'\t'..=b'\r' => return Err(Flags::HEADER_SYNTAX),
            _ => printable = false,
        }
        len += 1;
    }
    let nil = len == 1 && window[0] == b'-';
    let span = if nil { ShortSpan::ABSENT } else { ShortSpan::new(start, start + len).ok_or(Flags::FIELD_LENGTH)? };
    Ok(Field { span, end: start + len + 1, printable })
}

/// How many octets at the start are PRINTUSASCII (`!` to `~`), found eight at a time.
fn graphic_len(octets: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);
    let mut len = 0;
    while let Some(word) = octets[len..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        let below = word.wrapping_sub(ONES * u64::from(b'!')) & !word;
        let above = word | word.wrapping_add(ONES);
        // Borrow and carry come from octets that count themselves, so the lowest bit set is right.
        let outside = (below | above) & HIGH_BITS;
        if outside != 0 {
            return len + outside.trailing_zeros() as usize / 8;
        }
        len += 8;
    }
    len + octets[len..].iter().take_while(|octet| octet.is_ascii_graphic()).count()
}

#[cfg(test)]
mod tests {
    use super::graphic_len;

    #[test]
    fn the_first_octet_that_is_not_printable_is_found_wherever_it_is() {
        for octet in 0..=u8::MAX {
            for at in 0..20 {
                for after in [b'~', 0, 0xFF, b' '] {
                    let octets = [&b"!~".repeat(10)[..at], &[octet], &[after; 12]].concat();
                    let expected = octets.iter().take_while(|octet| octet.is_ascii_graphic()).count();
                    assert_eq!(graphic_len(&octets), expected, "{octets:?}");
                }
            }
        }
    }
}
