//! Events of the BOSH director, its agents and its blobstore.

#![no_main]

gully_extract_fuzz::target!(BoshCef);
