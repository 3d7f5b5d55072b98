//! The handshake: bounded in time and number, and the only part of a connection in which we write.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::{CertificateError, Error, PeerIncompatible};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::names::client_name;
use super::{TlsReloader, TlsSession};

/// The first octet of a TLS handshake record (RFC 8446 section 5.1).
const HANDSHAKE_RECORD: u8 = 0x16;

/// Why there is no TLS connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeFailure {
    /// The peer closed without an octet: a load balancer asks whether we live.
    #[error("the peer closed the connection without a word")]
    Empty,
    /// The peer speaks syslog, but not TLS.
    #[error("found plain syslog, expected TLS")]
    PlainOnTls,
    /// It took too long.
    #[error("the handshake was not finished in time")]
    Timeout,
    /// The peer went away.
    #[error("the connection broke during the handshake: {0}")]
    Broken(io::Error),
    /// The peers could not agree, or the client's certificate is not good.
    #[error("{0}")]
    Tls(Error),
}

impl HandshakeFailure {
    /// The cause as a metric label.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Empty => "empty_connection",
            Self::PlainOnTls => "plain_on_tls",
            Self::Timeout => "tls_handshake_timeout",
            Self::Broken(_) => "tls_handshake_broken",
            Self::Tls(error) => tls_reason(error),
        }
    }
}

/// A cause per kind of error that an operator would treat differently.
fn tls_reason(error: &Error) -> &'static str {
    use CertificateError as Certificate;
    match error {
        Error::PeerIncompatible(
            PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::SupportedVersionsExtensionRequired
            // Came with TLS 1.2, so older clients do not send it; rustls looks for it first.
            | PeerIncompatible::SignatureAlgorithmsExtensionRequired,
        ) => "tls_version",
        Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon) => "tls_cipher_suites",
        Error::PeerIncompatible(_) => "tls_incompatible",
        Error::NoCertificatesPresented => "tls_no_client_certificate",
        Error::InvalidCertificate(cause) => match cause {
            Certificate::Expired | Certificate::ExpiredContext { .. } => "tls_client_expired",
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => "tls_client_not_valid_yet",
            Certificate::UnknownIssuer => "tls_client_unknown_issuer",
            Certificate::BadSignature => "tls_client_signature",
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => "tls_client_name",
            Certificate::InvalidPurpose | Certificate::InvalidPurposeContext { .. } => "tls_client_purpose",
            _ => "tls_client_certificate",
        },
        Error::AlertReceived(_) => "tls_refused_by_client",
        Error::InvalidMessage(_) => "tls_invalid_message",
        Error::DecryptError => "tls_decrypt",
        _ => "tls_other",
    }
}

/// Waits for the first octet, and then shakes hands, each within `time_max`. Gives the session and the client's name.
///
/// A connection that says nothing holds no memory and none of the `permits`, which bound the handshakes in progress; a
/// connection waits for one in the order of arrival.
///
/// Cancel safety: dropping it closes the connection.
pub(crate) async fn accept(
    socket: TcpStream,
    tls: &TlsReloader,
    permits: &Semaphore,
    time_max: Duration,
) -> Result<(TcpStream, Box<TlsSession>, Option<Arc<str>>), HandshakeFailure> {
    let mut first = [0];
    let peeked = timeout(time_max, socket.peek(&mut first)).await.map_err(|_| HandshakeFailure::Timeout)?;
    match peeked.map_err(HandshakeFailure::Broken)? {
        0 => return Err(HandshakeFailure::Empty),
        // What every frame of syslog begins with, by any framing; other nonsense is for rustls to name.
        _ if first[0] == b'<' || first[0].is_ascii_digit() => return Err(HandshakeFailure::PlainOnTls),
        _ => {}
    }
    let _permit = permits.acquire().await.expect("the semaphore is never closed");
    let acceptor = TlsAcceptor::from(Arc::clone(&tls.current().config));
    let accepted = timeout(time_max, acceptor.accept(socket)).await.map_err(|_| HandshakeFailure::Timeout)?;
    let (socket, connection) = accepted.map_err(|error| failure(error, first[0]))?.into_inner();
    let name = connection
        .peer_certificates()
        .and_then(|chain| chain.first())
        .and_then(|certificate| client_name(certificate, tls.settings().clients.names()));
    Ok((socket, Box::new(TlsSession::new(connection)), name))
}

/// tokio-rustls wraps the errors of rustls.
fn failure(error: io::Error, first: u8) -> HandshakeFailure {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::InvalidMessage(_)) if first != HANDSHAKE_RECORD && first.is_ascii_graphic() => {
            HandshakeFailure::PlainOnTls
        }
        Some(inner) => HandshakeFailure::Tls(inner.clone()),
        None => HandshakeFailure::Broken(error),
    }
}

/// The metric label for a connection that broke after its handshake.
pub(crate) fn read_error_reason(error: &io::Error) -> &'static str {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).map_or("read_error", tls_reason)
}
