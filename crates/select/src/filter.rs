//! What a sink gets of the records of its classes.

use extract::{Extraction, Extractor, Wanted};
use record::{Flags, Record};

use crate::condition::{Condition, Events, input, together};
use crate::drop::DropList;
use crate::subject::Subject;

/// A sink's condition and drop lists.
///
/// The same record is judged the same each time, whatever came before it: what is delivered again is the same selection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    condition: Option<Condition>,
    drops: Vec<(&'static str, Condition)>,
    wanted: Option<Wanted>,
}

/// What a [`Filter`] says of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// The sink gets it.
    Selected,
    /// It does not meet the condition.
    NotWhere,
    /// The list of this name drops it.
    Dropped(&'static str),
}

impl Judgement {
    /// Why the sink does not get the record, for the metric: `where`, or the name of the list; `None` when it gets it.
    #[must_use]
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Selected => None,
            Self::NotWhere => Some("where"),
            Self::Dropped(list) => Some(list),
        }
    }
}

impl Filter {
    /// Selects the records that meet `condition`, if there is one, and that none of the lists drops.
    pub fn new(condition: Option<Condition>, drops: impl IntoIterator<Item = &'static DropList>) -> Self {
        let drops: Vec<_> = drops.into_iter().map(|list| (list.name, list.condition())).collect();
        let conditions = condition.iter().chain(drops.iter().map(|(_, condition)| condition));
        let wanted = conditions.filter_map(Condition::wanted).reduce(together);
        Self { condition, drops, wanted }
    }

    /// Whether it selects every record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.condition.is_none() && self.drops.is_empty()
    }

    /// What has to be extracted from a record at most; `None` when it needs only what is known since classification.
    #[must_use]
    pub const fn wanted(&self) -> Option<Wanted> {
        self.wanted
    }

    /// The reasons that it can give for not selecting a record; see [`Judgement::reason`].
    pub fn reasons(&self) -> impl Iterator<Item = &'static str> {
        let of_condition = self.condition.iter().filter_map(|_| Judgement::NotWhere.reason());
        of_condition.chain(self.drops.iter().map(|(name, _)| *name))
    }

    /// Judges `record`: the condition first, then the lists in their order. Of a batch, any event has to meet the condition,
    /// and all have to be noise; a batch of more events than are taken apart is selected, since one that meets the condition
    /// may be among the others. Takes the record apart only if what is known of it does not decide.
    pub fn judge(&self, record: &Record<'_>, extractor: &mut Extractor) -> Judgement {
        let known = self.decide(&Subject { record, extraction: None });
        known.unwrap_or_else(|| {
            let wanted = self.wanted.unwrap_or(Wanted { native: false, event: false });
            self.judge_with(record, &extractor.extract(&input(record), wanted))
        })
    }

    /// The same, with an extraction of that record for at least what is [`Self::wanted`].
    #[must_use]
    pub fn judge_with(&self, record: &Record<'_>, extraction: &Extraction<'_>) -> Judgement {
        let known = self.decide(&Subject { record, extraction: None });
        // With an extraction everything is decided.
        let decided = || self.decide(&Subject { record, extraction: Some(extraction) });
        known.or_else(decided).unwrap_or(Judgement::Selected)
    }

    fn decide(&self, subject: &Subject<'_>) -> Option<Judgement> {
        if let Some(condition) = &self.condition
            && !condition.decide(subject, Events::Any)?
            && !has_unseen_events(subject)
        {
            return Some(Judgement::NotWhere);
        }
        for (name, condition) in &self.drops {
            if condition.decide(subject, Events::All)? {
                return Some(Judgement::Dropped(name));
            }
        }
        Some(Judgement::Selected)
    }
}

/// Whether the record is a batch of more events than were taken apart.
fn has_unseen_events(subject: &Subject<'_>) -> bool {
    subject.extraction.is_some_and(|extraction| extraction.flags().contains(Flags::EVENTS_LIMIT))
}
