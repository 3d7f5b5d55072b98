//! How many octets were visited: counted in tests only, which hold it to a multiple of the input's length.

pub(crate) use counter::*;

#[cfg(not(test))]
mod counter {
    #[inline(always)]
    pub(crate) const fn visit(_octets: usize) {}
}

#[cfg(test)]
mod counter {
    use std::cell::Cell;

    thread_local! {
        static VISITED: Cell<usize> = const { Cell::new(0) };
    }

    pub(crate) fn visit(octets: usize) {
        VISITED.set(VISITED.get() + octets);
    }

    /// Octets that `work` visits, and what it gives.
    pub(crate) fn visited<T>(work: impl FnOnce() -> T) -> (usize, T) {
        let before = VISITED.get();
        let given = work();
        (VISITED.get() - before, given)
    }
}
