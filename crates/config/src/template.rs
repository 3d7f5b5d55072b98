//! The path of a file sink, with placeholders from a closed set.

use std::path::{Component, Path, PathBuf};

use crate::piece::{IN_PATHS, PathPlaceholder, Piece};
use crate::problem::Fault;

/// Where a file sink writes: a fixed directory, and a pattern of paths below it.
///
/// Nothing that a sender controls gets into it: the placeholders are filled with a class, a listener's name, the
/// instance or the time, all of `[A-Za-z0-9._-]`, and none of them is `.` or `..`. So every path stays below `base`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTemplate {
    /// The directory that nothing is written outside of: the whole directories before the first placeholder.
    /// Absolute, or relative to the working directory.
    pub base: PathBuf,
    /// The path below `base`, with its placeholders: `{class}/{date}.jsonl`. Never begins with `/`, never has `..`.
    pub pattern: String,
}

impl PathTemplate {
    /// Parses `text`; a relative path starts at `directory`.
    pub(crate) fn parse(text: &str, directory: &Path) -> Result<Self, Fault> {
        IN_PATHS.check(text)?;
        let literal = &text[..text.find('{').unwrap_or(text.len())];
        let (base, pattern) = match literal.rfind('/') {
            Some(slash) => (&text[..slash + 1], &text[slash + 1..]),
            None => ("", text),
        };
        if pattern.is_empty() || pattern.ends_with('/') {
            return Err(Fault::expected("the path of a file, not of a directory"));
        }
        let climbs = |path: &str| Path::new(path).components().any(|part| part == Component::ParentDir);
        if climbs(pattern) {
            return Err(Fault::expected("a path without \"..\" after its first placeholder"));
        }
        if text.contains('\0') {
            return Err(Fault::expected("a path without NUL"));
        }
        Ok(Self { base: resolved(base, directory), pattern: pattern.to_owned() })
    }

    /// The parts of the pattern, in order.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_, PathPlaceholder>> {
        IN_PATHS.pieces(&self.pattern)
    }

    /// Base and pattern as one path, placeholders as they are.
    #[must_use]
    pub fn to_path(&self) -> PathBuf {
        self.base.join(&self.pattern)
    }
}

/// `path`, starting at `directory` when it is relative, without `.` parts in its middle.
pub(crate) fn resolved(path: impl AsRef<Path>, directory: &Path) -> PathBuf {
    directory.join(path).components().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, base: &str, pattern: &str) {
        let template = PathTemplate::parse(text, Path::new("/etc/gully")).unwrap();
        assert_eq!((template.base, template.pattern.as_str()), (PathBuf::from(base), pattern), "{text}");
    }

    fn refused(text: &str, expected: &str) {
        let fault = PathTemplate::parse(text, Path::new("/etc/gully")).unwrap_err();
        let all = format!("{} {}", fault.found.unwrap_or_default(), fault.expected);
        assert!(all.contains(expected), "{text}: {all}");
    }

    #[test]
    fn the_base_ends_before_the_first_placeholder() {
        check("/var/log/gully/{class}/{date}.jsonl", "/var/log/gully", "{class}/{date}.jsonl");
        check("/var/log/gully/all-{hour}.log", "/var/log/gully", "all-{hour}.log");
        check("/var/log/all.log", "/var/log", "all.log");
        check("./records/{class}.jsonl", "/etc/gully/records", "{class}.jsonl");
        check("{class}.jsonl", "/etc/gully", "{class}.jsonl");
        check("../records/{class}", "/etc/gully/../records", "{class}");
        check("/{class}", "/", "{class}");
    }

    #[test]
    fn without_a_file_paths_start_at_the_working_directory() {
        let template = PathTemplate::parse("./gully-data/records/{class}.jsonl", Path::new("")).unwrap();
        assert_eq!(template.base, Path::new("./gully-data/records"));
    }

    #[test]
    fn pieces_come_in_order() {
        let template = PathTemplate::parse("/x/{class}-{instance}.log", Path::new("")).unwrap();
        let pieces = template.pieces().collect::<Vec<_>>();
        assert_eq!(
            pieces,
            [
                Piece::Placeholder(PathPlaceholder::Class),
                Piece::Literal("-"),
                Piece::Placeholder(PathPlaceholder::Instance),
                Piece::Literal(".log"),
            ]
        );
    }

    #[test]
    fn content_never_gets_into_a_path() {
        refused("/x/{hostname}.log", "{hostname}");
        refused("/x/{app_name}/{class}", "{app_name}");
        refused("/x/{clas}.log", "did you mean {class}?");
        refused("/x/{}.log", "{}");
        refused("/x/{class", "without a \"}\"");
        refused("/x/class}.log", "without a \"{\"");
        refused("/x/{{class}}.log", "{{class}");
    }

    #[test]
    fn a_path_stays_below_its_base() {
        refused("/x/{class}/../../etc/passwd", "\"..\"");
        refused("/x/{class}/..", "\"..\"");
        refused("/x/{class}/", "not of a directory");
        refused("/x/", "not of a directory");
        refused("", "not of a directory");
        refused("/x/..", "\"..\"");
    }
}
