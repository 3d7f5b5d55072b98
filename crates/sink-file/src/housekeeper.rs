//! The thread that looks after rotated files.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, fsync, unlinkat};

use crate::Compression;
use crate::compress::compress;
use crate::counts::count;
use crate::output::Shared;
use crate::retain::rotated_files;
use crate::rotated::Pattern;

/// Files are looked after this often even when nothing was rotated: ages pass, and what failed is tried again.
const ROUND_INTERVAL: Duration = Duration::from_secs(60);

/// Compresses and deletes rotated files on a thread of its own, so that no delivery waits for it.
///
/// It is told patterns and not files: whatever a pattern finds is looked after, also what a crash has left behind.
/// Remembers each pattern once; there is one for each class and listener that was seen.
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
    known: Vec<Pattern>,
    /// Something was rotated, or a pattern is new, since the last round began.
    is_round_due: bool,
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
        let thread = thread::Builder::new().name("rotated-files".to_owned()).spawn(move || work(&shared, &heard))?;
        Ok(Some(Self { orders, thread: Some(thread) }))
    }

    /// Asks for a round, `pattern` included.
    pub(crate) fn look_after(&self, pattern: &Pattern) {
        let mut state = self.orders.lock();
        if !state.known.contains(pattern) {
            state.known.push(pattern.clone());
        }
        state.is_round_due = true;
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

    /// Waits for the next round; nothing when it is time to end.
    fn next_round(&self) -> Option<Vec<Pattern>> {
        let waiting = |state: &mut State| !state.is_round_due && !state.is_stopped;
        let waited = self.changed.wait_timeout_while(self.lock(), ROUND_INTERVAL, waiting);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_round_due = false;
        if state.is_stopped { None } else { Some(state.known.clone()) }
    }
}

fn work(shared: &Shared, orders: &Orders) {
    while let Some(patterns) = orders.next_round() {
        for pattern in &patterns {
            let result = look_after(shared, pattern, &|| orders.is_stopped());
            if orders.is_stopped() {
                return;
            }
            if let Err(error) = result {
                count(&shared.counts.housekeeping_failed);
                let base = shared.settings.path.base();
                tracing::warn!(base = %base.display(), %error, "cannot look after rotated files, trying again in a minute");
            }
        }
    }
}

/// Deletes what is beyond the limits, then compresses what is left. The newest state of the directory decides.
fn look_after(shared: &Shared, pattern: &Pattern, stop: &dyn Fn() -> bool) -> io::Result<()> {
    let settings = &shared.settings;
    let files = rotated_files(&shared.base, pattern)?;
    let surplus = settings.retain.surplus(&files, SystemTime::now());
    for file in &surplus {
        unlinkat(&*file.directory, &*file.name, AtFlags::empty())?;
        fsync(&*file.directory)?;
        count(&shared.counts.deleted);
    }
    if settings.compression == Compression::None {
        return Ok(());
    }
    let is_surplus = |name: &str| surplus.iter().any(|file| file.name == name);
    for file in files.iter().filter(|file| !file.rotation.is_compressed && !is_surplus(&file.name)) {
        compress(&shared.base, &file.directory, &file.name, settings.mode, settings.compression, stop)?;
        count(&shared.counts.compressed);
    }
    Ok(())
}
