//! A sink in memory that misbehaves on request, and what else tests of other rooms need.

mod batches;
mod memory_dead_letters;
mod memory_sink;
mod sum_meter;

pub use batches::{batch_at, batch_of};
pub use memory_dead_letters::MemoryDeadLetters;
pub use memory_sink::{MemorySink, passing};
pub use sum_meter::SumMeter;
