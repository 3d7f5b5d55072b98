//! A configuration in the making.

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::gully::{Gully, run_once};
use super::ports::free_address;

/// A configuration for one run of gully, in a directory of its own that goes away with the test.
pub(crate) struct Setup {
    directory: TempDir,
    text: String,
    admin: SocketAddr,
}

impl Setup {
    /// Only the admin endpoint and the data directory so far.
    pub(crate) fn new() -> Self {
        let admin = free_address();
        let text = format!("data_dir = \"gully-data\"\n\n[admin]\naddress = \"{admin}\"\n");
        Self { directory: TempDir::new().expect("a temporary directory"), text, admin }
    }

    /// One listener `name` per protocol named, and JSON of every class at `records/<class>.jsonl`: what most tests want.
    pub(crate) fn plain(protocols: &[&str]) -> (Gully, Vec<SocketAddr>) {
        let mut setup = Self::new();
        let addresses = protocols.iter().map(|protocol| setup.listener(protocol, protocol, "")).collect();
        setup.json_sink();
        (setup.start(), addresses)
    }

    /// Adds a listener on a free port. `keys` are further lines of its table.
    pub(crate) fn listener(&mut self, name: &str, protocol: &str, keys: &str) -> SocketAddr {
        let address = free_address();
        self.listener_at(&address.to_string(), name, protocol, keys);
        address
    }

    /// Adds a listener at any address that the configuration can name.
    pub(crate) fn listener_at(&mut self, address: &str, name: &str, protocol: &str, keys: &str) {
        self.table(&format!("listener.{name}"), &format!("address = \"{address}\"\nprotocol = \"{protocol}\"\n{keys}"));
    }

    /// Adds a listener on a unix socket in the directory of the test, and returns the socket's path.
    pub(crate) fn unix_listener(&mut self, name: &str, protocol: &str) -> PathBuf {
        let path = self.directory().join(format!("{name}.sock"));
        self.listener_at(&format!("unix:{}", path.display()), name, protocol, "");
        path
    }

    /// Adds the file sink `records`, which takes all classes and writes JSON to `records/<class>.jsonl`.
    pub(crate) fn json_sink(&mut self) {
        self.file_sink("records", "records/{class}.jsonl", "json");
    }

    /// As [`Self::json_sink`], with all sets of extracted fields.
    pub(crate) fn json_sink_with_fields(&mut self) {
        self.sink("records", "kind = \"file\"\npath = \"records/{class}.jsonl\"\nfields = [\"native\", \"ecs\"]");
    }

    /// Adds a sink with these keys.
    pub(crate) fn sink(&mut self, name: &str, keys: &str) {
        self.table(&format!("sink.{name}"), keys);
    }

    /// Adds a file sink that takes all classes.
    pub(crate) fn file_sink(&mut self, name: &str, path: &str, encoding: &str) {
        self.file_sink_of("*", name, path, encoding);
    }

    /// Adds a file sink that takes one class.
    pub(crate) fn file_sink_of(&mut self, class: &str, name: &str, path: &str, encoding: &str) {
        let keys = format!("kind = \"file\"\npath = \"{path}\"\nencoding = \"{encoding}\"\ntake = [\"{class}\"]");
        self.table(&format!("sink.{name}"), &keys);
    }

    /// Adds a sink that sends all classes to `topic` at `brokers`. `keys` are further lines of its table.
    pub(crate) fn kafka_sink(&mut self, name: &str, brokers: &[String], topic: &str, keys: &str) {
        let keys = format!("kind = \"kafka\"\nbrokers = {brokers:?}\ntopic = \"{topic}\"\ntake = [\"*\"]\n{keys}");
        self.table(&format!("sink.{name}"), &keys);
    }

    /// Puts a secret into a file, and returns what the configuration says instead of it.
    pub(crate) fn secret(&self, name: &str, secret: &str) -> String {
        fs::write(self.directory().join(name), format!("{secret}\n")).expect("the temporary directory is writable");
        format!("${{file:{name}}}")
    }

    /// Adds any table.
    pub(crate) fn table(&mut self, name: &str, keys: &str) {
        writeln!(self.text, "\n[{name}]\n{}", keys.trim_end()).expect("a string takes all");
    }

    /// Where `/readyz` and `/metrics` will be.
    pub(crate) fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// The directory that relative paths of the configuration refer to.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Writes the configuration and returns where it is.
    pub(crate) fn write(&self) -> PathBuf {
        let path = self.directory().join("gully.toml");
        fs::write(&path, &self.text).expect("the temporary directory is writable");
        path
    }

    /// The bound of memory that `gully check` prints for it: the number before "bytes" on the line that speaks of memory.
    #[track_caller]
    pub(crate) fn memory_bound_bytes(&self) -> u64 {
        let path = self.write();
        let output = run_once(self.directory(), &["check".as_ref(), "--config".as_ref(), path.as_os_str()], b"");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let bound = said.lines().filter(|line| line.to_lowercase().contains("memory")).find_map(|line| {
            let before = line.split(" bytes").next()?;
            before.rsplit(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
        });
        bound.unwrap_or_else(|| panic!("`gully check` prints no bound in bytes:\n{said}"))
    }

    /// Starts gully with it and waits until it is ready.
    pub(crate) fn start(self) -> Gully {
        let path = self.write();
        let arguments = ["run".as_ref(), "--config".as_ref(), path.as_os_str()];
        Gully::start(&arguments, self.admin, self.directory)
    }

    /// Starts gully through a shell, so that it inherits descriptors that the standard library keeps from children. `script` ends
    /// with `exec "$@"`, which becomes gully; `descriptor` is its standard input.
    pub(crate) fn start_by_shell(self, script: &str, descriptor: impl Into<Stdio>) -> Gully {
        let path = self.write();
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_gully"), "run", "--config"]).arg(path);
        command.current_dir(self.directory()).stdin(descriptor);
        Gully::start_by(&mut command, self.admin, self.directory)
    }
}
