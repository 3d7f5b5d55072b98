//! Where a listener listens.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::problem::Fault;
use crate::template::resolved;

/// Where a listener listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `127.0.0.1:5514` or `[::1]:5514`.
    Ip(SocketAddr),
    /// `localhost:5514`: resolved when the listener starts, not when the configuration is checked.
    Host {
        /// The host name, of `[A-Za-z0-9._-]`.
        name: String,
        /// The port.
        port: u16,
    },
    /// `unix:/run/gully/socket`.
    Unix(PathBuf),
    /// `systemd:NAME`: a socket that systemd opened and handed over under this name (`FileDescriptorName=`).
    Systemd(String),
}

/// The longest path of a unix socket in bytes: `sun_path` has 108, one of them a NUL (unix(7)).
const UNIX_PATH_BYTES_MAX: usize = 107;

const FORMS: &str = "\"host:port\", \"[v6]:port\", \"unix:/path\" or \"systemd:NAME\"";

impl Address {
    /// Parses `text`; a relative path of a unix socket starts at `directory`.
    pub(crate) fn parse(text: &str, directory: &Path) -> Result<Self, Fault> {
        if let Some(path) = text.strip_prefix("unix:") {
            return unix(path, directory);
        }
        if let Some(name) = text.strip_prefix("systemd:") {
            let is_name =
                (1..=255).contains(&name.len()) && name.bytes().all(|octet| octet.is_ascii_graphic() && octet != b':');
            let expected = "\"systemd:\" and the socket's FileDescriptorName=";
            return if is_name { Ok(Self::Systemd(name.to_owned())) } else { Err(Fault::expected(expected)) };
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::Ip(address));
        }
        host_and_port(text)
    }

    /// The port; `None` for sockets that have none of their own.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Ip(address) => Some(address.port()),
            Self::Host { port, .. } => Some(*port),
            Self::Unix(_) | Self::Systemd(_) => None,
        }
    }

    /// Whether only programs on this machine can reach it, as far as that can be told without resolving names.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Ip(address) => address.ip().to_canonical().is_loopback(),
            Self::Host { name, .. } => name == "localhost",
            Self::Unix(_) => true,
            Self::Systemd(_) => false,
        }
    }

    /// Whether two sockets of the same transport cannot have both addresses.
    ///
    /// `dual_stack` says of each whether `[::]` takes IPv4 as well. Host names are compared as text, `localhost` as the
    /// loopback addresses.
    pub(crate) fn clashes(&self, other: &Self, dual_stack: (bool, bool)) -> bool {
        if let (Self::Host { name, port }, Self::Host { name: other_name, port: other_port }) = (self, other) {
            return port == other_port && *port != 0 && name.eq_ignore_ascii_case(other_name);
        }
        match (self, other) {
            (Self::Unix(path), Self::Unix(other)) => path == other,
            (Self::Systemd(name), Self::Systemd(other)) => name == other,
            _ if self.port().is_none() || self.port() != other.port() || self.port() == Some(0) => false,
            _ => self.hosts().iter().any(|host| {
                let overlaps = |other: &IpAddr| overlap(*host, dual_stack.0, *other, dual_stack.1);
                other.hosts().iter().any(overlaps)
            }),
        }
    }

    /// The IP addresses that are known without resolving.
    fn hosts(&self) -> Vec<IpAddr> {
        match self {
            Self::Ip(address) => vec![address.ip().to_canonical()],
            Self::Host { name, .. } if name == "localhost" => {
                vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
            }
            _ => Vec::new(),
        }
    }
}

/// Displays in the form of the configuration file.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => write!(f, "{address}"),
            Self::Host { name, port } => write!(f, "{name}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Systemd(name) => write!(f, "systemd:{name}"),
        }
    }
}

fn overlap(one: IpAddr, one_dual: bool, other: IpAddr, other_dual: bool) -> bool {
    let covers = |wide: IpAddr, dual: bool, narrow: IpAddr| {
        wide.is_unspecified() && (wide.is_ipv4() == narrow.is_ipv4() || (wide.is_ipv6() && dual))
    };
    one == other || covers(one, one_dual, other) || covers(other, other_dual, one)
}

fn unix(path: &str, directory: &Path) -> Result<Address, Fault> {
    let path = match path {
        "" => return Err(Fault::expected("\"unix:\" and the path of the socket")),
        path => resolved(path, directory),
    };
    let bytes = path.as_os_str().len();
    if bytes > UNIX_PATH_BYTES_MAX || path.as_os_str().as_encoded_bytes().contains(&0) {
        let found = format!("a path of {bytes} bytes");
        return Err(Fault::new(found, format!("a socket path without NUL of at most {UNIX_PATH_BYTES_MAX} bytes")));
    }
    Ok(Address::Unix(path))
}

fn host_and_port(text: &str) -> Result<Address, Fault> {
    let Some((name, port)) = text.rsplit_once(':') else {
        let looks_like_port = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
        return Err(Fault::expected(match looks_like_port {
            true => format!("{FORMS}, such as \"0.0.0.0:{text}\""),
            false => format!("{FORMS}; the port is missing"),
        }));
    };
    let Ok(port) = port.parse::<u16>() else {
        return Err(Fault::expected(format!("{FORMS}, with a port from 1 to 65535")));
    };
    if name.is_empty() || name == "*" {
        return Err(Fault::expected(format!(
            "{FORMS}; every address of this machine is \"[::]:{port}\" or \"0.0.0.0:{port}\""
        )));
    }
    if name.parse::<Ipv6Addr>().is_ok() {
        return Err(Fault::expected(format!("an IPv6 address in brackets: \"[{name}]:{port}\"")));
    }
    if !is_host_name(name) {
        return Err(Fault::expected(format!("{FORMS}, with a host name or an IP address")));
    }
    Ok(Address::Host { name: name.to_owned(), port })
}

/// Whether `name` can be the name of a host, and is no attempt at an IPv4 address.
pub(crate) fn is_host_name(name: &str) -> bool {
    let is_name = (1..=253).contains(&name.len())
        && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"._-".contains(&octet));
    // Four numbers that are no IPv4 address were meant to be one.
    let is_bad_ip = name.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.');
    is_name && !is_bad_ip
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Address, Fault> {
        Address::parse(text, Path::new("/etc/gully"))
    }

    fn refused(text: &str, expected: &str) {
        let fault = parsed(text).unwrap_err();
        assert!(fault.expected.contains(expected), "{text}: {}", fault.expected);
    }

    fn clash(one: &str, other: &str, dual_stack: bool) -> bool {
        let (one, other) = (parsed(one).unwrap(), parsed(other).unwrap());
        let forth = one.clashes(&other, (dual_stack, dual_stack));
        assert_eq!(forth, other.clashes(&one, (dual_stack, dual_stack)), "{one} {other}: not symmetric");
        forth
    }

    #[test]
    fn every_form_is_read_and_shown_alike() {
        for text in ["127.0.0.1:5514", "[::]:6514", "[::1]:0", "localhost:514", "unix:/run/g.sock", "systemd:gully-tls"]
        {
            assert_eq!(parsed(text).unwrap().to_string(), text);
        }
        assert_eq!(parsed("unix:g.sock"), Ok(Address::Unix("/etc/gully/g.sock".into())));
    }

    #[test]
    fn mistakes_show_the_right_form() {
        refused("127.0.0.1:65536", "a port from 1 to 65535");
        refused("127.0.0.1:-1", "a port from 1 to 65535");
        refused("127.0.0.1", "the port is missing");
        refused("5514", "\"0.0.0.0:5514\"");
        refused(":5514", "\"[::]:5514\"");
        refused("*:5514", "\"0.0.0.0:5514\"");
        refused("::1:5514", "\"[::1]:5514\"");
        refused("256.0.0.1:5514", "an IP address");
        refused("a b:5514", "a host name");
        refused("tcp://127.0.0.1:5514", "a host name");
        refused("unix:", "the path of the socket");
        refused("systemd:", "FileDescriptorName");
        refused(&format!("unix:/{}", "x".repeat(120)), "at most 107 bytes");
        refused("", "the port is missing");
    }

    #[test]
    fn the_same_address_clashes() {
        assert!(clash("127.0.0.1:1", "127.0.0.1:1", false));
        assert!(clash("unix:/a", "unix:/a", false));
        assert!(clash("systemd:a", "systemd:a", false));
        assert!(clash("localhost:1", "127.0.0.1:1", false));
        assert!(clash("Host:1", "host:1", false));
        assert!(clash("[::ffff:127.0.0.1]:1", "127.0.0.1:1", false));
        assert!(!clash("127.0.0.1:1", "127.0.0.1:2", false));
        assert!(!clash("127.0.0.1:1", "127.0.0.2:1", false));
        assert!(!clash("a:1", "b:1", false));
        assert!(!clash("127.0.0.1:0", "127.0.0.1:0", false));
    }

    #[test]
    fn a_wildcard_clashes_with_its_family() {
        assert!(clash("0.0.0.0:1", "127.0.0.1:1", false));
        assert!(clash("[::]:1", "[::1]:1", false));
        assert!(clash("[::]:1", "127.0.0.1:1", true));
        assert!(clash("[::]:1", "0.0.0.0:1", true));
        assert!(!clash("[::]:1", "0.0.0.0:1", false));
        assert!(!clash("0.0.0.0:1", "[::1]:1", true));
    }
}
