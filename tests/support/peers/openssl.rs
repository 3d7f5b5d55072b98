//! `openssl s_client` as a sender.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::process::Process;

/// Starts a client that checks the server by `authority`, sends the octets of `file`, and closes.
///
/// `options` are further options, such as `-tls1_2`. `-quiet` keeps it from taking a line that begins with Q or R as a command.
pub(crate) fn send(file: &Path, to: SocketAddr, authority: &Path, options: &[&str]) -> Process {
    let mut command = Command::new(super::installed("openssl"));
    command.args(["s_client", "-connect", &to.to_string(), "-servername", "localhost", "-CAfile"]).arg(authority);
    command.args(["-verify_return_error", "-quiet", "-no_ign_eof"]).args(options);
    command.stdin(Stdio::from(File::open(file).expect("the file to send is there")));
    Process::start("openssl s_client", &mut command)
}
