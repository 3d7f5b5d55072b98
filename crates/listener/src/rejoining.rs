//! What a connection does about pieces of records.

use std::time::Duration;

use bytes::Bytes;
use record::{Frame, UnixNanos};
use tokio::time::Instant;

use crate::connection::{Connection, now};
use crate::rejoin::{self, Chunk, Failure, Output, Rejoiner};
use crate::slab::BATCH_FRAMES_MAX;
use crate::{Intake, Rejoin};

impl<I: Intake> Connection<I> {
    /// Hands over `frames`, but for those that wait to be put together with others.
    pub(crate) fn take(
        &mut self,
        chunk: Bytes,
        allocation_bytes: usize,
        mut frames: Vec<Frame>,
        received_at: UnixNanos,
    ) {
        if self.rejoiner.is_none() && !rejoin::may_have_piece(&frames) {
            return self.offer(chunk, allocation_bytes, frames, received_at);
        }
        let Some(settings) = self.shared.settings.rejoin else {
            rejoin::flag_pieces(&mut frames, &chunk);
            return self.offer(chunk, allocation_bytes, frames, received_at);
        };
        let refusal = self.refusal();
        let output = self.with_rejoiner(received_at, |rejoiner, output| {
            for frame in &frames {
                rejoiner.push(frame.span.of(&chunk), *frame, settings, refusal, output);
            }
        });
        match output.as_read(frames.len()) {
            Some(frames) => self.offer(chunk, allocation_bytes, frames, received_at),
            None => self.offer_output(&output, &chunk),
        }
    }

    /// Why pieces may not wait, if so.
    fn refusal(&self) -> Option<Failure> {
        if self.closes_at.is_some() {
            return Some(Failure::Closed);
        }
        self.shared.intake.jammed().then_some(Failure::Memory)
    }

    /// Hands over pieces that have waited long enough.
    pub(crate) fn expire(&mut self, at: Instant) {
        if self.rejoiner.as_ref().is_some_and(|rejoiner| rejoiner.due().is_some_and(|due| due <= at)) {
            self.flush(|rejoiner, settings, output| rejoiner.expire(at, settings, output));
        }
    }

    /// Hands over all pieces that wait.
    pub(crate) fn give_up_rejoining(&mut self, failure: Failure) {
        if self.rejoiner.is_some() {
            self.flush(|rejoiner, settings, output| rejoiner.give_up(failure, settings, output));
        }
    }

    fn flush(&mut self, work: impl FnOnce(&mut Rejoiner, Rejoin, &mut Output)) {
        let settings = self.shared.settings.rejoin.unwrap_or_default();
        let output = self.with_rejoiner(now(), |rejoiner, output| work(rejoiner, settings, output));
        self.offer_output(&output, &[]);
    }

    /// Gives pieces that wait `duration` more, in which we did not read.
    pub(crate) fn forgive_rejoining(&mut self, duration: Duration) {
        if let Some(rejoiner) = &mut self.rejoiner {
            rejoiner.forgive(duration);
        }
    }

    /// Works with what waits, and accounts for what still does afterwards.
    fn with_rejoiner(&mut self, received_at: UnixNanos, work: impl FnOnce(&mut Rejoiner, &mut Output)) -> Output {
        let mut rejoiner = self.rejoiner.take().unwrap_or_default();
        let mut output = Output::new(received_at);
        work(&mut rejoiner, &mut output);
        if !rejoiner.is_empty() {
            rejoiner.account(&*self.shared.intake);
            self.rejoiner = Some(rejoiner);
        }
        if output.rejoined > 0 {
            self.shared.meter.rejoined(output.rejoined);
        }
        output.failures.iter().for_each(|failure| self.shared.meter.rejoin_failed(failure.reason()));
        output
    }

    fn offer_output(&self, output: &Output, read: &[u8]) {
        for Chunk { octets, frames, received_at } in output.chunks(read, BATCH_FRAMES_MAX) {
            let allocation_bytes = octets.capacity();
            self.offer(Bytes::from(octets), allocation_bytes, frames, received_at);
        }
    }
}
