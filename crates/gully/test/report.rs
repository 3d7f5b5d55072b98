//! How the tests went, for people and for programs.

use std::fmt::Write;

use serde_json::{Value, json};

use super::outcome::{Fault, Outcome};
use crate::check::counted;

/// A line for each test, below it what differs, and the sum.
pub(super) fn text(outcomes: &[Outcome<'_>]) -> String {
    let mut text = String::new();
    let mut line = |line: std::fmt::Arguments<'_>| writeln!(text, "{line}").expect("writing to a String cannot fail");
    for Outcome { test, faults } in outcomes {
        if faults.is_empty() {
            line(format_args!("ok      {}", test.name));
            continue;
        }
        line(format_args!("FAILED  {} (test[{}])", test.name, test.number));
        for Fault { key, expected, found, why } in faults {
            let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
            line(format_args!("        {key}: expected {}, found {}{why}", shown(expected), shown(found)));
        }
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.has_passed()).count();
    let all = counted(outcomes.len(), "test");
    match failed {
        0 => line(format_args!("{all}, all passed")),
        _ => line(format_args!("{all}, {failed} failed")),
    }
    text
}

/// One object per test in a line of its own.
pub(super) fn json(outcomes: &[Outcome<'_>]) -> String {
    let fault = |fault: &Fault| {
        let Fault { key, expected, found, why } = fault;
        json!({ "key": key, "expected": expected, "found": found, "why": why })
    };
    let line = |Outcome { test, faults }: &Outcome<'_>| {
        let faults = faults.iter().map(fault).collect::<Vec<_>>();
        format!(
            "{}\n",
            json!({ "test": test.number, "name": test.name, "passed": faults.is_empty(), "faults": faults })
        )
    };
    outcomes.iter().map(line).collect()
}

/// As JSON, with everything escaped that could steer a terminal: JSON itself leaves some of it.
fn shown(value: &Value) -> String {
    if value.is_null() {
        return "nothing".to_owned();
    }
    let escape = |character: char| match character.is_control() {
        true => format!("\\u{:04x}", u32::from(character)),
        false => character.to_string(),
    };
    value.to_string().chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_escaped() {
        assert_eq!(shown(&json!("a\u{1b}[2J\u{9b}2J\u{7f}ü")), r#""a\u001b[2J\u009b2J\u007fü""#);
        assert_eq!(shown(&Value::Null), "nothing");
    }
}
