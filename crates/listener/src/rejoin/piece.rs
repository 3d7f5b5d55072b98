//! What a frame tells about being a piece.

use std::borrow::Cow;
use std::ops::Range;

use classify::header;
use record::{Flags, Frame, HeaderSpans};

use super::json_file;

/// Docker cuts a line into pieces of exactly so many octets, and the rest (`defaultBufSize` in moby's daemon/logger/copier.go).
pub(super) const PIECE_BYTES: usize = 16 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A frame that may be a piece: its header, and the part of the line in it.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    octets: &'a [u8],
    header: HeaderSpans,
    /// The part of the line, as it stands in the frame.
    pub(super) range: Range<usize>,
    /// The part of the line.
    pub(super) text: Cow<'a, [u8]>,
    /// What tells more about where it comes from: in the json-file form the stream, and what the operator added.
    origin: Range<usize>,
    is_json_file: bool,
    /// Whether it can be a piece: it is whole, and Docker's driver writes no structured data.
    pub(super) is_possible: bool,
}

impl<'a> Piece<'a> {
    /// Reads `octets`, which are those of `frame`.
    pub(super) fn read(octets: &'a [u8], frame: &Frame) -> Self {
        let damages = [Flags::TRUNCATED, Flags::BROKEN_FRAMING];
        let is_damaged = damages.iter().any(|damage| frame.flags.contains(*damage));
        let header = header::locate(octets).spans;
        let is_possible = !is_damaged && header.structured_data.is_empty();
        let mut start = header.msg as usize;
        // In the middle of a line it is a character like any other.
        if octets[..start].ends_with(BYTE_ORDER_MARK) {
            start -= BYTE_ORDER_MARK.len();
        }
        // Octet counting counts the line feed that the driver's library puts behind each message.
        let end = octets.len() - usize::from(octets[start..].ends_with(b"\n"));
        let message = &octets[start..end];
        match json_file::line(message) {
            Some((line, time)) => {
                let text = Cow::Owned(json_file::unescaped(&message[line.clone()]));
                let (range, origin) = (start + line.start..start + line.end, start + line.end..start + time);
                Self { octets, header, range, text, origin, is_json_file: true, is_possible }
            }
            None => {
                let text = Cow::Borrowed(message);
                Self { octets, header, range: start..end, text, origin: end..end, is_json_file: false, is_possible }
            }
        }
    }

    /// Whether more of the line follows: as far as the piece tells by itself, with a line that happens to be as long.
    pub(super) fn is_full(&self) -> bool {
        self.text.len() == PIECE_BYTES && !(self.is_json_file && self.text.ends_with(b"\n"))
    }

    /// Whether it can be the last: none has more than a piece, but for the line feed that ends a line in the json-file form.
    pub(super) fn may_be_last(&self) -> bool {
        let has_line_feed = self.is_json_file && self.text.ends_with(b"\n");
        self.text.len() - usize::from(has_line_feed) <= PIECE_BYTES
    }

    /// Where it comes from.
    pub(super) fn sender(&self) -> Sender {
        let header = &self.header;
        let mut name = vec![header.pri.map_or(u8::MAX, |pri| pri.value())];
        for field in [header.hostname, header.app_name, header.procid, header.msgid] {
            name.extend_from_slice(field.of(self.octets));
            // No field has it.
            name.push(b' ');
        }
        let header_bytes = name.len();
        name.push(u8::from(self.is_json_file));
        name.extend_from_slice(&self.octets[self.origin.clone()]);
        Sender { name: name.into(), header_bytes }
    }
}

/// PRI, HOSTNAME, APP-NAME, PROCID and MSGID: one stream of one container, as far as its messages tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sender {
    name: Box<[u8]>,
    /// The part of the name that is from the header.
    header_bytes: usize,
}

impl Sender {
    /// Whether both have the same header, whatever their texts tell.
    pub(super) fn has_header_of(&self, other: &Self) -> bool {
        self.name[..self.header_bytes] == other.name[..other.header_bytes]
    }
}
