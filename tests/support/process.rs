//! A program that runs beside the test, and never outlives it.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};

use super::guard;
use super::wait::wait_for;

/// A running program whose output is kept, and printed when the test fails. It is killed, by its process id, when dropped, and
/// also when the tests themselves are killed.
pub(crate) struct Process {
    name: String,
    child: Child,
    output: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
    reaped: bool,
}

impl Process {
    /// Starts `command`. Its standard input is empty unless the command says otherwise.
    pub(crate) fn start(name: &str, command: &mut Command) -> Self {
        let started = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = started.unwrap_or_else(|error| panic!("{name} does not start: {error}; run tests/run"));
        guard::started(child.id());
        let output = Arc::new(Mutex::new(Vec::new()));
        let readers = vec![
            keep(child.stdout.take().expect("stdout is piped"), &output),
            keep(child.stderr.take().expect("stderr is piped"), &output),
        ];
        Self { name: name.to_owned(), child, output, readers, reaped: false }
    }

    /// What it has printed so far on both outputs, in the order in which we read it.
    pub(crate) fn output(&self) -> String {
        let output = self.output.lock().expect("the reader does not panic");
        String::from_utf8_lossy(&output).into_owned()
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_child(&self.child);
        kill_process(id, signal).unwrap_or_else(|error| panic!("{} cannot be signalled: {error}", self.name));
    }

    /// Whether it has ended, and how.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().expect("a child can be waited for");
        if status.is_some() && !self.reaped {
            self.reaped = true;
            guard::ended(self.child.id());
        }
        status
    }

    /// Waits until it ends by itself; then all of its output is there. Panics after `limit`.
    #[track_caller]
    pub(crate) fn wait(&mut self, limit: Duration) -> ExitStatus {
        let what = format!("the end of {}", self.name);
        let status = wait_for(&what, limit, || self.ended());
        self.readers.drain(..).for_each(|reader| reader.join().expect("the reader does not panic"));
        status
    }

    /// Waits until it ends, and panics unless it succeeded.
    #[track_caller]
    pub(crate) fn wait_for_success(&mut self, limit: Duration) {
        let status = self.wait(limit);
        assert!(status.success(), "{} ended with {status}:\n{}", self.name, self.output());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.child.kill().ok();
            self.child.wait().ok();
            guard::ended(self.child.id());
        }
        if thread::panicking() {
            eprintln!("--- output of {} ---\n{}", self.name, self.output());
        }
    }
}

/// Lets this process, and every child that it starts from now on, open as many files as the system allows.
pub(crate) fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).expect("the soft limit may be raised to the hard one");
}

/// Reads `pipe` to its end on a thread of its own.
fn keep(mut pipe: impl Read + Send + 'static, output: &Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    let output = Arc::clone(output);
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            output.lock().expect("nobody panics with the lock").extend_from_slice(&buffer[..count]);
        }
    })
}
