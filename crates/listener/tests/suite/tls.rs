//! TLS: real handshakes with a rustls client on a blocking socket.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use listener::{ClientAuth, Protocol, Settings, Socket, TlsSettings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::harness::{Bench, counted, eventually};

/// A certificate authority, with the files of a server.
struct Authority {
    directory: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// What becomes of a client: it may send, under this name, or is refused and counted.
type Verdict = Result<Option<&'static str>, &'static str>;

/// A client's certificate and key.
type Identity = (CertificateDer<'static>, PrivateKeyDer<'static>);

impl Authority {
    fn new() -> Self {
        Self::called("authority")
    }

    fn called(name: &str) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let authority = Self { directory: tempfile::tempdir().unwrap(), issuer };
        fs::write(authority.directory.path().join("ca.pem"), authority.issuer.pem()).unwrap();
        authority.renew_server();
        authority
    }

    /// Writes a new certificate for the server, and returns it.
    fn renew_server(&self) -> CertificateDer<'static> {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        fs::write(self.directory.path().join("server.pem"), certificate.pem()).unwrap();
        fs::write(self.directory.path().join("server.key"), key.serialize_pem()).unwrap();
        certificate.der().clone()
    }

    fn client(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.der().clone(), PrivateKeyDer::Pkcs8(key.serialize_der().into()))
    }

    fn ca(&self) -> std::path::PathBuf {
        self.directory.path().join("ca.pem")
    }

    fn listen(&self, clients: ClientAuth, change: impl FnOnce(&mut Settings)) -> Bench {
        let file = |name| self.directory.path().join(name);
        let settings =
            TlsSettings { certificate: file("server.pem"), key: file("server.key"), clients, only_tls13: false };
        Bench::start(Protocol::Tls(Socket::Bind("127.0.0.1:0".parse().unwrap()), settings), change)
    }

    fn config(&self, versions: &[&'static SupportedProtocolVersion], identity: Option<Identity>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        Arc::new(match identity {
            Some((certificate, key)) => config.with_client_auth_cert(vec![certificate], key).unwrap(),
            None => config.with_no_client_auth(),
        })
    }
}

/// A client that shakes hands, and then never reads.
struct WriteOnly {
    tls: ClientConnection,
    socket: TcpStream,
}

impl WriteOnly {
    fn connect(address: SocketAddr, config: Arc<ClientConfig>) -> std::io::Result<Self> {
        let mut socket = TcpStream::connect(address)?;
        socket.set_read_timeout(Some(crate::harness::LONG))?;
        let mut tls = ClientConnection::new(config, ServerName::try_from("localhost").unwrap()).unwrap();
        while tls.is_handshaking() {
            tls.complete_io(&mut socket)?;
        }
        Ok(Self { tls, socket })
    }

    fn send(&mut self, octets: &[u8]) -> std::io::Result<()> {
        for piece in octets.chunks(8192) {
            self.tls.writer().write_all(piece)?;
            while self.tls.wants_write() {
                self.tls.write_tls(&mut self.socket)?;
            }
        }
        Ok(())
    }

    fn close_notify(&mut self) {
        self.tls.send_close_notify();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut self.socket).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_arrive_over_both_versions() {
    let authority = Authority::new();
    for version in [&TLS12, &TLS13] {
        let (bench, config) = (authority.listen(ClientAuth::None, |_| {}), authority.config(&[version], None));
        let address = bench.address();
        let sending = spawn_blocking(move || {
            let mut client = WriteOnly::connect(address, config).unwrap();
            for index in 0..2000 {
                client.send(&counted(&format!("<14>1 {index} {}", "x".repeat(index % 700)))).unwrap();
            }
            client.close_notify();
        });
        sending.await.unwrap();
        bench.has_frames(2000).await;
        for (index, text) in bench.intake.texts().iter().enumerate() {
            assert_eq!(text.split(' ').nth(1), Some(index.to_string().as_str()));
        }
        let frame = bench.intake.frames().remove(0);
        assert_eq!((frame.transport.name(), frame.authenticated), ("tls", None));
        let meter = bench.meter.clone();
        bench.stop().await;
        assert_eq!(meter.all("fault"), []);
    }
}

/// What a server writes after the handshake stays unread at such a client; its close then resets the connection, and destroys
/// what the server has not read yet. Here the server reads late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_only_client_that_closes_at_once_loses_nothing() {
    let authority = Authority::new();
    for version in [&TLS12, &TLS13] {
        let bench = authority.listen(ClientAuth::None, |_| {});
        bench.intake.give_credit(false);
        let (address, config) = (bench.address(), authority.config(&[version], None));
        let sending = spawn_blocking(move || {
            let mut client = WriteOnly::connect(address, config).unwrap();
            for index in 0..1000 {
                client.send(&counted(&format!("<14>1 - {index} {}", "x".repeat(300)))).unwrap();
            }
            client.close_notify();
        });
        sending.await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(bench.intake.count(), 0, "no credit, no read");
        bench.intake.give_credit(true);
        bench.has_frames(1000).await;
        let meter = bench.meter.clone();
        bench.stop().await;
        assert_eq!(meter.all("fault"), []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_written_after_the_handshake() {
    let authority = Authority::new();
    // Ended by the client, and by us after a fault.
    for (octets, ended_by_us) in [(counted("hello"), false), (b"5 hello05 x".to_vec(), true)] {
        let (bench, config) = (authority.listen(ClientAuth::None, |_| {}), authority.config(&[&TLS13], None));
        let address = bench.address();
        let answer = spawn_blocking(move || {
            let mut client = WriteOnly::connect(address, config).unwrap();
            client.send(&octets).unwrap();
            if !ended_by_us {
                client.close_notify();
                client.socket.shutdown(Shutdown::Write).unwrap();
            }
            let mut answer = Vec::new();
            client.socket.read_to_end(&mut answer).unwrap();
            (answer, client.tls.tls13_tickets_received())
        });
        assert_eq!(answer.await.unwrap(), (Vec::new(), 0), "no ticket, no alert, no close_notify");
        bench.has_frames(1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_without_close_notify_is_counted() {
    let authority = Authority::new();
    let (bench, config) = (authority.listen(ClientAuth::None, |_| {}), authority.config(&[&TLS13], None));
    let address = bench.address();
    let sending = spawn_blocking(move || WriteOnly::connect(address, config).unwrap().send(b"5 hello9 unf").unwrap());
    sending.await.unwrap();
    bench.has_counted("closed", 1).await;
    assert_eq!(bench.intake.texts(), ["hello"]);
    assert_eq!((bench.meter.count("fault tls_truncation"), bench.meter.count("partial")), (1, 5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_certificates_decide_who_may_send() {
    let (authority, stranger) = (Authority::new(), Authority::called("stranger"));
    let names = || vec!["*.cells.example".parse().unwrap(), "relay.example".parse().unwrap()];
    let required = || ClientAuth::Required { ca: authority.ca(), names: names() };
    let optional = || ClientAuth::Optional { ca: authority.ca(), names: names() };
    let rows: [(ClientAuth, Option<Identity>, Verdict); 8] = [
        (required(), Some(authority.client("a.cells.example")), Ok(Some("a.cells.example"))),
        (required(), Some(authority.client("relay.example")), Ok(Some("relay.example"))),
        (required(), Some(authority.client("other.example")), Err("fault tls_client_name")),
        (required(), Some(stranger.client("a.cells.example")), Err("fault tls_client_unknown_issuer")),
        (required(), None, Err("fault tls_no_client_certificate")),
        (optional(), None, Ok(None)),
        (optional(), Some(authority.client("other.example")), Err("fault tls_client_name")),
        (
            ClientAuth::Required { ca: authority.ca(), names: Vec::new() },
            Some(authority.client("any.example")),
            Ok(Some("any.example")),
        ),
    ];
    for (clients, identity, expected) in rows {
        let (bench, config) = (authority.listen(clients, |_| {}), authority.config(&[&TLS12, &TLS13], identity));
        let address = bench.address();
        // A refused client may learn it in its handshake, or when it sends.
        let _ = spawn_blocking(move || WriteOnly::connect(address, config)?.send(b"5 hello")).await.unwrap();
        match expected {
            Ok(name) => {
                bench.has_frames(1).await;
                assert_eq!(bench.intake.frames()[0].authenticated.as_deref(), name);
            }
            Err(reason) => {
                bench.has_counted(reason, 1).await;
                assert_eq!(bench.intake.count(), 0);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_serves_the_new_certificate_and_keeps_connections() {
    let authority = Authority::new();
    let (bench, config) = (authority.listen(ClientAuth::None, |_| {}), authority.config(&[&TLS13], None));
    let address = bench.address();
    let connect = || {
        let config = Arc::clone(&config);
        spawn_blocking(move || WriteOnly::connect(address, config).unwrap())
    };
    let served = |client: &WriteOnly| client.tls.peer_certificates().unwrap()[0].clone().into_owned();
    let mut before = connect().await.unwrap();
    let renewed = authority.renew_server();
    assert_ne!(served(&connect().await.unwrap()), renewed, "a new file changes nothing until the reload");
    let reloader = bench.running.tls_reloader().unwrap().clone();
    assert_eq!(reloader.reload().unwrap(), []);
    assert_eq!(served(&connect().await.unwrap()), renewed);
    fs::write(authority.directory.path().join("server.pem"), "broken").unwrap();
    assert!(reloader.reload().is_err());
    assert_eq!(served(&connect().await.unwrap()), renewed, "what was good stays in use");
    before.send(b"5 hello").unwrap();
    bench.has_frames(1).await;
    assert_eq!(bench.meter.count("certificate_ends"), 2);
}

/// Sends `octets` to a TLS port and waits for the close.
async fn check_no_tls(octets: &[u8], shut_down: bool, expected: &'static str) {
    let authority = Authority::new();
    let bench = authority.listen(ClientAuth::None, |settings| settings.handshake_time_max = Duration::from_millis(300));
    let (address, octets) = (bench.address(), octets.to_vec());
    let closed = spawn_blocking(move || {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(crate::harness::LONG)).unwrap();
        socket.write_all(&octets).unwrap();
        if shut_down {
            socket.shutdown(Shutdown::Write).unwrap();
        }
        let _ = socket.read_to_end(&mut Vec::new());
    });
    closed.await.unwrap();
    bench.has_counted(expected, 1).await;
    let (intake, meter) = (bench.intake.clone(), bench.meter.clone());
    bench.stop().await;
    assert_eq!((intake.count(), meter.all("fault").len() + meter.all("probe").len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_tls_is_told_apart() {
    check_no_tls(b"", true, "probe empty_connection").await;
    check_no_tls(b"", false, "fault tls_handshake_timeout").await;
    check_no_tls(b"8 <14>1 ab", false, "fault plain_on_tls").await;
    check_no_tls(b"<14>1 ab\n", false, "fault plain_on_tls").await;
    check_no_tls(b"GET / HTTP/1.1\r\n\r\n", false, "fault plain_on_tls").await;
    check_no_tls(b"\x16\x03\x01\x00\x50\x01", false, "fault tls_handshake_timeout").await;
    check_no_tls(b"\x16\x03\x01\x00\x50\x01", true, "fault tls_handshake_broken").await;
    check_no_tls(&[0xff; 64], false, "fault tls_invalid_message").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_version_is_named_as_such() {
    // A ClientHello of TLS 1.0 with one cipher suite and no extension.
    let mut body = vec![3, 1];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0, 0x2f, 1, 0]);
    let mut hello = vec![0x16, 3, 1, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8];
    hello.extend(body);
    check_no_tls(&hello, false, "fault tls_version").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_do_not_keep_others_from_their_handshake() {
    let authority = Authority::new();
    let bench = authority.listen(ClientAuth::None, |settings| settings.connections_per_source_max = 1000);
    let silent: Vec<_> = (0..600).map(|_| TcpStream::connect(bench.address()).unwrap()).collect();
    let (address, config) = (bench.address(), authority.config(&[&TLS13], None));
    let mut client = spawn_blocking(move || WriteOnly::connect(address, config).unwrap()).await.unwrap();
    client.send(b"5 hello").unwrap();
    bench.has_frames(1).await;
    drop(silent);
    let meter = bench.meter.clone();
    eventually("probes", || meter.count("probe empty_connection") == 600).await;
}
