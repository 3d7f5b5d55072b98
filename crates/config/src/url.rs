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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_scheme_and_a_host() {
        for text in ["https://a.example/token", "http://127.0.0.1:8080/x?y=z", "https://[::1]:8443", "https://a"] {
            assert_eq!(check_url(text), Ok(()), "{text}");
        }
        for text in
            ["", "a.example/token", "ftp://a", "https://", "https:///token", "https://a b", "https://a/\n", "https://ü"]
        {
            assert!(check_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_not_shown() {
        let fault = check_url("https://gully:hunter2@a.example/token").unwrap_err();
        assert!(!format!("{fault:?}").contains("hunter2") && fault.found.is_some());
    }

    #[test]
    fn only_what_leaves_the_machine_unencrypted_is_in_clear() {
        for (text, expected) in [
            ("https://a.example/token", false),
            ("http://a.example/token", true),
            ("http://a.example:8080/token", true),
            ("http://localhost/token", false),
            ("http://127.0.0.1:8080/token", false),
            ("http://[::1]:8080/token", false),
            ("http://[::1]/token", false),
            ("http://localhost.example/token", true),
        ] {
            assert_eq!(is_in_clear(text), expected, "{text}");
        }
    }
}
