//! TLS (RFC 5425): configuration, client names, reload, the handshake, and a session that only reads.

mod config;
mod handshake;
mod names;
mod reload;
mod session;

pub use config::{ClientAuth, TlsError, TlsSettings, TlsWarning};
pub(crate) use handshake::{HandshakeFailure, accept, read_error_reason};
pub use names::NamePattern;
pub use reload::TlsReloader;
pub(crate) use session::TlsSession;
