//! Which rule decided, for people.

use std::fmt;

use record::{Class, FrameSpan};

/// A rule's name, the class it gives, and what it says. Each format's file has its own.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleText {
    /// A short name, unique among the rules: `k8s.event`.
    pub name: &'static str,
    /// The class of what the rule matches.
    pub class: Class,
    /// What the rule recognises, as a sentence without a full stop.
    pub sentence: &'static str,
}

/// The rule that decided about a frame, and the octets it saw.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    text: &'static RuleText,
    /// The octets that gave the match, relative to the start of the frame. Empty, at the start of the message, when no
    /// rule matched. For a record that was unwrapped from JSON: the string that carries it.
    pub matched: FrameSpan,
}

impl Rule {
    /// `text`, seen at `matched`.
    #[must_use]
    pub const fn new(text: &'static RuleText, matched: FrameSpan) -> Self {
        Self { text, matched }
    }

    /// The short name: `k8s.event`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.text.name
    }

    /// The class the rule gives.
    #[must_use]
    pub const fn class(self) -> Class {
        self.text.class
    }

    /// What the rule recognises, in words.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        self.text.sentence
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}..{}", self.name(), self.matched.start, self.matched.end)
    }
}

pub(crate) static APPLICATION: RuleText = RuleText {
    name: "drain.application",
    class: Class::LogMessage,
    sentence: "the header says that an application printed it (structured data `tags@47450`, a PROCID such as `[APP/0]`, or a GUID for a name), so \
               its text cannot make it anything else",
};

pub(crate) static CONTAINER: RuleText = RuleText {
    name: "container",
    class: Class::Other,
    sentence: "the header says that it is a container's output (structured data `kubernetes@47450`, or an APP-NAME `pod.log/…` or `k8s.event/…`), \
               which never becomes an audit record",
};

pub(crate) static ENVELOPE: RuleText = RuleText {
    name: "drain.envelope",
    class: Class::Other,
    sentence: "the header says that it is a metric or an event of a drain (structured data `gauge@`, `counter@`, `timer@` or \
               `event@47450`)",
};

pub(crate) static NONE: RuleText =
    RuleText { name: "none", class: Class::Other, sentence: "no rule matches: it has the form of no audit format" };
