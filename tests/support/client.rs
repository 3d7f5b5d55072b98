//! Senders of exact octets: what no real program can be made to send.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};

use super::certificates::{Certificates, Identity};

/// `message` as an octet-counted frame (RFC 6587 section 3.4.1).
pub(crate) fn counted(message: &[u8]) -> Vec<u8> {
    let mut frame = format!("{} ", message.len()).into_bytes();
    frame.extend_from_slice(message);
    frame
}

/// Connects, sends `octets`, and closes without ever reading, as Cloud Foundry's drains do.
pub(crate) fn send(address: SocketAddr, octets: &[u8]) {
    TcpStream::connect(address).and_then(|mut stream| stream.write_all(octets)).expect("gully takes what is sent");
}

/// How a peer ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It closed, or reset.
    Closed,
    /// It still held the connection when the patience was over.
    Open,
}

/// Reads until the peer ends the connection. Panics when it sends a single octet: a syslog receiver has nothing to say.
#[track_caller]
pub(crate) fn end_of(stream: &mut TcpStream, patience: Duration) -> End {
    stream.set_read_timeout(Some(patience)).expect("a time-out can be set");
    match stream.read(&mut [0]) {
        Ok(0) => End::Closed,
        Ok(_) => panic!("gully wrote to a plain syslog connection"),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => End::Open,
        Err(_) => End::Closed,
    }
}

/// A TLS client that reads nothing once the handshake is over.
pub(crate) struct TlsClient {
    connection: ClientConnection,
    stream: TcpStream,
}

impl TlsClient {
    /// Shakes hands by `version` with a server that the authority of `server` vouches for. Shows the client certificate of
    /// `identity`, if any.
    pub(crate) fn connect(
        address: SocketAddr,
        server: &Certificates,
        version: &'static SupportedProtocolVersion,
        identity: Option<&Identity>,
    ) -> io::Result<Self> {
        Self::connect_with(address, Arc::new(client_config(server, version, identity)), "localhost")
    }

    /// Shakes hands as `config` says with the server called `name`.
    pub(crate) fn connect_with(address: SocketAddr, config: Arc<ClientConfig>, name: &str) -> io::Result<Self> {
        let name = ServerName::try_from(name.to_owned()).expect("a name");
        let mut connection = ClientConnection::new(config, name).expect("a sound configuration");
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        Ok(Self { connection, stream })
    }

    /// What rustls knows of the connection.
    pub(crate) fn connection(&mut self) -> &mut ClientConnection {
        &mut self.connection
    }

    /// The TCP stream below TLS.
    pub(crate) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Puts on the wire what rustls has ready.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        while self.connection.wants_write() {
            self.connection.write_tls(&mut self.stream)?;
        }
        Ok(())
    }

    /// Sends `octets`, in as many records as TLS needs.
    pub(crate) fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        // rustls holds at most 64 KiB that are not yet on the wire.
        for part in octets.chunks(16 * 1024) {
            self.connection.writer().write_all(part)?;
            self.flush()?;
        }
        Ok(())
    }

    /// Says goodbye and closes at once, with whatever the server sent still unread.
    pub(crate) fn close(mut self) -> io::Result<()> {
        self.connection.send_close_notify();
        self.flush()
    }

    /// Ends the TCP stream without a TLS goodbye.
    pub(crate) fn cut(self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    /// Octets that the server sent after its part of the handshake, read until it ends the connection or falls silent.
    pub(crate) fn unread_octets(&mut self, patience: Duration) -> usize {
        self.stream.set_read_timeout(Some(patience)).expect("a time-out can be set");
        let mut buffer = [0; 4096];
        let mut octets = 0;
        while let Ok(count @ 1..) = self.stream.read(&mut buffer) {
            octets += count;
        }
        octets
    }
}

/// A client of `version` that trusts the authority of `server`, and shows `identity`, if any.
pub(crate) fn client_config(
    server: &Certificates,
    version: &'static SupportedProtocolVersion,
    identity: Option<&Identity>,
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(server.authority()).expect("a certificate in PEM");
    roots.add(authority).expect("a sound certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]);
    let builder = builder.expect("the provider knows the version").with_root_certificates(roots);
    let Some(identity) = identity else { return builder.with_no_client_auth() };
    let chain = vec![CertificateDer::from_pem_file(&identity.certificate).expect("a certificate in PEM")];
    let key = PrivateKeyDer::from_pem_file(&identity.key).expect("a key in PEM");
    builder.with_client_auth_cert(chain, key).expect("key and certificate belong together")
}
