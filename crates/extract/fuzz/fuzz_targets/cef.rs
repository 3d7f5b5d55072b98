//! CEF of any other producer.

#![no_main]

gully_extract_fuzz::target!(Cef);
