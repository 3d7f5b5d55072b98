//! The trait that every destination implements.

use std::time::Duration;

use crate::{DeliveryError, SinkBatch};

/// A destination. One driver owns it and calls one method at a time, on a thread of the sink's own, so blocking in
/// here stops nobody else.
///
/// The futures need not be `Send`: a driver runs on a current-thread runtime with timers.
pub trait Sink {
    /// Makes every record of `batch`, in its order, the responsibility of the sink, and says how many those were.
    ///
    /// After an error the driver delivers the same batch again, after [`DeliveryError::Poison`] without the rejected
    /// records. A sink that has kept a part of a failed batch should remember so and not keep it twice; such records
    /// count in the [`Ack`] that follows. The next batch begins only when this one is settled.
    ///
    /// Need not be cancel safe: the driver drops the future only at the deadline of a drain, and then for good.
    ///
    /// # Errors
    /// See [`DeliveryError`]: its variant decides what the driver does.
    fn deliver(&mut self, batch: &SinkBatch<'_>) -> impl Future<Output = Result<Ack, DeliveryError>>;

    /// Does what time demands: syncs, rotates, looks after its connections. Called between deliveries, roughly every
    /// [`Sink::maintain_every`], also when there is nothing to deliver.
    ///
    /// # Errors
    /// Raises the alarm until a delivery or the next maintenance succeeds; nothing is delivered again for it.
    fn maintain(&mut self) -> impl Future<Output = Result<(), DeliveryError>> {
        async { Ok(()) }
    }

    /// How often [`Sink::maintain`] is wanted.
    fn maintain_every(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// Opens again what the sink holds open, as HUP asks for. The next delivery finds out whether that worked.
    fn reopen(&mut self) {}

    /// Begins anew after [`DeliveryError::Fatal`]: throws the client away and makes another.
    ///
    /// # Errors
    /// The driver tries again after a pause, for ever, whatever the variant.
    fn rebuild(&mut self) -> impl Future<Output = Result<(), DeliveryError>> {
        async { Ok(()) }
    }

    /// Ends the sink: what it has acknowledged is made as safe as its settings promise. Called once, at the end.
    ///
    /// # Errors
    /// What could not be made safe; it is logged, nobody tries again.
    fn close(&mut self) -> impl Future<Output = Result<(), DeliveryError>> {
        async { Ok(()) }
    }
}

/// A sink's word that it has taken responsibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Ack {
    /// How many records of the batch the sink has made its own, counted by the sink as it did so, and not read off the
    /// batch: the ledger compares the two.
    pub records: u64,
}
