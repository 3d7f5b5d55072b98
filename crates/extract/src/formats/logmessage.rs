//! What applications print: the firehose's JSON envelope, its pasted form, and loggregator's drain lines.
//!
//! What the application printed is a value here and nothing else: it is never looked into, whatever it looks like.

mod drain;
mod envelope;

use crate::extractor::Input;
use crate::field::Field;
use crate::json::Key;
use crate::meaning::Meaning;
use crate::message::Body;
use crate::octets::Octets;
use crate::out::Out;
use crate::platform;

/// By the first part of the source type; anything else is [`PRINTED`].
const MEANINGS: [(&[u8], &Meaning); 2] =
    [(b"CELL", &Meaning::new(&["process"], &["info"], 0, 0)), (b"RTR", &Meaning::new(&["web"], &["access"], 0, 0))];

const PRINTED: &Meaning = &Meaning::new(&[], &["info"], 0, 0);

pub(crate) fn extract(input: &Input<'_>, body: &Body<'_>, out: &mut Out<'_>) {
    const COOKIE: &[u8] = b"@cee:";

    let header = header::fields(input.octets, input.header);
    let text = body.text.strip_prefix(COOKIE).map_or(body.text, <[u8]>::trim_ascii_start);
    if text.first() != Some(&b'{') || platform::is_drain(input, &header) {
        drain::extract(&header, out);
    } else {
        let names_sender = !platform::has_instance(input, &header);
        if text.starts_with(envelope::PASTED_START) {
            envelope::pasted(text, names_sender, out);
        } else {
            envelope::object(text, names_sender, out);
        }
    }
}

fn stream(out: &mut Out<'_>, message_type: Octets) {
    match out.get(message_type) {
        b"OUT" => out.set_word(Field::Stream, "stdout"),
        b"ERR" => out.set_word(Field::Stream, "stderr"),
        _ => {}
    }
}

/// Which members of a list were there. Of one that is there twice the first counts.
#[derive(Debug, Default)]
struct Seen(u64);

impl Seen {
    fn is_first(&mut self, member: impl Key) -> bool {
        let bit = 1 << member.index();
        let is_first = self.0 & bit == 0;
        self.0 |= bit;
        is_first
    }
}

/// Sets source type and instance, and what kind of event such a line is.
fn source(out: &mut Out<'_>, source_type: Option<Octets>, instance: Option<Octets>) {
    if let Some(instance) = instance {
        out.set(Field::LogSourceInstance, instance);
    }
    let first = source_type.map(|source_type| {
        out.set(Field::LogSourceType, source_type);
        out.get(source_type).split(|octet| *octet == b'/').next().unwrap_or_default()
    });
    let meaning = MEANINGS.iter().find(|(kind, _)| Some(*kind) == first).map_or(PRINTED, |(_, meaning)| *meaning);
    out.means(meaning);
}
