//! A bound listener, and a running one.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accept::Acceptor;
use crate::admission::Admission;
use crate::bind::{Bound, bind};
use crate::datagrams::Receiver;
use crate::drain::{Closing, LINGER};
use crate::throttle::Throttle;
use crate::{BindError, DrainReport, Intake, Meter, Protocol, Rejoin, Settings, TlsReloader};

/// TLS handshakes in progress at once; each holds up to 64 KiB.
const HANDSHAKES_MAX: usize = 512;

/// Beyond the last second that connections get, for the work of closing them.
const CLOSING_SLACK: Duration = Duration::from_secs(4);

/// A listener that is bound: senders can connect, and wait in its backlog until it is started.
pub struct Listener<I> {
    shared: Arc<Shared<I>>,
    admission: Arc<Admission>,
    bound: Bound,
    address: LocalAddress,
    tls: Option<TlsReloader>,
}

/// A listener at work. Dropping it changes nothing: its tasks go on until they are told to stop.
pub struct Running {
    address: LocalAddress,
    tls: Option<TlsReloader>,
    admission: Arc<Admission>,
    closing: Arc<Closing>,
    stop_accepting: CancellationToken,
    /// The accept loop, and each connection.
    connections: TaskTracker,
    /// The tasks of datagram sockets.
    receivers: TaskTracker,
}

/// Where a listener can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalAddress {
    /// An address, its port never 0.
    Ip(SocketAddr),
    /// A path; empty for an activated socket without a name.
    Unix(PathBuf),
}

/// What all connections of a listener have in common.
pub(crate) struct Shared<I> {
    pub(crate) settings: StreamSettings,
    pub(crate) intake: Arc<I>,
    pub(crate) meter: Arc<dyn Meter>,
    pub(crate) throttle: Throttle,
    /// A permit per worker thread; see [`crate::connection::Connection::wait_for_credit`].
    pub(crate) completion_tokens: Arc<Semaphore>,
    pub(crate) handshakes: Semaphore,
    pub(crate) closing: Arc<Closing>,
}

/// The part of [`Settings`] that is of use after binding.
#[derive(Debug)]
pub(crate) struct StreamSettings {
    pub(crate) name: Arc<str>,
    pub(crate) framing: framing::Settings,
    pub(crate) rejoin: Option<Rejoin>,
    pub(crate) frame_time_max: Duration,
    pub(crate) idle_time_max: Option<Duration>,
    pub(crate) handshake_time_max: Duration,
}

impl<I: Intake> Listener<I> {
    /// Binds the sockets, and loads certificates. Nothing is read yet.
    ///
    /// Needs a tokio runtime around it, and panics without one. Blocks on the file system for a moment.
    ///
    /// # Errors
    /// [`BindError`] says what could not be bound, why, and what would help.
    pub fn bind(settings: Settings, intake: Arc<I>, meter: Arc<dyn Meter>) -> Result<Self, BindError> {
        let admission = Admission::new(settings.connections_max, settings.connections_per_source_max);
        let Settings { name, protocol, framing, rejoin, frame_time_max, idle_time_max, handshake_time_max, .. } =
            settings;
        let (protocol, tls) = match protocol {
            Protocol::Tls(socket, tls) => {
                let (tls, warnings) = TlsReloader::load(tls, Arc::clone(&meter))?;
                for warning in warnings {
                    tracing::warn!(listener = &*name, "{warning}");
                }
                (Protocol::Tcp(socket), Some(tls))
            }
            protocol => (protocol, None),
        };
        let (bound, address) = bind(&name, protocol, settings.socket)?;
        let shared = Shared {
            settings: StreamSettings { name, framing, rejoin, frame_time_max, idle_time_max, handshake_time_max },
            intake,
            meter,
            throttle: Throttle::default(),
            completion_tokens: Arc::new(Semaphore::new(Handle::current().metrics().num_workers())),
            handshakes: Semaphore::new(HANDSHAKES_MAX),
            closing: Arc::default(),
        };
        Ok(Self { shared: Arc::new(shared), admission, bound, address, tls })
    }

    /// Where it can be reached.
    #[must_use]
    pub const fn local_address(&self) -> &LocalAddress {
        &self.address
    }

    /// Begins to accept and to read, on the ambient tokio runtime. Panics without one.
    #[must_use = "a listener can only be stopped by what this returns"]
    pub fn start(self) -> Running {
        let Self { shared, admission, bound, address, tls } = self;
        let closing = Arc::clone(&shared.closing);
        let (stop_accepting, connections, receivers) = <(CancellationToken, TaskTracker, TaskTracker)>::default();
        match bound {
            Bound::Stream(socket) => {
                let acceptor = Acceptor {
                    socket,
                    shared,
                    admission: Arc::clone(&admission),
                    tls: tls.clone(),
                    connections: connections.clone(),
                };
                connections.spawn(acceptor.run(stop_accepting.clone()));
            }
            Bound::Datagrams(sockets) => {
                for socket in sockets {
                    receivers.spawn(Receiver::new(socket, Arc::clone(&shared)).run());
                }
            }
        }
        Running { address, tls, admission, closing, stop_accepting, connections, receivers }
    }
}

impl Running {
    /// Where it can be reached.
    #[must_use]
    pub const fn local_address(&self) -> &LocalAddress {
        &self.address
    }

    /// Exchanges the certificate; `None` without TLS.
    #[must_use]
    pub const fn tls_reloader(&self) -> Option<&TlsReloader> {
        self.tls.as_ref()
    }

    /// Connections that are open now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.admission.open()
    }

    /// First step of a stop: accepts what has connected already, then closes the listening socket. Connections go on, and
    /// datagrams are still received.
    ///
    /// An activated socket is only let go: who connects from now on waits for the next process that takes it.
    pub fn stop_accepting(&self) {
        self.stop_accepting.cancel();
        self.connections.close();
        self.receivers.close();
    }

    /// Second step: resolves when it accepts no more and no connection is open. Never before [`Self::stop_accepting`].
    ///
    /// Cancel safe.
    pub async fn drained(&self) {
        self.connections.wait().await;
    }

    /// Last step: half-closes the connections that are still open, reads them for one second more, as far as credit allows,
    /// closes them, and tells what that cost. Datagram sockets are read until they are empty, and closed. At most 5 s.
    ///
    /// Cancel safety: the closing goes on; the report is lost.
    pub async fn close_remaining(&self) -> DrainReport {
        self.stop_accepting();
        self.closing.request();
        let ended = async { tokio::join!(self.connections.wait(), self.receivers.wait()) };
        if timeout(LINGER + CLOSING_SLACK, ended).await.is_err() {
            tracing::warn!(address = %self.address, "connections did not end in time; the report may lack some");
        }
        self.closing.report().clone()
    }
}

impl LocalAddress {
    /// The address, unless it is a path.
    #[must_use]
    pub const fn ip(&self) -> Option<SocketAddr> {
        match self {
            Self::Ip(address) => Some(*address),
            Self::Unix(_) => None,
        }
    }
}

impl fmt::Display for LocalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}
