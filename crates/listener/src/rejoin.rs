//! Docker's pieces of one record become one again.
//!
//! Docker hands a log driver lines in pieces of 16,384 octets, and the syslog driver sends each as a message without a mark (moby,
//! daemon/logger/copier.go and daemon/logger/syslog). What is put together here is therefore proven: the first piece begins a
//! JSON object and has exactly that length, each further piece comes from the same sender on the same connection, all but the
//! last have that length, the last has no more, and the whole is one JSON object in UTF-8 and no more, in which no name comes twice. If that does not come true, all pieces are handed over
//! as they came, in order, the first flagged `truncated_upstream`.
//!
//! What that cannot see: a piece that is missing from the middle of one long string, whose ends fit together without it. Docker
//! loses pieces only in its mode `non-blocking`.
//!
//! While pieces wait, messages of other senders on the connection overtake them, and those of the same sender do not.

mod json;
mod json_file;
mod output;
mod piece;

use std::time::Duration;

use record::{Flags, Frame, FrameSpan, Lease, UnixNanos};
use tokio::time::Instant;

use crate::Intake;
use json::{Json, Progress};
pub(crate) use output::{Chunk, Output};
use piece::{PIECE_BYTES, Piece, Sender};

/// How pieces are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejoin {
    /// Time that a piece waits for the next one. It stands still while we do not read because sinks are slow.
    pub time_max: Duration,
    /// Octets of the longest record that is put together, headers of its pieces included. Worst case: each of up to 64 senders on a
    /// connection holds so many for `time_max`, out of what is set aside for unfinished frames; when that is used up, nothing is
    /// put together.
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
const HOLD_STEP_BYTES: u64 = 16 * 1024;

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
    frames.iter().any(|frame| frame.span.len() >= PIECE_BYTES)
}

/// The pieces of one connection that wait. A connection has one only while there are some.
#[derive(Debug, Default)]
pub(crate) struct Rejoiner {
    waiting: Vec<Waiting>,
    lease: Option<Lease>,
}

/// The pieces of a record of which the end has not come.
#[derive(Debug)]
struct Waiting {
    sender: Sender,
    /// The pieces as they came, header and all.
    octets: Vec<u8>,
    pieces: Vec<Part>,
    json: Json,
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
        self.waiting.is_empty()
    }

    /// When the next of those that wait have waited long enough.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.waiting.iter().map(|waiting| waiting.due).min()
    }

    /// Takes `frame`, whose octets are `octets`, and gives `out` what can be handed over. `has_room`: whether more may wait.
    pub(crate) fn push(&mut self, octets: &[u8], frame: Frame, settings: Rejoin, has_room: bool, out: &mut Output) {
        let piece = Piece::read(octets, &frame);
        let sender = piece.sender();
        if !piece.is_possible {
            for waiting in self.waiting.extract_if(.., |waiting| waiting.sender.has_header_of(&sender)) {
                waiting.give_up(Failure::NotWhole, out);
            }
            return out.pass(frame);
        }
        if let Some(index) = self.waiting.iter().position(|waiting| waiting.sender == sender) {
            let waiting = &mut self.waiting[index];
            let is_short = waiting.octets.len() + octets.len() <= settings.bytes_max;
            let progress = if piece.may_be_last() { waiting.json.push(&piece.text) } else { Progress::Broken };
            let failure = match progress {
                Progress::Broken => Failure::NotWhole,
                Progress::Whole if is_short => {
                    self.waiting.remove(index).finish(octets, &frame, &piece, out);
                    return;
                }
                _ if !is_short => Failure::TooLong,
                _ if !has_room => Failure::Memory,
                Progress::Unfinished if piece.is_full() => {
                    waiting.add(octets, &frame, &piece, settings, out.received_at);
                    return;
                }
                _ => Failure::NotWhole,
            };
            self.waiting.remove(index).give_up(failure, out);
        }
        // It may be the first piece of the next record.
        if piece.is_full() && piece.text.first() == Some(&b'{') {
            let mut json = Json::new();
            if json.push(&piece.text) == Progress::Unfinished {
                if octets.len() > settings.bytes_max {
                    out.count(Failure::TooLong);
                } else if has_room && self.waiting.len() < SENDERS_MAX {
                    let mut waiting =
                        Waiting { sender, octets: Vec::new(), pieces: Vec::new(), json, due: Instant::now() };
                    waiting.add(octets, &frame, &piece, settings, out.received_at);
                    self.waiting.push(waiting);
                    return;
                } else {
                    out.count(Failure::Memory);
                }
            }
        }
        out.pass(frame);
    }

    /// Hands over what has waited long enough.
    pub(crate) fn expire(&mut self, now: Instant, out: &mut Output) {
        while let Some(index) = self.waiting.iter().position(|waiting| waiting.due <= now) {
            self.waiting.remove(index).give_up(Failure::Timeout, out);
        }
    }

    /// Hands over all that waits.
    pub(crate) fn give_up(&mut self, failure: Failure, out: &mut Output) {
        self.waiting.drain(..).for_each(|waiting| waiting.give_up(failure, out));
    }

    /// Gives back `duration`, in which we did not read.
    pub(crate) fn forgive(&mut self, duration: Duration) {
        self.waiting.iter_mut().for_each(|waiting| waiting.due += duration);
    }

    /// Takes credit for what waits, or gives it back.
    pub(crate) fn account(&mut self, intake: &impl Intake) {
        let held: usize = self.waiting.iter().map(|waiting| waiting.octets.capacity()).sum();
        let bytes = (held as u64).next_multiple_of(HOLD_STEP_BYTES);
        if self.lease.as_ref().map_or(0, Lease::bytes) != bytes {
            self.lease = (bytes > 0).then(|| intake.hold(bytes));
        }
    }
}

impl Waiting {
    fn add(&mut self, octets: &[u8], frame: &Frame, piece: &Piece<'_>, settings: Rejoin, received_at: UnixNanos) {
        let start = self.octets.len() as u32;
        self.octets.extend_from_slice(octets);
        self.pieces.push(Part {
            frame: Frame { span: FrameSpan::new(start, self.octets.len() as u32), ..*frame },
            line: FrameSpan::new(start + piece.range.start as u32, start + piece.range.end as u32),
            received_at,
        });
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
            let cut = if index == 0 { Flags::TRUNCATED_UPSTREAM } else { Flags::NONE };
            out.copy(
                part.frame.span.of(&self.octets),
                Frame { flags: part.frame.flags | cut, ..part.frame },
                part.received_at,
            );
        }
    }
}

#[cfg(test)]
mod tests;
