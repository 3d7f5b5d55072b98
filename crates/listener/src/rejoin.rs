//! Docker's pieces of one record become one again.
//!
//! Docker hands a log driver lines in pieces of 16,384 octets, and the syslog driver sends each as a message without a mark (moby,
//! daemon/logger/copier.go and daemon/logger/syslog). What is put together here is therefore proven: the first piece begins a
//! JSON object and has exactly that length, each further piece comes from the same sender on the same connection, all but the
//! last have that length, the last has no more, their time stamps do not contradict, and the whole is one JSON object in UTF-8
//! and no more, in which no name comes twice. If that does not come true, all pieces are handed over as they came, in order, the
//! first flagged `truncated_upstream`, the others `continuation`.
//!
//! The text of a piece is whatever a client had written into the line, so a piece in the middle may look like a record, or like
//! an entry of docker's log. Until a line has ended nothing in it counts as such: what comes from a sender of whom a line goes on is
//! read as its next piece and as nothing else, and where the pieces cannot be put together it is flagged `continuation`. That is so
//! for senders whose header, or whose JSON, is Docker's. Of all others a message of that length may be a record that a client made so
//! long, and none of theirs is something else because of what came before it.
//!
//! What that cannot see: a piece that is missing where both ends fit together without it, in one record, or in the end of another.
//! Docker loses pieces only in its mode `non-blocking`.
//!
//! While pieces wait, messages of other senders on the connection overtake them, and those of the same sender do not.

mod json;
mod json_file;
mod output;
mod piece;
mod rest;

use std::time::Duration;

use record::{Flags, Frame, FrameSpan, Lease, UnixNanos};
use tokio::time::Instant;

use crate::Intake;
use json::{Json, Progress};
pub(crate) use output::{Chunk, Output};
use piece::{Head, PIECE_BYTES, Piece, Sender};
use rest::Rests;

/// How pieces are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejoin {
    /// Time that a piece waits for the next one. It stands still while we do not read because sinks are slow.
    pub time_max: Duration,
    /// Octets of the longest record that is put together, headers of its pieces included. Worst case: each of up to 64 senders on a
    /// connection holds twice as many for `time_max`, out of what is set aside for unfinished frames; when that is used up, nothing
    /// is put together.
    pub bytes_max: usize,
}

impl Default for Rejoin {
    /// 2 s, 1 MiB.
    fn default() -> Self {
        Self { time_max: Duration::from_secs(2), bytes_max: 1024 * 1024 }
    }
}

/// Senders on one connection whose pieces may wait at a time.
const SENDERS_MAX: usize = 64;

/// Credit for what waits is taken in steps of this size.
const HOLD_STEP_BYTES: usize = 16 * 1024;

/// What is kept of lines without taking credit for it.
const FREE_BYTES: usize = 4 * 1024;

/// Why pieces were not put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The next piece did not come in time.
    Timeout,
    /// What came was no continuation, or the end of something else.
    NotWhole,
    /// It became longer than `bytes_max`.
    TooLong,
    /// There is no room for what waits.
    Memory,
    /// The connection has ended.
    Closed,
}

impl Failure {
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::NotWhole => "not_whole",
            Self::TooLong => "too_long",
            Self::Memory => "memory",
            Self::Closed => "closed",
        }
    }
}

/// Whether any of `frames` is long enough to be a piece.
pub(crate) fn may_have_piece(frames: &[Frame]) -> bool {
    frames.iter().any(may_be_piece)
}

const fn may_be_piece(frame: &Frame) -> bool {
    frame.original_bytes as usize >= PIECE_BYTES
}

/// Flags those of `frames` that have the length of a piece: the line may go on in another. For frames that are not put together;
/// their octets are in `chunk`.
pub(crate) fn flag_pieces(frames: &mut [Frame], chunk: &[u8]) {
    for frame in frames.iter_mut().filter(|frame| may_be_piece(frame)) {
        let head = Head::read(frame.span.of(chunk), frame);
        if head.is_possible && head.piece(false).is_begun() {
            frame.flags |= Flags::TRUNCATED_UPSTREAM;
        }
    }
}

/// The lines of one connection that go on. A connection has one only while there are some.
#[derive(Debug, Default)]
pub(crate) struct Rejoiner {
    waiting: Vec<Waiting>,
    /// Lines of which the pieces do not wait.
    rests: Rests,
    lease: Option<Lease>,
}

/// The pieces of a record of which the end has not come.
#[derive(Debug)]
struct Waiting {
    sender: Sender,
    /// As [`Piece::is_drivers`].
    is_drivers: bool,
    /// The pieces as they came, header and all.
    octets: Vec<u8>,
    pieces: Vec<Part>,
    json: Json,
    /// The time stamp of the last.
    stamp: Box<[u8]>,
    due: Instant,
}

/// A piece that waits.
#[derive(Debug)]
struct Part {
    /// In the octets that wait.
    frame: Frame,
    /// The part of the line, likewise.
    line: FrameSpan,
    received_at: UnixNanos,
}

impl Rejoiner {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.rests.is_empty()
    }

    /// When the next of those that wait have waited long enough.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.waiting.iter().map(|waiting| waiting.due).chain(self.rests.due()).min()
    }

    /// Takes `frame`, whose octets are `octets`, and gives `out` what can be handed over. `refusal`: why no more may wait, if so.
    pub(crate) fn push(
        &mut self,
        octets: &[u8],
        frame: Frame,
        settings: Rejoin,
        refusal: Option<Failure>,
        out: &mut Output,
    ) {
        let head = Head::read(octets, &frame);
        if !head.is_possible {
            self.give_up_if(|sender| sender.header == head.sender, Failure::NotWhole, settings, out);
            return out.pass(frame);
        }
        let piece = head.piece(self.has_line_of(Sender::plain(head.sender)));
        if !piece.is_json_file() {
            // Its sender has lines in the json-file form, and this is none.
            self.give_up_if(
                |sender| sender.header == head.sender && *sender != piece.sender,
                Failure::NotWhole,
                settings,
                out,
            );
        }
        if let Some(index) = self.waiting.iter().position(|waiting| waiting.sender == piece.sender) {
            let failure = match self.waiting[index].take(octets, &piece, settings.bytes_max, refusal) {
                Taken::Added => return self.waiting[index].add(octets, &frame, &piece, settings, out.received_at),
                Taken::Ended => return self.waiting.remove(index).finish(octets, &frame, &piece, out),
                Taken::Failed(failure) => failure,
            };
            let waiting = self.waiting.remove(index);
            self.give_up_one(waiting, failure, settings, out);
        }
        if let Some(rest) = self.rests.get(piece.sender) {
            if rest.is_json && piece.is_no_middle() && Json::in_one(&piece.text) == Progress::Whole {
                // The last piece of a JSON object ends more than it begins, so this is none.
                self.rests.remove(piece.sender);
                return out.pass(frame);
            }
            if piece.goes_on() {
                self.rests.put(piece.sender, rest.is_json, settings.time_max);
            } else {
                self.rests.remove(piece.sender);
            }
            return out.pass(Frame { flags: frame.flags | Flags::CONTINUATION, ..frame });
        }
        if !piece.is_begun() {
            return out.pass(frame);
        }
        self.begin(octets, frame, &piece, settings, refusal, out);
    }

    /// Takes a first piece.
    fn begin(
        &mut self,
        octets: &[u8],
        frame: Frame,
        piece: &Piece<'_>,
        settings: Rejoin,
        refusal: Option<Failure>,
        out: &mut Output,
    ) {
        let mut json = Json::new();
        let is_object = piece.text.first() == Some(&b'{');
        let mut progress = if is_object { json.push(&piece.text) } else { Progress::Broken };
        if progress == Progress::Unfinished && piece.is_full() {
            let too_long = (octets.len() > settings.bytes_max).then_some(Failure::TooLong);
            let too_many = (self.waiting.len() >= SENDERS_MAX).then_some(Failure::Memory);
            let Some(failure) = too_long.or(refusal).or(too_many) else {
                let mut waiting = Waiting {
                    sender: piece.sender,
                    is_drivers: piece.is_drivers,
                    octets: Vec::new(),
                    pieces: Vec::new(),
                    json,
                    stamp: Box::default(),
                    due: Instant::now(),
                };
                waiting.add(octets, &frame, piece, settings, out.received_at);
                return self.waiting.push(waiting);
            };
            out.count(failure);
        }
        if is_object && progress == Progress::Broken {
            progress = Json::in_one(&piece.text);
        }
        if progress == Progress::Whole && piece.is_uncut() {
            return out.pass(frame);
        }
        if piece.is_drivers {
            self.rests.put(piece.sender, progress == Progress::Unfinished, settings.time_max);
        }
        out.pass(Frame { flags: frame.flags | Flags::TRUNCATED_UPSTREAM, ..frame });
    }

    fn has_line_of(&self, sender: Sender) -> bool {
        self.rests.get(sender).is_some() || self.waiting.iter().any(|waiting| waiting.sender == sender)
    }

    /// Hands over what has waited long enough.
    pub(crate) fn expire(&mut self, now: Instant, settings: Rejoin, out: &mut Output) {
        self.rests.expire(now);
        while let Some(index) = self.waiting.iter().position(|waiting| waiting.due <= now) {
            let waiting = self.waiting.remove(index);
            self.give_up_one(waiting, Failure::Timeout, settings, out);
        }
    }

    /// Hands over all that waits.
    pub(crate) fn give_up(&mut self, failure: Failure, settings: Rejoin, out: &mut Output) {
        self.give_up_if(|_| true, failure, settings, out);
    }

    fn give_up_if(&mut self, is_meant: impl Fn(&Sender) -> bool, failure: Failure, settings: Rejoin, out: &mut Output) {
        while let Some(index) = self.waiting.iter().position(|waiting| is_meant(&waiting.sender)) {
            let waiting = self.waiting.remove(index);
            self.give_up_one(waiting, failure, settings, out);
        }
    }

    fn give_up_one(&mut self, waiting: Waiting, failure: Failure, settings: Rejoin, out: &mut Output) {
        if waiting.is_drivers {
            // It waits, so it is JSON as far as it has come.
            self.rests.put(waiting.sender, true, settings.time_max);
        }
        waiting.give_up(failure, out);
    }

    /// Gives back `duration`, in which we did not read.
    pub(crate) fn forgive(&mut self, duration: Duration) {
        self.waiting.iter_mut().for_each(|waiting| waiting.due += duration);
        self.rests.forgive(duration);
    }

    /// Takes credit for what waits, or gives it back.
    pub(crate) fn account(&mut self, intake: &impl Intake) {
        let held: usize = self.waiting.iter().map(Waiting::bytes).sum::<usize>() + self.rests.bytes();
        let bytes = held.saturating_sub(FREE_BYTES).next_multiple_of(HOLD_STEP_BYTES) as u64;
        if self.lease.as_ref().map_or(0, Lease::bytes) != bytes {
            self.lease = (bytes > 0).then(|| intake.hold(bytes));
        }
    }
}

/// What becomes of a piece of which others wait.
enum Taken {
    /// It waits as well.
    Added,
    /// It is the last.
    Ended,
    Failed(Failure),
}

impl Waiting {
    fn take(&mut self, octets: &[u8], piece: &Piece<'_>, bytes_max: usize, refusal: Option<Failure>) -> Taken {
        let is_possible = piece.may_be_last() && self.may_precede(piece);
        let progress = if is_possible { self.json.push(&piece.text) } else { Progress::Broken };
        let is_short = self.octets.len() + octets.len() <= bytes_max;
        match progress {
            Progress::Broken => Taken::Failed(Failure::NotWhole),
            _ if !is_short => Taken::Failed(Failure::TooLong),
            Progress::Whole => Taken::Ended,
            Progress::Unfinished => match refusal {
                Some(failure) => Taken::Failed(failure),
                None if piece.is_full() => Taken::Added,
                None => Taken::Failed(Failure::NotWhole),
            },
        }
    }

    /// Whether the time stamps allow that `piece` comes next. All entries of a line in docker's log have the time of the first (since
    /// Docker 18.02); the syslog driver writes the time at which it sends.
    fn may_precede(&self, piece: &Piece<'_>) -> bool {
        if piece.is_json_file() { *self.stamp == *piece.stamp } else { !goes_back(&self.stamp, piece.stamp) }
    }

    /// What it holds.
    fn bytes(&self) -> usize {
        let pieces = self.pieces.capacity() * size_of::<Part>();
        size_of::<Self>() + self.octets.capacity() + pieces + self.json.bytes() + self.stamp.len()
    }

    fn add(&mut self, octets: &[u8], frame: &Frame, piece: &Piece<'_>, settings: Rejoin, received_at: UnixNanos) {
        let start = self.octets.len() as u32;
        self.octets.extend_from_slice(octets);
        self.pieces.push(Part {
            frame: Frame { span: FrameSpan::new(start, self.octets.len() as u32), ..*frame },
            line: FrameSpan::new(start + piece.range.start as u32, start + piece.range.end as u32),
            received_at,
        });
        if *self.stamp != *piece.stamp {
            self.stamp = piece.stamp.into();
        }
        self.due = Instant::now() + settings.time_max;
    }

    /// Puts the record together: what is around the line in its first piece, and the line of all.
    fn finish(self, octets: &[u8], frame: &Frame, last: &Piece<'_>, out: &mut Output) {
        let Some(first) = self.pieces.first() else { return };
        let flags = self.pieces.iter().fold(frame.flags, |flags, part| flags | part.frame.flags);
        out.make(flags | Flags::REJOINED, |record| {
            record.extend_from_slice(&self.octets[..first.line.start as usize]);
            for part in &self.pieces {
                record.extend_from_slice(part.line.of(&self.octets));
            }
            record.extend_from_slice(&octets[last.range.clone()]);
            record.extend_from_slice(&self.octets[first.line.end as usize..first.frame.span.end as usize]);
        });
    }

    /// Hands the pieces over as they came.
    fn give_up(self, failure: Failure, out: &mut Output) {
        out.count(failure);
        for (index, part) in self.pieces.iter().enumerate() {
            // Those of others are records, as far as anybody can tell.
            let cut = if index == 0 || !self.is_drivers { Flags::TRUNCATED_UPSTREAM } else { Flags::CONTINUATION };
            out.copy(
                part.frame.span.of(&self.octets),
                Frame { flags: part.frame.flags | cut, ..part.frame },
                part.received_at,
            );
        }
    }
}

/// Whether `next` is before `stamp`, as far as the text tells: both are of one form of RFC 3339, in the same zone.
fn goes_back(stamp: &[u8], next: &[u8]) -> bool {
    let zone = |stamp: &[u8]| stamp.len() - if stamp.ends_with(b"Z") { 1 } else { 6.min(stamp.len()) };
    let is_numeric = stamp.first().is_some_and(u8::is_ascii_digit);
    is_numeric && stamp.len() == next.len() && stamp[zone(stamp)..] == next[zone(next)..] && next < stamp
}

#[cfg(test)]
mod tests;
