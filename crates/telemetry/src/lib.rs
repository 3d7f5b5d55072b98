//! Every metric of gully: its name, unit and help text, once, and the ledger that they make up.
//!
//! The names are a contract: dashboards and alerts are written against them. The full list is [`CATALOGUE`];
//! a test holds it against what the rooms register. Values are counted per batch, never per record, through handles that are
//! looked up once.
//!
//! The **ledger** is the law that holds at all times, per listener and per sink:
//!
//! ```text
//! listener:  accepted = journaled + dropped(reason)
//! sink:      taken    = delivered + dead_lettered(reason) + dropped(reason)
//!                      + filtered(reason) + in flight
//! ```
//!
//! Each term is counted by the room that causes it; none is derived from the others, so a lost record shows.

mod catalogue;
mod count;
mod exporter;
mod file;
mod kafka;
mod ledger;
mod listener;
mod process;
mod sink;

pub use catalogue::{CATALOGUE, Kind, Metric};
pub use count::{ByReason, Count, Level};
pub use exporter::Exporter;
pub use file::{FileMetrics, FileNumbers};
pub use kafka::{KafkaMetrics, KafkaReading};
pub use ledger::{Balance, Ledger};
pub use listener::ListenerMetrics;
pub use process::ProcessMetrics;
pub use sink::SinkMetrics;
