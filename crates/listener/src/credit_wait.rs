//! Waiting for credit: the connection does not read, and TCP tells its sender to wait.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use crate::Intake;
use crate::connection::{Connection, Ending};
use crate::rejoin::Failure;

/// Some senders give up on a write after a second, so a wait that comes near raises an alarm, and again each time it has gone on
/// for as long.
const STALL_ALARM_INTERVAL: Duration = Duration::from_millis(800);

/// How often a connection with a large unfinished frame asks whether there is room for it again.
const JAM_CHECK_INTERVAL: Duration = Duration::from_millis(100);

impl<I: Intake> Connection<I> {
    /// Waits until the connection may read again; gives an ending when it is to be closed before that.
    ///
    /// Unfinished frames of many connections can use up what is set aside for them, and then none of them would ever finish. So
    /// when the intake says that it is jammed, a connection with a large one takes a completion token (there is one per worker
    /// thread) and reads on until its frame is finished, or its time is up.
    ///
    /// A frame's time stands still while it waits for sinks, but runs on while it waits in a jam, which only frames can end:
    /// whether they are finished or given up, all that jam have let go of their credit within the time that one of them has.
    pub(crate) async fn wait_for_credit(&mut self) -> Option<Ending> {
        let began = Instant::now();
        let ending = self.credit_or_close(began).await;
        self.shared.meter.stalled(began.elapsed());
        ending
    }

    async fn credit_or_close(&mut self, began: Instant) -> Option<Ending> {
        let shared = Arc::clone(&self.shared);
        let (mut alarm_at, mut now) = (began + STALL_ALARM_INTERVAL, began);
        loop {
            let close_requested = shared.closing.requested();
            if self.allowance().is_some() {
                return None;
            }
            if self.closes_at.is_none() && shared.closing.is_requested() {
                self.half_close();
            }
            let in_jam = self.is_large() && shared.intake.jammed();
            if in_jam {
                // What waits for more pieces is part of the jam.
                self.give_up_rejoining(Failure::Memory);
                if self.clock.due().is_some_and(|due| now >= due) {
                    return Some(Ending::FrameDeadline);
                }
                self.completion_token = Arc::clone(&shared.completion_tokens).try_acquire_owned().ok();
                if self.completion_token.is_some() {
                    return None;
                }
            }
            tokio::select! {
                () = shared.intake.readable(), if !shared.intake.may_read() => {}
                () = close_requested, if self.closes_at.is_none() => {}
                () = sleep(JAM_CHECK_INTERVAL), if self.is_large() => {}
                () = sleep_until(alarm_at) => {
                    alarm_at += STALL_ALARM_INTERVAL;
                    shared.meter.stall_alarm();
                    self.warn_of_stall();
                }
                () = until(self.closes_at) => return Some(Ending::Drained),
            }
            let slept = now.elapsed();
            now += slept;
            if !in_jam {
                self.clock.forgive(slept);
                self.forgive_rejoining(slept);
            }
        }
    }

    fn warn_of_stall(&self) {
        if let Some(suppressed) = self.shared.throttle.permit("stall") {
            let (listener, time_ms) = (&*self.shared.settings.name, STALL_ALARM_INTERVAL.as_millis());
            tracing::warn!(
                listener,
                suppressed,
                "no memory credit for {time_ms} ms: senders have to wait, some give up"
            );
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
