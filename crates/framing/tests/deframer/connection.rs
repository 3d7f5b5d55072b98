//! A connection as the caller of a deframer sees it: octets arrive in pieces, and what is to be kept goes to the front.

use std::fmt;

use gully_framing::{Counts, Deframer, FrameFault, Framing, Settings};
use record::{Flags, Frame};

/// A frame that has left the buffer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) octets: Vec<u8>,
    pub(crate) flags: Flags,
    pub(crate) original_bytes: u32,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.octets[..self.octets.len().min(80)];
        write!(f, "\"{}\" {:?} of {}", shown.escape_ascii(), self.flags, self.original_bytes)
    }
}

/// All that a connection gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Outcome {
    pub(crate) messages: Vec<Message>,
    pub(crate) counts: Counts,
    pub(crate) fault: Option<FrameFault>,
    pub(crate) partial_bytes: u64,
    pub(crate) framing: Option<Framing>,
}

/// Sends `pieces` through a deframer, and checks what must hold at every step of every connection.
pub(crate) fn receive<'a>(
    settings: Settings,
    frames_max: usize,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Outcome {
    let mut deframer = Deframer::new(settings);
    let mut outcome = Outcome::default();
    let mut buffer = Vec::new();
    let mut frames = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            let pushed = deframer.push(&buffer, frames_max, &mut frames);
            assert!(frames.len() <= frames_max.max(1), "no more frames than asked for");
            assert!(frames.is_sorted_by(|one, next| one.span.end <= next.span.start), "in order, without overlap");
            outcome.take(&buffer, &mut frames);
            let step = match pushed {
                Ok(step) => step,
                Err(fault) => {
                    assert_eq!(deframer.push(&buffer, frames_max, &mut frames), Err(fault), "a fault stays");
                    let end = deframer.finish(&buffer);
                    assert!(frames.is_empty() && end.frame.is_none(), "nothing after a fault");
                    assert!(end.partial_bytes >= buffer.len() as u64, "what is left over is lost");
                    return Outcome {
                        counts: deframer.take_counts(),
                        fault: Some(fault),
                        framing: deframer.framing(),
                        ..outcome
                    };
                }
            };
            assert!(step.consumed + step.keep <= buffer.len());
            buffer.truncate(step.consumed + step.keep);
            buffer.drain(..step.consumed);
            if step.more {
                assert_eq!(deframer.pending_bytes(), 0, "not looked at yet");
                continue;
            }
            assert!(buffer.len() <= settings.frame_bytes_max.max(1) as usize + 11, "the prefix is all that is kept");
            assert!(deframer.pending_bytes() >= buffer.len() as u64);
            assert_eq!(deframer.pending_bytes() > 0, !buffer.is_empty());
            break;
        }
    }
    let end = deframer.finish(&buffer);
    frames.extend(end.frame);
    outcome.take(&buffer, &mut frames);
    Outcome { counts: deframer.take_counts(), partial_bytes: end.partial_bytes, framing: deframer.framing(), ..outcome }
}

impl Outcome {
    /// Takes the octets of `frames` out of `buffer`.
    fn take(&mut self, buffer: &[u8], frames: &mut Vec<Frame>) {
        self.messages.extend(frames.drain(..).map(|Frame { span, flags, original_bytes }| {
            assert!(!span.is_empty() && span.len() <= original_bytes as usize);
            assert_eq!(flags.contains(Flags::TRUNCATED), span.len() < original_bytes as usize);
            Message { octets: span.of(buffer).to_vec(), flags, original_bytes }
        }));
    }
}

/// Whole frames of these octets.
pub(crate) fn whole(messages: &[&str]) -> Vec<Message> {
    let whole = |octets: &&str| message(octets, Flags::NONE, octets.len() as u32);
    messages.iter().map(whole).collect()
}

/// A frame of these octets.
pub(crate) fn message(octets: &str, flags: Flags, original_bytes: u32) -> Message {
    Message { octets: octets.as_bytes().to_vec(), flags, original_bytes }
}

/// Sends `stream` whole, octet by octet, and in two pieces cut at every position, each also one frame at a time: the
/// outcome must always be `expected`.
#[track_caller]
pub(crate) fn check(settings: Settings, stream: impl AsRef<[u8]>, expected: &Outcome) {
    let stream = stream.as_ref();
    for frames_max in [usize::MAX, 1, 0] {
        let received = receive(settings, frames_max, [stream]);
        assert_eq!(&received, expected, "{settings:?}: \"{}\" whole", stream.escape_ascii());
        let received = receive(settings, frames_max, stream.chunks(1));
        assert_eq!(&received, expected, "{settings:?}: \"{}\" octet by octet", stream.escape_ascii());
        for cut in 0..=stream.len() {
            let (head, tail) = stream.split_at(cut);
            let received = receive(settings, frames_max, [head, tail]);
            let (head, tail) = (head.escape_ascii(), tail.escape_ascii());
            assert_eq!(&received, expected, "{settings:?}: \"{head}\" and \"{tail}\"");
        }
    }
}
