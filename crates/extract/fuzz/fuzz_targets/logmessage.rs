//! What applications print.

#![no_main]

gully_extract_fuzz::target!(LogMessage);
