//! How the allocator gives memory back.

use libmimalloc_sys::{mi_option_get, mi_option_set, mi_option_t};

/// `mi_option_purge_delay` of mimalloc's `mi_option_e`, which the bindings leave out: milliseconds between the free of a page and its
/// return to the kernel; 0 returns it at once.
const PURGE_DELAY: mi_option_t = 15;

/// Has mimalloc give freed pages back to the kernel at once. What waits for its delay would come on top of the memory limit:
/// buffers are freed by the sinks' threads while those of the network already allocate others.
///
/// Does nothing useful when mimalloc is not the global allocator. Gives whether the option took.
pub fn return_freed_pages_at_once() -> bool {
    // SAFETY: both functions take any option below `_mi_option_last`, read or write one atomic field of a static table, and may be
    // called at any time from any thread.
    unsafe {
        mi_option_set(PURGE_DELAY, 0);
        mi_option_get(PURGE_DELAY) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_is_the_one_that_delays_purging() {
        // SAFETY: as above.
        let by_default = unsafe { mi_option_get(PURGE_DELAY) };
        assert!((1..=1000).contains(&by_default), "{by_default} ms is no delay: has the table of options changed?");
        assert!(return_freed_pages_at_once());
    }
}
