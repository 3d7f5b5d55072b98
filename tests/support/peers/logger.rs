//! `logger` of util-linux as a sender.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::Route;
use crate::support::process::Process;

/// Sends each line of `file` as an RFC 5424 message with the tag `logger-peer`, and returns when `logger` has ended.
#[track_caller]
pub(crate) fn send(file: &Path, to: SocketAddr, route: Route<'_>) {
    let by: &[&str] = match route {
        Route::TcpNewline => &["--tcp"],
        Route::TcpCounted => &["--tcp", "--octet-count"],
        Route::Udp => &["--udp"],
        Route::Tls { .. } => panic!("logger knows no TLS"),
    };
    let mut command = Command::new(super::installed("logger"));
    command.args(["--server", &to.ip().to_string(), "--port", &to.port().to_string()]).args(by);
    // Without a size it cuts messages at 1 KiB.
    command.args(["--rfc5424", "--size", "64KiB", "--tag", "logger-peer", "--file"]).arg(file);
    Process::start("logger", &mut command).wait_for_success(Duration::from_secs(60));
}
