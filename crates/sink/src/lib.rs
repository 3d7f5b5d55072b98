//! What a sink is, the driver that feeds it, and the encoders.
//!
//! A [`Sink`] knows one thing: how to deliver one [`SinkBatch`] after another. Everything else that a destination needs
//! lives here, once: the [`Driver`] reads the sink's journal cursor, leaves out what its filter does not select
//! ([`Selection`]), delivers, retries with back-off, puts aside what can never be delivered ([`DeadLetters`]), accounts
//! for every record ([`Meter`]), and moves the cursor with the [`Ack`] of the oldest batch alone.

mod backoff;
mod batch;
mod dead_letters;
mod driver;
pub mod encode;
mod error;
mod meter;
mod selection;
mod sink;
pub mod testing;
mod warnings;

pub use backoff::BackoffSettings;
pub use batch::{SinkBatch, SinkRecords};
pub use dead_letters::{DEAD_LETTER_VERSION, DeadLetter, DeadLetterError, DeadLetterFile, DeadLetters};
pub use driver::{Alarm, Driver, DriverHandle, DriverSettings, Outcome};
pub use encode::Encoding;
pub use error::{DeliveryError, Rejected, Trouble};
pub use meter::{Meter, NoMeter};
pub use selection::Selection;
pub use sink::{Ack, Progress, Sink};
