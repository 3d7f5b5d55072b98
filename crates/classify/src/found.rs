//! What a rule found, before it is told in octets of the frame.

use record::{Flags, FrameSpan, HeaderSpans, ShortSpan};

use crate::Verdict;
use crate::header::Located;
use crate::rule::{NONE, Rule, RuleText};

/// A rule that matched, and on which octets of the text that it was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) text: &'static RuleText,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) flags: Flags,
}

impl Found {
    pub(crate) const fn new(text: &'static RuleText, start: usize, end: usize) -> Self {
        Self { text, start, end, flags: Flags::NONE }
    }

    /// A rule that was decided by the member whose key is at `key`.
    pub(crate) const fn member(text: &'static RuleText, key: FrameSpan) -> Self {
        Self::new(text, key.start as usize, key.end as usize)
    }

    /// No rule matched.
    pub(crate) const fn nothing() -> Self {
        Self::new(&NONE, 0, 0)
    }

    /// The header decided: by its structured data, or else by PROCID or APP-NAME.
    pub(crate) fn by_header(text: &'static RuleText, header: &HeaderSpans) -> Self {
        let by_field = |field: ShortSpan| (field.start.into(), usize::from(field.start) + usize::from(field.len));
        let (start, end) = if !header.structured_data.is_empty() {
            (header.structured_data.start as usize, header.structured_data.end as usize)
        } else if !header.procid.is_absent() {
            by_field(header.procid)
        } else {
            by_field(header.app_name)
        };
        Self::new(text, start, end)
    }

    pub(crate) const fn with(mut self, flags: Flags) -> Self {
        self.flags = self.flags.with(flags);
        self
    }

    /// The same find in a text of which the searched one began `offset` octets in.
    pub(crate) const fn moved(mut self, offset: usize) -> Self {
        self.start += offset;
        self.end += offset;
        self
    }

    /// `offset`: where the searched text begins in the frame.
    pub(crate) fn verdict(self, offset: usize, located: &Located) -> Verdict {
        // Frames are bounded far below 4 GiB, as spans are; a longer one would only get a wrong range here.
        let matched = FrameSpan { start: (self.start + offset) as u32, end: (self.end + offset) as u32 };
        let rule = Rule::new(self.text, matched);
        Verdict { class: rule.class(), header: located.spans, flags: located.flags | self.flags, rule }
    }
}
