//! TCP, TLS, UDP and unix sockets.
