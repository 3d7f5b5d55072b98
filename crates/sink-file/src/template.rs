//! Paths out of a closed set of placeholders.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::Timestamp;
use record::{Class, ClassMask, UnixNanos};

use crate::pattern::{Group, Pattern, Piece};

/// The path of a file sink, such as `/var/log/gully/{class}/{date}.jsonl`.
///
/// Everything up to the last `/` before the first placeholder is the *base*, which the operator answers for. What
/// follows is made of single names between slashes: no `.`, no `..`, no empty one. Placeholders are `{class}`,
/// `{listener}`, `{instance}`, and `{date}` (`2026-11-21`) and `{hour}` (`00` to `23`), both UTC and of the time at which
/// the record was received, so a late or repeated delivery goes into the same file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTemplate {
    text: String,
    base: PathBuf,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Class,
    Listener,
    Instance,
    Date,
    Hour,
}

/// What a path template was expected to have, and where. Places are octets from its start, from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// A placeholder outside the closed set.
    #[error("found {{{found}}} at octet {at}, expected {{class}}, {{listener}}, {{instance}}, {{date}} or {{hour}}")]
    Placeholder {
        /// Where its brace is.
        at: usize,
        /// What is between the braces.
        found: String,
    },
    /// A brace without its other half.
    #[error("found a single brace at octet {at}, expected {{class}}, {{listener}}, {{instance}}, {{date}} or {{hour}}")]
    Brace {
        /// Where.
        at: usize,
    },
    /// A name between slashes that would lead elsewhere.
    #[error("found {found:?} at octet {at}, expected a name between slashes that is neither empty nor . nor ..")]
    Name {
        /// Where the name begins.
        at: usize,
        /// The name.
        found: String,
    },
    /// A zero octet.
    #[error("found a zero octet at octet {at}, expected none in a path")]
    Zero {
        /// Where.
        at: usize,
    },
}

/// A value that may not become part of a path; it holds the placeholder and the value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnsafeValue(pub(crate) &'static str, pub(crate) String);

impl fmt::Display for UnsafeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(placeholder, value) = self;
        write!(f, "{{{placeholder}}} is {value:?}, expected 1 to 64 of A-Z a-z 0-9 . _ - that do not begin with a dot")
    }
}

/// What placeholders stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) class: Class,
    pub(crate) listener: &'a str,
    pub(crate) instance: &'a str,
    pub(crate) received_at: UnixNanos,
}

impl PathTemplate {
    /// The directory that nothing is written outside of.
    #[must_use]
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// The template as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Writes the path below the base into `path`, whose old content goes away.
    pub(crate) fn render(&self, values: &Values<'_>, path: &mut String) -> Result<(), UnsafeValue> {
        path.clear();
        for part in &self.parts {
            match part {
                Part::Literal(text) => path.push_str(text),
                Part::Class => path.push_str(checked("class", values.class.name())?),
                Part::Listener => path.push_str(checked("listener", values.listener)?),
                Part::Instance => path.push_str(checked("instance", values.instance)?),
                Part::Date => path.push_str(&stamp(values.received_at, "%Y-%m-%d")),
                Part::Hour => path.push_str(&stamp(values.received_at, "%H")),
            }
        }
        Ok(())
    }

    /// What paths of this template look like, for one instance and the classes that the sink takes.
    pub(crate) fn pattern(&self, instance: &str, take: ClassMask) -> Pattern {
        let piece = |part: &Part| match part {
            Part::Literal(text) => Piece::Text(text.clone()),
            Part::Class => Piece::Class,
            Part::Listener => Piece::Listener,
            Part::Instance => Piece::Text(instance.to_owned()),
            Part::Date => Piece::Date,
            Part::Hour => Piece::Hour,
        };
        Pattern::new(self.parts.iter().map(piece), self.extension(), take)
    }

    /// The group that a path with these values belongs to.
    pub(crate) fn group(&self, values: &Values<'_>) -> Group {
        Group {
            class: self.parts.contains(&Part::Class).then_some(values.class),
            listener: self.parts.contains(&Part::Listener).then(|| values.listener.to_owned()),
        }
    }

    /// The file name's extension with its dot, as far as the template spells it out; empty when it does not.
    pub(crate) fn extension(&self) -> &str {
        let Some(Part::Literal(text)) = self.parts.last() else { return "" };
        let name_start = text.rfind('/').map_or(0, |slash| slash + 1);
        match text[name_start..].rfind('.') {
            // A dot at the very beginning of the whole name makes a hidden file, not an extension.
            Some(0) if name_start > 0 || self.parts.len() == 1 => "",
            Some(dot) => &text[name_start + dot..],
            None => "",
        }
    }
}

impl FromStr for PathTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        if let Some(at) = text.find('\0') {
            return Err(TemplateError::Zero { at });
        }
        let first_brace = text.find(['{', '}']).unwrap_or(text.len());
        let base_len = text[..first_brace].rfind('/').map_or(0, |slash| slash + 1);
        let base = if base_len == 0 { PathBuf::from(".") } else { PathBuf::from(&text[..base_len]) };

        check_names(text, base_len)?;
        Ok(Self { text: text.to_owned(), base, parts: parts(text, base_len)? })
    }
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Takes `text` from `at` on apart.
fn parts(text: &str, mut at: usize) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Vec::new();
    while at < text.len() {
        let rest = &text[at..];
        let literal = &rest[..rest.find(['{', '}']).unwrap_or(rest.len())];
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.to_owned()));
            at += literal.len();
            continue;
        }
        let name = rest.strip_prefix('{').and_then(|inside| inside.split_once('}')).map(|(name, _)| name);
        let name = name.filter(|name| !name.contains('{')).ok_or(TemplateError::Brace { at })?;
        parts.push(match name {
            "class" => Part::Class,
            "listener" => Part::Listener,
            "instance" => Part::Instance,
            "date" => Part::Date,
            "hour" => Part::Hour,
            _ => return Err(TemplateError::Placeholder { at, found: name.to_owned() }),
        });
        at += name.len() + 2;
    }
    Ok(parts)
}

/// Looks at the names between slashes from `start` on. A placeholder's value is never empty nor begins with a dot, so
/// a name is `.` or `..` only where the template spells it out.
fn check_names(text: &str, start: usize) -> Result<(), TemplateError> {
    let mut at = start;
    for name in text[start..].split('/') {
        if matches!(name, "" | "." | "..") {
            return Err(TemplateError::Name { at, found: name.to_owned() });
        }
        at += name.len() + 1;
    }
    Ok(())
}

/// `value`, when it may become part of a path.
pub(crate) fn checked<'a>(placeholder: &'static str, value: &'a str) -> Result<&'a str, UnsafeValue> {
    let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if (1..=64).contains(&value.len()) && !value.starts_with('.') && value.bytes().all(safe) {
        return Ok(value);
    }
    Err(UnsafeValue(placeholder, value.to_owned()))
}

fn stamp(moment: UnixNanos, format: &str) -> String {
    let moment = Timestamp::from_nanosecond(i128::from(moment.0)).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: Values<'_> = Values {
        class: Class::UaaAudit,
        listener: "drain",
        instance: "node-1",
        received_at: UnixNanos(1_795_256_100_000_000_000),
    };

    fn check(template: &str, base: &str, path: &str, extension: &str) {
        let parsed = template.parse::<PathTemplate>().unwrap();
        let mut rendered = "old".to_owned();
        parsed.render(&VALUES, &mut rendered).unwrap();
        assert_eq!((parsed.base(), &*rendered, parsed.extension()), (Path::new(base), path, extension), "{template}");
    }

    #[test]
    fn the_base_ends_before_the_first_placeholder() {
        check("/var/log/gully/{class}.jsonl", "/var/log/gully/", "cf.uaa.audit.jsonl", ".jsonl");
        check("/var/log/g-{instance}/{listener}/{date}/{hour}", "/var/log/", "g-node-1/drain/2026-11-21/10", "");
        check("/var/log/audit.log", "/var/log/", "audit.log", ".log");
        check("audit-{date}.tar.gz", ".", "audit-2026-11-21.tar.gz", ".gz");
        check("{class}", ".", "cf.uaa.audit", "");
        check("/x/.hidden", "/x/", ".hidden", "");
        check("/x/{class}/.hidden", "/x/", "cf.uaa.audit/.hidden", "");
    }

    fn check_error(template: &str, expected: TemplateError) {
        assert_eq!(template.parse::<PathTemplate>(), Err(expected), "{template}");
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused_with_their_place() {
        let name = |at, found: &str| TemplateError::Name { at, found: found.to_owned() };
        check_error("/base/{class}/../x", name(14, ".."));
        check_error("/base/{class}/./x", name(14, "."));
        check_error("/base/{class}//x", name(14, ""));
        check_error("/base/{class}/", name(14, ""));
        check_error("/base/", name(6, ""));
        check_error("", name(0, ""));
        check_error("..", name(0, ".."));
        check_error("/b/x\0", TemplateError::Zero { at: 4 });
    }

    #[test]
    fn only_the_closed_set_is_allowed_and_the_error_lists_it() {
        let placeholder = |at, found: &str| TemplateError::Placeholder { at, found: found.to_owned() };
        check_error("/b/{hostname}", placeholder(3, "hostname"));
        check_error("/b/{}", placeholder(3, ""));
        check_error("/b/{Class}", placeholder(3, "Class"));
        check_error("/b/{class", TemplateError::Brace { at: 3 });
        check_error("/b/class}", TemplateError::Brace { at: 8 });
        check_error("/b/{{class}}", TemplateError::Brace { at: 3 });
        let message = placeholder(3, "msgid").to_string();
        for allowed in ["{class}", "{listener}", "{instance}", "{date}", "{hour}", "octet 3"] {
            assert!(message.contains(allowed), "{message}");
        }
    }

    #[test]
    fn a_value_outside_the_character_set_is_never_part_of_a_path() {
        let template = "/b/{listener}".parse::<PathTemplate>().unwrap();
        let long = "x".repeat(65);
        for listener in ["..", ".", "/etc/x", "a/../../b", "%2e%2e", "\\", "a\0b", long.as_str(), "", ".x", "é", "a b"]
        {
            let rendered = template.render(&Values { listener, ..VALUES }, &mut String::new());
            assert_eq!(rendered, Err(UnsafeValue("listener", listener.to_owned())));
        }
    }

    #[test]
    fn every_class_may_be_part_of_a_path() {
        assert!(Class::ALL.iter().all(|class| checked("class", class.name()).is_ok()));
    }
}
