//! What people mend, at Kafka's side or in our files, ends the trouble: delivery goes on without a restart.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use rcgen::date_time_ymd;

use crate::support::certificates::{CLIENT_NAME, Certificates, Identity, client, server};
use crate::support::client::counted;
use crate::support::gully::Gully;
use crate::support::kafka::cluster::Cluster;
use crate::support::kafka::consumer::read_all;
use crate::support::kafka::security::{PASSWORD, Security, USER};
use crate::support::load::Load;
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

/// A client that gets nowhere is made anew after a minute, and may then need a moment.
const MENDED: Duration = Duration::from_secs(100);

#[test]
fn a_topic_that_was_missing_is_created() {
    let cluster = Cluster::shared();
    let mut flow = Flow::start(&cluster.brokers(), "missing", "");
    flow.send(100);
    flow.wait_for_alarm("unknown_topic");
    cluster.admin().create_topic("missing", 2, 1, &[]);
    flow.wait_for_delivery();
    flow.assert_arrived(&cluster, 0);
}

#[test]
fn a_topic_is_deleted_and_created_anew() {
    let cluster = Cluster::shared();
    cluster.admin().create_topic("anew", 2, 1, &[]);
    let mut flow = Flow::start(&cluster.brokers(), "anew", "");
    flow.send(100);
    flow.wait_for_delivery();
    cluster.admin().delete_topic("anew");
    flow.send(100);
    flow.wait_for_alarm("unknown_topic");
    cluster.admin().create_topic("anew", 2, 1, &[]);
    flow.wait_for_delivery();
    // What had arrived before went with the old topic.
    flow.assert_arrived(&cluster, 100);
}

#[test]
fn a_topic_is_deleted_and_created_anew_under_load() {
    const TOPIC: &str = "anew-under-load";
    let cluster = Cluster::shared();
    cluster.admin().create_topic(TOPIC, 2, 1, &[]);
    let mut setup = Setup::new();
    let address = setup.listener("tcp", "tcp", "");
    setup.kafka_sink("records", &cluster.brokers(), TOPIC, "encoding = \"raw\"\nkey = \"hostname\"");
    let gully = setup.start();
    let load = Load::start(address, 4, Duration::from_millis(10));
    let delivered = || gully.metrics().sum("gully_records_delivered_total", &[]);
    for _ in 0..3 {
        let before = delivered();
        wait_until("a flow", MENDED, || delivered() > before + 1_000);
        cluster.admin().delete_topic(TOPIC);
        cluster.admin().create_topic(TOPIC, 2, 1, &[]);
    }
    let before = delivered();
    wait_until("a flow", MENDED, || delivered() > before + 1_000);
    let sent = load.stop();
    gully.wait_for_delivered(sent.count(), MENDED);

    // The last topic holds the end of what each has sent, without a gap.
    let mut arrived: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for message in read_all(&cluster, TOPIC) {
        let (_, text) = message.text().split_once("sender=").unwrap();
        let (sender, number) = text.strip_suffix(" end-of-message").unwrap().split_once(" number=").unwrap();
        arrived.entry(sender.to_owned()).or_default().push(number.parse().unwrap());
    }
    for (sender, count) in sent.0 {
        let numbers = arrived.remove(&sender).unwrap_or_default();
        let first = numbers.first().copied().unwrap_or(count);
        assert!(numbers.iter().copied().eq(first..count), "{sender}: not {first} to {count} without a gap");
    }
    gully.assert_ledger();
}

#[test]
fn the_right_to_write_is_taken_and_given_back() {
    let certificates = Certificates::new();
    let cluster = Cluster::secure(&certificates);
    cluster.admin().create_topic("right", 1, 1, &[]);
    cluster.admin().allow_write(USER, "right");
    let keys = [trust(&certificates, ""), login()].concat();
    let mut flow = Flow::start(&[cluster.secured_broker(Security::SaslSsl)], "right", &keys);
    flow.send(100);
    flow.wait_for_delivery();
    cluster.admin().forbid_write(USER, "right");
    flow.send(100);
    flow.wait_for_alarm("authorization");
    cluster.admin().allow_write(USER, "right");
    flow.wait_for_delivery();
    flow.assert_arrived(&cluster, 0);
}

#[test]
fn a_broker_s_certificate_expires_and_is_renewed() {
    let certificates = Certificates::new();
    let cluster = Cluster::secure(&certificates);
    cluster.admin().create_topic("expired", 1, 1, &[]);
    cluster.admin().allow_write(USER, "expired");
    let keys = [trust(&certificates, ""), login()].concat();
    let mut flow = Flow::start(&[cluster.secured_broker(Security::SaslSsl)], "expired", &keys);
    flow.send(100);
    flow.wait_for_delivery();
    let mut expired = server();
    expired.not_after = date_time_ymd(2001, 1, 1);
    let show = |identity: &Identity| {
        cluster.set_certificate(identity);
        cluster.kill(1);
        cluster.restart(1);
    };
    show(&certificates.issue("expired", expired));
    flow.send(100);
    flow.wait_for_alarm("tls");
    show(&certificates.issue("renewed", server()));
    flow.wait_for_delivery();
    flow.assert_arrived(&cluster, 0);
}

/// Nobody tells gully that the files have changed.
#[test]
fn our_certificate_expires_and_is_replaced() {
    check_our_certificate("expired-client", |_| ());
}

/// On HUP it does not wait until it would look by itself.
#[test]
fn our_certificate_is_replaced_and_hup_says_so() {
    let started = SystemTime::now();
    check_our_certificate("replaced-client", Gully::hang_up);
    assert!(started.elapsed().unwrap() < Duration::from_secs(50), "not sooner than by itself");
}

#[track_caller]
fn check_our_certificate(topic: &str, tell: impl FnOnce(&Gully)) {
    let certificates = Certificates::new();
    let cluster = Cluster::secure(&certificates);
    cluster.admin().create_topic(topic, 1, 1, &[]);
    cluster.admin().allow_write(&format!("CN={CLIENT_NAME}"), topic);
    let mut expired = client(CLIENT_NAME);
    expired.not_after = date_time_ymd(2001, 1, 1);
    let ours = certificates.issue("ours", expired);
    let show = format!(", certificate = \"{}\", key = \"{}\"", ours.certificate.display(), ours.key.display());
    let mut flow = Flow::start(&[cluster.secured_broker(Security::Ssl)], topic, &trust(&certificates, &show));
    flow.send(100);
    flow.wait_for_alarm("tls");
    let renewed = certificates.client();
    fs::copy(renewed.certificate, &ours.certificate).unwrap();
    fs::copy(renewed.key, &ours.key).unwrap();
    tell(&flow.gully);
    flow.wait_for_delivery();
    flow.assert_arrived(&cluster, 0);
}

/// A sender, and a gully that brings what it sends to a topic.
struct Flow {
    gully: Gully,
    stream: TcpStream,
    topic: String,
    sent: u64,
}

impl Flow {
    fn start(brokers: &[String], topic: &str, keys: &str) -> Self {
        let mut setup = Setup::new();
        let address = setup.listener("tcp", "tcp", "");
        setup.secret("password", PASSWORD);
        setup.kafka_sink("records", brokers, topic, &format!("encoding = \"raw\"\n{keys}"));
        let gully = setup.start();
        Self { gully, stream: TcpStream::connect(address).unwrap(), topic: topic.to_owned(), sent: 0 }
    }

    fn send(&mut self, count: u64) {
        for number in self.sent..self.sent + count {
            self.stream.write_all(&counted(format!("<14>1 - - - - - - {number}").as_bytes())).unwrap();
        }
        self.sent += count;
    }

    #[track_caller]
    fn wait_for_delivery(&self) {
        self.gully.wait_for_delivered(self.sent, MENDED);
        let stalled = || self.gully.metrics().sum("gully_sink_stalled", &[]);
        wait_until("the end of the alarm", SOON, || stalled() == 0);
    }

    /// Waits until the alarm is raised, and the log has a line with the reason.
    #[track_caller]
    fn wait_for_alarm(&self, reason: &str) {
        let reason = format!("reason=\"{reason}\"");
        wait_until(&format!("a line with {reason}"), Duration::from_secs(60), || self.gully.log().contains(&reason));
        assert_eq!(self.gully.metrics().sum("gully_sink_stalled", &[]), 1);
        assert_eq!(self.gully.readiness(), Some(200));
    }

    /// Checks that the topic holds what was sent from number `first` on, once and in order.
    #[track_caller]
    fn assert_arrived(&self, cluster: &Cluster, first: u64) {
        let messages = read_all(cluster, &self.topic);
        let numbers: Vec<u64> =
            messages.iter().map(|message| message.text().rsplit(' ').next().unwrap().parse().unwrap()).collect();
        assert!(numbers.iter().copied().eq(first..self.sent), "not {first} to {}: {numbers:?}", self.sent);
        self.gully.assert_ledger();
    }
}

/// The key `tls` that trusts the authority of `certificates`. `more` are further members, each after a comma.
fn trust(certificates: &Certificates, more: &str) -> String {
    format!("tls = {{ ca = \"{}\"{more} }}\n", certificates.authority().display())
}

/// The key `sasl` for the user that secured clusters know.
fn login() -> String {
    format!("sasl = {{ mechanism = \"plain\", username = \"{USER}\", password = \"${{file:password}}\" }}\n")
}
