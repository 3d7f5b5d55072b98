//! Non-transparent framing: messages that end with a trailer (RFC 6587 section 3.4.2).

use memchr::memchr;
use record::{Flags, Frame};

use crate::{FRAME_BYTES_HARD_MAX, FrameFault, Framing};

use super::unfinished::Unfinished;
use super::{Counts, End, Step, frame_at};

/// A connection that is held to lines.
#[derive(Debug)]
pub(super) struct Lines {
    frame_bytes_max: u32,
    pub(super) unfinished: Unfinished,
    /// LF or NUL.
    trailer: u8,
    /// Whether the last octet of the unfinished line is a CR that an LF would make part of the trailer.
    ends_in_cr: bool,
}

impl Lines {
    pub(super) const fn new(trailer: u8, frame_bytes_max: u32) -> Self {
        Self { frame_bytes_max, unfinished: Unfinished::new(), trailer, ends_in_cr: false }
    }

    pub(super) const fn framing(&self) -> Framing {
        if self.trailer == b'\n' { Framing::Newline } else { Framing::Nul }
    }

    pub(super) fn push(
        &mut self,
        input: &[u8],
        enough: usize,
        counts: &mut Counts,
        out: &mut Vec<Frame>,
    ) -> Result<Step, FrameFault> {
        let mut start = 0;
        while out.len() < enough {
            let unsearched = start + self.unfinished.held();
            let Some(found) = memchr(self.trailer, &input[unsearched..]) else {
                // Called for the fault it may find and the CR it notes.
                self.content_bytes(start, input)?;
                return Ok(self.unfinished.keep_prefix(start, input, self.frame_bytes_max as usize));
            };
            let end = unsearched + found;
            match self.content_bytes(start, &input[..end])? {
                0 => counts.empty += 1,
                content_bytes => out.push(frame_at(start, content_bytes, self.frame_bytes_max)),
            }
            self.unfinished.clear();
            self.ends_in_cr = false;
            start = end + 1;
        }
        Ok(Step { consumed: start, keep: input.len() - start, more: start < input.len() })
    }

    /// Length as sent of the line `input[start..]`, without a CR at its end; notes whether there is one.
    fn content_bytes(&mut self, start: usize, input: &[u8]) -> Result<usize, FrameFault> {
        let line = &input[start..];
        if line.len() > self.unfinished.held() {
            self.ends_in_cr = self.trailer == b'\n' && line.last() == Some(&b'\r');
        }
        let content_bytes = self.unfinished.forgotten() + line.len() - usize::from(self.ends_in_cr);
        if content_bytes > FRAME_BYTES_HARD_MAX as usize { Err(FrameFault::LineTooLong) } else { Ok(content_bytes) }
    }

    /// The connection has ended. `input` is all that was kept of the last line; a CR at its end is content.
    pub(super) fn finish(&self, input: &[u8]) -> End {
        let all_searched = input.len() == self.unfinished.held();
        if !all_searched || !begins_with_pri(input) {
            return self.unfinished.lost(input);
        }
        let mut frame = frame_at(0, input.len() + self.unfinished.forgotten(), self.frame_bytes_max);
        frame.flags |= Flags::UNTERMINATED;
        End { frame: Some(frame), partial_bytes: 0 }
    }
}

/// Whether `line` begins with `<`, one to three digits and `>`, or with the `<-1>` that some senders write for no PRI.
fn begins_with_pri(line: &[u8]) -> bool {
    match line {
        [b'<', b'-', b'1', b'>', ..] => true,
        [b'<', rest @ ..] => {
            let digits = rest.iter().take(4).take_while(|octet| octet.is_ascii_digit()).count();
            (1..=3).contains(&digits) && rest.get(digits) == Some(&b'>')
        }
        _ => false,
    }
}
