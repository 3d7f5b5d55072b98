//! Every way to log in, the troubles that come with them, and secrets that nobody gets to see.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::support::background::Background;
use crate::support::certificates::{CLIENT_NAME, Certificates};
use crate::support::client::{counted, send};
use crate::support::gully::{Gully, run_once};
use crate::support::kafka::cluster::Cluster;
use crate::support::kafka::consumer::read_all;
use crate::support::kafka::security::{PASSWORD, Security, USER};
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

const CLIENT_SECRET: &str = "a-client-secret-that-nobody-must-see";
const WRONG_PASSWORD: &str = "a-wrong-password-that-nobody-must-see";
/// A token without signature: `{"alg":"none"}` and `{"sub":"gully","iat":1700000000,"exp":4102444800}`.
const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJndWxseSIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.";

#[test]
fn every_way_in_delivers_and_no_secret_shows() {
    let certificates = Certificates::new();
    let cluster = Cluster::secure(&certificates);
    let tokens = TokenEndpoint::start();
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    let tls = |more: &str| format!("tls = {{ ca = \"{}\"{more} }}\n", certificates.authority().display());
    let client = certificates.client();
    let show = format!(", certificate = \"{}\", key = \"{}\"", client.certificate.display(), client.key.display());
    let password = setup.secret("password", PASSWORD);
    let login = |mechanism: &str| {
        format!("sasl = {{ mechanism = \"{mechanism}\", username = \"{USER}\", password = \"{password}\" }}\n")
    };
    let client_secret = setup.secret("client-secret", CLIENT_SECRET);
    let by_token = format!(
        "sasl = {{ mechanism = \"oauthbearer\", token_url = \"{}\", client_id = \"gully-client\", client_secret = \"{client_secret}\", scope = \"audit\" }}\n",
        tokens.url
    );
    let ways = [
        ("certificate", Security::Ssl, tls(&show)),
        ("plain", Security::SaslSsl, tls("") + &login("plain")),
        ("scram-256", Security::SaslSsl, tls("") + &login("scram-sha-256")),
        ("scram-512", Security::SaslSsl, tls("") + &login("scram-sha-512")),
        ("token", Security::SaslSsl, tls("") + &by_token),
        ("clear", Security::SaslPlaintext, login("scram-sha-512")),
    ];
    for (way, security, keys) in &ways {
        cluster.admin().create_topic(way, 1, 1, &[]);
        let user = if *security == Security::Ssl { format!("CN={CLIENT_NAME}") } else { USER.to_owned() };
        cluster.admin().allow_write(&user, way);
        setup.kafka_sink(way, &[cluster.secured_broker(*security)], way, keys);
    }
    let checked = checked(&setup);
    let gully = setup.start();
    for _ in 0..3 {
        send(address, &counted(b"<14>1 - - - - - - confidential"));
    }
    for (way, ..) in &ways {
        let delivered = || gully.metrics().sum("gully_records_delivered_total", &[("sink", way)]);
        wait_until(&format!("three records by {way}"), SOON, || delivered() == 3);
        assert_eq!(read_all(&cluster, way).len(), 3, "{way}");
    }
    assert_no_secret(&gully, &checked);
}

#[test]
fn who_is_not_let_in_says_why_and_what_would_help() {
    let (certificates, other) = (Certificates::new(), Certificates::new());
    let cluster = Cluster::secure(&certificates);
    cluster.admin().create_topic("nobody", 1, 1, &[]);
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    let tls = |from: &Certificates| format!("tls = {{ ca = \"{}\" }}\n", from.authority().display());
    let (right, wrong) = (setup.secret("right", PASSWORD), setup.secret("wrong", WRONG_PASSWORD));
    let login = |mechanism: &str, password: &str| {
        format!("sasl = {{ mechanism = \"{mechanism}\", username = \"{USER}\", password = \"{password}\" }}\n")
    };
    // Sink, listener, its keys, the reason, and what its line in the log must name.
    let cases = [
        ("wrong-ca", Security::SaslSsl, tls(&other) + &login("plain", &right), "tls", "tls.ca"),
        ("no-certificate", Security::Ssl, tls(&certificates), "tls", "certificate"),
        ("wrong-plain", Security::SaslSsl, tls(&certificates) + &login("plain", &wrong), "authentication", "sasl"),
        (
            "wrong-scram",
            Security::SaslSsl,
            tls(&certificates) + &login("scram-sha-512", &wrong),
            "authentication",
            "sasl",
        ),
        ("no-acl", Security::SaslSsl, tls(&certificates) + &login("plain", &right), "authorization", "Write"),
    ];
    for (name, security, keys, ..) in &cases {
        setup.kafka_sink(name, &[cluster.secured_broker(*security)], "nobody", keys);
    }
    let checked = checked(&setup);
    let gully = setup.start();
    send(address, &counted(b"<14>1 - - - - - - confidential"));
    for (name, _, _, reason, word) in &cases {
        let stalled = || gully.metrics().sum("gully_sink_stalled", &[("sink", name)]);
        wait_until(&format!("the alarm of {name}"), SOON, || stalled() == 1);
        let (sink, reason) = (format!("sink=\"{name}\""), format!("reason=\"{reason}\""));
        let says = |line: &str| line.contains(&sink) && line.contains(&reason) && line.contains(word);
        wait_until(&format!("a line of {name} with {reason} that names {word}"), SOON, || {
            gully.log().lines().any(says)
        });
    }
    assert_eq!(gully.readiness(), Some(200));
    assert_eq!(cluster.admin().record_count("nobody"), 0);
    gully.assert_ledger();
    assert_no_secret(&gully, &checked);
}

/// What `gully check` and `gully config` say about the configuration.
fn checked(setup: &Setup) -> String {
    let path = setup.write();
    let said = run_once(setup.directory(), &["check".as_ref(), "--config".as_ref(), path.as_os_str()], b"");
    String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr)
}

/// Neither in what `gully check` said nor in the log, nor in metrics.
#[track_caller]
fn assert_no_secret(gully: &Gully, checked: &str) {
    let said = [checked.to_owned(), gully.log(), gully.metrics_text()].concat();
    for secret in [PASSWORD, WRONG_PASSWORD, CLIENT_SECRET, TOKEN] {
        assert!(!said.contains(secret), "{secret} shows:\n{said}");
    }
}

/// Gives [`TOKEN`] to whoever shows [`CLIENT_SECRET`] (RFC 6749 section 4.4).
struct TokenEndpoint {
    url: String,
    _server: Background,
}

impl TokenEndpoint {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let server = Background::start(move |go_on| {
            while go_on() {
                if let Ok((stream, _)) = listener.accept() {
                    answer(stream);
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        Self { url: format!("http://{address}/token"), _server: server }
    }
}

fn answer(mut stream: TcpStream) {
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let head: Vec<_> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    // `gully-client:` and the secret.
    let basic = "Basic Z3VsbHktY2xpZW50OmEtY2xpZW50LXNlY3JldC10aGF0LW5vYm9keS1tdXN0LXNlZQ==";
    let knows_secret = head.iter().any(|line| line.ends_with(basic));
    let (status, body) = if knows_secret {
        ("200 OK", format!(r#"{{"access_token":"{TOKEN}","token_type":"bearer","expires_in":3600}}"#))
    } else {
        ("401 Unauthorized", r#"{"error":"invalid_client"}"#.to_owned())
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}", body.len());
    write!(stream, "{head}\r\nConnection: close\r\n\r\n{body}").unwrap();
}
