//! HAProxy as a load balancer in front of several gullies.

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::support::process::Process;

/// Starts an HAProxy that passes each TCP connection to `address` on to the next of `servers`. A server is left out when its
/// admin endpoint, the second address, does not say that it is ready.
///
/// `directory` is for its configuration.
pub(crate) fn start(directory: &Path, address: SocketAddr, servers: &[(SocketAddr, SocketAddr)]) -> Process {
    let configuration = directory.join("haproxy.cfg");
    fs::write(&configuration, text(address, servers)).expect("the temporary directory is writable");
    let mut command = Command::new(super::unpacked("haproxy"));
    command.args(["-db", "-f"]).arg(configuration);
    Process::start("haproxy", &mut command)
}

fn text(address: SocketAddr, servers: &[(SocketAddr, SocketAddr)]) -> String {
    let mut text = format!(
        "global\n  maxconn 1000\n\
         defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 5m\n  timeout server 5m\n  retries 3\n  option redispatch\n\
         listen syslog\n  bind {address}\n  balance roundrobin\n  option httpchk GET /readyz\n"
    );
    for (number, (server, admin)) in servers.iter().enumerate() {
        let check = format!("check addr {} port {} inter 200ms fall 1 rise 1", admin.ip(), admin.port());
        writeln!(text, "  server gully-{number} {server} {check}").expect("a string takes all");
    }
    text
}
