//! `openssl s_client` as a sender.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::process::Process;

/// Starts a client that checks the server by `authority`, sends the octets of `file`, and closes.
///
/// `options` are further options, such as `-tls1_2`; without `-servername` it names no server.
pub(crate) fn send(file: &Path, to: SocketAddr, authority: &Path, options: &[&str]) -> Process {
    // Keeps it from taking a line that begins with Q or R as a command.
    start(file, to, authority, &[&["-quiet", "-no_ign_eof"], options].concat())
}

/// The same, but a line that is only `R` makes it ask for a renegotiation.
pub(crate) fn command_mode(file: &Path, to: SocketAddr, authority: &Path, options: &[&str]) -> Process {
    start(file, to, authority, options)
}

fn start(file: &Path, to: SocketAddr, authority: &Path, options: &[&str]) -> Process {
    let mut command = Command::new(super::installed("openssl"));
    command.args(["s_client", "-connect", &to.to_string(), "-CAfile"]).arg(authority);
    command.arg("-verify_return_error").args(options);
    command.stdin(Stdio::from(File::open(file).expect("the file to send is there")));
    Process::start("openssl s_client", &mut command)
}
