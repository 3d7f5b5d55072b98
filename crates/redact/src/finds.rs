//! Secrets in the frame, each with the fingerprint that takes its place.

use record::FrameSpan;

use crate::detector::Detector;
use crate::fingerprint::Fingerprint;

/// A secret in the frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    /// Its octets, with the escapes that they have in the frame.
    pub(crate) span: FrameSpan,
    pub(crate) detector: Detector,
    pub(crate) fingerprint: Fingerprint,
}

/// Puts `finds` in order, without those that lie in others. Where two are the same octets, those of a Kubernetes Secret count:
/// their base64 was undone.
pub(crate) fn in_order(mut finds: Vec<Made>) -> Vec<Made> {
    finds.sort_by_key(|find| (find.span.start, u32::MAX - find.span.end, find.detector != Detector::K8sSecret));
    let mut end = 0;
    finds.retain(|find| {
        let is_apart = find.span.start >= end && !find.span.is_empty();
        end = if is_apart { find.span.end } else { end };
        is_apart
    });
    finds
}
