//! Tests that cannot show anything, or cannot be told apart.

use crate::config::Config;
use crate::nearest::nearest;
use crate::problem::{alternatives, quoted};
use crate::report::Report;
use crate::test::Test;

pub(super) fn check(config: &Config, report: &mut Report) {
    for (index, test) in config.tests.iter().enumerate() {
        if let Some(earlier) = config.tests[..index].iter().find(|earlier| earlier.name == test.name) {
            let found = format!("{}, which test[{}] has", quoted(&test.name), earlier.number);
            report.error(&test.key("name"), found, "a name of its own for each test");
        }
        if !expects_something(test, report) {
            report.error(
                &format!("test[{}]", test.number),
                "a test that expects nothing",
                "at least one of class, fields, flags and sinks",
            );
        }
        let sinks = config.sinks.iter().map(|sink| sink.name.as_str()).collect::<Vec<_>>();
        names("sink", &sinks, test.sinks.iter().flatten(), &test.key("sinks"), report);
        let listeners = config.listeners.iter().map(|listener| listener.name.as_str()).collect::<Vec<_>>();
        names("listener", &listeners, &test.listener, &test.key("listener"), report);
    }
}

fn expects_something(test: &Test, report: &Report) -> bool {
    let is_given = |name| report.is_given(&test.key(name));
    is_given("class")
        || is_given("flags")
        || is_given("sinks")
        || !test.fields.is_empty()
        || report.is_faulty(&test.key("fields"))
}

/// Reports `names` in `key` that no section of this kind has.
fn names<'a>(kind: &str, known: &[&str], names: impl IntoIterator<Item = &'a String>, key: &str, report: &mut Report) {
    // Of sections with mistakes not all are known.
    if report.is_faulty(kind) {
        return;
    }
    for name in names.into_iter().filter(|name| !known.contains(&name.as_str())) {
        let expected = match nearest(name, known.iter().copied()) {
            Some(near) => format!("{near:?}"),
            None => format!("a {kind} of this configuration: {}", alternatives(known.iter().copied())),
        };
        report.error(key, format!("the unknown {kind} {}", quoted(name)), expected);
    }
}
