//! `${env:NAME}` and `${file:/path}` inside string values.
//!
//! It happens after parsing, on one value at a time, and its result is not looked at again: a value can therefore hold
//! any text, and can never add a key, a section, or another interpolation.

use std::path::{Path, PathBuf};

use crate::document::Environment;
use crate::problem::{Fault, quoted};
use crate::source::read_text;

/// The longest file that `${file:…}` reads, in bytes.
const VALUE_FILE_BYTES_MAX: u64 = 64 << 10;

/// A value with its interpolations filled in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Interpolated {
    pub(crate) text: String,
    /// The last file that a part of it was read from.
    pub(crate) file: Option<PathBuf>,
}

impl Interpolated {
    /// A part of it came from a file, where secrets live: it is never shown.
    pub(crate) const fn is_secret(&self) -> bool {
        self.file.is_some()
    }
}

/// Fills in `raw`. `$${` stands for a plain `${`; relative paths start at `directory`.
pub(crate) fn interpolate(raw: &str, directory: &Path, environment: Environment<'_>) -> Result<Interpolated, Fault> {
    let mut filled = Interpolated { text: String::with_capacity(raw.len()), file: None };
    let mut rest = raw;
    while let Some(opening) = rest.find("${") {
        let before = &rest[..opening];
        rest = &rest[opening + 2..];
        if let Some(before) = before.strip_suffix('$') {
            filled.text.push_str(before);
            filled.text.push_str("${");
            continue;
        }
        filled.text.push_str(before);
        let (reference, after) = rest.split_once('}').ok_or_else(|| Fault::expected("a \"}\" after \"${\""))?;
        rest = after;
        match reference.split_once(':') {
            Some(("env", name)) => filled.text.push_str(&variable(name, environment)?),
            Some(("file", path)) => {
                let place = directory.join(path);
                filled.text.push_str(&file(path, &place)?);
                filled.file = Some(place);
            }
            _ => {
                let found = quoted(&format!("${{{reference}}}"));
                return Err(Fault::new(found, "${env:NAME}, ${file:/path}, or \"$${\" for a plain \"${\""));
            }
        }
    }
    filled.text.push_str(rest);
    Ok(filled)
}

fn variable(name: &str, environment: Environment<'_>) -> Result<String, Fault> {
    let is_name = !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'_');
    if !is_name {
        return Err(Fault::new(quoted(&format!("${{env:{name}}}")), "a variable name of letters, digits and \"_\""));
    }
    environment(name).ok_or_else(|| {
        let found = format!("${{env:{name}}}, but the environment variable {name} is not set");
        Fault::new(found, format!("a value for {name} in the environment of this process"))
    })
}

/// The content of the file at `place`, which is called `path` in the configuration.
fn file(path: &str, place: &Path) -> Result<String, Fault> {
    let named = |found: String| format!("{}: {found}", quoted(&format!("${{file:{path}}}")));
    let mut text = read_text(place, VALUE_FILE_BYTES_MAX)
        .map_err(|fault| Fault::new(named(fault.found.unwrap_or_default()), fault.expected))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        return Err(Fault::new(named("an empty file".to_owned()), "a file with the value in it"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(raw: &str, directory: &Path) -> Result<Interpolated, Fault> {
        let environment = |name: &str| match name {
            "HOST" => Some("node-1".to_owned()),
            "TOML" => Some("x\"\n[sink.evil]\n${env:HOST}".to_owned()),
            _ => None,
        };
        interpolate(raw, directory, &environment)
    }

    fn check(raw: &str, expected: &str) {
        assert_eq!(filled(raw, Path::new("")), Ok(Interpolated { text: expected.to_owned(), file: None }), "{raw}");
    }

    fn refused(raw: &str, directory: &Path, found: &str) {
        let fault = filled(raw, directory).unwrap_err();
        let all = format!("{} {}", fault.found.unwrap_or_default(), fault.expected);
        assert!(all.contains(found), "{raw}: {all}");
    }

    #[test]
    fn variables_are_filled_in() {
        check("", "");
        check("plain", "plain");
        check("${env:HOST}", "node-1");
        check("a-${env:HOST}-${env:HOST}-z", "a-node-1-node-1-z");
    }

    #[test]
    fn a_doubled_dollar_is_a_plain_one() {
        check("$${env:HOST}", "${env:HOST}");
        check("$$${env:HOST}", "$${env:HOST}");
        check("5$ {x} $", "5$ {x} $");
    }

    #[test]
    fn what_was_filled_in_is_not_looked_at_again() {
        check("${env:TOML}", "x\"\n[sink.evil]\n${env:HOST}");
    }

    #[test]
    fn mistakes_name_what_is_missing() {
        let nowhere = Path::new("");
        refused("${env:NO_SUCH}", nowhere, "NO_SUCH is not set");
        refused("${env:}", nowhere, "a variable name");
        refused("${env:A B}", nowhere, "a variable name");
        refused("${HOST}", nowhere, "\"${HOST}\"");
        refused("${env:HOST", nowhere, "a \"}\"");
        refused("${file:/no/such/file}", nowhere, "/no/such/file");
    }

    #[test]
    fn a_file_value_is_secret_and_loses_one_line_end() {
        let directory = tempfile::tempdir().unwrap();
        for (octets, expected) in [("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), ("a\n\n", "a\n"), ("x", "x")] {
            std::fs::write(directory.path().join("value"), octets).unwrap();
            let expected = Interpolated { text: expected.to_owned(), file: Some(directory.path().join("value")) };
            assert_eq!(filled("${file:value}", directory.path()), Ok(expected));
        }
    }

    #[test]
    fn an_empty_or_long_or_binary_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let cases: [(Vec<u8>, &str); 5] = [
            (vec![], "an empty file"),
            (b"\n".to_vec(), "an empty file"),
            (vec![b'x'; 70_000], "longer than"),
            (vec![0xff], "not UTF-8"),
            (vec![b'a', 0], "NUL"),
        ];
        for (octets, found) in cases {
            std::fs::write(directory.path().join("value"), octets).unwrap();
            refused("${file:value}", directory.path(), found);
        }
        refused("${file:.}", directory.path(), "directory");
    }
}
