//! The topic of a Kafka sink, with placeholders from a closed set.

use crate::piece::{IN_TOPICS, Piece};
use crate::problem::{Fault, quoted};

/// The longest name of a topic, in octets: with a partition's number behind it, it names a directory of the broker.
pub(crate) const TOPIC_BYTES_MAX: usize = 249;

/// The name of a topic, or of several.
///
/// Nothing that a sender controls gets into it: the placeholders are filled with a class, a listener's name or the
/// instance. All of them, and everything else in it, is `[A-Za-z0-9._-]`, what Kafka takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicTemplate {
    /// The name, with its placeholders: `audit.{class}`.
    pub text: String,
}

impl TopicTemplate {
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        IN_TOPICS.check(text)?;
        if text.is_empty() {
            return Err(Fault::expected("the name of a topic, such as \"audit.{class}\""));
        }
        for piece in IN_TOPICS.pieces(text) {
            let Piece::Literal(literal) = piece else { continue };
            if let Some(refused) = literal.chars().find(|character| !is_topic_character(*character)) {
                let found = format!("{refused:?} in {}", quoted(text));
                return Err(Fault::new(
                    found,
                    "letters, digits, \".\", \"_\" and \"-\", which is all that Kafka takes",
                ));
            }
        }
        Ok(Self { text: text.to_owned() })
    }

    /// The parts of the name, in order; [`Piece::Date`] and [`Piece::Hour`] are not among them.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        IN_TOPICS.pieces(&self.text)
    }

    /// The topic of a record.
    #[must_use]
    pub fn topic(&self, class: &str, listener: &str, instance: &str) -> String {
        let fill = |piece| match piece {
            Piece::Literal(text) => text,
            Piece::Class => class,
            Piece::Listener => listener,
            Piece::Instance => instance,
            Piece::Date | Piece::Hour => "",
        };
        self.pieces().map(fill).collect()
    }
}

pub(crate) fn is_topic_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "._-".contains(character)
}
