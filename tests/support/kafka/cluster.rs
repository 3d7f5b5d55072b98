//! Brokers and controllers.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use super::admin::Admin;
use super::node::Node;
use super::security::{self, Security};
use super::turn::Turn;
use crate::support::certificates::{Certificates, Identity};
use crate::support::ports::free_address;
use crate::support::wait::wait_until;

/// How long a node may take to start on a busy machine.
const START: Duration = Duration::from_secs(60);
/// The node that is only a controller, where there is one.
const CONTROLLER: i32 = 100;
/// The file in a cluster's directory with the certificate that its broker shows, and the key to it.
const KEYS: &str = "server.pem";
/// Every cluster is alone in its world.
const CLUSTER_ID: &str = "AAAAAAAAAAAAAAAAAAAAAQ";

/// What all nodes of all clusters have in common.
///
/// A dead broker is noticed after 3 s instead of 9, and may come back as soon, so that faults take less of the tests' time. Topics
/// are there because a test creates them. The rest keeps each node small.
const COMMON: &str = "\
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL,SASL_PLAINTEXT:SASL_PLAINTEXT
inter.broker.listener.name=PLAINTEXT
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=2097152
";

/// A running cluster. Its nodes are killed when it is dropped, and what they printed is shown when the test failed.
pub(crate) struct Cluster {
    brokers: Vec<Broker>,
    /// Where the brokers are not controllers themselves.
    _controller: Option<Node>,
    admin: Admin,
    directory: TempDir,
    /// Given back when all of it has ended.
    _turn: Option<Turn>,
}

struct Broker {
    node: Node,
    listeners: Listeners,
}

/// Where a broker can be reached, by Kafka's names of the security protocols.
#[derive(Debug, Clone, Copy)]
struct Listeners {
    plaintext: SocketAddr,
    /// TLS that wants a client certificate; TLS with SASL; SASL without TLS.
    secured: Option<[(Security, SocketAddr); 3]>,
}

impl Cluster {
    /// One broker, which is its own controller.
    pub(crate) fn one() -> Self {
        Self::alone(TempDir::new().expect("a temporary directory"), "", None)
    }

    /// The same, shared by all tests that want it at the same time and do it no harm. Topics should be the test's own.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        shared.upgrade().unwrap_or_else(|| {
            let cluster = Arc::new(Self::one());
            *shared = Arc::downgrade(&cluster);
            cluster
        })
    }

    /// Three brokers, and one controller that no fault touches: with two brokers down, the cluster still knows what it has lost.
    ///
    /// Topics have three replicas, of which two must have a record before it counts as taken.
    pub(crate) fn three() -> Self {
        let turn = Turn::take();
        let directory = TempDir::new().expect("a temporary directory");
        let controller_address = free_address();
        let voters = format!("controller.quorum.voters={CONTROLLER}@{controller_address}\n");
        let controller = {
            let listeners = format!("process.roles=controller\nlisteners=CONTROLLER://{controller_address}\n");
            let properties = COMMON.replace("inter.broker.listener.name=PLAINTEXT\n", "") + &voters + &listeners;
            Node::new(CONTROLLER, directory.path(), &properties)
        };
        let replication = "default.replication.factor=3\nmin.insync.replicas=2\noffsets.topic.replication.factor=3\n";
        let broker = |id| {
            let listeners = Listeners { plaintext: free_address(), secured: None };
            let properties =
                format!("{COMMON}{voters}{replication}process.roles=broker\n{}", listeners.properties(None));
            Broker { node: Node::new(id, directory.path(), &properties), listeners }
        };
        let brokers = vec![broker(1), broker(2), broker(3)];
        brokers.iter().map(|broker| &broker.node).chain([&controller]).for_each(|node| {
            node.format(CLUSTER_ID);
            node.start();
        });
        Self::when_ready(brokers, Some(controller), directory, Some(turn))
    }

    /// One broker that can also be reached by every [`Security`], and lets nobody write who was not allowed to.
    ///
    /// The broker shows the server certificate of `certificates` as it is when the broker starts, and trusts their authority.
    /// [`security::USER`] can come by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512; by OAUTHBEARER anybody whose token says so, unsigned.
    pub(crate) fn secure(certificates: &Certificates) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let keys = directory.path().join(KEYS);
        security::write_keys(&keys, &certificates.server_identity());
        Self::alone(directory, &security::properties(&keys, &certificates.authority()), Some(Security::ALL))
    }

    fn alone(directory: TempDir, properties: &str, secured: Option<[Security; 3]>) -> Self {
        let controller = free_address();
        let secured = secured.map(|by| by.map(|security| (security, free_address())));
        let listeners = Listeners { plaintext: free_address(), secured };
        let own = format!(
            "process.roles=broker,controller\ncontroller.quorum.voters=1@{controller}\n\
             offsets.topic.replication.factor=1\n{}",
            listeners.properties(Some(controller))
        );
        let node = Node::new(1, directory.path(), &format!("{COMMON}{own}{properties}"));
        if secured.is_some() {
            node.format_with_users(CLUSTER_ID, &security::scram_users());
        } else {
            node.format(CLUSTER_ID);
        }
        node.start();
        Self::when_ready(vec![Broker { node, listeners }], None, directory, None)
    }

    fn when_ready(brokers: Vec<Broker>, controller: Option<Node>, directory: TempDir, turn: Option<Turn>) -> Self {
        let addresses = brokers.iter().map(|broker| broker.listeners.plaintext).collect();
        let cluster = Self { brokers, _controller: controller, admin: Admin::new(addresses), directory, _turn: turn };
        let ids: Vec<_> = cluster.brokers.iter().map(|broker| broker.node.id()).collect();
        cluster.brokers.iter().for_each(|broker| broker.wait_until_it_sees(&ids));
        cluster
    }

    /// `host:port` of every broker, without security.
    pub(crate) fn brokers(&self) -> Vec<String> {
        self.brokers.iter().map(|broker| broker.listeners.plaintext.to_string()).collect()
    }

    /// `host:port` of the broker of a secured cluster.
    #[track_caller]
    pub(crate) fn secured_broker(&self, by: Security) -> String {
        let mut secured = self.brokers[0].listeners.secured.expect("a secured cluster").into_iter();
        secured.find(|(security, _)| *security == by).expect("it has them all").1.to_string()
    }

    /// The administrator.
    pub(crate) fn admin(&self) -> &Admin {
        &self.admin
    }

    /// The certificate that the broker of a secured cluster shows after its next start.
    pub(crate) fn set_certificate(&self, identity: &Identity) {
        security::write_keys(&self.directory.path().join(KEYS), identity);
    }

    /// Ends a broker, counted from 1, as a power cut would.
    #[track_caller]
    pub(crate) fn kill(&self, id: i32) {
        self.broker(id).node.kill();
    }

    /// Starts a broker that was killed, and waits until it is back at work.
    #[track_caller]
    pub(crate) fn restart(&self, id: i32) {
        let broker = self.broker(id);
        broker.node.start();
        broker.wait_until_it_sees(&[id]);
    }

    /// Stops a broker in its tracks; its connections stay as they are.
    #[track_caller]
    pub(crate) fn freeze(&self, id: i32) {
        self.broker(id).node.signal(Signal::STOP);
    }

    /// Lets a frozen broker go on.
    #[track_caller]
    pub(crate) fn thaw(&self, id: i32) {
        self.broker(id).node.signal(Signal::CONT);
    }

    fn broker(&self, id: i32) -> &Broker {
        self.brokers.iter().find(|broker| broker.node.id() == id).unwrap_or_else(|| panic!("there is no broker {id}"))
    }
}

impl Broker {
    #[track_caller]
    fn wait_until_it_sees(&self, ids: &[i32]) {
        wait_until("a Kafka that is ready", START, || {
            if let Some(words) = self.node.last_words() {
                panic!("Kafka ended instead of getting ready: {words}");
            }
            Admin::sees(self.listeners.plaintext, ids)
        });
    }
}

impl Listeners {
    fn properties(&self, controller: Option<SocketAddr>) -> String {
        let mut advertised = format!("PLAINTEXT://{}", self.plaintext);
        for (security, address) in self.secured.iter().flatten() {
            write!(advertised, ",{}://{address}", security.name()).expect("a string takes all");
        }
        let controller = controller.map(|address| format!(",CONTROLLER://{address}")).unwrap_or_default();
        format!("listeners={advertised}{controller}\nadvertised.listeners={advertised}\n")
    }
}
