//! Our own log: one line per event to standard error.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text for people.
    Text,
    /// A JSON object per line.
    Json,
}

/// Starts logging. The environment variable `GULLY_LOG` can override the level, also per room (`gully_listener=debug`).
/// A second call, as in tests, changes nothing.
pub(crate) fn start(format: Format, level: LevelFilter) {
    let filter = EnvFilter::builder().with_default_directive(level.into()).with_env_var("GULLY_LOG").from_env_lossy();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A standard error that takes nothing any more, such as a closed pipe, must not take the thread that logs with it.
    let log = log.log_internal_errors(false);
    // Colours only for a terminal; control characters in field values are escaped by the formatter.
    let log = log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    let started = match format {
        Format::Text => log.try_init(),
        Format::Json => log.json().flatten_event(true).try_init(),
    };
    drop(started);
}

/// Prints a line to standard error; when that takes nothing, nobody is there to tell.
pub(crate) fn say(line: std::fmt::Arguments<'_>) {
    use std::io::Write;
    drop(writeln!(std::io::stderr(), "{line}"));
}
