//! Application output in a firehose envelope. (A drain's is told by the header, see [`crate::header`].)

use memchr::memmem;
use record::Class;

use crate::found::Found;
use crate::json::{Facts, Member, Object, Outline};
use crate::rule::RuleText;

pub(crate) static OBJECT: RuleText = RuleText {
    name: "logmessage.json",
    class: Class::LogMessage,
    sentence: "a JSON object whose event_type is LogMessage: a firehose envelope, so its text cannot make it anything else",
};

pub(crate) static PASTED: RuleText = RuleText {
    name: "logmessage.pasted",
    class: Class::LogMessage,
    sentence: "a viewer's print of a firehose envelope, `{ \\\\n key: value\\\\n …}`, whose event_type is LogMessage",
};

/// The envelope as JSON.
pub(crate) fn object(outline: &Outline) -> Option<Found> {
    let is_log_message = outline.facts(Object::Top).all(Facts::EVENT_TYPE_LOG_MESSAGE);
    is_log_message.then(|| Found::member(&OBJECT, outline.key(Member::EventType)))
}

/// The envelope as a viewer prints it: a brace, then pairs, each after two backslashes, an `n` and a blank.
pub(crate) fn pasted(text: &[u8]) -> Option<Found> {
    const START: &[u8] = b"{ \\\\n ";
    const EVENT_TYPE: &[u8] = b"\\\\n event_type: ";
    const LOG_MESSAGE: &[u8] = b"LogMessage\\\\n";
    if !text.starts_with(START) {
        return None;
    }
    let start = memmem::find(text, EVENT_TYPE)?;
    let value = start + EVENT_TYPE.len();
    text[value..].starts_with(LOG_MESSAGE).then(|| Found::new(&PASTED, start, value + LOG_MESSAGE.len()))
}
