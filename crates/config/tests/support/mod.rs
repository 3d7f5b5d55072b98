//! What the tests of mistakes share.

use gully_config::{Severity, load_text};

/// A right listener, two lines long.
pub(crate) const LISTENER: &str = "[listener.a]\naddress = '127.0.0.1:5514'\n";

/// Checks that `text` has exactly the problems `expected`, in this order, each given by the beginning of
/// `LINE: [warning: ]KEY: found …, expected …`; a line of 0 stands for no place.
#[track_caller]
pub(crate) fn check(text: &str, expected: &[&str]) {
    let environment = |name: &str| (name == "HOST").then(|| "node-1".to_owned());
    let outcome = load_text(text, None, &environment);
    let shown = outcome.problems.iter().map(|problem| {
        let severity = if problem.severity == Severity::Warning { "warning: " } else { "" };
        let line = problem.line.unwrap_or(0);
        format!("{line}: {severity}{}: found {}, expected {}", problem.key, problem.found, problem.expected)
    });
    let shown = shown.collect::<Vec<_>>();
    let is_as_expected =
        shown.len() == expected.len() && shown.iter().zip(expected).all(|(one, other)| one.starts_with(other));
    assert!(is_as_expected, "{text}\n  gave {shown:#?}\n  not {expected:#?}");
    let has_error = outcome.problems.iter().any(|problem| problem.severity == Severity::Error);
    assert_eq!(outcome.config.is_none(), has_error, "{text}");
}
