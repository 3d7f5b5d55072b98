//! Finds the frames in the octets of one connection.

mod counted;
mod first_octets;
mod lines;
mod unfinished;

use std::mem;

use record::{Flags, Frame, FrameSpan};

use crate::{FRAME_BYTES_HARD_MAX, FrameFault, Framing, Settings};
use counted::Counted;
use first_octets::FirstOctets;
use lines::Lines;
use unfinished::Unfinished;

/// Cuts the stream of one connection into frames.
///
/// The caller owns the octets: a contiguous buffer of what the last [`Step`] asked to keep, followed by what was read
/// since. The deframer holds a few numbers (64 octets at most, nothing on the heap), and how the stream is cut into
/// reads makes no difference to the frames. An octet is searched once, however many reads a frame takes.
///
/// ```
/// # use gully_framing::{Deframer, FrameFault, Settings};
/// # fn read(buffer: &mut Vec<u8>) -> usize { 0 }
/// # fn deliver(octets: &[u8]) {}
/// # fn serve() -> Result<(), FrameFault> {
/// let (mut deframer, mut buffer, mut frames) = (Deframer::new(Settings::default()), Vec::new(), Vec::new());
/// while read(&mut buffer) > 0 {
///     let mut more = true;
///     while more {
///         let step = deframer.push(&buffer, 1000, &mut frames)?;
///         for frame in frames.drain(..) {
///             deliver(frame.span.of(&buffer));
///         }
///         buffer.truncate(step.consumed + step.keep);
///         buffer.drain(..step.consumed);
///         more = step.more;
///     }
/// }
/// if let Some(frame) = deframer.finish(&buffer).frame {
///     deliver(frame.span.of(&buffer));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Deframer {
    state: State,
    broken: Option<FrameFault>,
    counts: Counts,
}

/// What the caller does with the input after [`Deframer::push`].
///
/// It drops `input[..consumed]`, keeps the `keep` octets that follow as the front of the next input, and forgets
/// whatever comes after those: octets of an over-long frame, of which the prefix is already kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Step {
    /// Octets that are done with.
    pub consumed: usize,
    /// Octets to keep. When `more` is false they are one unfinished frame: at most `frame_bytes_max` and 11 octets.
    pub keep: usize,
    /// Whether it stopped at the limit of frames, so that the kept octets may hold further ones: call again at once.
    pub more: bool,
}

/// What is left when a connection has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use]
pub struct End {
    /// A last line without its trailer, marked [`Flags::UNTERMINATED`].
    pub frame: Option<Frame>,
    /// Octets of an unfinished frame that was not emitted, those already forgotten included.
    pub partial_bytes: u64,
}

/// Oddities that are tolerated and leave no frame, since they were last asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Empty lines, and counted frames that held nothing but a line end. They are not emitted.
    pub empty: u64,
    /// Line ends after a counted frame that its count did not include.
    pub lenient_trailer: u64,
}

impl Deframer {
    /// A deframer for a connection that has not sent anything yet. A limit out of range is taken as the nearest legal
    /// one.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let frame_bytes_max = settings.frame_bytes_max.clamp(1, FRAME_BYTES_HARD_MAX);
        let first_octets = FirstOctets::new(Settings { frame_bytes_max, ..settings });
        Self { state: State::FirstOctets(first_octets), broken: None, counts: Counts::default() }
    }

    /// Finds frames in `input` and appends them to `out`, at most `frames_max` (0 counts as 1).
    ///
    /// `input` starts at the first octet not yet consumed: the octets that the last call asked to keep, followed by new
    /// ones. Spans are relative to `input`, exclude counts and trailers, ascend, and do not overlap.
    ///
    /// Of a message longer than `frame_bytes_max` the prefix is emitted as soon as its last octet has passed, with
    /// [`Flags::TRUNCATED`]; `original_bytes` is then the declared length, or that of the line without its trailer.
    ///
    /// Costs a search for the trailer, or the reading of a count per frame. Does not allocate but to grow `out`.
    ///
    /// # Errors
    /// [`FrameFault`] when no further boundary can be known: the connection must be closed. Frames before the fault are
    /// in `out`. Every later call fails alike.
    ///
    /// # Panics
    /// When `input` lacks octets that were to be kept, or is longer than a span can address (4 GiB): that is our bug.
    pub fn push(&mut self, input: &[u8], frames_max: usize, out: &mut Vec<Frame>) -> Result<Step, FrameFault> {
        assert!(u32::try_from(input.len()).is_ok(), "the input is longer than a span can address");
        assert!(input.len() >= self.state.unfinished().held(), "the input lacks octets that were to be kept");
        if let Some(fault) = self.broken {
            return Err(fault);
        }
        let enough = out.len().saturating_add(frames_max.max(1));
        let step = self.state.push(input, enough, &mut self.counts, out);
        self.broken = step.err();
        step
    }

    /// Tells what becomes of `input`, which the last call asked to keep, now that the connection has ended.
    ///
    /// An unfinished counted frame is never emitted: its sender knows that it failed, and sends it again. Neither is a
    /// last line without its trailer, unless it begins with a PRI, as only the start of a message does. First octets
    /// that have not told their framing are a line too short to have a PRI.
    ///
    /// Call [`Self::push`] until there is no more before. Octets that were never pushed are not looked at; those, and
    /// whatever is left over after a fault, count as partial.
    pub fn finish(&mut self, mut input: &[u8]) -> End {
        if let State::FirstOctets(first_octets) = &self.state
            && self.broken.is_none()
            && !input.is_empty()
        {
            self.state = first_octets.at_end();
            if self.framing() == Some(Framing::Newline) {
                // Only what could have become a PROXY header has line ends, and the lines before them are empty.
                let lines = input.iter().rposition(|octet| *octet == b'\n').map_or(0, |last| last + 1);
                self.counts.empty += input[..lines].iter().filter(|octet| **octet == b'\n').count() as u64;
                input = &input[lines..];
            }
        }
        match &self.state {
            State::Lines(lines) if self.broken.is_none() => lines.finish(input),
            state => state.unfinished().lost(input),
        }
    }

    /// The framing that the connection is held to, or `None` while it is to be detected and still undecided.
    #[must_use]
    pub const fn framing(&self) -> Option<Framing> {
        match &self.state {
            State::FirstOctets(first_octets) => first_octets.fixed(),
            State::Counted(_) => Some(Framing::OctetCounting),
            State::Lines(lines) => Some(lines.framing()),
        }
    }

    /// Octets of a frame that has begun and is not finished, kept or forgotten, its count included. 0 between frames,
    /// and when the last step had more.
    ///
    /// A caller that gives a frame a deadline runs it while this is above 0, and anew after each step that consumed
    /// something: as long as steps consume nothing, it is the same frame.
    #[must_use]
    pub const fn pending_bytes(&self) -> u64 {
        self.state.unfinished().bytes()
    }

    /// The oddities since the last call.
    pub fn take_counts(&mut self) -> Counts {
        mem::take(&mut self.counts)
    }
}

#[derive(Debug)]
enum State {
    FirstOctets(FirstOctets),
    Counted(Counted),
    Lines(Lines),
}

impl State {
    const fn held_to(framing: Framing, frame_bytes_max: u32) -> Self {
        match framing {
            Framing::OctetCounting => Self::Counted(Counted::new(frame_bytes_max)),
            Framing::Detect | Framing::Newline => Self::Lines(Lines::new(b'\n', frame_bytes_max)),
            Framing::Nul => Self::Lines(Lines::new(b'\0', frame_bytes_max)),
        }
    }

    /// [`Deframer::push`], until `out` has `enough` frames.
    fn push(
        &mut self,
        input: &[u8],
        enough: usize,
        counts: &mut Counts,
        out: &mut Vec<Frame>,
    ) -> Result<Step, FrameFault> {
        loop {
            match self {
                Self::FirstOctets(first_octets) => match first_octets.decide(input)? {
                    Some(decided) => *self = decided,
                    None => return Ok(first_octets.unfinished.keep_all(0, input)),
                },
                Self::Counted(counted) => return counted.push(input, enough, counts, out),
                Self::Lines(lines) => return lines.push(input, enough, counts, out),
            }
        }
    }

    const fn unfinished(&self) -> &Unfinished {
        match self {
            Self::FirstOctets(FirstOctets { unfinished, .. })
            | Self::Counted(Counted { unfinished, .. })
            | Self::Lines(Lines { unfinished, .. }) => unfinished,
        }
    }
}

/// The frame at `start` for a message of `message_bytes` octets as sent: all of it, or the prefix that may be kept.
fn frame_at(start: usize, message_bytes: usize, frame_bytes_max: u32) -> Frame {
    let original_bytes = message_bytes as u32;
    let span = FrameSpan::new(start as u32, start as u32 + original_bytes.min(frame_bytes_max));
    let flags = if original_bytes > frame_bytes_max { Flags::TRUNCATED } else { Flags::NONE };
    Frame { span, flags, original_bytes }
}
