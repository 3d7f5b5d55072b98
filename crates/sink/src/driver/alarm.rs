//! What is wrong with a sink now.

use std::time::SystemTime;

use crate::Trouble;

/// A sink that fails, since when and why. Goes away with the next success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The short name of the cause.
    pub reason: &'static str,
    /// What happened, last.
    pub what: String,
    /// What a person can do.
    pub remedy: String,
    /// When the first failure was.
    pub since: SystemTime,
    /// How often it has failed since then.
    pub failures: u64,
}

impl Alarm {
    /// Raises `alarm`, or brings a raised one up to date.
    pub(super) fn raise(alarm: &mut Option<Self>, trouble: &Trouble) {
        let (since, failures) = match alarm {
            Some(raised) => (raised.since, raised.failures + 1),
            None => (SystemTime::now(), 1),
        };
        let Trouble { reason, what, remedy } = trouble.clone();
        *alarm = Some(Self { reason, what, remedy, since, failures });
    }
}
