//! One node of a cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rustix::process::Signal;

use crate::support::process::Process;
use crate::support::wait::SOON;

/// A broker, a controller, or both, with a directory of its own. It is killed when dropped.
pub(super) struct Node {
    id: i32,
    directory: PathBuf,
    /// None while it is killed.
    process: Mutex<Option<Process>>,
}

impl Node {
    /// Writes what a node needs before its first start. `properties` are those that no other node has, or all.
    pub(super) fn new(id: i32, cluster: &Path, properties: &str) -> Self {
        let directory = cluster.join(format!("node-{id}"));
        fs::create_dir(&directory).expect("the temporary directory is writable");
        let properties = format!("node.id={id}\nlog.dirs={}\n{properties}", directory.join("data").display());
        fs::write(directory.join("server.properties"), properties).expect("the temporary directory is writable");
        Self { id, directory, process: Mutex::new(None) }
    }

    /// Makes the data directory as the storage tool would, which takes a second for the Java alone.
    pub(super) fn format(&self, cluster_id: &str) {
        let data = self.directory.join("data");
        fs::create_dir(&data).expect("the temporary directory is writable");
        let text = format!("version=1\ncluster.id={cluster_id}\nnode.id={}\n", self.id);
        fs::write(data.join("meta.properties"), text).expect("the temporary directory is writable");
    }

    /// Has the storage tool make the data directory, with the users that `scram` describes in Kafka's words.
    pub(super) fn format_with_users(&self, cluster_id: &str, scram: &[String]) {
        let mut command = super::command("kafka-storage");
        command.args(["format", "--cluster-id", cluster_id, "--config"]).arg(self.properties());
        command.args(scram.iter().flat_map(|user| ["--add-scram", user]));
        Process::start("kafka-storage", &mut command).wait_for_success(SOON);
    }

    pub(super) fn id(&self) -> i32 {
        self.id
    }

    /// Starts it. Whether it is of use yet, the caller has to ask.
    #[track_caller]
    pub(super) fn start(&self) {
        let mut process = self.process.lock().expect("nobody panics with the lock");
        assert!(process.is_none(), "node {} runs already", self.id);
        let mut command = super::command("kafka-server");
        command.arg(self.properties()).current_dir(&self.directory);
        *process = Some(Process::start(&format!("Kafka node {}", self.id), &mut command));
    }

    /// Ends it as a power cut would.
    #[track_caller]
    pub(super) fn kill(&self) {
        let mut process = self.process.lock().expect("nobody panics with the lock");
        let mut running = process.take().unwrap_or_else(|| panic!("node {} is killed already", self.id));
        running.signal(Signal::KILL);
        running.wait(SOON);
    }

    /// Sends it a signal.
    #[track_caller]
    pub(super) fn signal(&self, signal: Signal) {
        let process = self.process.lock().expect("nobody panics with the lock");
        process.as_ref().unwrap_or_else(|| panic!("node {} is killed", self.id)).signal(signal);
    }

    /// What it has printed since its last start, when it has ended by itself.
    pub(super) fn last_words(&self) -> Option<String> {
        let mut process = self.process.lock().expect("nobody panics with the lock");
        let process = process.as_mut()?;
        process.ended().map(|status| format!("{status}:\n{}", process.output()))
    }

    fn properties(&self) -> PathBuf {
        self.directory.join("server.properties")
    }
}
