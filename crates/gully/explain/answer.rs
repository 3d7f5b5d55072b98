//! What there is to say about a message, and the answer as one JSON object.

use extract::{Extraction, Extractor, Input, Wanted};
use record::Record;
use serde_json::{Map, Value, json};
use sink::encode::{self, JsonOptions, RecordCore};

use crate::trial::{Choice, Tried};

/// What was found out about a message, by the functions that listeners, sinks and encoders call.
pub(super) struct Answer<'a> {
    /// The message as it came.
    pub(super) frame: &'a [u8],
    pub(super) tried: &'a Tried,
    /// The message as it is kept: redacted, if the configuration says so.
    pub(super) record: &'a Record<'a>,
    pub(super) extraction: Extraction<'a>,
    /// What the sinks do with it, when there is a configuration to ask.
    pub(super) choices: Option<Vec<(&'a str, Choice)>>,
}

impl<'a> Answer<'a> {
    /// Everything that can be taken out of `record`.
    pub(super) fn extraction(record: &'a Record<'a>, extractor: &'a mut Extractor) -> Extraction<'a> {
        let (octets, header) = (record.octets(), record.header());
        extractor.extract(&Input { octets, header, class: record.class(), flags: record.flags() }, Wanted::ALL)
    }

    /// The message as it came, with a `*` for each octet that is redacted: spans of the verdict are its.
    pub(super) fn masked_frame(&self) -> Vec<u8> {
        let mut frame = self.frame.to_vec();
        for find in &self.tried.finds {
            frame[find.span.start as usize..find.span.end as usize].fill(b'*');
        }
        frame
    }

    /// One object in one line, its line feed included.
    pub(super) fn json(&self) -> Vec<u8> {
        let options = JsonOptions { native: true, ecs: true, ..JsonOptions::default() };
        let mut out = vec![b'{'];
        encode::write_extracted_core(&RecordCore::from(self.record), &self.extraction, options, &mut out);
        for (name, value) in self.reasons() {
            out.extend_from_slice(format!(",\"{name}\":{value}").as_bytes());
        }
        out.extend_from_slice(b"}\n");
        out
    }

    /// Members beside those of a record.
    fn reasons(&self) -> Map<String, Value> {
        let verdict = &self.tried.verdict;
        let misses = classify::near_misses(self.frame, verdict).into_iter().map(|miss| {
            json!({"class": miss.class.name(), "start": miss.at.start, "end": miss.at.end, "why": miss.why.to_string()})
        });
        let mut members = Map::new();
        members.insert("rule".to_owned(), json!(verdict.rule.name()));
        members.insert("near_misses".to_owned(), misses.collect());
        if !self.tried.finds.is_empty() {
            let finds =
                self.tried.finds.iter().map(
                    |find| json!({"detector": find.detector.name(), "start": find.span.start, "end": find.span.end}),
                );
            members.insert("redactions".to_owned(), finds.collect());
        }
        if let Some(choices) = &self.choices {
            let choices = choices.iter().map(|(sink, choice)| ((*sink).to_owned(), json!(word(*choice))));
            members.insert("sinks".to_owned(), Value::Object(choices.collect()));
        }
        members
    }
}

/// What a sink does, in a word.
const fn word(choice: Choice) -> &'static str {
    match choice {
        Choice::Taken => "taken",
        Choice::OtherClass => "class",
        Choice::NotWhere => "where",
        Choice::Dropped(list) => list,
    }
}
