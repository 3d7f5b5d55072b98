//! Exit codes, after BSD's sysexits, so that service managers and scripts can tell what to do.

use std::process::ExitCode;

/// Why the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All went well; nothing that was received was abandoned.
    Success = 0,
    /// A test of the configuration failed, or there was none.
    Failed = 1,
    /// The command line is wrong.
    Usage = 64,
    /// The input is not what it should be.
    Data = 65,
    /// An address is in use or not ours.
    Unavailable = 69,
    /// Our own mistake.
    Software = 70,
    /// Something could not be created.
    CannotCreate = 73,
    /// Reading or writing failed.
    InputOutput = 74,
    /// Octets or records were left behind at the stop; the last log line tells how many.
    TryAgain = 75,
    /// The system does not permit it.
    Permission = 77,
    /// The configuration is wrong.
    Configuration = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failure with its exit code: what happened, in a sentence for the operator.
#[derive(Debug)]
pub(crate) struct Failure {
    /// How the process ends.
    pub(crate) exit: Exit,
    /// What happened and what to do.
    pub(crate) cause: anyhow::Error,
}

impl Failure {
    /// A failure of the kind `exit`.
    pub(crate) fn new(exit: Exit, cause: impl Into<anyhow::Error>) -> Self {
        Self { exit, cause: cause.into() }
    }
}
