//! The real programs that send to gully, or stand before it, each started on loopback with a configuration of its own.

pub(crate) mod haproxy;
pub(crate) mod loggen;
pub(crate) mod logger;
pub(crate) mod openssl;
pub(crate) mod rsyslog;
pub(crate) mod syslog_ng;

use std::env;
use std::path::{Path, PathBuf};

/// How a daemon sends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Route<'a> {
    /// TCP, each message ended by LF.
    TcpNewline,
    /// TCP, each message after its length.
    TcpCounted,
    /// TLS with a server certificate that `authority` issued, each message ended by LF.
    Tls {
        /// The authority's certificate in PEM.
        authority: &'a Path,
    },
    /// UDP, slowly enough for a receive buffer of ordinary size.
    Udp,
}

/// The header that a daemon writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// RFC 5424.
    Rfc5424,
    /// RFC 3164.
    Rfc3164,
}

/// A program that `tests/run` unpacked. A test without its real sender proves nothing, so it fails rather than skips.
#[track_caller]
pub(crate) fn unpacked(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/bin").join(name);
    assert!(path.exists(), "{} is missing: run tests/run", path.display());
    path
}

/// A program of the system.
#[track_caller]
pub(crate) fn installed(name: &str) -> PathBuf {
    let places = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&places).map(|place| place.join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} is missing: run tests/run"))
}
