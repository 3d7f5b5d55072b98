//! Named places at which tests end the process, or what stands for it. Nothing of this is in a usual build.
//!
//! | point | where |
//! | --- | --- |
//! | `group.sealed` | before the write of a group (CP-1) |
//! | `group.written` | after it, before the sync (CP-2) |
//! | `group.synced` | after the sync, before anybody is told (CP-3) |
//! | `segment.created` | a new segment's file is there, and empty (CP-5) |
//! | `file.synced` | a new file (segment, cursor, identity) is whole and synced, under its temporary name (CP-6) |
//! | `file.renamed` | it has its name, which is not synced |
//! | `segment.directory_synced` | a new segment is durable, and nobody knows it yet (CP-7) |
//! | `cursor.half_written` | half of a slot is written (CP-8) |
//! | `cursor.written` | all of it is written, not synced |
//! | `drop.before_unlink` | all cursors have passed a segment, and it is still there (CP-9) |
//! | `drop.unlinked` | it is removed, which is not synced (CP-10) |
//! | `recovery.copied` | a start has copied unsure entries to a fresh segment, and the old one still has them |

/// Ends everything here when a test wants it so; expands to nothing in a usual build.
macro_rules! crash_point {
    ($name:literal) => {
        #[cfg(any(test, feature = "crash-points"))]
        {
            $crate::log::crash::reached($name);
        }
    };
}
pub(crate) use crash_point;

/// Ends the process at the n-th arrival at the point that `CRASH_AT=name:n` names.
#[cfg(all(feature = "crash-points", not(test)))]
pub(crate) fn reached(name: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static ARMED: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static ARRIVALS: AtomicU64 = AtomicU64::new(0);

    let armed = ARMED.get_or_init(|| {
        let text = std::env::var("CRASH_AT").ok()?;
        let (name, arrival) = text.rsplit_once(':')?;
        Some((name.to_owned(), arrival.parse().ok()?))
    });
    if let Some((armed, arrival)) = armed
        && armed == name
        && ARRIVALS.fetch_add(1, Ordering::SeqCst) + 1 == *arrival
    {
        std::process::abort();
    }
}

#[cfg(test)]
pub(crate) use in_tests::{arm, disarm, now, reached};

/// In tests of this crate the thread unwinds instead, and the model storage loses what was not synced.
#[cfg(test)]
mod in_tests {
    use std::cell::RefCell;

    /// What the thread unwinds with.
    #[derive(Debug)]
    pub(crate) struct Crash;

    thread_local! {
        static ARMED: RefCell<Option<(String, u64)>> = const { RefCell::new(None) };
    }

    /// Crash at the `arrival`-th arrival at `name` from now on.
    pub(crate) fn arm(name: &str, arrival: u64) {
        ARMED.set(Some((name.to_owned(), arrival)));
    }

    /// Crash no more; whether the armed point was never reached often enough.
    pub(crate) fn disarm() -> bool {
        ARMED.take().is_some()
    }

    pub(crate) fn reached(name: &str) {
        let due = ARMED.with_borrow_mut(|armed| match armed {
            Some((point, arrival)) if point == name => {
                *arrival -= 1;
                *arrival == 0
            }
            _ => false,
        });
        if due {
            ARMED.set(None);
            now();
        }
    }

    /// Crash.
    pub(crate) fn now() -> ! {
        std::panic::resume_unwind(Box::new(Crash))
    }
}
