//! What a runtime or a logger wraps around a record. A carrier gives no class of its own.

use record::{Flags, FrameSpan};

use crate::cursor::Cursor;
use crate::json::{Facts, Object, Outline};

/// Where the line begins in a whole CRI log line: `2024-05-01T10:00:00.001234567Z stdout F `. A part (`P`) carries no record.
pub(crate) fn cri(text: &[u8]) -> Option<usize> {
    let mut line = Cursor::new(text);
    line.rfc3339()?;
    line.literal(b" std")?;
    line.literal(b"out").or_else(|| line.literal(b"err"))?;
    line.literal(b" F ")?;
    Some(line.at())
}

/// The line in an entry of docker's json-file log, still escaped.
pub(crate) fn json_file(outline: &Outline) -> Option<FrameSpan> {
    outline.facts(Object::Top).all(Facts::LOG | Facts::STREAM | Facts::TIME).then_some(outline.log)
}

/// The audit event in a Steno record of Cloud Controller's event model, still escaped.
pub(crate) fn steno(outline: &Outline) -> Option<FrameSpan> {
    outline.facts(Object::Top).all(Facts::SOURCE_EVENT | Facts::MESSAGE).then_some(outline.message)
}

/// `flags` without those that speak of the end of a record, for one that was not looked at up to its end.
pub(crate) fn without_end(flags: Flags) -> Flags {
    const OF_THE_END: [Flags; 2] = [Flags::JSON_SYNTAX, Flags::TRUNCATED_UPSTREAM];
    let kept =
        Flags::ALL.iter().map(|(flag, _)| *flag).filter(|flag| flags.contains(*flag) && !OF_THE_END.contains(flag));
    kept.fold(Flags::NONE, Flags::with)
}
