//! Addresses that two sockets cannot share, that do not fit their protocol, or that let in too many.

use crate::address::Address;
use crate::choices::Protocol;
use crate::config::Config;
use crate::listener::Listener;
use crate::report::Report;

pub(super) fn check(config: &Config, report: &mut Report) {
    for listener in &config.listeners {
        fits_protocol(listener, report);
        if listener.address.port() == Some(0) {
            report.warning(
                &listener.key("address"),
                "port 0, which the kernel replaces",
                "a fixed port that senders can be told",
            );
        }
    }
    admin(config, report);
    let sockets = sockets(config);
    for (index, socket) in sockets.iter().enumerate() {
        if let Some(earlier) = sockets[..index].iter().find(|earlier| socket.clashes(earlier)) {
            let found = format!("{}, which {} has", socket.address, earlier.key);
            report.error(&socket.key, found, "an address that no other listener has or covers");
        }
    }
}

/// What a listener or the admin endpoint binds.
struct Socket<'a> {
    key: String,
    address: &'a Address,
    dual_stack: bool,
    /// UDP and TCP may have the same port.
    is_udp: bool,
}

impl Socket<'_> {
    fn clashes(&self, other: &Self) -> bool {
        let is_named = matches!(self.address, Address::Unix(_) | Address::Systemd(_));
        (is_named || self.is_udp == other.is_udp)
            && self.address.clashes(other.address, (self.dual_stack, other.dual_stack))
    }
}

fn sockets(config: &Config) -> Vec<Socket<'_>> {
    let listeners = config.listeners.iter().map(|listener| Socket {
        key: listener.key("address"),
        address: &listener.address,
        dual_stack: listener.dual_stack,
        is_udp: listener.protocol == Protocol::Udp,
    });
    let admin = config.admin.address.iter().map(|address| Socket {
        key: "admin.address".to_owned(),
        address,
        dual_stack: true,
        is_udp: false,
    });
    listeners.chain(admin).collect()
}

fn fits_protocol(listener: &Listener, report: &mut Report) {
    let is_right = match &listener.address {
        Address::Ip(_) | Address::Host { .. } => !listener.protocol.is_unix(),
        Address::Unix(_) => listener.protocol.is_unix(),
        Address::Systemd(_) => true,
    };
    if !is_right {
        let found = format!("\"{}\" with protocol = {:?}", listener.address, listener.protocol.word());
        let expected = match listener.protocol.is_unix() {
            true => "\"unix:/path\" or \"systemd:NAME\"",
            false => "\"host:port\", or protocol = \"unix\" or \"unix-datagram\"",
        };
        report.error(&listener.key("address"), found, expected);
    }
}

fn admin(config: &Config, report: &mut Report) {
    let Some(address) = &config.admin.address else { return };
    if !address.is_loopback() && !config.admin.allow_remote && !report.is_faulty("admin") {
        let found = format!("\"{address}\", which other machines may reach");
        report.error("admin.address", found, "a loopback address such as \"127.0.0.1:9514\", or allow_remote = true");
    }
    if address.port() == Some(0) {
        report.warning(
            "admin.address",
            "port 0, which the kernel replaces",
            "a fixed port that monitoring can be told",
        );
    }
}
