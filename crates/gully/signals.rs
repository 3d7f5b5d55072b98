//! Signals: TERM and INT stop, a second one hurries, HUP reopens and reloads.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that gully listens to.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    // Held, so that a write beyond a file size limit fails with EFBIG instead of killing the process: the sink then stalls
    // and goes on when there is room.
    _file_size: Signal,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    Stop,
    Reload,
}

impl Signals {
    /// Begins to listen. Must run before anything else can fail on a signal.
    pub(crate) fn new() -> io::Result<Self> {
        const SIGXFSZ: i32 = 25;
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            _file_size: signal(SignalKind::from_raw(SIGXFSZ))?,
        })
    }

    /// The next request. Cancel safe.
    pub(crate) async fn next(&mut self) -> Request {
        tokio::select! {
            _ = self.terminate.recv() => Request::Stop,
            _ = self.interrupt.recv() => Request::Stop,
            _ = self.hang_up.recv() => Request::Reload,
        }
    }
}
