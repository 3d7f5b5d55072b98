//! Objects as Java code made from an OpenAPI description prints them: `class Name {`, a line `key: value` for each member,
//! objects within indented, `}`. Nothing is quoted.

use super::{Fault, after};
use crate::json::work;
use crate::octets::Octets;
use crate::out::Out;
use crate::text::find;

/// Objects deeper than this stay text.
const DEPTH_MAX: usize = 8;

/// How the members are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breaks {
    /// By line feeds, as the producer writes them.
    Lines,
    /// By line feeds that a relay wrote as `#012`; tabs are `#011` then.
    Escaped,
    /// By blanks, as documentation and viewers collapse them. A value may hold blanks as well, so that it ends where a
    /// key follows.
    Blanks,
}

/// Adds the members of the object that `text` begins with to the object that is open in `out`. Gives what follows the
/// object. In a text that was cut, a value that nothing follows is left out.
pub(super) fn members<'a>(text: &'a [u8], out: &mut Out<'_>) -> Result<&'a [u8], Fault> {
    let start = class(text)?;
    let breaks = Breaks::of(&text[start..]);
    let mut open = Open::new(out.members());
    let end = read(text, start, breaks, &mut open, out);
    // Whatever was cut is closed.
    while open.leave(out) {}
    end.map(|end| &text[end..]).ok_or(Fault::Cut)
}

fn read(text: &[u8], start: usize, breaks: Breaks, open: &mut Open, out: &mut Out<'_>) -> Option<usize> {
    let mut at = start;
    loop {
        at = breaks.after_gap(text, at);
        if *text.get(at)? == b'}' {
            at += 1;
            if !open.leave(out) {
                return Some(at);
            }
            continue;
        }
        let Some(key) = key(&text[at..]) else {
            // No member, and no continuation of one: the object is not what it should be.
            at = breaks.next(text, at)?;
            continue;
        };
        let value = at + key.len() + 2;
        let name = out.octets(key);
        if let Ok(inner) = class(&text[value..])
            && open.enter(name, out)
        {
            at = value + inner;
            continue;
        }
        at = end_of_value(text, value, breaks)?;
        let value = out.octets(text[value..at].trim_ascii_end());
        open.pair(name, value, out);
    }
}

/// The objects that are open in `out`, outermost first.
struct Open {
    starts: [usize; DEPTH_MAX],
    depth: usize,
    /// From this depth on nothing is added: the member was there before.
    muted: Option<usize>,
}

impl Open {
    /// The outermost one is the caller's.
    fn new(start: usize) -> Self {
        Self { starts: [start; DEPTH_MAX], depth: 0, muted: None }
    }

    fn pair(&self, name: Octets, value: Octets, out: &mut Out<'_>) {
        if self.muted.is_none() && !out.has_member(self.starts[self.depth], name) {
            out.pair(name, value);
        }
    }

    /// Opens an object, unless too many are open.
    fn enter(&mut self, name: Octets, out: &mut Out<'_>) -> bool {
        if self.depth + 1 == DEPTH_MAX {
            return false;
        }
        if self.muted.is_none() && out.has_member(self.starts[self.depth], name) {
            self.muted = Some(self.depth);
        }
        self.depth += 1;
        if self.muted.is_none() {
            out.pair_object(name);
            self.starts[self.depth] = out.members();
        }
        true
    }

    /// Closes the innermost object, unless that is the caller's.
    fn leave(&mut self, out: &mut Out<'_>) -> bool {
        let Some(depth) = self.depth.checked_sub(1) else { return false };
        self.depth = depth;
        match self.muted {
            None => out.end(),
            Some(muted) if muted == depth => self.muted = None,
            Some(_) => {}
        }
        true
    }
}

impl Breaks {
    const ESCAPED_LINE_FEED: &[u8] = b"#012";
    const ESCAPED_TAB: &[u8] = b"#011";

    /// Told by what follows the brace of the outermost object: so an `#012` within a value proves nothing.
    fn of(after_brace: &[u8]) -> Self {
        if after_brace.starts_with(Self::ESCAPED_LINE_FEED) {
            Self::Escaped
        } else if matches!(after_brace, [b'\n', ..] | [b'\r', b'\n', ..]) {
            Self::Lines
        } else {
            Self::Blanks
        }
    }

    /// Where the next break begins, from `at` on.
    fn next(self, text: &[u8], at: usize) -> Option<usize> {
        let needle = match self {
            Self::Lines => b"\n",
            Self::Escaped => Self::ESCAPED_LINE_FEED,
            Self::Blanks => b" ",
        };
        find(&text[at..], needle).map(|found| at + found)
    }

    /// The first octet from `at` on that is neither break nor indentation.
    fn after_gap(self, text: &[u8], mut at: usize) -> usize {
        loop {
            work::visit(1);
            at += match &text[at..] {
                [b' ' | b'\t' | b'\r' | b'\n', ..] => 1,
                rest if self == Self::Escaped
                    && (rest.starts_with(Self::ESCAPED_LINE_FEED) || rest.starts_with(Self::ESCAPED_TAB)) =>
                {
                    Self::ESCAPED_TAB.len()
                }
                _ => return at,
            };
        }
    }
}

/// Where the value at `start` ends: at a break behind which a member or a closing brace follows. Other lines are the
/// value's own.
fn end_of_value(text: &[u8], start: usize, breaks: Breaks) -> Option<usize> {
    let mut at = start;
    loop {
        at = breaks.next(text, at)?;
        let next = breaks.after_gap(text, at);
        // A word with a colon at the very start is no key: nothing is printed as an empty value.
        let ends = at > start || breaks != Breaks::Blanks;
        if ends && (text.get(next) == Some(&b'}') || key(&text[next..]).is_some()) {
            return Some(at);
        }
        at = next.max(at + 1);
    }
}

/// The length of `class Name {`.
fn class(text: &[u8]) -> Result<usize, Fault> {
    let rest = after(text, b"class ")?;
    let len = rest.iter().take_while(|octet| octet.is_ascii_alphanumeric()).count();
    work::visit(len);
    after(&rest[len..], b" {")?;
    if len > 0 { Ok(b"class ".len() + len + b" {".len()) } else { Err(Fault::Unknown) }
}

/// The key at the start of `text`: a Java name before a colon and a blank, or a colon at the end of a line.
fn key(text: &[u8]) -> Option<&[u8]> {
    const LEN_MAX: usize = 64;
    let is_name = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'_';
    let len = text.iter().take(LEN_MAX).take_while(|octet| is_name(octet)).count();
    work::visit(len);
    let begins = text.first().is_some_and(u8::is_ascii_lowercase);
    (begins && text[len..].starts_with(b": ")).then(|| &text[..len])
}
