//! What can be typed: commands and flags, with their help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Receives syslog from platforms, tells audit records from the rest, and delivers both without losing any silently.
#[derive(Debug, Parser)]
#[command(name = "gully", version, max_term_width = 100)]
#[command(
    after_help = "Without a command, gully runs with its embedded configuration. Exit codes follow sysexits: 1 a test of the \
    configuration failed, 64 usage, 65 input, \
    69 address not available, 73 cannot create, 74 input/output, 75 something was left behind, 77 permission, 78 configuration."
)]
pub(crate) struct Cli {
    /// What to do; `run` when nothing is said.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Receive and deliver until stopped. TERM drains, a second TERM hurries, HUP reopens files and reloads certificates.
    Run(ConfigFile),
    /// Report every mistake in a configuration, and the memory that it allows at most.
    Check {
        /// What to check.
        #[command(flatten)]
        file: ConfigFile,
        /// Ask the Kafka clusters, too: whether they let us in, and whether the topics are as safe as they should be.
        #[arg(long)]
        connect: bool,
    },
    /// Say what a line is and why: header, class, the rule that decided and those that did not, fields, and with --config
    /// what is redacted and which sinks take it.
    Explain(Explain),
    /// Run the tests that stand in a configuration: lines, and what should become of them. Exit code 1 when one fails, or there is none.
    Test(Test),
    /// Print configuration: all defaults, the schema, or a file to begin with.
    Config {
        /// What to print.
        #[arg(value_enum)]
        what: ConfigText,
    },
}

/// Where the configuration is.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ConfigFile {
    /// The configuration file; without it, the embedded one: TCP and UDP on 127.0.0.1:5514, files under ./gully-data.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// What `gully config` prints.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ConfigText {
    /// Every key with its default, as TOML with comments.
    Defaults,
    /// The JSON Schema of the configuration.
    Schema,
    /// A short configuration to begin with.
    Init,
}

/// The flags of `gully explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// How the input is cut into messages.
    #[arg(long, value_enum, default_value_t = Input::Lines)]
    pub(crate) input: Input,
    /// Which header the messages have. An object's own `transport` member goes before it.
    #[arg(long, value_enum, default_value_t = Header::Auto)]
    pub(crate) transport: Header,
    /// Print one JSON object per message instead of text for people.
    #[arg(long)]
    pub(crate) json: bool,
    /// What redacts the message, and whose sinks may take it.
    #[command(flatten)]
    pub(crate) configuration: ConfigFile,
    /// Read this file; without it, or with -, standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

/// The flags of `gully test`.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The configuration with the tests.
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// Print one JSON object per test instead of text for people.
    #[arg(long)]
    pub(crate) json: bool,
    /// Run only tests whose names hold one of these texts.
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
}

/// How `gully explain` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Input {
    /// A message per line.
    Lines,
    /// A JSON object per line with the message in `message` and, if present, its header in `transport`.
    Jsonl,
}

/// Which header a message has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Header {
    /// Find out, as a listener does.
    Auto,
    /// None: the whole message is MSG.
    Raw,
    /// RFC 5424.
    Rfc5424,
    /// RFC 3164 and its kin.
    Rfc3164,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
