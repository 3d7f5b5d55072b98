//! rsyslog as a sender.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::{Dialect, Route};
use crate::support::process::Process;

/// Starts an rsyslogd that sends each line of `file` as a message, in order, over one connection. It goes on running afterwards.
///
/// `directory` is for its state and must be empty.
pub(crate) fn start(directory: &Path, file: &Path, to: SocketAddr, route: Route<'_>) -> Process {
    start_as(directory, file, to, route, Dialect::Rfc5424)
}

/// The same in a header of either kind.
pub(crate) fn start_as(directory: &Path, file: &Path, to: SocketAddr, route: Route<'_>, dialect: Dialect) -> Process {
    let template = match dialect {
        Dialect::Rfc5424 => "RSYSLOG_SyslogProtocol23Format",
        Dialect::Rfc3164 => "RSYSLOG_TraditionalForwardFormat",
    };
    let configuration = directory.join("rsyslog.conf");
    fs::write(&configuration, text(directory, file, to, route, template)).expect("the temporary directory is writable");
    let mut command = Command::new(super::unpacked("rsyslogd"));
    command.args(["-n", "-i", "NONE", "-f"]).arg(configuration);
    Process::start("rsyslogd", &mut command)
}

fn text(directory: &Path, file: &Path, to: SocketAddr, route: Route<'_>, template: &str) -> String {
    let authority = match route {
        Route::Tls { authority } => format!(r#" defaultNetstreamDriverCAFile="{}""#, authority.display()),
        _ => String::new(),
    };
    let by = match route {
        Route::TcpNewline => r#"protocol="tcp""#,
        Route::TcpCounted => r#"protocol="tcp" TCP_Framing="octet-counted""#,
        Route::Tls { .. } => {
            r#"protocol="tcp" StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost""#
        }
        // A pause of so many microseconds after each datagram.
        Route::Udp => r#"protocol="udp" udp.sendDelay="200""#,
    };
    let (directory, file) = (directory.display(), file.display());
    let (address, port) = (to.ip(), to.port());
    format!(
        r#"global(workDirectory="{directory}" maxMessageSize="64k"{authority})
# By default a second worker joins in when 40,000 messages wait, with a connection of its own: no order between the two.
main_queue(queue.workerThreads="1")
module(load="imfile")
input(type="imfile" file="{file}" tag="rsyslog-peer:" ruleset="forward")
ruleset(name="forward") {{
  action(type="omfwd" target="{address}" port="{port}" {by} template="{template}" action.resumeRetryCount="-1")
}}
"#
    )
}
