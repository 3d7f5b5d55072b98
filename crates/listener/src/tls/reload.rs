//! Exchanging the certificate while connections go on.

use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;

use super::config::{Loaded, TlsError, TlsSettings, TlsWarning};
use crate::Meter;

/// Reads the TLS files of a listener again. Clones do the same for the same listener.
///
/// Connections that are open keep the certificate they were made with; each new one uses what was loaded last.
#[derive(Clone)]
pub struct TlsReloader {
    settings: Arc<TlsSettings>,
    current: Arc<ArcSwap<Loaded>>,
    meter: Arc<dyn Meter>,
}

impl TlsReloader {
    /// Loads the files for the first time.
    pub(crate) fn load(settings: TlsSettings, meter: Arc<dyn Meter>) -> Result<(Self, Vec<TlsWarning>), TlsError> {
        let (loaded, warnings) = settings.load()?;
        meter.certificate_ends(loaded.not_after);
        let current = Arc::new(ArcSwap::from_pointee(loaded));
        Ok((Self { settings: Arc::new(settings), current, meter }, warnings))
    }

    /// Reads certificate, key and client CA again, and uses them for all connections from now on. Blocks on the file system.
    ///
    /// # Errors
    /// [`TlsError`]; what was in use stays in use.
    pub fn reload(&self) -> Result<Vec<TlsWarning>, TlsError> {
        let (loaded, warnings) = self.settings.load()?;
        self.meter.certificate_ends(loaded.not_after);
        self.current.store(Arc::new(loaded));
        Ok(warnings)
    }

    /// When the certificate in use ends.
    #[must_use]
    pub fn certificate_ends(&self) -> SystemTime {
        self.current.load().not_after
    }

    /// Where the files are, and which clients are good.
    #[must_use]
    pub fn settings(&self) -> &TlsSettings {
        &self.settings
    }

    /// What is in use now.
    pub(crate) fn current(&self) -> Arc<Loaded> {
        self.current.load_full()
    }
}
