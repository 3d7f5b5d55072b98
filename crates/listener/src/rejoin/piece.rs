//! What a frame tells about being a piece.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::LazyLock;

use classify::header;
use record::{Dialect, Flags, Frame, HeaderSpans, Severity};

use super::json_file;

/// Docker cuts a line into pieces of exactly so many octets, and the rest (`defaultBufSize` in moby's daemon/logger/copier.go).
pub(super) const PIECE_BYTES: usize = 16 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One stream of one container, as far as its messages tell. Names are kept as hashes, which nobody outside can foresee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sender {
    /// PRI, HOSTNAME, APP-NAME, PROCID and MSGID.
    pub(super) header: u64,
    /// In the json-file form what the entry says about it: the stream, and what the operator added.
    entry: Option<u64>,
}

impl Sender {
    /// The sender of lines that stand in their messages as they are.
    pub(super) const fn plain(header: u64) -> Self {
        Self { header, entry: None }
    }
}

/// The beginning of a frame that may be a piece.
#[derive(Debug)]
pub(super) struct Head<'a> {
    octets: &'a [u8],
    header: HeaderSpans,
    /// Octets that `frame_bytes_max` has cost.
    cut_bytes: usize,
    /// Its name, as [`Sender::header`].
    pub(super) sender: u64,
    /// Whether the header is like those of Docker's driver.
    is_drivers: bool,
    /// Whether it can be a piece: Docker's driver writes no structured data.
    pub(super) is_possible: bool,
}

impl<'a> Head<'a> {
    /// Reads `octets`, which are those of `frame`.
    pub(super) fn read(octets: &'a [u8], frame: &Frame) -> Self {
        let header = header::locate(octets).spans;
        let cut_bytes = (frame.original_bytes as usize).saturating_sub(octets.len());
        let is_possible = !frame.flags.contains(Flags::BROKEN_FRAMING) && header.structured_data.is_empty();
        let fields = [header.hostname, header.app_name, header.procid, header.msgid].map(|field| field.of(octets));
        let is_drivers = is_drivers(&header, octets);
        let sender = hash(&(is_drivers, header.pri.map(|pri| pri.value()), fields));
        Self { octets, header, cut_bytes, sender, is_drivers, is_possible }
    }

    /// The piece. `is_plain`: a line that stands in its messages as it is goes on, so whatever is in this one is a part of it.
    pub(super) fn piece(&self, is_plain: bool) -> Piece<'a> {
        let mut start = self.header.msg as usize;
        // In the middle of a line it is a character like any other.
        if self.octets[..start].ends_with(BYTE_ORDER_MARK) {
            start -= BYTE_ORDER_MARK.len();
        }
        // Octet counting counts the line feed that the driver's library puts behind each message.
        let end = self.octets.len() - usize::from(self.octets[start..].ends_with(b"\n"));
        let message = &self.octets[start..end];
        let entry = if is_plain { None } else { json_file::line(message) };
        let mut piece = Piece {
            range: start..end,
            text: Cow::Borrowed(message),
            stamp: self.header.timestamp.of(self.octets),
            sender: Sender::plain(self.sender),
            is_drivers: self.is_drivers || entry.is_some(),
            cut_bytes: self.cut_bytes,
        };
        if let Some((line, time)) = entry {
            piece.text = Cow::Owned(json_file::unescaped(&message[line.clone()]));
            piece.stamp = json_file::time(&message[time..]);
            piece.sender.entry = Some(hash(&message[line.end..time]));
            piece.range = start + line.start..start + line.end;
        }
        piece
    }
}

/// A frame that may be a piece: its sender, and the part of the line in it.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// The part of the line, as it stands in the frame.
    pub(super) range: Range<usize>,
    /// The part of the line.
    pub(super) text: Cow<'a, [u8]>,
    /// When Docker took it (json-file), or sent it.
    pub(super) stamp: &'a [u8],
    pub(super) sender: Sender,
    /// Whether it looks like one of Docker's: only what does is taken for a part of a line because of what came before.
    pub(super) is_drivers: bool,
    cut_bytes: usize,
}

impl Piece<'_> {
    pub(super) const fn is_json_file(&self) -> bool {
        self.sender.entry.is_some()
    }

    /// Whether all of it is here.
    pub(super) const fn is_uncut(&self) -> bool {
        self.cut_bytes == 0
    }

    /// Whether it is a piece after which more of the line follows, as far as it tells by itself: a line may happen to be as long.
    pub(super) fn is_full(&self) -> bool {
        self.is_uncut() && self.text.len() == PIECE_BYTES && !self.ends_line()
    }

    /// As [`Self::is_full`], for pieces that cannot be put together any more as well.
    pub(super) fn is_begun(&self) -> bool {
        if self.is_json_file() {
            // Docker's log has a longer character for an octet of one that was cut.
            return self.goes_on();
        }
        // Of a frame that was cut nobody knows whether the line feed behind it was counted.
        let bytes = self.text.len() + self.cut_bytes;
        bytes == PIECE_BYTES || !self.is_uncut() && bytes == PIECE_BYTES + 1
    }

    /// Whether more of a line of which there are pieces follows. None that ends it is as long as a piece, but by accident.
    pub(super) fn goes_on(&self) -> bool {
        self.text.len() + self.cut_bytes >= PIECE_BYTES && !self.ends_line()
    }

    /// Whether it can be the last: none has more than a piece, but for the line feed that ends a line in the json-file form.
    pub(super) fn may_be_last(&self) -> bool {
        self.is_uncut() && self.text.len() - usize::from(self.ends_line()) <= PIECE_BYTES
    }

    /// Whether nothing in a line of pieces is like this: it is short, or longer than Docker's are.
    pub(super) fn is_no_middle(&self) -> bool {
        self.is_uncut() && (!self.goes_on() || !self.is_json_file() && self.text.len() > PIECE_BYTES)
    }

    /// The one sign of an end that there is.
    fn ends_line(&self) -> bool {
        self.is_json_file() && self.text.ends_with(b"\n")
    }
}

/// Whether Docker's driver writes such headers: a tag, which is MSGID as well where there is one (RFC 5424), the number of a process,
/// and the severity of stdout or stderr (moby, daemon/logger/syslog).
fn is_drivers(header: &HeaderSpans, octets: &[u8]) -> bool {
    let (tag, procid, msgid) = (header.app_name.of(octets), header.procid.of(octets), header.msgid.of(octets));
    let is_severity = header.pri.is_some_and(|pri| matches!(pri.severity(), Severity::Informational | Severity::Error));
    let is_msgid = msgid == tag || header.dialect == Dialect::Rfc3164;
    let is_number = !procid.is_empty() && procid.iter().all(u8::is_ascii_digit);
    is_severity && !tag.is_empty() && is_msgid && is_number
}

/// A hash of `value` that is different in each process.
fn hash(value: &(impl std::hash::Hash + ?Sized)) -> u64 {
    static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    KEYS.hash_one(value)
}
