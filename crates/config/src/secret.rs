//! Passwords and the like: where they may stand, and that nobody prints them.

use std::fmt;
use std::path::{Path, PathBuf};

/// What nobody may read: a password, a client's secret. It came from a variable or a file, and is not empty.
///
/// Two can be compared, for telling whether a configuration has changed; printing one shows nothing of it.
#[derive(Clone)]
pub struct Secret {
    text: String,
    file: Option<PathBuf>,
}

impl Secret {
    pub(crate) fn new(text: String, file: Option<PathBuf>) -> Self {
        Self { text, file }
    }

    /// The secret itself, for handing it to whom it is for.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The file that it was read from, where a changed one can be read again; `None`: it came from a variable.
    /// Absolute, or relative to the working directory.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

/// The same secret from elsewhere is the same secret.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

/// Whether `raw` is one `${env:NAME}` or `${file:/path}` and nothing else.
pub(crate) fn is_reference(raw: &str) -> bool {
    let Some(reference) = raw.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else { return false };
    let name = reference.strip_prefix("env:").or_else(|| reference.strip_prefix("file:"));
    name.is_some_and(|name| !name.is_empty() && !name.contains(['{', '}']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_stands_alone() {
        for raw in ["${env:X}", "${file:/run/secrets/kafka}", "${file:password}"] {
            assert!(is_reference(raw), "{raw}");
        }
        for raw in [
            "",
            "hunter2",
            "${hunter2}",
            "${env:X",
            "x${env:X}",
            "${env:X}x",
            "${env:X}${env:Y}",
            "$${env:X}",
            "${env:}",
        ] {
            assert!(!is_reference(raw), "{raw}");
        }
    }

    #[test]
    fn printing_a_secret_shows_nothing_of_it() {
        let secret = Secret::new("hunter2".to_owned(), Some(PathBuf::from("/run/secrets/kafka")));
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "Secret(not shown) Some(\n    Secret(not shown),\n)");
        assert_eq!(secret.reveal(), "hunter2");
    }

    #[test]
    fn secrets_are_compared_by_their_text() {
        let from = |text: &str, file: Option<&str>| Secret::new(text.to_owned(), file.map(PathBuf::from));
        assert_eq!(from("hunter2", Some("a")), from("hunter2", None));
        assert_ne!(from("hunter2", Some("a")), from("hunter3", Some("a")));
    }
}
