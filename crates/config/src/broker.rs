//! Where a Kafka sink begins to look for its cluster.

use std::net::{Ipv6Addr, SocketAddr};

use crate::address::is_host_name;
use crate::problem::Fault;

const FORMS: &str = "\"host:port\" or \"[v6]:port\"";

/// Refuses what is not a host or IP address with a port.
pub(crate) fn check_broker(text: &str) -> Result<(), Fault> {
    let wrong = |hint: String| Err(Fault::expected(format!("{FORMS}{hint}")));
    if text.contains('@') {
        // Somebody may have put a password there.
        return Err(Fault::new("a broker with a user, which is not shown", format!("{FORMS}; users are for `sasl`")));
    }
    if text.contains(',') {
        return wrong("; each broker is an item of its own in the list".to_owned());
    }
    if let Some((_, rest)) = text.split_once("://") {
        return wrong(format!(", without the scheme: {rest:?}; TLS is `tls = {{}}`"));
    }
    if text.parse::<SocketAddr>().is_ok_and(|address| address.port() != 0) {
        return Ok(());
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return wrong(format!("; the port is missing, or the brackets: \"[{text}]:9092\""));
    }
    let Some((host, port)) = text.rsplit_once(':') else {
        return wrong("; the port is missing (Kafka's own is 9092)".to_owned());
    };
    if !port.parse::<u16>().is_ok_and(|port| port != 0) {
        return wrong(", with a port from 1 to 65535".to_owned());
    }
    if host.parse::<Ipv6Addr>().is_ok() {
        return wrong(format!("; an IPv6 address stands in brackets: \"[{host}]:{port}\""));
    }
    if is_host_name(host) { Ok(()) } else { wrong(", with a host name or an IP address".to_owned()) }
}
