//! The names of topics.

use std::sync::Arc;

use record::{Class, Record};

/// A part of a [`TopicTemplate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TopicPiece {
    /// Stands for itself.
    Literal(String),
    /// The name of the record's class.
    Class,
    /// The name of the listener that took the record.
    Listener,
    /// The name of this instance.
    Instance,
}

/// How the topic of a record is named. Whoever makes one has checked that only legal names come out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicTemplate {
    /// The parts, in order.
    pub pieces: Vec<TopicPiece>,
    /// What [`TopicPiece::Instance`] stands for.
    pub instance: String,
}

impl TopicTemplate {
    /// The topic for records of `class` that `listener` took.
    #[must_use]
    pub fn name(&self, class: Class, listener: &str) -> String {
        let text = |piece: &TopicPiece| match piece {
            TopicPiece::Literal(text) => text.clone(),
            TopicPiece::Class => class.name().to_owned(),
            TopicPiece::Listener => listener.to_owned(),
            TopicPiece::Instance => self.instance.clone(),
        };
        self.pieces.iter().map(text).collect()
    }
}

/// Finds a record's topic, and makes each name once.
#[derive(Debug)]
pub(crate) struct Topics {
    template: TopicTemplate,
    /// For each listener, seen so far, the names by class.
    listeners: Vec<(Arc<str>, [Option<String>; Class::COUNT])>,
    /// The place of the listener that was asked for last.
    last: usize,
}

impl Topics {
    pub(crate) const fn new(template: TopicTemplate) -> Self {
        Self { template, listeners: Vec::new(), last: 0 }
    }

    /// The topic for `record`.
    pub(crate) fn of(&mut self, record: &Record<'_>) -> &str {
        let listener = &record.origin().listener;
        if self.listeners.get(self.last).is_none_or(|(known, _)| known != listener) {
            let place = self.listeners.iter().position(|(known, _)| known == listener);
            self.last = place.unwrap_or_else(|| {
                self.listeners.push((Arc::clone(listener), [const { None }; Class::COUNT]));
                self.listeners.len() - 1
            });
        }
        let (listener, names) = &mut self.listeners[self.last];
        let class = record.class();
        names[class.index()].get_or_insert_with(|| self.template.name(class, listener))
    }
}

#[cfg(test)]
mod tests {
    use ::sink::testing::batch_of;

    use super::*;

    fn template(pieces: &[TopicPiece]) -> TopicTemplate {
        TopicTemplate { pieces: pieces.to_vec(), instance: "i-1".to_owned() }
    }

    #[test]
    fn a_topic_is_named_after_what_its_template_says() {
        let batch = batch_of(&[(Class::Cef, "1"), (Class::Other, "2"), (Class::Cef, "3")]);
        let cases: [(&[TopicPiece], [&str; 3]); 3] = [
            (&[TopicPiece::Literal("audit".to_owned())], ["audit", "audit", "audit"]),
            (&[TopicPiece::Literal("a.".to_owned()), TopicPiece::Class], ["a.cef", "a.other", "a.cef"]),
            (
                &[TopicPiece::Listener, TopicPiece::Literal("-".to_owned()), TopicPiece::Instance],
                ["test-i-1", "test-i-1", "test-i-1"],
            ),
        ];
        for (pieces, expected) in cases {
            let mut topics = Topics::new(template(pieces));
            for (index, name) in expected.into_iter().enumerate() {
                assert_eq!(topics.of(&batch.record(index)), name);
            }
        }
    }
}
