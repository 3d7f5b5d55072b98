//! Why a delivery failed, sorted by what helps.

use std::fmt;

use record::Sequence;

/// Why a sink cannot go on. No batch is under way any more; the driver gives those that are not settled to it again.
/// The variant decides what happens before; no record is dropped for any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryError {
    /// Will pass by itself or when somebody makes room: no connection, no space. Tried again for ever, with back-off.
    Passing(Trouble),
    /// Will not pass until somebody changes something: no permission, no such topic. Treated like [`Self::Passing`],
    /// since the change may happen outside.
    Configuration(Trouble),
    /// The sink's client is beyond repair. The sink is rebuilt before anything is given to it again.
    Fatal(Trouble),
}

/// What happened and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// A short name out of a closed set, for metrics and for limiting log lines: `no_space`, `connection`.
    pub reason: &'static str,
    /// What happened, to what, in one sentence.
    pub what: String,
    /// What a person can do.
    pub remedy: String,
}

/// A record that can never be delivered to this sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Which record.
    pub record: Sequence,
    /// A short name out of a closed set: `too_large`, `invalid`.
    pub reason: &'static str,
    /// What the sink, or the other side, said about it.
    pub what: String,
}

impl DeliveryError {
    /// What is wrong, whatever is done about it.
    #[must_use]
    pub const fn trouble(&self) -> &Trouble {
        match self {
            Self::Passing(trouble) | Self::Configuration(trouble) | Self::Fatal(trouble) => trouble,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.remedy)
    }
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.trouble().fmt(f)
    }
}

impl std::error::Error for DeliveryError {}
