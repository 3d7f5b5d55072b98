//! Templates: text with placeholders from a closed set.

use crate::nearest::nearest;
use crate::problem::{Fault, quoted};

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a, P> {
    /// Text that stands as it is.
    Literal(&'a str),
    /// What is filled in.
    Placeholder(P),
}

/// What is filled into the path of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathPlaceholder {
    /// `{class}`: the class of the record.
    Class,
    /// `{listener}`: the name of the listener that received it.
    Listener,
    /// `{instance}`: the name of this instance.
    Instance,
    /// `{date}`: the day.
    Date,
    /// `{hour}`: the hour of the day.
    Hour,
}

/// What is filled into the name of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicPlaceholder {
    /// `{class}`: the class of the record.
    Class,
    /// `{listener}`: the name of the listener that received it.
    Listener,
    /// `{instance}`: the name of this instance.
    Instance,
}

/// The placeholders that a kind of template takes.
pub(crate) struct Placeholders<P: 'static> {
    pub(crate) now: &'static [(&'static str, P)],
    /// Those that a later version takes. They get an error of their own, which says so.
    pub(crate) later: &'static [&'static str],
}

pub(crate) const IN_PATHS: Placeholders<PathPlaceholder> = Placeholders {
    now: &[
        ("class", PathPlaceholder::Class),
        ("listener", PathPlaceholder::Listener),
        ("instance", PathPlaceholder::Instance),
        ("date", PathPlaceholder::Date),
        ("hour", PathPlaceholder::Hour),
    ],
    later: &[],
};

pub(crate) const IN_TOPICS: Placeholders<TopicPlaceholder> = Placeholders {
    now: &[
        ("class", TopicPlaceholder::Class),
        ("listener", TopicPlaceholder::Listener),
        ("instance", TopicPlaceholder::Instance),
    ],
    later: &["tenant"],
};

impl<P: Copy> Placeholders<P> {
    /// Refuses braces around anything else.
    pub(crate) fn check(&self, text: &str) -> Result<(), Fault> {
        let mut rest = text;
        while let Some((_, after)) = self.next(rest)? {
            rest = after;
        }
        Ok(())
    }

    /// The parts of `text`, in order, as far as it is right.
    pub(crate) fn pieces<'a>(&self, text: &'a str) -> impl Iterator<Item = Piece<'a, P>> {
        let mut rest = text;
        std::iter::from_fn(move || {
            let (piece, after) = self.next(rest).ok()??;
            rest = after;
            Some(piece)
        })
    }

    /// The first part of `text` and what follows it; `None` at the end.
    fn next<'a>(&self, text: &'a str) -> Result<Option<(Piece<'a, P>, &'a str)>, Fault> {
        let Some(first) = text.chars().next() else { return Ok(None) };
        if first != '{' {
            let end = text.find(['{', '}']).unwrap_or(text.len());
            if end == 0 {
                return Err(Fault::new(format!("a \"}}\" without a \"{{\" in {}", quoted(text)), self.closed_set()));
            }
            return Ok(Some((Piece::Literal(&text[..end]), &text[end..])));
        }
        let Some((name, after)) = text[1..].split_once('}') else {
            return Err(Fault::new(format!("a \"{{\" without a \"}}\" in {}", quoted(text)), self.closed_set()));
        };
        let known = self.now.iter().find(|(known, _)| *known == name);
        known.map(|(_, placeholder)| Some((Piece::Placeholder(*placeholder), after))).ok_or_else(|| {
            let found = format!("the placeholder {}", quoted(&format!("{{{name}}}")));
            Fault::new(found, format!("{}{}", self.closed_set(), self.hint(name)))
        })
    }

    fn hint(&self, name: &str) -> String {
        if self.later.contains(&name) {
            return format!(": {{{name}}} is not there yet, a later version will have it");
        }
        let near = nearest(name, self.now.iter().map(|(known, _)| *known));
        near.map(|near| format!("; did you mean {{{near}}}?")).unwrap_or_default()
    }

    /// `only {a}, {b} and {c} in braces`.
    fn closed_set(&self) -> String {
        let mut names = self.now.iter().map(|(name, _)| format!("{{{name}}}")).collect::<Vec<_>>();
        let last = names.pop().unwrap_or_default();
        format!("only {} and {last} in braces", names.join(", "))
    }
}
