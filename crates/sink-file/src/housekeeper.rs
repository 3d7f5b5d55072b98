//! The thread that looks after closed files.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{AtFlags, unlinkat};

use crate::Compression;
use crate::closed::{ClosedFile, closed_files, groups};
use crate::compress::compress;
use crate::counts::count;
use crate::output::Shared;
use crate::pattern::Group;
use crate::period::until_next_hour;

/// What failed is tried again after this long.
const RETRY: Duration = Duration::from_secs(60);

/// Compresses and deletes closed files on a thread of its own, so that no delivery waits for it.
///
/// It looks after everything below the base that the template could have made: at the start, which also finishes what a
/// crash has left behind, and at each full hour, when the hours and dates in paths change. After a rotation it looks
/// after the group of that file only.
#[derive(Debug)]
pub(crate) struct Housekeeper {
    orders: Arc<Orders>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Orders {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Groups in which a file was put aside since the last round began.
    due: BTreeSet<Group>,
    is_stopped: bool,
}

impl Housekeeper {
    /// Starts the thread, when the settings leave anything to do for it.
    pub(crate) fn start(shared: &Arc<Shared>) -> io::Result<Option<Self>> {
        if shared.settings.compression == Compression::None && !shared.settings.retain.is_limited() {
            return Ok(None);
        }
        let orders = Arc::new(Orders::default());
        let (shared, heard) = (Arc::clone(shared), Arc::clone(&orders));
        let thread = thread::Builder::new().name("closed-files".to_owned()).spawn(move || work(&shared, &heard))?;
        Ok(Some(Self { orders, thread: Some(thread) }))
    }

    /// Asks for a round of `group`.
    pub(crate) fn look_after(&self, group: &Group) {
        self.orders.lock().due.insert(group.clone());
        self.orders.changed.notify_one();
    }
}

impl Drop for Housekeeper {
    /// Ends the thread, which stops in the middle of a file if need be, and waits for it.
    fn drop(&mut self) {
        self.orders.lock().is_stopped = true;
        self.orders.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Orders {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopped(&self) -> bool {
        self.lock().is_stopped
    }

    /// Waits for groups that are due, until `deadline` at the most; nothing when it is time to end.
    fn due(&self, deadline: Instant) -> Option<BTreeSet<Group>> {
        let waiting = |state: &mut State| state.due.is_empty() && !state.is_stopped;
        let wait = deadline.saturating_duration_since(Instant::now());
        let waited = self.changed.wait_timeout_while(self.lock(), wait, waiting);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let due = std::mem::take(&mut state.due);
        (!state.is_stopped).then_some(due)
    }
}

fn work(shared: &Shared, orders: &Orders) {
    let stop = || orders.is_stopped();
    let mut scan_at = Instant::now();
    while let Some(due) = orders.due(scan_at) {
        let now = SystemTime::now();
        let result = if Instant::now() >= scan_at {
            scan_at = Instant::now() + until_next_hour(now);
            look_after_all(shared, now, &stop)
        } else {
            look_after_each(shared, &due, now, &stop)
        };
        if orders.is_stopped() {
            return;
        }
        if let Err(error) = result {
            scan_at = scan_at.min(Instant::now() + RETRY);
            let base = shared.settings.path.base();
            tracing::warn!(base = %base.display(), %error, "cannot look after closed files, trying again in a minute");
        }
    }
}

/// Looks after each group that has files.
pub(crate) fn look_after_all(shared: &Shared, now: SystemTime, stop: &dyn Fn() -> bool) -> io::Result<()> {
    let groups = groups(shared, stop).inspect_err(|_| count(&shared.counts.housekeeping_failed))?;
    look_after_each(shared, &groups, now, stop)
}

/// The first error is told, after the others had their turn.
fn look_after_each(
    shared: &Shared,
    groups: &BTreeSet<Group>,
    now: SystemTime,
    stop: &dyn Fn() -> bool,
) -> io::Result<()> {
    let mut result = Ok(());
    for group in groups {
        result = result.and(look_after(shared, group, now, stop));
    }
    result
}

/// Deletes what is beyond the limits, then compresses what is left. The newest state of the directory decides.
fn look_after(shared: &Shared, group: &Group, now: SystemTime, stop: &dyn Fn() -> bool) -> io::Result<()> {
    let settings = &shared.settings;
    let failed = |_: &io::Error| {
        // What is broken off at the end of the sink has not failed.
        if !stop() {
            count(&shared.counts.housekeeping_failed);
        }
    };
    let files = closed_files(shared, group, now, stop).inspect_err(failed)?;
    let (kept, surplus) = settings.retain.part(files, now);
    let mut result = Ok(());
    for file in surplus {
        match delete(shared, &file).inspect_err(failed) {
            Ok(true) => count(&shared.counts.deleted),
            Ok(false) => {}
            Err(error) => result = result.and(Err(error)),
        }
    }
    let is_left = |file: &&ClosedFile| settings.compression != Compression::None && !file.tail.is_compressed();
    for file in kept.iter().filter(is_left).take_while(|_| !stop()) {
        match compress(shared, file, stop).inspect_err(failed) {
            Ok(true) => count(&shared.counts.compressed),
            Ok(false) => {}
            Err(error) => result = result.and(Err(error)),
        }
    }
    result
}

fn delete(shared: &Shared, file: &ClosedFile) -> io::Result<bool> {
    let directory = file.directory(shared)?;
    file.take_away(shared, &directory, || Ok(unlinkat(&directory, &*file.name, AtFlags::empty())?))
}
