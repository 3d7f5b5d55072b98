//! Octet counting: `MSG-LEN SP SYSLOG-MSG` (RFC 6587 section 3.4.1, RFC 5425 section 4.3).

use record::Frame;

use crate::FrameFault;
use crate::msg_len::MsgLen;

use super::unfinished::Unfinished;
use super::{Counts, Step, frame_at};

/// The longest line end that is stripped from a message, in octets.
const LINE_END_BYTES_MAX: usize = 2;

/// A connection that is held to octet counting.
#[derive(Debug)]
pub(super) struct Counted {
    frame_bytes_max: u32,
    /// Begins with its count, which is read again with each input: nine octets at most.
    pub(super) unfinished: Unfinished,
    /// Whether the last thing seen was a frame, so that one uncounted line end may follow.
    after_frame: bool,
}

impl Counted {
    pub(super) const fn new(frame_bytes_max: u32) -> Self {
        Self { frame_bytes_max, unfinished: Unfinished::new(), after_frame: false }
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
            if self.after_frame {
                match &input[start..] {
                    [b'\n', ..] | [b'\r', b'\n', ..] => {
                        start += if input[start] == b'\n' { 1 } else { 2 };
                        counts.lenient_trailer += 1;
                        self.after_frame = false;
                    }
                    // The LF may be in the next read. Anything else makes the CR a fault below.
                    [b'\r'] => return Ok(self.unfinished.keep_all(start, input)),
                    _ => {}
                }
            }
            let Some(MsgLen { declared, prefix_bytes }) = MsgLen::parse(&input[start..])? else {
                return Ok(self.unfinished.keep_all(start, input));
            };
            let message_start = start + prefix_bytes;
            let end = message_start + declared - self.unfinished.forgotten();
            let certainly_cut = declared > self.frame_bytes_max as usize + LINE_END_BYTES_MAX;
            if end > input.len() {
                let needed = if certainly_cut { self.frame_bytes_max as usize } else { declared };
                return Ok(self.unfinished.keep_prefix(start, input, prefix_bytes + needed));
            }
            let message_bytes = without_line_end(&input[message_start..end]).len();
            if certainly_cut || message_bytes > self.frame_bytes_max as usize {
                out.push(frame_at(message_start, declared, self.frame_bytes_max));
            } else if message_bytes > 0 {
                out.push(frame_at(message_start, message_bytes, self.frame_bytes_max));
            } else {
                counts.empty += 1;
            }
            self.unfinished.clear();
            self.after_frame = true;
            start = end;
        }
        Ok(Step { consumed: start, keep: input.len() - start, more: start < input.len() })
    }
}

/// `message` without the one LF or CR LF that some senders append and count; Cloud Foundry does.
const fn without_line_end(message: &[u8]) -> &[u8] {
    match message {
        [content @ .., b'\r', b'\n'] | [content @ .., b'\n'] => content,
        content => content,
    }
}
