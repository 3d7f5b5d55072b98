//! How many connections there may be, in all and from one source.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts open connections. Over the cap a new one is refused; those that exist are never thrown out for it.
#[derive(Debug)]
pub(crate) struct Admission {
    connections_max: usize,
    per_source_max: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    connections: usize,
    /// Only sources that have a connection, so it is bounded by `connections_max`.
    by_source: HashMap<IpAddr, usize>,
}

/// Which limit a connection was refused for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// `connections_max` are open.
    ConnectionsMax,
    /// `connections_per_source_max` are open from its address.
    PerSourceMax,
}

/// The place of one connection; dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct Admitted {
    admission: Arc<Admission>,
    source: Option<IpAddr>,
}

impl Refusal {
    /// The cause as a metric label.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ConnectionsMax => "connections_max",
            Self::PerSourceMax => "connections_per_source_max",
        }
    }
}

impl Admission {
    pub(crate) fn new(connections_max: usize, per_source_max: usize) -> Arc<Self> {
        Arc::new(Self { connections_max, per_source_max, open: Mutex::default() })
    }

    /// A place for a connection from `source`, which is `None` for unix sockets: for those only the limit in all holds.
    pub(crate) fn admit(self: &Arc<Self>, source: Option<IpAddr>) -> Result<Admitted, Refusal> {
        let mut open = self.lock();
        if open.connections >= self.connections_max {
            return Err(Refusal::ConnectionsMax);
        }
        if let Some(source) = source {
            let from_source = open.by_source.get(&source).copied().unwrap_or(0);
            if from_source >= self.per_source_max {
                return Err(Refusal::PerSourceMax);
            }
            open.by_source.insert(source, from_source + 1);
        }
        open.connections += 1;
        Ok(Admitted { admission: Arc::clone(self), source })
    }

    /// Connections that are open now.
    pub(crate) fn open(&self) -> usize {
        self.lock().connections
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.admission.lock();
        open.connections -= 1;
        let Some(source) = self.source else { return };
        if let Entry::Occupied(mut from_source) = open.by_source.entry(source) {
            *from_source.get_mut() -= 1;
            if *from_source.get() == 0 {
                from_source.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_connection_is_gone() {
        let (admission, source) = (Admission::new(2, 1), |last| Some(IpAddr::from([192, 0, 2, last])));
        let first = admission.admit(source(1)).unwrap();
        assert_eq!(admission.admit(source(1)).unwrap_err(), Refusal::PerSourceMax);
        let _second = admission.admit(source(2)).unwrap();
        assert_eq!(admission.admit(source(3)).unwrap_err(), Refusal::ConnectionsMax);
        assert_eq!(admission.admit(None).unwrap_err(), Refusal::ConnectionsMax);
        drop(first);
        assert_eq!((admission.open(), admission.lock().by_source.len()), (1, 1));
        assert!(admission.admit(source(1)).is_ok());
    }

    #[test]
    fn unix_peers_have_no_source_limit() {
        let admission = Admission::new(3, 1);
        let places: Vec<_> = (0..3).map(|_| admission.admit(None).unwrap()).collect();
        assert_eq!(admission.open(), places.len());
    }
}
