//! UAA's audit lines.

#![no_main]

gully_extract_fuzz::target!(UaaAudit);
