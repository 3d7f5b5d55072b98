//! Two instances behind a load balancer, of which one is stopped under load: whatever was sent is in Kafka, once.
//!
//! TCP alone has no acknowledgement, so this takes both sides: gully half-closes a connection and reads for one second more; the
//! sender sends nothing once it sees that, and goes elsewhere.

use std::net::TcpStream;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::gully::Gully;
use crate::support::kafka::arrivals::Arrivals;
use crate::support::kafka::cluster::Cluster;
use crate::support::load::Load;
use crate::support::peers::haproxy;
use crate::support::ports::free_address;
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

const TOPIC: &str = "two-instances";
const SENDERS: usize = 8;
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn one_of_them_is_stopped_under_load_and_the_ledger_closes_at_zero() {
    let cluster = Cluster::shared();
    cluster.admin().create_topic(TOPIC, 4, 1, &[]);
    let start = || {
        let mut setup = Setup::new();
        let address = setup.listener("tcp", "tcp", "");
        setup.kafka_sink("records", &cluster.brokers(), TOPIC, "encoding = \"raw\"\nkey = \"hostname\"");
        // Time for HAProxy to see that it is not ready, then for senders to leave.
        setup.table("drain", "pre = \"1s\"\ntimeout = \"3s\"");
        let addresses = (address, setup.admin());
        (setup.start(), addresses)
    };
    let ((stays, first), (goes, second)) = (start(), start());
    let directory = TempDir::new().unwrap();
    let front = free_address();
    let _haproxy = haproxy::start(directory.path(), front, &[first, second]);
    wait_until("HAProxy", SOON, || TcpStream::connect(front).is_ok());

    let load = Load::start(front, SENDERS, Duration::from_millis(5));
    let accepted = |gully: &Gully| gully.metrics().sum("gully_records_accepted_total", &[]);
    wait_until("a flow through both", SOON, || accepted(&stays) > 1_000 && accepted(&goes) > 1_000);
    let gone = goes.stop();
    // It has left nothing behind.
    assert_eq!(gone.code, Some(0), "{}", gone.output);
    let before = accepted(&stays);
    wait_until("a flow through the one that is left", SOON, || accepted(&stays) > before + 5_000);
    let sent = load.stop();
    assert!(sent.0.len() > SENDERS, "nobody had to leave: {sent:?}");

    cluster.admin().wait_for_records(TOPIC, sent.count(), PATIENCE);
    Arrivals::of(&cluster, TOPIC).assert_once(&sent);
    stays.assert_ledger();
}
