//! What there is to say about a message, and the answer as one JSON object.

use classify::Verdict;
use extract::{Extraction, Extractor, Input, Wanted};
use sink::encode::{self, JsonOptions, RecordCore};

/// What was found out about a message, by the functions that listeners and encoders call.
pub(super) struct Answer<'a> {
    pub(super) frame: &'a [u8],
    pub(super) verdict: &'a Verdict,
    pub(super) extraction: Extraction<'a>,
}

impl<'a> Answer<'a> {
    /// Takes apart `frame`, about which `verdict` was given.
    pub(super) fn new(frame: &'a [u8], verdict: &'a Verdict, extractor: &'a mut Extractor) -> Self {
        let input = Input { octets: frame, header: &verdict.header, class: verdict.class, flags: verdict.flags };
        let extraction = extractor.extract(&input, Wanted::ALL);
        Self { frame, verdict, extraction }
    }

    /// One object in one line.
    pub(super) fn write_json(&self, out: &mut Vec<u8>) {
        let Verdict { class, header, rule, .. } = self.verdict;
        let original_bytes = u32::try_from(self.frame.len()).unwrap_or(u32::MAX);
        let flags = self.extraction.flags();
        let core = RecordCore { octets: self.frame, header, class: *class, flags, original_bytes };
        let options = JsonOptions { native: true, ecs: true, ..JsonOptions::default() };
        out.push(b'{');
        encode::write_extracted_core(&core, &self.extraction, options, out);
        out.extend_from_slice(b",\"rule\":");
        encode::write_json_string(rule.name().as_bytes(), out);
        out.extend_from_slice(b"}\n");
    }
}
