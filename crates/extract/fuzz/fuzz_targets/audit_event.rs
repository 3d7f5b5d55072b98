//! Cloud Controller's audit events and their pages.

#![no_main]

gully_extract_fuzz::target!(AuditEvent);
