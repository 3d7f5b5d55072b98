//! Accepting connections, at a pace that never spins.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use record::{Origin, Peer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admission::{Admission, Admitted};
use crate::bind::BACKLOG;
use crate::connection::Connection;
use crate::listener::Shared;
use crate::stream::Stream;
use crate::tls::{self, HandshakeFailure};
use crate::unix::SocketFile;
use crate::{Intake, Meter, Refusal, TlsReloader};

/// The pause after a failed accept; doubled with each that follows.
const BACKOFF_MIN: Duration = Duration::from_millis(10);
/// The longest pause.
const BACKOFF_MAX: Duration = Duration::from_secs(1);

/// A listening socket.
#[derive(Debug)]
pub(crate) enum StreamSocket {
    Tcp { socket: TcpListener, activated: bool },
    Unix { socket: UnixListener, file: Option<SocketFile> },
}

/// A connection just accepted.
enum Accepted {
    Tcp(TcpStream, SocketAddr),
    Unix(UnixStream),
}

/// Accepts connections and gives each a task.
pub(crate) struct Acceptor<I> {
    pub(crate) socket: StreamSocket,
    pub(crate) shared: Arc<Shared<I>>,
    pub(crate) admission: Arc<Admission>,
    pub(crate) tls: Option<TlsReloader>,
    pub(crate) connections: TaskTracker,
}

/// A connection that is counted as open.
struct Open {
    meter: Arc<dyn Meter>,
    _admitted: Admitted,
}

impl<I: Intake> Acceptor<I> {
    /// Accepts until it is told to stop, takes what has connected by then, and closes the socket.
    ///
    /// A connection that was reset while it waited is skipped at once. When something is used up (descriptors, memory), it
    /// pauses for 10 ms, then twice as long each time up to 1 s, until an accept succeeds.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut stopped = pin!(stop.cancelled());
        let mut backoff = BACKOFF_MIN;
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stopped => break,
                accepted = poll_fn(|cx| self.socket.poll_accept(cx)) => accepted,
            };
            match accepted {
                Ok(accepted) => {
                    backoff = BACKOFF_MIN;
                    self.admit(accepted);
                }
                Err(error) => {
                    self.shared.meter.accept_failed();
                    if is_of_one_connection(&error) {
                        continue;
                    }
                    self.tell(&error, backoff);
                    tokio::select! {
                        () = &mut stopped => break,
                        () = sleep(backoff) => backoff = (2 * backoff).min(BACKOFF_MAX),
                    }
                }
            }
        }
        if !self.socket.is_activated() {
            self.take_backlog();
        }
    }

    /// Accepts what has connected already: closing the socket would reset it. Asks the kernel and not the runtime, which may
    /// not have noticed yet. More than the backlog holds is not taken, however fast new ones come.
    fn take_backlog(&self) {
        for _ in 0..BACKLOG {
            match self.socket.accept_now() {
                Ok(accepted) => self.admit(accepted),
                Err(error) if is_of_one_connection(&error) => {}
                Err(_) => break,
            }
        }
    }

    /// Gives the connection a task, or closes it when a limit is reached.
    fn admit(&self, accepted: Accepted) {
        let (peer, source) = match &accepted {
            Accepted::Tcp(_, address) => {
                // An IPv4 peer of a dual-stack socket is shown, and counted, as what it is.
                let address = SocketAddr::new(address.ip().to_canonical(), address.port());
                (Peer::Ip(address), Some(address.ip()))
            }
            Accepted::Unix(socket) => (unix_peer(socket), None),
        };
        let open = match self.admission.admit(source) {
            Ok(admitted) => Open { meter: Arc::clone(&self.shared.meter), _admitted: admitted },
            Err(refusal) => return self.refuse(peer, refusal),
        };
        open.meter.opened();
        let shared = Arc::clone(&self.shared);
        match (accepted, &self.tls) {
            (Accepted::Tcp(socket, _), Some(tls)) => {
                self.connections.spawn(serve_tls(socket, peer, shared, tls.clone(), open));
            }
            (Accepted::Tcp(socket, _), None) => {
                self.connections.spawn(serve(connection(Stream::Tcp(socket), peer, None, shared), open));
            }
            (Accepted::Unix(socket), _) => {
                self.connections.spawn(serve(connection(Stream::Unix(socket), peer, None, shared), open));
            }
        }
    }

    fn refuse(&self, peer: Peer, refusal: Refusal) {
        self.shared.meter.refused(refusal);
        let reason = refusal.reason();
        if let Some(suppressed) = self.shared.throttle.permit(reason) {
            let (listener, open) = (&*self.shared.settings.name, self.admission.open());
            tracing::warn!(listener, %peer, reason, open, suppressed, "refused a connection: a limit is reached");
        }
    }

    fn tell(&self, error: &io::Error, pause: Duration) {
        if let Some(suppressed) = self.shared.throttle.permit("accept") {
            let (listener, pause_ms) = (&*self.shared.settings.name, pause.as_millis());
            tracing::warn!(listener, %error, suppressed, "cannot accept connections; trying again in {pause_ms} ms");
        }
    }
}

impl StreamSocket {
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<Accepted>> {
        match self {
            Self::Tcp { socket, .. } => {
                socket.poll_accept(cx).map_ok(|(socket, address)| Accepted::Tcp(socket, address))
            }
            Self::Unix { socket, .. } => socket.poll_accept(cx).map_ok(|(socket, _)| Accepted::Unix(socket)),
        }
    }

    /// Accepts without the runtime's leave; "would block" when nobody waits.
    fn accept_now(&self) -> io::Result<Accepted> {
        let listening = match self {
            Self::Tcp { socket, .. } => SockRef::from(socket),
            Self::Unix { socket, .. } => SockRef::from(socket),
        };
        let (socket, address) = listening.accept()?;
        socket.set_nonblocking(true)?;
        Ok(match address.as_socket() {
            Some(address) => Accepted::Tcp(TcpStream::from_std(socket.into())?, address),
            None => Accepted::Unix(UnixStream::from_std(socket.into())?),
        })
    }

    const fn is_activated(&self) -> bool {
        match self {
            Self::Tcp { activated, .. } => *activated,
            Self::Unix { file, .. } => file.is_none(),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.meter.closed();
    }
}

/// Serves one connection. What is in here is what an idle connection costs, beside the socket itself.
#[expect(clippy::manual_async_fn, reason = "the future of an async fn has room for its argument twice")]
fn serve<I: Intake>(mut connection: Connection<I>, open: Open) -> impl Future<Output = ()> + Send {
    async move {
        connection.run().await;
        drop(open);
    }
}

fn connection<I: Intake>(
    stream: Stream,
    peer: Peer,
    authenticated: Option<Arc<str>>,
    shared: Arc<Shared<I>>,
) -> Connection<I> {
    let (listener, transport) = (Arc::clone(&shared.settings.name), stream.transport());
    Connection::new(stream, Arc::new(Origin { listener, transport, peer, authenticated }), shared)
}

async fn serve_tls<I: Intake>(socket: TcpStream, peer: Peer, shared: Arc<Shared<I>>, tls: TlsReloader, _open: Open) {
    // Boxed, so that its many states are not part of the connection for ever.
    let shaken = Box::pin(shake_hands(socket, peer, &shared, &tls)).await;
    drop(tls);
    if let Some((stream, name)) = shaken {
        connection(stream, peer, name, shared).run().await;
    }
}

/// A stream and the client's name; `None`, counted, when there is to be no connection.
async fn shake_hands<I: Intake>(
    socket: TcpStream,
    peer: Peer,
    shared: &Shared<I>,
    tls: &TlsReloader,
) -> Option<(Stream, Option<Arc<str>>)> {
    let close_requested = shared.closing.requested();
    if shared.closing.is_requested() {
        return None;
    }
    let shaken = tokio::select! {
        shaken = tls::accept(socket, tls, &shared.handshakes, shared.settings.handshake_time_max) => shaken,
        () = close_requested => return None,
    };
    match shaken {
        Ok((socket, session, name)) => Some((Stream::Tls(socket, session), name)),
        Err(HandshakeFailure::Empty) => {
            shared.meter.probe(HandshakeFailure::Empty.reason());
            None
        }
        Err(failure) => {
            let reason = failure.reason();
            shared.meter.fault(reason);
            if let Some(suppressed) = shared.throttle.permit(reason) {
                let listener = &*shared.settings.name;
                tracing::warn!(listener, %peer, reason, suppressed, "no TLS connection: {failure}");
            }
            None
        }
    }
}

fn unix_peer(socket: &UnixStream) -> Peer {
    match socket.peer_cred() {
        Ok(credentials) => {
            let pid = credentials.pid().and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0);
            Peer::Unix { uid: credentials.uid(), pid }
        }
        Err(_) => Peer::Unnamed,
    }
}

/// Whether the error concerns the connection that was to be accepted, and not us: the next accept can succeed at once.
/// Linux passes on what has happened to the connection meanwhile (accept(2)).
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionAborted
            | Kind::ConnectionReset
            | Kind::Interrupted
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::NetworkDown
            | Kind::TimedOut
    )
}

#[cfg(test)]
mod tests;
