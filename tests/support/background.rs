//! Something that goes on while a test looks at something else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// Work on a thread of its own. Dropped, it is told to end and waited for, also when the test fails.
pub(crate) struct Background {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Starts `work`, which asks its argument again and again whether it may go on.
    pub(crate) fn start(work: impl FnOnce(&dyn Fn() -> bool) + Send + 'static) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&over);
        let thread = thread::spawn(move || work(&|| !told.load(Ordering::Relaxed)));
        Self { over, thread: Some(thread) }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(thread::panicking() || matches!(ended, Some(Ok(()))), "the work in the background panicked");
    }
}
