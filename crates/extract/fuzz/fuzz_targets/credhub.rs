//! CredHub's security events.

#![no_main]

gully_extract_fuzz::target!(CredhubCef);
