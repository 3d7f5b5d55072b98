//! Every way to log in, the troubles that come with them, and secrets that nobody gets to see.

use std::time::Duration;

use crate::support::certificates::{CLIENT_NAME, Certificates};
use crate::support::client::{counted, send};
use crate::support::gully::{Gully, run_once};
use crate::support::kafka::cluster::Cluster;
use crate::support::kafka::consumer::read_all;
use crate::support::kafka::security::{PASSWORD, Security, USER};
use crate::support::kafka::tokens::{CLIENT_ID, CLIENT_SECRET, TOKEN, TokenEndpoint};
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

const WRONG_SECRET: &str = "a-wrong-secret-that-nobody-must-see";
const WRONG_PASSWORD: &str = "a-wrong-password-that-nobody-must-see";
/// A client whose token endpoint did not answer asks again after ten seconds.
const MENDED: Duration = Duration::from_secs(60);

#[test]
fn every_way_in_delivers_and_no_secret_shows() {
    let certificates = Certificates::new();
    let cluster = Cluster::secure(&certificates);
    let tokens = TokenEndpoint::start(Duration::from_secs(3600));
    let mut setup = Setup::new();
    // With all that anybody has to say.
    setup.table("log", "level = \"trace\"");
    let address = setup.listener("tcp", "tcp", "");
    let tls = |more: &str| format!("tls = {{ ca = \"{}\"{more} }}\n", certificates.authority().display());
    let client = certificates.client();
    let show = format!(", certificate = \"{}\", key = \"{}\"", client.certificate.display(), client.key.display());
    let password = setup.secret("password", PASSWORD);
    let login = |mechanism: &str| {
        format!("sasl = {{ mechanism = \"{mechanism}\", username = \"{USER}\", password = \"{password}\" }}\n")
    };
    let client_secret = setup.secret("client-secret", CLIENT_SECRET);
    let ways = [
        ("certificate", Security::Ssl, tls(&show)),
        ("plain", Security::SaslSsl, tls("") + &login("plain")),
        ("scram-256", Security::SaslSsl, tls("") + &login("scram-sha-256")),
        ("scram-512", Security::SaslSsl, tls("") + &login("scram-sha-512")),
        ("token", Security::SaslSsl, tls("") + &by_token(&tokens, &client_secret)),
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
    let tokens = TokenEndpoint::start(Duration::from_secs(3600));
    cluster.admin().create_topic("nobody", 1, 1, &[]);
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    let tls = |from: &Certificates| format!("tls = {{ ca = \"{}\" }}\n", from.authority().display());
    let (right, wrong) = (setup.secret("right", PASSWORD), setup.secret("wrong", WRONG_PASSWORD));
    let wrong_secret = setup.secret("wrong-secret", WRONG_SECRET);
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
        (
            "wrong-secret",
            Security::SaslSsl,
            tls(&certificates) + &by_token(&tokens, &wrong_secret),
            "authentication",
            "401",
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

/// Tokens come from an endpoint that does not answer at first, are good for seconds, and have to be shown again.
#[test]
fn tokens_are_fetched_when_the_endpoint_is_back_and_before_they_end() {
    let certificates = Certificates::new();
    let cluster = Cluster::secure(&certificates);
    cluster.admin().create_topic("tokens", 1, 1, &[]);
    cluster.admin().allow_write(USER, "tokens");
    let tokens = TokenEndpoint::start(Duration::from_secs(5));
    tokens.set_broken(true);
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    let secret = setup.secret("client-secret", CLIENT_SECRET);
    let brokers = [cluster.secured_broker(Security::SaslPlaintext)];
    setup.kafka_sink("records", &brokers, "tokens", &by_token(&tokens, &secret));
    let gully = setup.start();
    let send_one = || send(address, &counted(b"<14>1 - - - - - - confidential"));
    send_one();
    wait_until("a word about the endpoint", SOON, || gully.log().contains("503"));
    assert_eq!(gully.metrics().sum("gully_sink_stalled", &[]), 1);
    tokens.set_broken(false);
    gully.wait_for_delivered(1, MENDED);

    for renewed in 2..5 {
        wait_until("a new token", MENDED, || tokens.given() >= renewed);
        send_one();
        gully.wait_for_delivered(renewed, MENDED);
    }
    assert_eq!(read_all(&cluster, "tokens").len(), 4);
    assert_no_secret(&gully, "");
}

/// What `gully check` says about the configuration.
fn checked(setup: &Setup) -> String {
    let path = setup.write();
    let said = run_once(setup.directory(), &["check".as_ref(), "--config".as_ref(), path.as_os_str()], b"");
    String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr)
}

/// The key `sasl` for a client of `tokens`.
fn by_token(tokens: &TokenEndpoint, secret: &str) -> String {
    format!(
        "sasl = {{ mechanism = \"oauthbearer\", token_url = \"{}\", client_id = \"{CLIENT_ID}\", client_secret = \"{secret}\", \
         scope = \"audit\" }}\n",
        tokens.url
    )
}

/// Neither in what `gully check` said nor in the log, nor in metrics.
#[track_caller]
fn assert_no_secret(gully: &Gully, checked: &str) {
    let said = [checked.to_owned(), gully.log(), gully.metrics_text()].concat();
    for secret in [PASSWORD, WRONG_PASSWORD, CLIENT_SECRET, WRONG_SECRET, TOKEN] {
        assert!(!said.contains(secret), "{secret} shows:\n{said}");
    }
}
