//! Secrets in the frame, each with what takes its place.

use record::FrameSpan;

use crate::detector::Detector;
use crate::fingerprint::{Fingerprint, Fingerprinter};

/// What a frame may grow by beside its own length.
const GROWTH_BYTES: usize = 4096;

/// Finds that lie apart are four octets apart at least, as in `a=b;`. So a list for one in two octets has room again when those
/// that are there twice are gone.
const OCTETS_PER_FIND: usize = 2;
const LIST_MIN: usize = 64;

/// What takes the place of secrets when there were too many for fingerprints.
const STAR: &[u8] = b"*";

/// A secret in the frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    /// Its octets, with the escapes that they have in the frame.
    pub(crate) span: FrameSpan,
    pub(crate) detector: Detector,
    /// Which fingerprint it has; [`u32::MAX`] for none.
    fingerprint: u32,
}

/// All of a frame.
#[derive(Debug)]
pub(crate) struct Finds {
    list: Vec<Made>,
    list_max: usize,
    fingerprints: Vec<Fingerprint>,
    fingerprints_max: usize,
    /// What begins before this octet of the frame is not kept.
    pub(crate) kept_from: u32,
}

impl Finds {
    /// With so many fingerprints at most that a frame of `frame_bytes` becomes twice as long and 4 KiB: who sends more secrets than
    /// that wants memory.
    pub(crate) const fn new(frame_bytes: usize) -> Self {
        let fingerprints_max = (frame_bytes + GROWTH_BYTES) / Fingerprinter::BYTES;
        let list_max = frame_bytes / OCTETS_PER_FIND + LIST_MIN;
        Self { list: Vec::new(), list_max, fingerprints: Vec::new(), fingerprints_max, kept_from: 0 }
    }

    /// In order, once [`Self::in_order`] was called.
    pub(crate) fn list(&self) -> &[Made] {
        &self.list
    }

    /// Keeps a secret. The same one may be found several times, in a text and in the JSON in it: when the list is full, those
    /// that are there twice make room.
    pub(crate) fn keep(&mut self, made: Made) {
        if made.span.start < self.kept_from || made.span.is_empty() {
            return;
        }
        if self.list.len() >= self.list_max {
            self.in_order();
        }
        if self.list.len() == self.list.capacity() {
            let room = self.list_max.saturating_sub(self.list.len()).min(self.list.len());
            self.list.reserve_exact(room.max(LIST_MIN));
        }
        self.list.push(made);
    }

    /// A secret with its fingerprint, as long as there are any.
    pub(crate) fn made(&mut self, span: FrameSpan, detector: Detector, fingerprint: impl Fn() -> Fingerprint) -> Made {
        if self.fingerprints.len() >= self.fingerprints_max {
            return Made { span, detector, fingerprint: u32::MAX };
        }
        self.fingerprints.push(fingerprint());
        Made { span, detector, fingerprint: self.fingerprints.len() as u32 - 1 }
    }

    /// What takes the place of `made`.
    pub(crate) fn replacement(&self, made: &Made) -> &[u8] {
        self.fingerprints.get(made.fingerprint as usize).map_or(STAR, |fingerprint| fingerprint)
    }

    /// Puts the finds in order; those that overlap become one. Where two are the same octets, those of a Kubernetes Secret count: their
    /// base64 was undone.
    pub(crate) fn in_order(&mut self) {
        let is_other = |find: &Made| find.detector != Detector::K8sSecret;
        self.list.sort_unstable_by_key(|find| {
            (find.span.start, u32::MAX - find.span.end, is_other(find), find.detector, find.fingerprint)
        });
        self.list.dedup_by(|next, kept| {
            let overlaps = next.span.start < kept.span.end;
            if overlaps {
                kept.span.end = kept.span.end.max(next.span.end);
            }
            overlaps
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_that_overlap_become_one() {
        let mut finds = Finds::new(0);
        for (start, end) in [(4, 9), (0, 5), (9, 10), (12, 12)] {
            let made = finds.made(FrameSpan::new(start, end), Detector::Jwt, || [0; Fingerprinter::BYTES]);
            finds.keep(made);
        }
        finds.in_order();
        let spans: Vec<_> = finds.list.iter().map(|find| (find.span.start, find.span.end)).collect();
        assert_eq!(spans, [(0, 9), (9, 10)]);
    }

    #[test]
    fn what_is_found_again_takes_no_room() {
        let mut finds = Finds::new(4000);
        for _ in 0..100 {
            for at in (0..4000).step_by(4) {
                let made = finds.made(FrameSpan::new(at, at + 1), Detector::Cookie, || [0; Fingerprinter::BYTES]);
                finds.keep(made);
            }
        }
        assert!(finds.list.capacity() <= 4000 / OCTETS_PER_FIND + 2 * LIST_MIN, "{}", finds.list.capacity());
        finds.in_order();
        assert_eq!(finds.list.len(), 1000);
    }
}
