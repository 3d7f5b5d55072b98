//! syslog-ng as a sender.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::{Dialect, Route};
use crate::support::process::Process;

/// Starts a syslog-ng that sends each line of `file` as a message, in order, over one connection. It goes on running afterwards.
///
/// `directory` is for its state and must be empty.
pub(crate) fn start(directory: &Path, file: &Path, to: SocketAddr, route: Route<'_>) -> Process {
    start_as(directory, file, to, route, Dialect::Rfc5424)
}

/// The same in a header of either kind; RFC 3164 by TCP with newline framing only.
pub(crate) fn start_as(directory: &Path, file: &Path, to: SocketAddr, route: Route<'_>, dialect: Dialect) -> Process {
    let configuration = directory.join("syslog-ng.conf");
    fs::write(&configuration, text(file, to, route, dialect)).expect("the temporary directory is writable");
    let mut command = Command::new(super::unpacked("syslog-ng"));
    command.args(["--foreground", "--no-caps", "--cfgfile"]).arg(configuration);
    for (option, name) in [("--persist-file", "persist"), ("--pidfile", "pid"), ("--control", "control")] {
        command.arg(option).arg(directory.join(name));
    }
    Process::start("syslog-ng", &mut command)
}

fn text(file: &Path, to: SocketAddr, route: Route<'_>, dialect: Dialect) -> String {
    let (address, port) = (to.ip(), to.port());
    let destination = match route {
        Route::TcpNewline if dialect == Dialect::Rfc3164 => {
            format!(r#"network("{address}" port({port}) transport("tcp"))"#)
        }
        Route::TcpNewline => format!(r#"network("{address}" port({port}) transport("tcp") flags(syslog-protocol))"#),
        // The driver of this name counts octets.
        Route::TcpCounted => format!(r#"syslog("{address}" port({port}) transport("tcp"))"#),
        Route::Tls { authority } => format!(
            r#"network("{address}" port({port}) transport("tls") flags(syslog-protocol) tls(ca-file("{}") peer-verify(yes)))"#,
            authority.display()
        ),
        Route::Udp => {
            format!(r#"network("{address}" port({port}) transport("udp") flags(syslog-protocol) throttle(5000))"#)
        }
    };
    let file = file.display();
    format!(
        r#"@version: 3.38
options {{ keep-hostname(yes); use-dns(no); dns-cache(no); stats-freq(0); log-fifo-size(20000); flush-lines(100); }};
source lines {{ file("{file}" flags(no-parse) program-override("syslog-ng-peer") follow-freq(0.1) log-iw-size(10000)); }};
destination gully {{ {destination}; }};
log {{ source(lines); destination(gully); flags(flow-control); }};
"#
    )
}
