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
        sinks(config, test, report);
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

fn sinks(config: &Config, test: &Test, report: &mut Report) {
    // Sinks with mistakes are not all known.
    if report.is_faulty("sink") {
        return;
    }
    let names = || config.sinks.iter().map(|sink| sink.name.as_str());
    for sink in test.sinks.iter().flatten().filter(|sink| names().all(|name| name != *sink)) {
        let expected = match nearest(sink, names()) {
            Some(near) => format!("{near:?}"),
            None => format!("a sink of this configuration: {}", alternatives(names())),
        };
        report.error(&test.key("sinks"), format!("the unknown sink {}", quoted(sink)), expected);
    }
}
