//! The topic of a Kafka sink, with placeholders from a closed set.

use crate::piece::{IN_TOPICS, Piece, TopicPlaceholder};
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
        // Nothing that is filled in is a dot or two, so the template alone tells.
        if text == "." || text == ".." {
            return Err(Fault::expected("a name that is not one or two dots"));
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

    /// The parts of the name, in order.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_, TopicPlaceholder>> {
        IN_TOPICS.pieces(&self.text)
    }

    /// The topic of a record.
    #[must_use]
    pub fn topic(&self, class: &str, listener: &str, instance: &str) -> String {
        let fill = |piece| match piece {
            Piece::Literal(text) => text,
            Piece::Placeholder(TopicPlaceholder::Class) => class,
            Piece::Placeholder(TopicPlaceholder::Listener) => listener,
            Piece::Placeholder(TopicPlaceholder::Instance) => instance,
        };
        self.pieces().map(fill).collect()
    }
}

/// Whether Kafka takes `character` in the name of a topic.
fn is_topic_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "._-".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{check_instance, is_section_name};

    fn refused(text: &str, expected: &str) {
        let fault = TopicTemplate::parse(text).unwrap_err();
        let all = format!("{}; {}", fault.found.unwrap_or_default(), fault.expected);
        assert!(all.contains(expected), "{text}: {all}");
    }

    #[test]
    fn placeholders_are_filled_in() {
        for (text, topic) in [
            ("audit", "audit"),
            ("audit.{class}", "audit.k8s.audit"),
            ("{listener}_{class}-{instance}", "drain_k8s.audit-node-1"),
        ] {
            assert_eq!(TopicTemplate::parse(text).unwrap().topic("k8s.audit", "drain", "node-1"), topic);
        }
    }

    #[test]
    fn content_never_gets_into_a_topic() {
        refused(
            "audit.{hostname}",
            "the placeholder \"{hostname}\"; only {class}, {listener} and {instance} in braces",
        );
        refused("audit.{clas}", "did you mean {class}?");
        refused("audit.{date}", "only {class}, {listener} and {instance}");
        refused("audit.{tenant}", "{tenant} is not there yet, a later version will have it");
        refused("audit.{class", "without a \"}\"");
        refused("audit.class}", "without a \"{\"");
    }

    #[test]
    fn a_topic_has_the_characters_that_kafka_takes() {
        refused("", "the name of a topic");
        refused("audit/{class}", "'/' in \"audit/{class}\"; letters, digits, \".\", \"_\" and \"-\"");
        refused("audit {class}", "' ' in");
        refused("{class}ü", "'ü' in");
        refused("a\0", "'\\0' in");
        refused(".", "one or two dots");
        refused("..", "one or two dots");
    }

    #[test]
    fn names_have_no_character_that_kafka_refuses() {
        for character in (0..=u8::MAX).map(char::from).filter(|character| !is_topic_character(*character)) {
            let name = format!("x{character}");
            assert!(check_instance(&name).is_err() && !is_section_name(&name), "{name:?}");
        }
        let mut classes = crate::classes::CLASSES.iter();
        assert!(classes.all(|class| class.chars().all(is_topic_character)));
    }
}
