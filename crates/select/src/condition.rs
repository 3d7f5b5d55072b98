//! A condition, ready to be asked.

use std::fmt;

use extract::{Event, Extraction, Extractor, Input, Wanted};
use record::{Class, ClassMask, Record};

use crate::check::Check;
use crate::error::ConditionError;
use crate::limits::COMPARISONS_MAX;
use crate::name::Name;
use crate::parser;
use crate::subject::{SEEN_LATER, Subject, holds_for};
use crate::tree::{Comparison, Tree};

/// A condition on records, such as `event.outcome == "failure" and not source.ip in_cidr ["10.0.0.0/8"]`; the README has
/// the language.
///
/// Comparisons of what is missing are false, and `not` turns them round like any others. To ask allocates nothing, but for
/// what a regular expression needs while it is new; the time is linear in the record.
#[derive(Debug, Clone)]
pub struct Condition {
    text: Box<str>,
    tree: Tree,
    comparisons: Box<[Comparison]>,
    wanted: Option<Wanted>,
}

/// For which events of a record a condition must hold. A record without events counts as one event without fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Events {
    Any,
    All,
}

impl Condition {
    /// Reads `text`, and compiles it.
    ///
    /// # Errors
    /// The first mistake, with its place; the operator's. [`crate::limits`] has what is too large.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        let (tree, comparisons) = parser::parse(text).map_err(|mistake| mistake.in_text(text))?;
        let wanted = comparisons.iter().filter_map(wanted_for).reduce(together);
        Ok(Self { text: text.into(), tree, comparisons: comparisons.into(), wanted })
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What has to be extracted from a record at most; `None` when it needs only what is known since classification. Parts
    /// that decide without an extraction spare it.
    #[must_use]
    pub const fn wanted(&self) -> Option<Wanted> {
        self.wanted
    }

    /// The listeners that it names whole, for who knows which there are.
    pub fn listeners(&self) -> impl Iterator<Item = &str> {
        let texts = self.comparisons.iter().filter_map(|comparison| match comparison {
            Comparison::Value(Name::Listener, Check::Texts(texts)) => Some(texts),
            _ => None,
        });
        texts.flatten().filter_map(|text| std::str::from_utf8(text).ok())
    }

    /// The classes that it names.
    #[must_use]
    pub fn classes(&self) -> ClassMask {
        let named = |place: usize| {
            self.comparisons.iter().any(|comparison| match comparison {
                Comparison::Listed(Name::Class, places) => places >> place & 1 == 1,
                _ => false,
            })
        };
        Class::ALL.iter().enumerate().filter(|(place, _)| named(*place)).map(|(_, class)| *class).collect()
    }

    /// Whether it holds for `record`; for a batch: for any of its events.
    pub fn holds(&self, record: &Record<'_>, extractor: &mut Extractor) -> bool {
        let known = self.decide(&Subject { record, extraction: None }, Events::Any);
        let Some(wanted) = self.wanted.filter(|_| known.is_none()) else { return known == Some(true) };
        let extraction = extractor.extract(&input(record), wanted);
        self.holds_with(record, &extraction)
    }

    /// The same, with an extraction of that record for at least what is [`Self::wanted`].
    #[must_use]
    pub fn holds_with(&self, record: &Record<'_>, extraction: &Extraction<'_>) -> bool {
        self.decide(&Subject { record, extraction: Some(extraction) }, Events::Any) == Some(true)
    }

    /// Whether it holds for `events` of the record; always decided when there is an extraction.
    pub(crate) fn decide(&self, subject: &Subject<'_>, events: Events) -> Option<bool> {
        let mut memory = Memory::default();
        let mut of_record = |place: usize| memory.recall(place, || subject.decide(&self.comparisons[place]));
        let Some(extraction) = subject.extraction else { return self.tree.value(&mut of_record) };
        let mut holds = |event: Option<Event<'_>>| {
            let of_event = |place: usize| event.is_some_and(|event| holds_for(&event, &self.comparisons[place]));
            let mut decide = |place: usize| of_record(place).or_else(|| Some(of_event(place)));
            self.tree.value(&mut decide) == Some(true)
        };
        let mut all = extraction.events();
        Some(match events {
            _ if all.len() == 0 => holds(None),
            Events::Any => all.any(|event| holds(Some(event))),
            Events::All => all.all(|event| holds(Some(event))),
        })
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Condition {}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What an extractor gets.
pub(crate) fn input<'a>(record: &Record<'a>) -> Input<'a> {
    Input { octets: record.octets(), header: record.header(), class: record.class(), flags: record.flags() }
}

/// What has to be extracted to decide `comparison`, if anything.
fn wanted_for(comparison: &Comparison) -> Option<Wanted> {
    match comparison.name() {
        Name::Event(_) => Some(Wanted { native: false, event: true }),
        Name::Native(_) => Some(Wanted { native: true, event: false }),
        Name::Flags => {
            let Comparison::Listed(_, places) = comparison else { return None };
            let comes_later = SEEN_LATER.indexes().any(|place| places >> place & 1 == 1);
            comes_later.then_some(Wanted { native: false, event: false })
        }
        _ => None,
    }
}

/// What serves both.
pub(crate) fn together(a: Wanted, b: Wanted) -> Wanted {
    Wanted { native: a.native || b.native, event: a.event || b.event }
}

/// Comparisons of the record as a whole that were made already: a batch must not pay for them once per event.
#[derive(Debug, Default)]
struct Memory {
    made: [u64; COMPARISONS_MAX / 64],
    held: [u64; COMPARISONS_MAX / 64],
}

impl Memory {
    fn recall(&mut self, place: usize, make: impl FnOnce() -> Option<bool>) -> Option<bool> {
        let (word, bit) = (place / 64, 1 << (place % 64));
        if self.made[word] & bit != 0 {
            return Some(self.held[word] & bit != 0);
        }
        let held = make()?;
        self.made[word] |= bit;
        self.held[word] |= if held { bit } else { 0 };
        Some(held)
    }
}
