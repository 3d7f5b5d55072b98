//! Reads the configuration, with the checks that need more than the file: certificates, limits of the machine, who we are.

use std::collections::BTreeSet;
use std::path::Path;

use config::{Config, Problem, Report, Severity, Sink};
use record::Class;
use rustix::process::{Resource, getrlimit};
use select::{Condition, ConditionError};

use crate::exit::{Exit, Failure};
use crate::sinks::kafka;
use crate::{logging, settings, test};

/// Descriptors that are not connections: files, the runtime's, logs, the admin endpoint.
const DESCRIPTORS_RESERVED: u64 = 256;

/// A configuration that can be used, and what is odd about it.
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) warnings: Vec<Problem>,
    /// Sinks whose conditions have parts that came from a file, and are not shown.
    pub(crate) hidden_conditions: BTreeSet<String>,
}

/// Reads the file, or the embedded configuration. Prints every problem to standard error when it cannot be used.
pub(crate) fn load(file: Option<&Path>) -> Result<Loaded, Failure> {
    let mut hidden_conditions = BTreeSet::new();
    let outcome = config::load_with(file, &|name| std::env::var(name).ok(), &mut |config, report| {
        further_checks(config, report);
        let hidden = config.sinks.iter().filter(|sink| report.is_secret(&sink.key("where")));
        hidden_conditions = hidden.map(|sink| sink.name.clone()).collect();
    });
    match outcome.config {
        Some(config) => Ok(Loaded { config, warnings: outcome.problems, hidden_conditions }),
        None => {
            let errors = outcome.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
            for problem in &outcome.problems {
                logging::say(format_args!("{problem}"));
            }
            let mistakes = if errors == 1 { "mistake" } else { "mistakes" };
            let cause = anyhow::anyhow!("the configuration cannot be used: {errors} {mistakes}, named above");
            Err(Failure::new(Exit::Configuration, cause))
        }
    }
}

fn further_checks(config: &Config, report: &mut Report) {
    check_certificates(config, report);
    check_descriptors(config, report);
    check_kafka(config, report);
    check_conditions(config, report);
    check_tests(config, report);
    if rustix::process::geteuid().is_root() && config.strict {
        report.error("strict", "the user root", "another user: gully needs CAP_NET_BIND_SERVICE at most");
    }
}

/// Loads what TLS needs, as a listener will.
fn check_certificates(config: &Config, report: &mut Report) {
    for listener in config.listeners.iter().filter(|listener| listener.tls.is_some()) {
        let key = format!("listener.{}.tls", listener.name);
        // What is wrong with the files themselves has been reported already.
        if report.is_faulty(&key) {
            continue;
        }
        match settings::tls(listener).map_err(|failure| failure.cause.to_string()).map(|tls| tls.check()) {
            Ok(Ok(warnings)) => {
                for warning in warnings {
                    report.warning(&key, warning.to_string(), "a certificate that lasts, then HUP");
                }
            }
            Ok(Err(error)) => report.error(&key, error.to_string(), "files that belong together and are valid now"),
            Err(error) => report.error(&key, error, "settings that fit together"),
        }
    }
}

/// Asks librdkafka whether it takes the settings.
fn check_kafka(config: &Config, report: &mut Report) {
    for sink in &config.sinks {
        let key = format!("sink.{}", sink.name);
        // What is wrong with a file or a key by itself has been reported already.
        let Some(target) = sink.kafka().filter(|_| !report.is_faulty(&key)) else { continue };
        let Some(fault) = kafka::fault(sink, target) else { continue };
        let key = if fault.is_passed_through { format!("{key}.properties") } else { key };
        report.error(
            &key,
            fault.found,
            "names and values as in librdkafka's CONFIGURATION.md, and files that belong together",
        );
    }
}

/// Reads the condition of each sink.
fn check_conditions(config: &Config, report: &mut Report) {
    for sink in &config.sinks {
        match sink.condition.as_deref().map(Condition::parse) {
            None => {}
            Some(Ok(condition)) => check_reach(config, sink, &condition, report),
            Some(Err(ConditionError { line, column, found, expected })) => {
                report.error_inside(&sink.key("where"), (line, column), found, expected);
            }
        }
    }
}

/// A condition that names what the sink never sees would be silent about it for ever.
fn check_reach(config: &Config, sink: &Sink, condition: &Condition, report: &mut Report) {
    let key = sink.key("where");
    let listeners = config.listeners.iter().map(|listener| listener.name.as_str()).collect::<Vec<_>>();
    // Of listeners with mistakes not all are known.
    if !report.is_faulty("listener") {
        for name in condition.listeners().filter(|name| !listeners.contains(name)) {
            let expected = format!("a listener of this configuration: {}", listeners.join(", "));
            report.error(&key, format!("the unknown listener {name:?}"), expected);
        }
    }
    for class in Class::ALL.iter().filter(|class| condition.classes().contains(**class)) {
        if !report.is_faulty(&sink.key("take")) && !sink.classes().any(|taken| taken == class.name()) {
            let found = format!("the class {class}, which the sink does not take");
            report.warning(&key, found, "classes that take names");
        }
    }
}

/// Looks whether there are such fields as the tests name.
fn check_tests(config: &Config, report: &mut Report) {
    for test in &config.tests {
        for (name, _) in &test.fields {
            if let Err(expected) = test::check_name(name) {
                let key = test.field_key(name);
                report.error(&key, "an unknown field", expected);
            }
        }
    }
}

/// A descriptor for each connection, or some will be refused that the configuration allows.
fn check_descriptors(config: &Config, report: &mut Report) {
    // The soft limit is raised to the hard one at the start.
    let Some(limit) = getrlimit(Resource::Nofile).maximum else { return };
    let (wanted, possible) = (config.connections_max(), descriptors_for_connections(config, limit));
    // The default is a bound and no wish: it is worth a word only where little is left of it.
    let is_wish = config.listeners.iter().any(|listener| report.is_given(&listener.key("connections_max")));
    if wanted > possible && (is_wish || possible < wanted / 2) {
        let found = format!(
            "{wanted} connections in all, where this process may open {limit} files and {possible} of them for connections"
        );
        report.warning("", found, "fewer connections_max, or a higher limit (LimitNOFILE=, ulimit -n)");
    }
}

/// How many of `limit` descriptors connections may take, so that files, the admin endpoint and logs still get theirs.
pub(crate) fn descriptors_for_connections(config: &Config, limit: u64) -> u64 {
    let files = config.sinks.iter().filter_map(Sink::file).map(|file| 2 * u64::from(file.open_files_max)).sum::<u64>();
    // Even a very low limit leaves half of itself to connections.
    limit.saturating_sub(files + DESCRIPTORS_RESERVED).max(limit / 2).max(1)
}
