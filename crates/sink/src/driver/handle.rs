//! How the rest of the process talks to a driver.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

use super::Alarm;

/// Talks to a driver from elsewhere. Clones talk to the same one.
#[derive(Debug, Clone)]
pub struct DriverHandle {
    pub(super) reopen: Arc<Notify>,
    pub(super) alarm: watch::Receiver<Option<Alarm>>,
}

impl DriverHandle {
    /// Asks the sink to open its files or connections again (HUP). Also ends a pause between attempts. Several calls
    /// before the driver gets to it count as one.
    pub fn reopen(&self) {
        self.reopen.notify_one();
    }

    /// What is wrong with the sink now, if anything.
    #[must_use]
    pub fn alarm(&self) -> Option<Alarm> {
        self.alarm.borrow().clone()
    }

    /// The same, for waiting on changes.
    #[must_use]
    pub fn alarms(&self) -> watch::Receiver<Option<Alarm>> {
        self.alarm.clone()
    }
}
