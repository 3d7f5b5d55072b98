//! The trait that every destination implements.

use std::time::Duration;

use crate::{DeliveryError, Rejected, SinkBatch};

/// A destination. One driver owns it and calls one method at a time, on a thread of the sink's own, so blocking in
/// here stops nobody else.
///
/// The driver hands over batches one after another, in the order of the journal, and up to [`Sink::under_way_max`] of
/// them may be under way. They are settled in that order, too: each batch exactly once, with an [`Ack`] that says what
/// became of every record of it.
///
/// An error, whichever method gives it, means that nothing is under way any more. The driver pauses, and then hands over
/// again, oldest first and each whole, the batches that were not settled. A sink that knows which of their records it
/// has kept already should not keep them twice; such records count in the [`Ack`] that follows.
///
/// The futures need not be `Send`: a driver runs on a current-thread runtime with timers.
pub trait Sink {
    /// Takes `batch`, and either settles it at once or leaves it under way; then it keeps itself what it needs of it.
    /// What is settled at once while older batches are under way counts when its turn comes.
    ///
    /// Need not be cancel safe: the driver drops the future only at the deadline of a drain, and then for good.
    ///
    /// # Errors
    /// See [`DeliveryError`]: its variant decides what the driver does. The batches under way are not settled either.
    fn deliver(&mut self, batch: &SinkBatch<'_>) -> impl Future<Output = Result<Progress, DeliveryError>>;

    /// Waits until the oldest batch that is under way is settled. Called only while one is; a sink that settles every
    /// batch at once need not have it.
    ///
    /// Cancel safe: a batch whose `Ack` was not returned is still under way.
    ///
    /// # Errors
    /// As for [`Sink::deliver`].
    fn settled(&mut self) -> impl Future<Output = Result<Ack, DeliveryError>> {
        std::future::pending()
    }

    /// How many batches may be under way at once, at least 1. With 1 the driver waits for each before the next.
    fn under_way_max(&self) -> usize {
        1
    }

    /// Does what time demands: syncs, rotates, looks after its connections. Called roughly every
    /// [`Sink::maintain_every`], also when there is nothing to deliver and while batches are under way, but never
    /// between an error and the batches that are handed over again for it.
    ///
    /// # Errors
    /// Raises the alarm until a maintenance succeeds. What is under way stays so, and nothing is delivered again for it.
    fn maintain(&mut self) -> impl Future<Output = Result<(), DeliveryError>> {
        async { Ok(()) }
    }

    /// How often [`Sink::maintain`] is wanted.
    fn maintain_every(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// Opens again what the sink holds open, as HUP asks for. The next delivery finds out whether that worked. What is
    /// under way stays so.
    fn reopen(&mut self) {}

    /// Begins anew after [`DeliveryError::Fatal`]: throws the client away and makes another.
    ///
    /// # Errors
    /// The driver tries again after a pause, for ever, whatever the variant.
    fn rebuild(&mut self) -> impl Future<Output = Result<(), DeliveryError>> {
        async { Ok(()) }
    }

    /// Ends the sink: what it has acknowledged is made as safe as its settings promise. Called once, at the end; only
    /// after the deadline of a drain is something under way then, and given up.
    ///
    /// # Errors
    /// What could not be made safe; it is logged, nobody tries again.
    fn close(&mut self) -> impl Future<Output = Result<(), DeliveryError>> {
        async { Ok(()) }
    }
}

/// How far a batch has come when [`Sink::deliver`] returns.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Progress {
    /// All the way.
    Settled(Ack),
    /// It was handed on; [`Sink::settled`] will tell what became of it.
    UnderWay,
}

/// What became of all records of a batch: `records` and those in `rejected` are together as many as were given.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Ack {
    /// How many records the sink has made its own, counted by the sink as it did so, and not read off the batch: the
    /// ledger compares the two.
    pub records: u64,
    /// Records that can never be delivered. The driver keeps them as dead letters before the cursor moves.
    pub rejected: Vec<Rejected>,
}

impl Ack {
    /// The sink has taken `records`, and rejected none. Allocates nothing.
    pub const fn taken(records: u64) -> Self {
        Self { records, rejected: Vec::new() }
    }
}
