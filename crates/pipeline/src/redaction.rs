//! Secrets are taken out of the records of one read.

use record::{Entry, Flags, FrameSpan};
use redact::{Detector, FindCounts, Redactor};
use telemetry::ListenerMetrics;

/// The rewritten frames of one read, side by side. Holds nothing while no secret was found.
#[derive(Debug)]
pub(crate) struct Redaction<'a> {
    redactor: &'a Redactor,
    rewritten: Vec<u8>,
    counts: [u64; Detector::COUNT],
}

impl<'a> Redaction<'a> {
    pub(crate) const fn new(redactor: &'a Redactor) -> Self {
        Self { redactor, rewritten: Vec::new(), counts: [0; Detector::COUNT] }
    }

    /// Looks for secrets in `frame`. When there are some, `entry` is flagged, and its span lies among the rewritten frames from now
    /// on.
    pub(crate) fn take(&mut self, entry: &mut Entry, frame: &[u8]) {
        let start = self.rewritten.len() as u32;
        if let Some(redacted) = self.redactor.redact(frame, entry.class, &entry.header, &mut self.rewritten) {
            entry.span = FrameSpan::new(start, self.rewritten.len() as u32);
            entry.header = redacted.header;
            entry.flags |= Flags::REDACTED;
            self.count(&redacted.counts);
        }
    }

    fn count(&mut self, counts: &FindCounts) {
        for (count, detector) in self.counts.iter_mut().zip(Detector::ALL) {
            *count += u64::from(counts.of(*detector));
        }
    }

    /// The rewritten frames, when there are any; what was found is counted.
    pub(crate) fn finish(self, metrics: &ListenerMetrics) -> Option<Vec<u8>> {
        for (detector, count) in Detector::ALL.iter().zip(self.counts).filter(|(_, count)| *count > 0) {
            metrics.redacted.add(detector.name(), count);
        }
        (!self.rewritten.is_empty()).then_some(self.rewritten)
    }
}
