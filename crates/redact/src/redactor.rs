//! The redactor: what it is told, and what it gives.

use std::fmt;

use record::{Class, FrameSpan, HeaderSpans};

use crate::detector::{Detector, Detectors};
use crate::finds::Finds;
use crate::fingerprint::{Fingerprinter, KeyTooShort};
use crate::needles::Needles;
use crate::rewrite;
use crate::walk::Walk;

/// Puts fingerprints in place of secrets. Shared by all threads; made once.
pub struct Redactor {
    detectors: Detectors,
    fingerprinter: Fingerprinter,
    needles: Needles,
}

/// A secret in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Find {
    /// The octets that are replaced, in the frame as it came.
    pub span: FrameSpan,
    /// What found it.
    pub detector: Detector,
}

/// How many secrets each detector found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FindCounts([u32; Detector::COUNT]);

impl FindCounts {
    /// Counts one more find of `detector`.
    pub const fn add(&mut self, detector: Detector) {
        self.0[detector as usize] += 1;
    }

    /// How many `detector` found.
    #[must_use]
    pub const fn of(&self, detector: Detector) -> u32 {
        self.0[detector as usize]
    }
}

/// What is new about a frame that was rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redacted {
    /// Where the parts of the header lie in the rewritten frame.
    pub header: HeaderSpans,
    /// What was replaced.
    pub counts: FindCounts,
}

impl Redactor {
    /// A redactor that looks for what `detectors` know, and makes fingerprints with `key`: its octets as they are, not decoded.
    ///
    /// # Errors
    /// [`KeyTooShort`] when the key has less than [`KEY_BYTES_MIN`](crate::KEY_BYTES_MIN) octets.
    pub fn new(detectors: Detectors, key: &[u8]) -> Result<Self, KeyTooShort> {
        Ok(Self { detectors, fingerprinter: Fingerprinter::new(key)?, needles: Needles::new(detectors) })
    }

    /// What it looks for.
    #[must_use]
    pub const fn detectors(&self) -> Detectors {
        self.detectors
    }

    /// Appends `frame` to `out` with a fingerprint in place of each secret, and tells what is new about it. When there is no
    /// secret in it, which is found out at memory speed, nothing is appended and `None` comes back.
    ///
    /// `class` and `header` are what the classifier said about the frame; the class of the rewritten frame is the same.
    #[must_use]
    pub fn redact(&self, frame: &[u8], class: Class, header: &HeaderSpans, out: &mut Vec<u8>) -> Option<Redacted> {
        let finds = self.made(frame, class, header);
        if finds.list().is_empty() {
            return None;
        }
        rewrite::append(frame, &finds, out);
        let mut counts = FindCounts::default();
        finds.list().iter().for_each(|find| counts.add(find.detector));
        Some(Redacted { header: rewrite::header(header, &finds), counts })
    }

    /// The secrets that [`Self::redact`] would replace, in order, for people.
    #[must_use]
    pub fn finds(&self, frame: &[u8], class: Class, header: &HeaderSpans) -> Vec<Find> {
        let made = self.made(frame, class, header);
        made.list().iter().map(|find| Find { span: find.span, detector: find.detector }).collect()
    }

    fn made(&self, frame: &[u8], class: Class, header: &HeaderSpans) -> Finds {
        if !self.needles.any_in(frame, header.msg as usize) {
            return Finds::new(0);
        }
        let mut walk = Walk::new(self.detectors, class, &self.fingerprinter, frame.len());
        walk.frame(frame, header);
        walk.finds.in_order();
        walk.finds
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("detectors", &self.detectors).finish_non_exhaustive()
    }
}
