//! Bytes of the memory limit that a batch holds for as long as it lives.

use std::fmt;
use std::sync::Arc;

/// Takes back bytes that a [`Lease`] gave up. Called when a batch dies, from any thread; must not block.
pub trait Reclaim: Send + Sync {
    /// `bytes` are free again.
    fn reclaim(&self, bytes: u64);
}

/// A number of bytes out of a bounded pool. Gives them back when it is dropped, so they cannot be forgotten.
pub struct Lease {
    bytes: u64,
    pool: Option<Arc<dyn Reclaim>>,
}

impl Lease {
    /// Holds `bytes` of `pool`. The caller has already taken them from it.
    #[must_use]
    pub fn new(bytes: u64, pool: Arc<dyn Reclaim>) -> Self {
        Self { bytes, pool: Some(pool) }
    }

    /// A lease on nothing: for tests, and for octets that are bounded elsewhere.
    #[must_use]
    pub const fn unbounded() -> Self {
        Self { bytes: 0, pool: None }
    }

    /// How many bytes it holds.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(pool) = &self.pool
            && self.bytes > 0
        {
            pool.reclaim(self.bytes);
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lease({} bytes)", self.bytes)
    }
}
