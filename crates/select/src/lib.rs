//! Which records a sink gets: a condition in a small closed language, and ready-made lists of known noise.
//!
//! ```text
//!  text ─► tokens ─► tree of comparisons ─► compiled: sets, networks, regular expressions
//!                                                     │
//!  record ─► class, flags, header, peer ── decided? ──┴─ no ─► extraction ─► each event ─► selected, or why not
//! ```
//!
//! Everything is read and compiled when the configuration is. To judge a record allocates nothing and is linear in its
//! length; a record is taken apart only when what is known since classification does not decide. There is no clock, no log
//! line and no metric here.

mod check;
mod compile;
mod condition;
mod drop;
mod error;
mod filter;
pub mod limits;
mod name;
mod native;
mod nearest;
mod parser;
mod subject;
mod token;
mod tree;

pub use condition::Condition;
pub use drop::{DROP_LISTS, DropList, NEVER_NOISE};
pub use error::ConditionError;
pub use filter::{Filter, Judgement};
pub use name::names;
