//! Where something is fetched over HTTP.

use crate::address::Address;
use crate::problem::Fault;

const FORMS: &str = "\"https://host/path\" or \"http://host/path\"";

/// Refuses what is no URL of HTTP with a host. One with a user in it may hold a password, and is not shown.
pub(crate) fn check_url(text: &str) -> Result<(), Fault> {
    if text.contains('@') {
        return Err(Fault::new("a URL with a user, which is not shown", format!("{FORMS}, without a user")));
    }
    let is_plain = text.bytes().all(|octet| octet.is_ascii_graphic());
    match host(text) {
        Some(host) if is_plain && !host.is_empty() => Ok(()),
        _ => Err(Fault::expected(FORMS)),
    }
}

/// Whether what is sent there can be read on the way: not encrypted, and to another machine.
pub(crate) fn is_in_clear(text: &str) -> bool {
    let host = host(text).unwrap_or_default();
    let with_port = Address::parse(&format!("{host}:80"), "".as_ref()).or_else(|_| Address::parse(host, "".as_ref()));
    !text.starts_with("https://") && !with_port.is_ok_and(|address| address.is_loopback())
}

/// What stands between the scheme and the path.
fn host(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    rest.split(['/', '?', '#']).next()
}
