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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, expected: &str) {
        let fault = check_broker(text).unwrap_err();
        assert_eq!(fault.expected, format!("{FORMS}{expected}"), "{text}");
    }

    #[test]
    fn a_broker_is_a_host_and_a_port() {
        for text in ["kafka-1:9093", "kafka.example.com:1", "127.0.0.1:65535", "[::1]:9092", "a_b:9092"] {
            assert_eq!(check_broker(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn mistakes_show_the_right_form() {
        refused("kafka-1", "; the port is missing (Kafka's own is 9092)");
        refused("", "; the port is missing (Kafka's own is 9092)");
        refused("::1", "; the port is missing, or the brackets: \"[::1]:9092\"");
        refused("fe80::1:2:9092", "; the port is missing, or the brackets: \"[fe80::1:2:9092]:9092\"");
        refused("1:2:3:4:5:6:7:8:9092", "; an IPv6 address stands in brackets: \"[1:2:3:4:5:6:7:8]:9092\"");
        refused("kafka-1:0", ", with a port from 1 to 65535");
        refused("127.0.0.1:0", ", with a port from 1 to 65535");
        refused("kafka-1:65536", ", with a port from 1 to 65535");
        refused("kafka-1:", ", with a port from 1 to 65535");
        refused("256.0.0.1:9092", ", with a host name or an IP address");
        refused(":9092", ", with a host name or an IP address");
        refused("a b:9092", ", with a host name or an IP address");
        refused("a:9092,b:9092", "; each broker is an item of its own in the list");
        refused("SSL://kafka-1:9093", ", without the scheme: \"kafka-1:9093\"; TLS is `tls = {}`");
        refused("gully:hunter2@kafka-1:9093", "; users are for `sasl`");
    }

    #[test]
    fn a_password_in_a_broker_is_not_shown() {
        let fault = check_broker("gully:hunter2@kafka-1:9093").unwrap_err();
        assert!(!format!("{fault:?}").contains("hunter2") && fault.found.is_some());
    }
}
