//! Audit records of UCP.

#![no_main]

gully_extract_fuzz::target!(UcpAudit);
