//! One pass over a JSON object: which of the members that matter it has, and whether it is well formed.
//!
//! No tree, no allocation, no recursion. Only the top-level object, and the few objects in it that a format puts around
//! its event, are watched; everything else is walked over. Numbers are never converted.

mod escape;
mod facts;
mod scan;
mod string;

use record::{Class, Flags, FrameSpan};

pub(crate) use escape::{one, unescape, without_cut_escape};
pub(crate) use facts::{Facts, Member, Object};
use scan::Scanner;

/// What is known about a text that begins with `{`.
#[derive(Debug)]
pub(crate) struct Outline {
    objects: [Facts; Object::COUNT],
    keys: [FrameSpan; Member::COUNT],
    /// The top-level member `log`, without its quotes, still escaped. Only with [`Facts::LOG`].
    pub(crate) log: FrameSpan,
    /// The top-level member `message`, likewise. Only with [`Facts::MESSAGE`].
    pub(crate) message: FrameSpan,
    ending: Ending,
    /// Whether [`Object::Audit`] was open where the text ended or broke.
    ends_in_audit: bool,
    oddities: Flags,
}

/// How the text goes on after the last octet that makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The object is closed and only white space follows.
    Whole,
    /// The text ends inside the object.
    Cut,
    /// There is an octet that JSON does not allow there.
    Broken,
}

/// Reads `text`, whose first octet is `{`. Spans are relative to it.
pub(crate) fn outline(text: &[u8]) -> Outline {
    Scanner::new(text).outline()
}

impl Outline {
    /// What is known about one of the watched objects; nothing when it is not there.
    pub(crate) const fn facts(&self, object: Object) -> Facts {
        self.objects[object as usize]
    }

    /// Where the key of a top-level member stands, with its quotes. For a member that is there.
    pub(crate) const fn key(&self, member: Member) -> FrameSpan {
        self.keys[member as usize]
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.ending == Ending::Cut
    }

    /// Whether the text ends inside the member `audit`.
    pub(crate) fn is_cut_in_audit(&self) -> bool {
        self.is_cut() && self.ends_in_audit
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.ending == Ending::Broken
    }

    /// What is odd about the JSON of a record of `class`. A record that was cut is one; what is no record is just no JSON.
    pub(crate) fn flags(&self, class: Class) -> Flags {
        self.oddities
            | match self.ending {
                Ending::Whole => Flags::NONE,
                Ending::Cut if class != Class::Other => Flags::TRUNCATED_UPSTREAM,
                Ending::Cut | Ending::Broken => Flags::JSON_SYNTAX,
            }
    }
}
