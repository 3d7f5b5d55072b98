//! A Kafka broker for the bench: one node that is its own controller, started once, with its data beside the daemons' files.

use std::cell::Cell;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::options::{Options, free_address};
use crate::process::Process;
use crate::wire::Connection;

/// How long a broker may take to start.
const START: Duration = Duration::from_secs(60);
/// Partitions of each topic.
const PARTITIONS: u32 = 4;

/// A broker that runs. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Broker {
    pub(crate) address: SocketAddr,
    process: Process,
    connection: Connection,
    topics: Cell<u32>,
}

impl Broker {
    /// Starts it, and waits until it answers.
    ///
    /// # Errors
    /// When Java or Kafka are missing, or do not work.
    pub(crate) fn start(options: &Options) -> io::Result<Self> {
        let directory = options.work.join("kafka");
        fs::create_dir_all(directory.join("data"))?;
        fs::write(directory.join("data/meta.properties"), "version=1\ncluster.id=AAAAAAAAAAAAAAAAAAAAAQ\nnode.id=1\n")?;
        let (address, controller) = (free_address()?, free_address()?);
        let configuration = directory.join("server.properties");
        fs::write(&configuration, properties(&directory, address, controller))?;
        // Java's own compiler and collector, as on a server: `target/peers/kafka/bin` is for brokers that live for seconds. IPv4 alone,
        // so that its listener shows where those of the daemons do.
        let options_of_java =
            "-Xms512m -Xmx512m -Djava.net.preferIPv4Stack=true -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp";
        let mut arguments: Vec<_> = options_of_java.split(' ').map(str::to_owned).collect();
        arguments.push(options.root.join("target/peers/kafka/lib/*").display().to_string());
        arguments.extend(["kafka.Kafka".to_owned(), configuration.display().to_string()]);
        let log = directory.join("log");
        let mut process = Process::start(Path::new("java"), &arguments, &log)?;
        let failed = |error: io::Error| {
            io::Error::other(format!("Kafka: {error}; it said:\n{}", fs::read_to_string(&log).unwrap_or_default()))
        };
        process.wait_until_listening(address, START).map_err(failed)?;
        let broker = Self { address, process, connection: Connection::to(address)?, topics: Cell::default() };
        // It listens before it knows of itself.
        let started = Instant::now();
        while let Err(error) = broker.connection.create_topic("first", 1) {
            if started.elapsed() > START {
                return Err(failed(error));
            }
            thread::sleep(Duration::from_millis(200));
        }
        Ok(broker)
    }

    /// A new topic.
    ///
    /// # Errors
    /// When the broker refuses.
    pub(crate) fn topic(&self) -> io::Result<Topic<'_>> {
        self.topics.set(self.topics.get() + 1);
        let name = format!("run-{}", self.topics.get());
        self.connection.create_topic(&name, PARTITIONS)?;
        Ok(Topic { broker: self, name })
    }

    /// CPU seconds so far.
    ///
    /// # Errors
    /// When it is gone.
    pub(crate) fn cpu_seconds(&self) -> io::Result<f64> {
        self.process.cpu_seconds().map(|(user, system)| user + system)
    }

    /// Which Kafka this is, from the name of its archive.
    pub(crate) fn version(options: &Options) -> String {
        let names = fs::read_dir(options.root.join("target/peers/kafka/lib")).into_iter().flatten().flatten();
        let version = |name: String| Some(name.strip_prefix("kafka-clients-")?.strip_suffix(".jar")?.to_owned());
        let found = names.filter_map(|entry| version(entry.file_name().to_string_lossy().into_owned())).next();
        found.unwrap_or_else(|| "of unknown version".to_owned())
    }
}

/// A topic of its own for one run. What it holds is deleted when it is dropped.
#[derive(Debug)]
pub(crate) struct Topic<'a> {
    pub(crate) broker: &'a Broker,
    pub(crate) name: String,
}

impl Topic<'_> {
    /// How many messages it took. What was sent twice counts twice.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub(crate) fn messages(&self) -> io::Result<u64> {
        self.broker.connection.messages(&self.name, PARTITIONS)
    }
}

impl Drop for Topic<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.broker.connection.delete_topic(&self.name) {
            eprintln!("compare: the topic {} stays: {error}", self.name);
        }
    }
}

/// Kafka's own defaults but for the addresses, one replica, and that deleted topics leave the disk at once.
fn properties(directory: &Path, address: SocketAddr, controller: SocketAddr) -> String {
    format!(
        "process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{address},CONTROLLER://{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters=1@{controller}
log.dirs={}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
log.segment.delete.delay.ms=1000
",
        directory.join("data").display()
    )
}
