//! Any syslog header to fields, on demand.
